extension String {
  /// The text with blanks after it, so that it takes so many columns.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

extension StringProtocol {
  /// The text in lines of at most so many columns, each but the first begun with blanks; lines have 20 columns
  /// for it however narrow they are to be.
  ///
  /// A line ends after a blank if it can, else after an operator or a parenthesis, else anywhere.
  func wrapped(to width: Int, hanging: Int = 0) -> [String] {
    let width = Swift.max(width, hanging + 20)
    var lines: [String] = []
    var rest = Array(self)[...]
    var start = ""
    while start.count + rest.count > width {
      let room = width - start.count
      // A blank at the end of a line is not shown, and may stand one column further.
      let blank = rest.prefix(room + 1).lastIndex { $0 == " " }
      let line = rest.prefix(room)
      let least = rest.startIndex + room / 3
      let end: Int
      if let blank, blank > least {
        end = blank + 1
      } else {
        end = line.lastIndex { "*/(),".contains($0) && $0 != " " }.map { $0 + 1 } ?? line.endIndex
      }
      var shown = rest[..<end]
      while shown.last == " " { shown.removeLast() }
      lines.append(start + String(shown))
      rest = rest[end...]
      start = String(repeating: " ", count: hanging)
    }
    return lines + [start + String(rest)]
  }
}
