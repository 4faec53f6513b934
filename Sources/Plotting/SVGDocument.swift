/// What cairo's SVG lacks: a title, a description, and text that can be found, selected and read aloud.
///
/// cairo writes text as outlines, right everywhere but mute. The same texts are laid over them,
/// invisible.
struct SVGDocument {
  private let drawing: Drawing

  init(_ drawing: Drawing) { self.drawing = drawing }

  /// The document with what it lacks, given cairo's.
  func complete(_ bytes: [UInt8]) -> [UInt8] {
    let document = String(decoding: bytes, as: UTF8.self)
    guard let root = document.firstRange(of: "<svg "),
      let rootEnd = document[root.upperBound...].firstIndex(of: ">"),
      let end = document.ranges(of: "</svg>").last
    else { return bytes }
    var body = String(document[document.index(after: rootEnd)..<end.lowerBound])
    // cairo counts the surfaces of a process in the group's id.
    if let id = body.firstRange(of: "id=\"surface"),
      let close = body[id.upperBound...].firstIndex(of: "\"")
    {
      body.replaceSubrange(id.lowerBound..<close, with: "id=\"plot")
    }
    return Array(
      """
      \(document[..<root.upperBound])role="img" aria-labelledby="plot-title plot-desc" \
      \(document[root.upperBound...rootEnd])
      <title id="plot-title">\(escaped(drawing.title))</title>
      <desc id="plot-desc">\(escaped(drawing.summary))</desc>\
      \(body)\(textLayer)\(document[end.lowerBound...])
      """.utf8)
  }

  private var textLayer: String {
    let texts = drawing.calls.compactMap { call in
      if case .text(let runs, let origin, let width, _, let turned) = call {
        text(runs, at: origin, width: width, turned: turned)
      } else {
        nil
      }
    }
    return """
      <g fill-opacity="0" aria-hidden="true" font-family="DejaVu Sans, sans-serif">
      \(texts.joined(separator: "\n"))
      </g>

      """
  }

  private func text(_ runs: [TextRun], at origin: Point, width: Double, turned: Bool) -> String {
    let (x, y) = (number(origin.x), number(origin.y))
    let turn = turned ? " transform=\"rotate(-90 \(x) \(y))\"" : ""
    let style = runs[0].style
    let weight = style.bold ? " font-weight=\"bold\"" : ""
    let content = runs.map { $0.rise > 0 ? superscript($0.text) : $0.text }.joined()
    return "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(number(style.size))\"\(weight) "
      + "textLength=\"\(number(width))\"\(turn)>\(escaped(content))</text>"
  }

  /// A coordinate to a thousandth of a px.
  private func number(_ value: Double) -> String {
    let rounded = (value * 1000).rounded() / 1000
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  private func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }
}

/// Digits and minus signs as Unicode's superscripts.
func superscript(_ text: String) -> String {
  let raised: [Character: Character] = [
    "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸",
    "9": "⁹", "\u{2212}": "⁻", "-": "⁻",
  ]
  return String(text.map { raised[$0] ?? $0 })
}
