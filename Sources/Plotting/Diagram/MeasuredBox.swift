/// A box of a diagram with its lines of text, measured.
struct MeasuredBox {
  let kind: Diagram.Kind
  let above: TextLine?
  let name: TextLine
  let below: TextLine?
  /// The size that the text needs; all boxes of a layer are as wide as the widest.
  let width: Double
  let height: Double
  /// The distance between arrows that enter.
  private let portSpacing: Double

  /// Room between the border and the text.
  static let sidePad = 13.0
  static let endPad = 8.0
  static let leading = 3.0
  static let smallest = (width: 60.0, height: 34.0)
  /// Longer names lose their middle.
  static let widestName = 200.0

  init(_ box: Diagram.Box, typesetter: Typesetter) {
    kind = box.kind
    above = box.above.map { typesetter.line(RichText(cleaning: signs($0)), .label) }
    below = box.below.map { typesetter.line(RichText(cleaning: signs($0)), .label) }
    let isComputed = kind == .operation || kind == .output
    let title = RichText(cleaning: isComputed ? signs(box.name) : box.name)
    let note = RichText(cleaning: box.note.isEmpty ? "" : "  " + box.note)
    name = TextLine(
      [
        typesetter.lineLosingMiddle(title, .boxName, within: Self.widestName),
        typesetter.lineLosingMiddle(note, .caption, within: Self.widestName),
      ])
    let lines = [above, name, below].compactMap(\.self)
    let textWidth = lines.map(\.width).max() ?? 0
    width = max(Self.smallest.width, (textWidth + 2 * Self.sidePad).rounded(.up))
    let rows = [above.map { _ in .label }, .boxName, below.map { _ in .label }]
      .compactMap(\.self).map(typesetter.height(of:))
    let textHeight = rows.reduce(0, +) + Self.leading * Double(rows.count - 1)
    let arrows = Double(box.inputs.count)
    height = max(
      Self.smallest.height, (textHeight + 2 * Self.endPad).rounded(.up), 10 + 12 * arrows)
    portSpacing = min(18, (height - 10) / max(arrows, 1))
  }

  /// How far below the middle an arrow enters; `port` is its index among `count`.
  func offset(ofPort port: Int, of count: Int) -> Double {
    (Double(port) - Double(count - 1) / 2) * portSpacing
  }
}

extension TextStyle {
  static let boxName = TextStyle(size: 14, bold: true)
}

extension TextLine {
  /// Lines set one after the other.
  fileprivate init(_ lines: [TextLine]) {
    self.init(
      runs: lines.flatMap(\.runs), width: lines.reduce(0) { $0 + $1.width })
  }
}

/// Numbers and operators as they are printed: with a minus sign, not a hyphen.
private func signs(_ text: String) -> String {
  switch text {
  case "*": "×"
  case "<=": "≤"
  default: String(text.map { $0 == "-" ? "\u{2212}" : $0 })
  }
}
