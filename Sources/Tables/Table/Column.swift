/// One column of a table.
public struct Column: Sendable {
  /// What the rows hold.
  enum Content: Sendable {
    /// A number for each row, ``missingNumber`` where there is none.
    case numbers([Double])
    /// A text for each row; `notANumber` is the first that is no number in range, `notUTF8` the first
    /// that is not UTF-8.
    indirect case texts(TextCodes, notANumber: TableError, notUTF8: TableError?)
  }

  /// The name from the header.
  public let name: String
  let content: Content
  private let keptMissing: KeptError?
  /// What stands before the fraction of a number.
  let point: UInt8

  init(name: String, content: Content, missing: TableError?, point: UInt8) {
    self.name = name
    self.content = content
    keptMissing = missing.map(KeptError.error)
    self.point = point
  }

  /// The first missing value, nil if there is none.
  var missing: TableError? { keptMissing?.error }

  init(name: String, read column: RowReader.Column, point: UInt8) {
    let content: Content
    if let texts = column.texts, let notANumber = column.notANumber?.error {
      content = .texts(texts, notANumber: notANumber, notUTF8: column.notUTF8?.error)
    } else {
      content = .numbers(column.numbers)
    }
    self.init(name: name, content: content, missing: column.missing?.error, point: point)
  }

  /// A number for each row, or the first field that holds something else or nothing.
  public var numbers: Result<[Double], TableError> {
    switch content {
    case .numbers(let numbers): return missing.map { .failure($0) } ?? .success(numbers)
    case .texts(_, let notANumber, _):
      if let missing, missing.line ?? 0 < notANumber.line ?? 0 { return .failure(missing) }
      return .failure(notANumber)
    }
  }

  /// A number for each row, nil where none is given, or the first field that holds something else.
  var numbersOrMissing: Result<[Double?], TableError> {
    switch content {
    case .numbers(let numbers): .success(numbers.map { $0.isMissing ? nil : $0 })
    case .texts(_, let notANumber, _): .failure(notANumber)
    }
  }

  /// Whether some value that is there is not a number.
  ///
  /// A number beyond the largest double is one, though ``numbers`` has no room for it.
  public var isText: Bool {
    guard case .texts(let texts, let fault, _) = content else { return false }
    guard case .overflow = fault.reason else { return true }
    return (0..<texts.levelCount).contains { texts.number(ofLevel: $0, point: point) == nil }
  }

  /// The text of each row as one of a few, in order of first appearance.
  ///
  /// Text is as in the file, without quotes and the blanks around it. Numbers are told apart by value,
  /// not by spelling: `1`, `1.0` and `01` are one category, `1`; others are spelled as
  /// ``Swift/Double/shortestDecimal`` has them. Throws if a value is missing or not UTF-8.
  public func categories() throws(TableError) -> Categories {
    if let missing { throw missing }
    switch content {
    case .numbers(let numbers): return Categories(numbers)
    case .texts(let texts, _, let notUTF8):
      if let notUTF8 { throw notUTF8 }
      let levels = (0..<texts.levelCount).map { level in
        texts.withLevel(level) { String(decoding: $0, as: UTF8.self) }
      }
      return Categories(levels: levels, codes: texts.codes)
    }
  }

  /// Whether the value in a row is missing.
  func isMissing(row: Int) -> Bool {
    switch content {
    case .numbers(let numbers): numbers[row].isMissing
    case .texts(let texts, _, _): texts.codes[row] == TextCodes.missing
    }
  }
}

extension Categories {
  /// Numbers as categories, by value.
  init(_ numbers: [Double]) {
    var codeOfBits: [UInt64: Int32] = [:]
    var levels: [String] = []
    codes = numbers.map { number in
      // All zeros are one number, and all NaNs.
      let bits = number == 0 ? 0 : number.isNaN ? Double.nan.bitPattern : number.bitPattern
      if let code = codeOfBits[bits] { return code }
      let code = Int32(levels.count)
      let whole = Int(exactly: number).flatMap { $0.magnitude < 1 << 53 ? $0 : nil }
      levels.append(whole.map(String.init) ?? number.shortestDecimal)
      codeOfBits[bits] = code
      return code
    }
    self.levels = levels
  }
}
