/// What a terminal shows of the bytes that were written to it, as far as this program uses one.
///
/// It wraps what is too long, and counts how often, and it breaks long lines anew when it becomes
/// narrower, as most terminals do.
struct Screen: CustomStringConvertible {
  private(set) var columns: Int
  /// How often a character was written past the last column.
  private(set) var wraps = 0
  /// Every line that stood before the cursor when it went back to the start.
  private(set) var drawings: [String] = []
  /// The escape sequences that came, without the escape.
  private(set) var sequences: Set<String> = []

  private var lines: [[Character]] = [[]]
  private var (row, column) = (0, 0)
  /// Bytes that do not make a whole character or sequence yet.
  private var pending: [UInt8] = []

  init(columns: Int) { self.columns = columns }

  /// The lines, without blanks at their ends or empty lines at the end.
  var text: String {
    var shown = lines.map { line in
      String(line[..<((line.lastIndex { $0 != " " } ?? -1) + 1)])
    }
    while shown.last == "" { shown.removeLast() }
    return shown.joined(separator: "\n")
  }

  var description: String {
    "\(columns) columns, \(wraps) wraps, \(sequences.sorted()), \(drawings.count) drawings, the last "
      + "\(drawings.last.map { "'\($0)'" } ?? "none")\n--- screen\n\(text)\n---"
  }

  mutating func write(_ bytes: some Sequence<UInt8>) {
    pending += bytes
    while let count = lengthOfNext() {
      let next = String(decoding: pending.prefix(count), as: UTF8.self)
      pending.removeFirst(count)
      show(next)
    }
  }

  /// Changes the width; lines that are longer are broken, and the cursor stays on its character.
  mutating func resize(columns: Int) {
    var broken: [[Character]] = []
    var place = (row: 0, column: 0)
    for (index, line) in lines.enumerated() {
      if index == row { place = (broken.count + column / columns, column % columns) }
      for start in Swift.stride(from: 0, to: max(line.count, 1), by: columns) {
        broken.append(Array(line[start..<min(start + columns, line.count)]))
      }
    }
    (lines, self.columns) = (broken, columns)
    (row, column) = place
    extendLines()
  }

  /// How many bytes the next character or escape sequence has; nil if they have not all come.
  private func lengthOfNext() -> Int? {
    guard let first = pending.first else { return nil }
    if first == 0x1B {
      guard pending.count > 1 else { return nil }
      if pending[1] != UInt8(ascii: "[") { return 2 }
      return pending.indices.dropFirst(2).first { (0x40...0x7E).contains(pending[$0]) }.map {
        $0 + 1
      }
    }
    let count =
      switch first {
      case 0xF0...: 4
      case 0xE0...: 3
      case 0xC0...: 2
      default: 1
      }
    return pending.count >= count ? count : nil
  }

  private mutating func show(_ next: String) {
    switch next {
    case "\r":
      if column > 0 { drawings.append(String(lines[row])) }
      column = 0
    case "\n":
      row += 1
      extendLines()
    case "\u{1B}[K": lines[row].removeLast(max(0, lines[row].count - column))
    case "\u{1B}[J":
      lines.removeLast(lines.count - 1 - row)
      lines[row].removeLast(max(0, lines[row].count - column))
    case _ where next.hasPrefix("\u{1B}"): break
    default: put(Character(next))
    }
    if next.hasPrefix("\u{1B}") { sequences.insert(String(next.dropFirst())) }
  }

  private mutating func put(_ character: Character) {
    if column == columns {
      wraps += 1
      (row, column) = (row + 1, 0)
      extendLines()
    }
    while lines[row].count <= column { lines[row].append(" ") }
    lines[row][column] = character
    column += 1
  }

  private mutating func extendLines() {
    while lines.count <= row { lines.append([]) }
  }
}
