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

  /// Sets `text` in a width: if need be at 85 %, then in two lines, then with `…` at the end.
  func lines(_ text: RichText, _ style: TextStyle, within width: Double) -> [TextLine] {
    let whole = line(text, style)
    guard whole.width > width else { return text.isEmpty ? [] : [whole] }
    let small = TextStyle(size: style.size * 0.85, bold: style.bold)
    let smallWhole = line(text, small)
    guard smallWhole.width > width else { return [smallWhole] }
    let fitting = longestPrefix(of: text, ending: "", small, within: width)
    let space = text.spaces.last { $0 <= fitting && $0 > fitting / 2 }
    let first = text[0..<(space ?? fitting)]
    let rest = text[(space.map { $0 + 1 } ?? fitting)..<text.count]
    return [line(first, small), shortened(rest, small, within: width)]
  }

  /// Sets `text` in one line that ends in `…` if it would be wider than `width`.
  private func shortened(_ text: RichText, _ style: TextStyle, within width: Double) -> TextLine {
    let whole = line(text, style)
    guard whole.width > width else { return whole }
    let kept = longestPrefix(of: text, ending: "…", style, within: width)
    return line(text[0..<kept] + "…", style)
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

  /// The largest number below `bound` that `fits`, by bisection; 0 if none does.
  private func largest(below bound: Int, _ fits: (Int) -> Bool) -> Int {
    var (low, high) = (0, bound)
    while high - low > 1 {
      let middle = (low + high) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    return low
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
