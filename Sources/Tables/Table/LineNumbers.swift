/// Where a row begins: the number of its file, from 0, and the line there, from 1.
struct LineNumber: Hashable, Sendable {
  var file = 0
  var line: Int
}

/// The line on which each row of a table begins.
///
/// Rows lie on successive lines except after a quoted line break, a comment, a row left out or a file's end, so only
/// the exceptions are kept.
struct LineNumbers: Sendable {
  private var runs: [(row: Int, start: LineNumber)] = []
  private var next: LineNumber?

  /// No rows yet.
  init() {}

  /// Where the rows of a part of a file begin, which counts from so many lines.
  init(_ part: LineNumbers, afterLines lines: Int, ofFile file: Int) {
    runs = part.runs.map { ($0.row, LineNumber(file: file, line: $0.start.line + lines)) }
    next = part.next.map { LineNumber(file: file, line: $0.line + lines) }
  }

  /// Says where the next row begins.
  mutating func append(row: Int, line: LineNumber) {
    if line != next { runs.append((row, line)) }
    next = LineNumber(file: line.file, line: line.line + 1)
  }

  /// Says where the rows of another part of the same file begin, which counts from so many rows and lines.
  mutating func append(contentsOf other: LineNumbers, afterRows rows: Int, afterLines lines: Int) {
    for run in other.runs {
      let start = LineNumber(file: run.start.file, line: run.start.line + lines)
      if start != next || run.row > 0 { runs.append((run.row + rows, start)) }
    }
    if let last = other.next { next = LineNumber(file: last.file, line: last.line + lines) }
  }

  /// Says where the rows of another file begin, which counts from so many rows.
  mutating func append(file: Int, _ other: LineNumbers, afterRows rows: Int) {
    runs += other.runs.map { ($0.row + rows, LineNumber(file: file, line: $0.start.line)) }
    next = other.next.map { LineNumber(file: file, line: $0.line) } ?? next
  }

  /// Says where more rows begin, which count from so many.
  mutating func append(contentsOf other: LineNumbers, afterRows rows: Int) {
    for run in other.runs where run.start != next || run.row > 0 {
      runs.append((run.row + rows, run.start))
    }
    next = other.next ?? next
  }

  /// The rows that do not lie on the line after the one before, with where they begin.
  var starts: [(row: Int, start: LineNumber)] { runs }

  subscript(row: Int) -> LineNumber {
    var low = 0
    var high = runs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].row <= row { low = middle } else { high = middle }
    }
    let start = runs[low].start
    return LineNumber(file: start.file, line: start.line + row - runs[low].row)
  }
}
