internal import Glibc

/// What cairo's SVG lacks: a title, a description, and text that can be found, selected and read aloud.
///
/// cairo writes text as outlines, right everywhere but mute. The same texts are laid over them,
/// invisible.
struct SVGDocument {
  private let drawing: Drawing

  init(_ drawing: Drawing) { self.drawing = drawing }

  /// The document with what it lacks, given cairo's.
  func complete(_ bytes: [UInt8]) -> [UInt8] {
    guard let root = bytes.firstRange(of: "<svg ", from: 0),
      let rootEnd = bytes.firstRange(of: ">", from: root.upperBound)?.upperBound,
      let end = bytes.lastIndex(of: UInt8(ascii: "<"))  // the root's own closing tag
    else { return bytes }
    var document = Array(bytes[..<root.upperBound])
    document += "role=\"img\" aria-labelledby=\"plot-title plot-desc\" ".utf8
    document += bytes[root.upperBound..<rootEnd]
    document +=
      """

      <title id="plot-title">\(escaped(drawing.title))</title>
      <desc id="plot-desc">\(escaped(drawing.summary))</desc>
      """.utf8
    // cairo counts the surfaces of a process in the group's id.
    if let id = bytes.firstRange(of: "id=\"surface", from: rootEnd),
      let close = bytes.firstRange(of: "\"", from: id.upperBound)?.lowerBound
    {
      document += bytes[rootEnd..<id.lowerBound]
      document += "id=\"plot".utf8
      document += bytes[close..<end]
    } else {
      document += bytes[rootEnd..<end]
    }
    document += textLayer.utf8
    document += bytes[end...]
    return document
  }

  private var textLayer: String {
    let texts = drawing.calls.compactMap { call in
      if case .text(let runs, let origin, let width, _, let isRotated) = call {
        text(runs, at: origin, width: width, isRotated: isRotated)
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

  private func text(_ runs: [TextRun], at origin: Point, width: Double, isRotated: Bool) -> String {
    let (x, y) = (number(origin.x), number(origin.y))
    let turn = isRotated ? " transform=\"rotate(-90 \(x) \(y))\"" : ""
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

extension [UInt8] {
  /// Where the ASCII text `pattern` first stands, at `start` or later.
  fileprivate func firstRange(of pattern: StaticString, from start: Int) -> Range<Int>? {
    let length = pattern.utf8CodeUnitCount
    return withUnsafeBytes { bytes in
      var position = start
      while position + length <= bytes.count, let base = bytes.baseAddress,
        let found = memchr(
          base + position, Int32(pattern.utf8Start[0]), bytes.count - length + 1 - position)
      {
        position = UnsafeRawPointer(found) - base
        if memcmp(found, pattern.utf8Start, length) == 0 { return position..<position + length }
        position += 1
      }
      return nil
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
