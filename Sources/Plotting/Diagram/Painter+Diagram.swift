/// The measures of an arrow, in px.
private enum Arrow {
  static let lineWidth = 1.5
  static let head = (length: 9.0, width: 8.0)
}

extension Painter {
  /// Draws arrows, then boxes, then what is written around them.
  mutating func draw(_ diagram: ComposedDiagram) {
    for link in diagram.layout.graph.lineStarts { drawLine(from: link, diagram) }
    for box in diagram.layout.boxes.indices {
      let frame = diagram.layout.frame(ofBox: box).moved(by: diagram.origin)
      drawBox(diagram.layout.boxes[box], frame)
    }
    texts(
      diagram.title, .title, center: diagram.size.width / 2, top: Drawing.margin, color: colors.text
    )
    drawFoot(diagram)
  }

  /// Draws the line of a link and of those that carry on from it: level in layers, curved between.
  private mutating func drawLine(from first: Int, _ diagram: ComposedDiagram) {
    let (layout, graph) = (diagram.layout, diagram.layout.graph)
    var points: [Point] = []
    var next: Int? = first
    while let index = next {
      let link = graph.links[index]
      let start = Point(
        x: layout.spans[graph.items[link.from].layer].right,
        y: grid.snap(layout.centers[link.from] + diagram.origin.y, width: Arrow.lineWidth))
      let tip = Point(
        x: layout.spans[graph.items[link.to].layer].left,
        y: grid.snap(layout.arrival(of: index) + diagram.origin.y, width: Arrow.lineWidth))
      let isLast = !graph.items[link.to].isLane
      let end = Point(x: isLast ? tip.x - Arrow.head.length : tip.x, y: tip.y)
      points += levelCurve(from: start, to: end).map {
        Point(x: $0.x + diagram.origin.x, y: $0.y)
      }
      if isLast { drawArrowHead(at: Point(x: tip.x + diagram.origin.x, y: tip.y)) }
      next = graph.items[link.to].isLane ? graph.continuation(of: link.to) : nil
    }
    polyline(points.droppingLevelMiddles, Stroke(color: colors.frame, width: Arrow.lineWidth))
  }

  private mutating func drawArrowHead(at tip: Point) {
    let back = tip.x - Arrow.head.length
    polygon(
      [
        tip, Point(x: back, y: tip.y - Arrow.head.width / 2),
        Point(x: back, y: tip.y + Arrow.head.width / 2),
      ], color: colors.frame)
  }

  private mutating func drawBox(_ box: MeasuredBox, _ frame: Frame) {
    drawShape(box.kind, frame, cornerScale: 1)
    let styles: [(TextLine?, TextStyle, Color)] = [
      (box.above, .label, colors.text), (box.name, .boxName, colors.text),
      (box.below, .label, colors.curves[0]),
    ]
    let rows = styles.compactMap { line, style, color in line.map { ($0, style, color) } }
    let heights = rows.map { typesetter.height(of: $0.1) }
    let whole = heights.reduce(0, +) + MeasuredBox.leading * Double(rows.count - 1)
    let middle = (frame.left + frame.right) / 2
    var top = (frame.top + frame.bottom - whole) / 2
    for ((line, style, color), height) in zip(rows, heights) {
      texts([line], style, center: middle, top: top, color: color)
      top += height + MeasuredBox.leading
    }
  }

  /// Draws the outline that tells a kind, in a box or in the legend.
  private mutating func drawShape(_ kind: Diagram.Kind, _ frame: Frame, cornerScale: Double) {
    let style = kind.outline(colors)
    let width = grid.width(style.border)
    let radius = style.radius * cornerScale
    let snapped = Frame(
      left: grid.snap(frame.left, width: width), top: grid.snap(frame.top, width: width),
      right: grid.snap(frame.right, width: width), bottom: grid.snap(frame.bottom, width: width))
    let outline = roundedRectangle(snapped, radius: radius)
    polygon(outline.dropLast(), color: style.fill)
    polyline(outline, Stroke(color: style.line, width: width, dash: style.dash))
    if style.isDouble {
      let inset = 3 * cornerScale
      polyline(
        roundedRectangle(snapped.grown(by: -inset), radius: max(0, radius - inset)),
        Stroke(color: style.line, width: width))
    }
  }

  /// Draws the legend and the captions.
  private mutating func drawFoot(_ diagram: ComposedDiagram) {
    let height = typesetter.height(of: .caption)
    let ascent = typesetter.measurer.extent(of: .caption).ascent
    let rows = Double(diagram.legendRows.count + diagram.captions.count)
    let step = height + ComposedDiagram.rowGap
    var top = diagram.size.height - Drawing.margin - rows * step + ComposedDiagram.rowGap
    for row in diagram.legendRows {
      var x = (diagram.size.width - ComposedDiagram.width(of: row)) / 2
      for entry in row {
        let swatch = ComposedDiagram.LegendEntry.swatch
        let frame = Frame(
          left: x, top: top + (height - swatch.height) / 2, right: x + swatch.width,
          bottom: top + (height + swatch.height) / 2)
        drawShape(entry.kind, frame, cornerScale: 0.5)
        text(
          entry.text, at: Point(x: frame.right + ComposedDiagram.LegendEntry.gap, y: top + ascent),
          color: colors.label)
        x += entry.width + ComposedDiagram.entryGap
      }
      top += step
    }
    for caption in diagram.captions {
      texts([caption], .caption, center: diagram.size.width / 2, top: top, color: colors.label)
      top += step
    }
  }
}

extension Diagram.Kind {
  /// The outline and the filling of a box.
  fileprivate struct Outline {
    var radius = 0.0
    var border = 1.0
    var line: Color
    var fill: Color
    var dash: [Double] = []
    var isDouble = false
  }

  fileprivate func outline(_ colors: Palette) -> Outline {
    let accent = colors.curves[0]
    return switch self {
    case .data: Outline(line: colors.frame, fill: colors.paper.mixed(with: colors.frame, 0.1))
    case .parameter:
      Outline(radius: 4, border: 2, line: accent, fill: colors.paper.mixed(with: accent, 0.1))
    case .constant: Outline(line: colors.frame, fill: colors.paper, dash: [5, 3])
    case .operation: Outline(radius: 14, line: colors.frame, fill: colors.paper)
    case .output: Outline(radius: 14, line: colors.text, fill: colors.paper, isDouble: true)
    }
  }
}

extension Frame {
  fileprivate func moved(by offset: Point) -> Frame {
    Frame(
      left: left + offset.x, top: top + offset.y, right: right + offset.x,
      bottom: bottom + offset.y)
  }
}

extension [Point] {
  /// The points without those that lie between two others on a level stretch.
  fileprivate var droppingLevelMiddles: [Point] {
    indices.filter { index in
      index == 0 || index == count - 1 || self[index - 1].y != self[index].y
        || self[index].y != self[index + 1].y
    }.map { self[$0] }
  }
}
