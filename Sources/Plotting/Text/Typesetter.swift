/// A line of text, measured.
struct TextLine: Hashable, Sendable {
  let runs: [TextRun]
  let width: Double
}

/// Turns text into lines that fit.
struct Typesetter {
  let measurer: any TextMeasuring

  /// Sets `text` in one line.
  func line(_ text: RichText, _ style: TextStyle) -> TextLine {
    let runs = text.pieces.map { piece in
      let size = piece.isRaised ? style.size * 0.72 : style.size
      return TextRun(
        text: measurer.isASCIIOnly ? asciiText(piece.text) : piece.text,
        style: TextStyle(size: size, bold: style.bold),
        rise: piece.isRaised ? style.size * 0.38 : 0)
    }
    return TextLine(runs: runs, width: runs.reduce(0) { $0 + measurer.width(of: $1) })
  }

  /// Sets the title of an axis in a width; what the labels leave out is never cut.
  func lines(
    _ title: RichText, announcing unit: TickUnit, _ style: TextStyle, within width: Double
  ) -> [TextLine] {
    lines(
      title, ending: unit.announcement(isAlone: title.isEmpty), style, within: width)
  }

  /// Sets `text` in a width: if need be at 85 %, then in two lines, then with `…` at the end.
  ///
  /// The `ending` follows the text, and what has to be cut is cut before it.
  func lines(
    _ text: RichText, ending: RichText = "", _ style: TextStyle, within width: Double
  ) -> [TextLine] {
    let all = text + ending
    let whole = line(all, style)
    guard whole.width > width else { return all.isEmpty ? [] : [whole] }
    let small = TextStyle(size: style.size * 0.85, bold: style.bold)
    let smallWhole = line(all, small)
    guard smallWhole.width > width else { return [smallWhole] }
    let fitting = longestPrefix(of: all, ending: "", small, within: width)
    let space = all.spaces.last { $0 <= fitting && $0 > fitting / 2 }
    let first = all[0..<(space ?? fitting)]
    let rest = all[(space.map { $0 + 1 } ?? fitting)..<all.count]
    let breaksEnding = space == nil && fitting > text.count
    let restLine = line(rest, small)
    if restLine.width <= width && !breaksEnding { return [line(first, small), restLine] }
    guard first.count < text.count else {
      let start = ending.spaces.first == 0 ? 1 : 0
      let last = lineShrunk(ending[start..<ending.count], small, within: width)
      return text.isEmpty ? [last] : [line(text, small), last]
    }
    let restOfText = rest[0..<(rest.count - ending.count)]
    let kept = longestPrefix(of: restOfText, ending: "…" + ending, small, within: width)
    return [
      line(first, small), lineShrunk(restOfText[0..<kept] + "…" + ending, small, within: width),
    ]
  }

  /// Sets `text` in one line, smaller if it would be wider than `width`.
  private func lineShrunk(_ text: RichText, _ style: TextStyle, within width: Double) -> TextLine {
    let whole = line(text, style)
    guard whole.width > width else { return whole }
    return line(text, TextStyle(size: style.size * width / whole.width, bold: style.bold))
  }

  /// Sets `text` in one line that gives up its middle if it would be wider than `width`.
  func lineLosingMiddle(_ text: RichText, _ style: TextStyle, within width: Double) -> TextLine {
    let whole = line(text, style)
    guard whole.width > width else { return whole }
    let count = text.count
    func kept(_ number: Int) -> RichText {
      text[0..<(number + 1) / 2] + "…" + text[(count - number / 2)..<count]
    }
    return line(kept(largest(below: count) { line(kept($0), style).width <= width }), style)
  }

  /// The height of a line of `style`.
  func height(of style: TextStyle) -> Double {
    let extent = measurer.extent(of: style)
    return extent.ascent + extent.descent
  }

  private func longestPrefix(
    of text: RichText, ending: RichText, _ style: TextStyle, within width: Double
  ) -> Int {
    largest(below: text.count) { line(text[0..<$0] + ending, style).width <= width }
  }
}

/// The text with the signs that the program itself writes spelled in ASCII.
func asciiText(_ text: String) -> String {
  text.reduce(into: "") { result, character in
    switch character {
    case "\u{2212}": result += "-"
    case "×": result += "x"
    case "≤": result += "<="
    case "▾": result += "v"
    case "…": result += "..."
    default: result.append(character)
    }
  }
}
