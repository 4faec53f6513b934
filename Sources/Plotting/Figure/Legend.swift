/// Which curve is which.
struct Legend {
  /// The name of a curve beside a piece of it.
  struct Entry {
    /// How the curve is drawn; a remark has none.
    let stroke: Stroke?
    let name: TextLine

    /// How wide the entry is, with the piece of the curve.
    var width: Double { (stroke == nil ? 0 : Legend.swatch + Legend.gap) + name.width }
  }

  let entries: [Entry]
  /// The height of one row.
  let rowHeight: Double

  static let swatch = 22.0
  static let gap = 6.0
  static let columnGap = 18.0
  static let pad = 8.0
  /// How far a box stands from the frame's edges.
  static let inset = 8.0

  /// The legend of a panel; empty if the panel has one curve.
  init(_ panel: Panel, typesetter: Typesetter, frame: Frame, colors: Palette) {
    rowHeight = typesetter.height(of: .label) + 3
    let named = panel.series.filter { $0.role != .backdrop }
    guard panel.series.count > 1 else {
      entries = []
      return
    }
    func line(_ name: String) -> TextLine {
      typesetter.lineLosingMiddle(RichText(cleaning: name), .label, within: 0.4 * frame.width)
    }
    entries =
      named.map { Entry(stroke: $0.stroke(in: colors), name: line($0.name)) }
      + (panel.legendNote.map { [Entry(stroke: nil, name: line($0))] } ?? [])
  }

  /// The size of the box in which the entries stand one below the other.
  var boxSize: Figure.Size {
    Figure.Size(
      width: (entries.map(\.width).max() ?? 0) + 2 * Legend.pad,
      height: Double(entries.count) * rowHeight + 2 * Legend.pad - 3)
  }

  /// The entries in rows no wider than `width`.
  func rows(within width: Double) -> [[Entry]] {
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
  /// How the curve is drawn.
  func stroke(in colors: Palette) -> Stroke {
    let color = colors.curves[run % colors.curves.count]
    guard role != .backdrop else { return Stroke(color: color, opacity: 0.3, width: 1) }
    let dots = run >= colors.curves.count ? [1.5, 3] : []
    return Stroke(color: color, width: 2, dash: (isValidation ? [5, 3] : []) + dots)
  }
}
