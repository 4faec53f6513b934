/// Which curve is which.
struct Legend {
  /// The name of a curve beside a piece of it.
  struct Entry {
    /// How the curve is drawn; a remark has none.
    let stroke: Stroke?
    /// Whether the curve is points alone, and whether these are rings.
    let isPoints: Bool
    let isRing: Bool
    /// How opaque the layers of a band are, the lowest first; none of what is no band.
    var bandOpacities: [Double] = []
    let name: TextLine

    /// How wide the entry is, with the piece of the curve.
    var width: Double { (stroke == nil ? 0 : Legend.swatch + Legend.gap) + name.width }
  }

  let entries: [Entry]
  /// The height of one row.
  let rowHeight: Double

  /// So many shades at most have names.
  private static let mostShades = 10
  static let swatch = 22.0
  static let gap = 6.0
  static let columnGap = 18.0
  static let pad = 8.0
  /// How far a box stands from the frame's edges.
  static let inset = 8.0

  /// The legend of a panel; empty if the panel has one curve and no bands.
  init(
    _ panel: Panel, typesetter: Typesetter, frame: Frame, colors: Palette, drawsPoints: Bool
  ) {
    rowHeight = typesetter.height(of: .label) + 3
    let named = panel.series.filter(\.isNamed)
    func line(_ name: String) -> TextLine { typesetter.line(RichText(name), .label) }
    let rows = Legend.rows(of: panel)
    let names = shortened(rows.map { cleaned($0.name) }) {
      line($0).width <= 0.4 * frame.width
    }
    let curves = zip(rows, names).map { row, name in
      let series = row.series.map { named[$0] }
      return Entry(
        stroke: series?.stroke(in: colors),
        isPoints: drawsPoints && series?.role.isDrawnOver != true,
        isRing: series?.isValidation == true, name: line(name))
    }
    entries = curves + Legend.entries(of: panel.bands, colors: colors, line: line)
  }

  /// The entries of bands, the narrowest first; a band lies on those around it.
  static func entries(
    of bands: [Band], colors: Palette, line: (String) -> TextLine
  ) -> [Entry] {
    bands.indices.reversed().map { index in
      Entry(
        stroke: Stroke(color: colors.curves[0], width: 2), isPoints: false, isRing: false,
        bandOpacities: bands[...index].map(\.opacity), name: line(cleaned(bands[index].name)))
    }
  }

  /// What the legend of a panel says, from top to bottom; nothing of a single curve.
  ///
  /// `series` counts the panel's curves without backdrops. Of more runs than there are colours only those
  /// of the first and the last shade are named.
  static func rows(of panel: Panel) -> [(series: Int?, name: String)] {
    guard panel.series.count(where: { $0.role != .reference }) > 1 else { return [] }
    let named = panel.series.filter(\.isNamed)
    let note: [(series: Int?, name: String)] = panel.legendNote.map { [(nil, $0)] } ?? []
    func rows(_ isIncluded: (Series) -> Bool) -> [(series: Int?, name: String)] {
      named.indices.filter { isIncluded(named[$0]) }.map { ($0, named[$0].name) }
    }
    if panel.isShadedByValue {
      // Of the curves of each shade the first, in the order of shades.
      let firsts = Dictionary(
        named.indices.map { (named[$0].shade ?? 0, $0) }, uniquingKeysWith: { first, _ in first })
      let shown = firsts.sorted { $0.key < $1.key }.map {
        (series: $0.value, name: named[$0.value].name)
      }
      if shown.count <= mostShades { return shown.map { ($0.series, $0.name) } + note }
      return [(shown[0].series, shown[0].name), (nil, "… \(shown.count - 2) more between")]
        + [(shown[shown.count - 1].series, shown[shown.count - 1].name)] + note
    }
    guard panel.runCount > Panel.mostColors else { return rows { _ in true } + note }
    let (first, last) = (rows { $0.shade == 0 }, rows { $0.shade == 1 })
    let between = named.count - first.count - last.count
    return first + [(nil, "… \(between) more between")] + last + note
  }

  /// The size of the box in which the entries stand one below the other.
  var boxSize: Figure.Size {
    Figure.Size(
      width: (entries.map(\.width).max() ?? 0) + 2 * Legend.pad,
      height: Double(entries.count) * rowHeight + 2 * Legend.pad - 3)
  }

  /// The entries in rows no wider than `width`.
  func rows(within width: Double) -> [[Entry]] { Legend.rows(of: entries, within: width) }

  /// Some entries in rows no wider than `width`.
  static func rows(of entries: [Entry], within width: Double) -> [[Entry]] {
    var rows: [[Entry]] = []
    var taken = Double.infinity
    for entry in entries {
      if taken + Legend.columnGap + entry.width > width {
        rows.append([])
        taken = -Legend.columnGap
      }
      rows[rows.count - 1].append(entry)
      taken += Legend.columnGap + entry.width
    }
    return rows
  }

  /// The first corner of the frame with room for the box 8 px in, clear of all curves.
  func freeCorner(of frame: Frame, isFree: (Frame) -> Bool) -> Frame? {
    let size = boxSize
    let (left, top) = (frame.left + Legend.inset, frame.top + Legend.inset)
    let right = frame.right - Legend.inset - size.width
    let bottom = frame.bottom - Legend.inset - size.height
    guard left <= right && top <= bottom else { return nil }
    let corners = [(right, top), (left, top), (right, bottom), (left, bottom)]
    let boxes = corners.map { x, y in
      Frame(left: x, top: y, right: x + size.width, bottom: y + size.height)
    }
    return boxes.first(where: isFree)
  }
}

extension Series {
  /// Whether a legend has a name for it.
  var isNamed: Bool {
    switch role {
    case .data, .average: true
    case .backdrop, .reference, .observed, .fitted: false
    }
  }

  /// How the curve is drawn.
  func stroke(in colors: Palette) -> Stroke {
    if role == .reference { return Stroke(color: colors.frame, width: 1.5, dash: [5, 3]) }
    if role == .observed { return Stroke(color: colors.label, width: 1.5) }
    let color = shade.map(colors.color(ofShade:)) ?? colors.curves[run % colors.curves.count]
    guard role != .backdrop else { return Stroke(color: color, opacity: 0.3, width: 1) }
    let dots = shade == nil && run >= colors.curves.count ? [1.5, 3] : []
    return Stroke(color: color, width: 2, dash: (isValidation ? [5, 3] : []) + dots)
  }
}
