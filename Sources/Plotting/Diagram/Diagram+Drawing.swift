extension Diagram {
  /// Turns the diagram into a list of things to draw, on a canvas as large as it needs.
  ///
  /// `vector` formats have no device pixels: there, borders are snapped to whole px.
  func drawing(
    vector: Bool, measuring measurer: some TextMeasuring
  ) throws(PlotError) -> Drawing {
    guard boxes.count <= Diagram.mostBoxes else {
      throw PlotError(.tooManyBoxes(boxes.count, most: Diagram.mostBoxes))
    }
    let typesetter = Typesetter(measurer: measurer)
    let diagram = ComposedDiagram(self, typesetter: typesetter)
    let pixels = (width: diagram.size.width * scale, height: diagram.size.height * scale)
    guard vector || max(pixels.width, pixels.height) <= Drawing.mostPixelsInARow else {
      throw PlotError(.tooManyPixels(width: Int(pixels.width), height: Int(pixels.height)))
    }
    var painter = Painter(
      typesetter: typesetter, grid: PixelGrid(vector: vector, scale: scale), colors: theme.colors)
    painter.draw(diagram)
    return Drawing(
      width: diagram.size.width, height: diagram.size.height, scale: vector ? 1 : scale,
      paper: theme.colors.paper, title: documentTitle, summary: summary, calls: painter.calls)
  }
}

extension Drawing {
  /// Where the coordinates of cairo's raster end.
  static let mostPixelsInARow = 32767.0
}

/// A diagram laid out, with the position of all that stands on its canvas.
struct ComposedDiagram {
  /// One kind in the legend: a small box and the kind's name.
  struct LegendEntry {
    let kind: Diagram.Kind
    let text: TextLine
    static let swatch = (width: 22.0, height: 13.0)
    static let gap = 6.0
    var width: Double { Self.swatch.width + Self.gap + text.width }
  }

  let layout: DiagramLayout
  let title: [TextLine]
  let captions: [TextLine]
  /// The legend in rows.
  let legendRows: [[LegendEntry]]
  let size: Figure.Size
  /// The top left corner of the boxes.
  let origin: Point

  static let footGap = 18.0
  static let entryGap = 18.0
  static let rowGap = 5.0
  static let smallestSide = 200.0

  init(_ diagram: Diagram, typesetter: Typesetter) {
    let boxes = diagram.boxes.map { MeasuredBox($0, typesetter: typesetter) }
    layout = DiagramLayout(LayeredGraph(diagram.boxes), boxes: boxes)
    let present = Set(diagram.boxes.map(\.kind))
    let entries = Diagram.Kind.allCases.filter(present.contains).map {
      LegendEntry(kind: $0, text: typesetter.line(RichText($0.rawValue), .caption))
    }
    let margin = Drawing.margin
    let room = max(layout.width, Self.smallestSide - 2 * margin)
    let captionWidths = diagram.captions.map {
      typesetter.line(RichText(cleaning: $0), .caption).width
    }
    let width = max(room, min(captionWidths.max() ?? 0, 2 * room), entries.map(\.width).max() ?? 0)
    title = typesetter.lines(RichText(cleaning: diagram.title ?? ""), .title, within: width)
    captions = diagram.captions.flatMap {
      typesetter.lines(RichText(cleaning: $0), .caption, within: width)
    }
    legendRows = Self.rows(of: entries, within: width)

    let caption = typesetter.height(of: .caption)
    let footRows = Double(legendRows.count + captions.count)
    let foot = footRows > 0 ? Self.footGap + footRows * (caption + Self.rowGap) - Self.rowGap : 0
    let head =
      title.isEmpty ? 0 : Double(title.count) * typesetter.height(of: .title) + Self.footGap
    let needed = margin + head + layout.height + foot + margin
    size = Figure.Size(
      width: (width + 2 * margin).rounded(.up),
      height: max(Self.smallestSide, needed.rounded(.up)))
    origin = Point(
      x: (size.width - layout.width) / 2, y: margin + head + (size.height - needed) / 2)
  }

  private static func rows(of entries: [LegendEntry], within width: Double) -> [[LegendEntry]] {
    var rows: [[LegendEntry]] = []
    for entry in entries {
      if let row = rows.last, self.width(of: row + [entry]) <= width {
        rows[rows.count - 1] = row + [entry]
      } else {
        rows.append([entry])
      }
    }
    return rows
  }

  /// How much room a row of the legend takes.
  static func width(of row: [LegendEntry]) -> Double {
    row.reduce(0) { $0 + $1.width } + entryGap * Double(row.count - 1)
  }
}
