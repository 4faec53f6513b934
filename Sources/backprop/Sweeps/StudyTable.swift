import Tables

/// The CSV of a study: a row for each run, or for each fold of one and then for their means.
struct StudyTable: Sendable {
  /// The flags whose values differ from run to run.
  let settings: [String]
  /// Whether runs have numbers, and each row what its numbers depend on.
  let isSwept: Bool
  /// How many folds are held out in turn; nil if none are.
  let foldCount: Int?
  /// What is measured, of which the first is a count, of epochs or iterations.
  let columns: [String]
  let hasSeconds: Bool

  private static let number = "run"
  private static let identity = "id"
  private static let mean = "mean"
  /// The columns that any table may have besides settings and what is measured.
  static let ownNames = [number, "fold", "outcome", "seconds", identity]

  /// Which row it is: that of a run with some settings, and of a fold, counted from 0.
  struct Key: Hashable, Sendable {
    let settings: [String]
    let fold: Int?
  }

  /// What a row says.
  struct Row: Hashable, Sendable {
    let outcome: String
    /// A number for each column; nil where there is none.
    let values: [Double?]
    let seconds: Double?
  }

  /// A row that was read.
  struct ReadRow: Sendable {
    let key: Key
    let row: Row
    /// What its numbers depend on.
    let identity: String
    let line: Int
  }

  /// The names of all columns: a setting's is its flag's, unless something that is measured has it.
  var names: [String] {
    let settings = settings.map { columns.contains($0) ? "\($0)_option" : $0 }
    return (isSwept ? [Self.number] : []) + settings + (foldCount == nil ? [] : ["fold"]) + [
      "outcome"
    ]
      + columns + (hasSeconds ? ["seconds"] : []) + (isSwept ? [Self.identity] : [])
  }

  var header: String { names.map { csvField($0) }.joined(separator: ",") + "\n" }

  /// Throws if a file is neither empty nor the table of some sweep, so that another would be lost.
  static func checkIsOne(_ path: Path, flag: String) throws(Failure) {
    let bytes = try Source.file(path).bytes()
    let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard bytes.isEmpty || line.hasPrefix("\(number),") && line.hasSuffix(",\(identity)") else {
      throw Failure(
        .badData, "\(path): this is not the table of a sweep, and would be lost (\(flag))")
    }
  }

  /// A line of the table; `run` counts from 0, and so does the fold, which the means have not.
  func line(_ row: Row, of key: Key, run: Int, identity: String) -> [UInt8] {
    var line: [UInt8] = []
    func add(_ text: String) {
      if !line.isEmpty { line.append(UInt8(ascii: ",")) }
      line += Array(text.utf8)
    }
    if isSwept { add("\(run + 1)") }
    for text in key.settings { add(csvField(text)) }
    if foldCount != nil { add(key.fold.map { "\($0 + 1)" } ?? Self.mean) }
    add(row.outcome)
    for (column, value) in (row.values + (hasSeconds ? [row.seconds] : [])).enumerated() {
      line.append(UInt8(ascii: ","))
      guard let value else { continue }
      if column == 0, let count = Int(exactly: value) {
        line += Array("\(count)".utf8)
      } else {
        line.append(shortestDecimal: value)
      }
    }
    if isSwept { add(identity) }
    line.append(UInt8(ascii: "\n"))
    return line
  }

  /// The means of a run's folds; the outcome is the first that is none of success, if there is one.
  func mean(of rows: [Row], isSuccess: (String) -> Bool) -> Row {
    func mean(_ values: [Double?]) -> Double? {
      let known = values.compactMap(\.self)
      return known.count == values.count ? known.reduce(0, +) / Double(known.count) : nil
    }
    return Row(
      outcome: rows.first { !isSuccess($0.outcome) }?.outcome ?? rows.first?.outcome ?? "",
      values: columns.indices.map { column in mean(rows.map { $0.values[column] }) },
      seconds: mean(rows.map(\.seconds)))
  }

  /// The rows of a file, but for means, and the bytes of its whole lines; a line without an end was cut off.
  ///
  /// Throws if the file has other columns.
  func rows(in bytes: [UInt8], of path: Path, flag: String) throws(Failure) -> (
    rows: [ReadRow], lines: [UInt8]
  ) {
    func fault(_ reason: String, line: Int? = nil) -> Failure {
      Failure(.badData, "\(path)\(line.map { ":\($0)" } ?? ""): \(reason) (\(flag))")
    }
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let header = Array(header.utf8)
    guard end == 0 ? header.starts(with: bytes) : bytes.starts(with: header) else {
      throw fault(otherColumns)
    }
    if end == 0 { return ([], []) }
    var rows: [ReadRow] = []
    let lines = bytes[header.count..<end].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.dropLast().enumerated() {
      let text = String(decoding: line, as: UTF8.self)
      guard let row = row(in: text[...], number: index + 2) else {
        throw fault("this is not a row of a sweep", line: index + 2)
      }
      if let row { rows.append(row) }
    }
    return (rows, Array(bytes[..<end]))
  }

  private var otherColumns: String {
    "it is not the table of this sweep, whose columns are \(names.joined(separator: ","))"
  }

  /// The row of a line; nil for what is none, and a nil within for means.
  private func row(in line: Substring, number: Int) -> ReadRow?? {
    guard let fields = fields(of: line), fields.count == names.count else { return nil }
    var rest = fields[...]
    _ = rest.popFirst()
    let texts = Array(rest.prefix(settings.count))
    rest = rest.dropFirst(settings.count)
    var fold: Int?
    if let foldCount, let text = rest.popFirst() {
      if text == Self.mean { return .some(nil) }
      guard let number = Int(text), (1...foldCount).contains(number) else { return nil }
      fold = number - 1
    }
    guard let outcome = rest.popFirst(), let identity = rest.popLast() else { return nil }
    var values: [Double?] = []
    for text in rest {
      guard text.isEmpty || Double(text) != nil else { return nil }
      values.append(Double(text))
    }
    let seconds = hasSeconds ? values.removeLast() : nil
    return .some(
      ReadRow(
        key: Key(settings: texts, fold: fold),
        row: Row(outcome: outcome, values: values, seconds: seconds), identity: identity,
        line: number))
  }

  /// The fields of a line; nil if a quote is not closed.
  private func fields(of line: Substring) -> [String]? {
    var fields = [""]
    var isQuoted = false
    var characters = line.unicodeScalars.makeIterator()
    var next = characters.next()
    while let scalar = next {
      next = characters.next()
      switch (scalar, isQuoted) {
      case ("\"", true) where next == "\"":
        fields[fields.count - 1].unicodeScalars.append(scalar)
        next = characters.next()
      case ("\"", _): isQuoted.toggle()
      case (",", false): fields.append("")
      default: fields[fields.count - 1].unicodeScalars.append(scalar)
      }
    }
    return isQuoted ? nil : fields
  }
}
