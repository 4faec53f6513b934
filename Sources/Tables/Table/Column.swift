/// One column of a table.
public struct Column: Sendable {
  /// What the rows hold.
  enum Content: Sendable {
    /// A number for each row, ``missingNumber`` where there is none, and for an infinity or NaN what
    /// ``NumberWord/encoded`` has.
    case numbers([Double])
    /// A text for each row; `notANumber` is the first that is no number in range, `notUTF8` the first
    /// that is not UTF-8.
    indirect case texts(TextCodes, notANumber: TableError, notUTF8: TableError?)
  }

  /// What is wrong with single values, or with the name.
  struct Faults: Sendable {
    /// The first missing value.
    var missing: KeptError?
    /// The first infinity or NaN of a column of numbers.
    var notFinite: KeptError?
    /// Why values cannot be asked for by the name.
    var name: KeptError?
  }

  /// The name from the header; empty if the column has none.
  public let name: String
  let content: Content
  let faults: Faults
  /// How the file is written.
  let format: TableFormat
  /// Whether the column holds words: most of its values that are there are not numbers.
  ///
  /// The usual words for a missing value count on neither side. A number beyond the largest double is one,
  /// though ``numbers`` has no room for it, and so is one with another decimal mark or with marks between
  /// thousands. In a column of numbers a word is an error, also where rows with numbers have been left out.
  public let isText: Bool

  init(
    name: String, content: Content, faults: Faults, format: TableFormat, isText: Bool
  ) {
    self.name = name
    self.content = content
    self.faults = faults
    self.format = format
    self.isText = isText
  }

  /// What is known of a column of which only some rows are read.
  struct Nature: Sendable {
    /// Whether it holds words.
    var isText = false
    /// The first of its values that is no number, if one is.
    var firstWord: TableError?
  }

  /// A column as it was read; whether it holds words, its values tell unless it is known.
  init(
    name: String, fault: TableError?, read column: RowReader.Column, format: TableFormat,
    nature: Nature? = nil
  ) {
    var faults = Faults(
      missing: column.missing, notFinite: column.notFinite, name: fault.map(KeptError.error))
    guard let texts = column.texts, let notANumber = column.notANumber?.error ?? nature?.firstWord
    else {
      self.init(
        name: name, content: .numbers(column.numbers), faults: faults, format: format,
        isText: false)
      return
    }
    faults.notFinite = nil
    let isText = nature?.isText ?? texts.tally(point: format.decimal).isText
    self.init(
      name: name,
      content: .texts(
        texts, notANumber: isText ? notANumber : notANumber.orMissing(texts, format),
        notUTF8: column.notUTF8?.error),
      faults: faults, format: format, isText: isText)
  }

  /// The first missing value, nil if there is none.
  var missing: TableError? { faults.missing?.error }

  /// A number for each row, or the first field that holds something else or nothing.
  ///
  /// Infinities and NaNs are numbers here: see ``Table/checkNumbers(of:)``.
  public var numbers: Result<[Double], TableError> {
    if let fault = faults.name?.error { return .failure(fault) }
    switch content {
    case .numbers(let numbers):
      if let missing { return .failure(missing) }
      if faults.notFinite == nil { return .success(numbers) }
      return .success(numbers.map { NumberWord($0)?.value ?? $0 })
    case .texts(_, let notANumber, _):
      if let missing, TableError.isBefore(missing, notANumber) { return .failure(missing) }
      return .failure(notANumber)
    }
  }

  /// A number for each row, nil where none is given, or the first field that holds something else.
  var numbersOrMissing: Result<[Double?], TableError> {
    switch content {
    case .numbers(let numbers):
      .success(numbers.map { $0.isMissing ? nil : NumberWord($0)?.value ?? $0 })
    case .texts(_, let notANumber, _): .failure(notANumber)
    }
  }

  /// The first field of a column of numbers that is missing, or no finite number.
  var firstFault: TableError? {
    if isText { return nil }
    var found = [faults.missing?.error, faults.notFinite?.error].compactMap(\.self)
    if case .texts(_, let notANumber, _) = content { found.append(notANumber) }
    return found.min(by: TableError.isBefore)
  }

  /// The text of each row as one of a few, in order of first appearance.
  ///
  /// Text is as in the file, without quotes and surrounding blanks. Numbers are compared by value, not by spelling:
  /// `1`, `1.0` and `01` are one category, `1`; others are spelled as by `shortestDecimal`. Throws if a value is
  /// missing or not UTF-8, or if it is a word in a column of numbers.
  public func categories() throws(TableError) -> Categories {
    if let fault = faults.name?.error { throw fault }
    if case .texts = content, !isText { _ = try numbers.get() }
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

  /// Whether every value is missing.
  var isEmpty: Bool {
    guard missing != nil, case .numbers(let numbers) = content else { return false }
    return numbers.allSatisfy(\.isMissing)
  }

  /// Whether a row holds no number, not even one with other marks.
  func lacksNumber(row: Int) -> Bool {
    guard case .texts(let texts, _, _) = content else { return isMissing(row: row) }
    let level = texts.codes[row]
    return level < 0 || !texts.isNumber(level: Int(level), point: format.decimal)
  }

  /// The same, with units for the cause if what is no number in a column of numbers is on that line.
  func blamingUnits(on line: LineNumber) -> Column {
    guard !isText, case .texts(let texts, let fault, let notUTF8) = content, fault.place == line,
      case .notANumber(let text, let column, let remedy) = fault.reason
    else { return self }
    // Of a word that says that there is no value, or of a mark within a number, more is known.
    if let remedy, remedy.word.map(isUsualForMissing) ?? true { return self }
    let units = fault.replacing(.notANumber(text, column: column, remedy: .units))
    return Column(
      name: name, content: .texts(texts, notANumber: units, notUTF8: notUTF8), faults: faults,
      format: format, isText: false)
  }
}

extension TableError {
  /// The same error about the first text that is no number, with a remedy: that it stands for no value.
  fileprivate func orMissing(_ texts: TextCodes, _ format: TableFormat) -> TableError {
    guard case .notANumber(let text, let column, nil) = reason else { return self }
    let level = (0..<texts.levelCount).first {
      texts.number(ofLevel: $0, point: format.decimal) == nil
    }
    guard let level, let remedy = texts.withLevel(level, Remedy.init(missing:)) else { return self }
    return replacing(.notANumber(text, column: column, remedy: remedy))
  }
}

extension Remedy {
  /// The word that is to be read as a missing value.
  fileprivate var word: String? {
    if case .missingWord(let word) = self { word } else { nil }
  }
}

/// How many values of a column are numbers, and how many words.
struct Tally: Sendable {
  var numbers = 0
  var words = 0

  /// Whether the column holds words.
  var isText: Bool { numbers <= words }
}

extension TextCodes {
  /// How many texts are numbers, and how many words; the usual ones for a missing value count on neither side.
  func tally(point: UInt8) -> Tally {
    var rows = [Int](repeating: 0, count: levelCount)
    for code in codes where code >= 0 { rows[Int(code)] += 1 }
    var tally = Tally()
    for level in rows.indices where !isUsualForMissing(level: level) {
      if isNumber(level: level, point: point) {
        tally.numbers += rows[level]
      } else {
        tally.words += rows[level]
      }
    }
    return tally
  }

  /// Whether a level is a number, be it with other marks than the format's.
  func isNumber(level: Int, point: UInt8) -> Bool {
    number(ofLevel: level, point: point) != nil || withLevel(level, isMarkedNumber)
  }

  /// Whether a level is a word that people write where they have no value.
  func isUsualForMissing(level: Int) -> Bool {
    withLevel(level) { text in
      text.count <= 5 && Tables.isUsualForMissing(String(decoding: text, as: UTF8.self))
    }
  }
}

/// Whether people, and the programs that they use, write a word where they have no value.
func isUsualForMissing(_ word: String) -> Bool {
  ["na", "n/a", "#n/a", "<na>", "nan", "-nan", "+nan", "null", "none"].contains(word.lowercased())
}

extension Categories {
  /// Numbers as categories, by value.
  init(_ numbers: [Double]) {
    var codeOfBits: [UInt64: Int32] = [:]
    var levels: [String] = []
    codes = numbers.map { number in
      let number = NumberWord(number)?.value ?? number
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
