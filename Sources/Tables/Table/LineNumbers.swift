/// The line on which each row of a file begins.
///
/// Rows lie on successive lines except after a quoted line break, a comment or a row left out, so only
/// the exceptions are kept.
struct LineNumbers: Sendable {
  private var runs: [(row: Int, line: Int)] = []
  private var nextLine = -1

  /// Says where the next row begins.
  mutating func append(row: Int, line: Int) {
    if line != nextLine { runs.append((row, line)) }
    nextLine = line + 1
  }

  /// Says where the rows of another part begin, which counts from so many rows and lines.
  mutating func append(contentsOf other: LineNumbers, afterRows rows: Int, afterLines lines: Int) {
    for run in other.runs where run.line + lines != nextLine || run.row > 0 {
      runs.append((run.row + rows, run.line + lines))
    }
    if !other.runs.isEmpty { nextLine = other.nextLine + lines }
  }

  subscript(row: Int) -> Int {
    var low = 0
    var high = runs.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if runs[middle].row <= row { low = middle } else { high = middle }
    }
    return runs[low].line + row - runs[low].row
  }
}
