internal import CCairo

extension Drawing {
  /// Plays the calls into a file's bytes.
  func picture(
    as format: PictureFormat, creator: String, fonts: FontBook
  ) throws(PlotError) -> Picture {
    let bytes =
      switch format {
      case .png: try png(fonts)
      case .svg: try svg(fonts)
      case .pdf: try pdf(fonts, creator: creator)
      }
    return Picture(
      bytes: bytes, missingCharacters: fonts.missingCharacters,
      unshapedCharacters: fonts.unshapedCharacters)
  }

  /// Draws and encodes `bandRows` rows at a time, always in the same memory.
  ///
  /// Each band is drawn with some rows to spare above and below, which are not encoded: at the very edge
  /// of a surface cairo rounds joints and dashes that lie partly outside in another way.
  func png(_ fonts: FontBook, bandRows: Int? = nil) throws(PlotError) -> [UInt8] {
    let (columns, rows) = (Int((width * scale).rounded()), Int((height * scale).rounded()))
    let bandRows = bandRows ?? fastestBandRows(of: rows)
    let (spareRows, drawnRows) = (Self.spareRows, bandRows + 2 * Self.spareRows)
    let spans = calls.map { $0.verticalSpan(fonts) }
    var encoder = PNGEncoder(width: columns, height: rows, dotsPerInch: 96 * scale)
    var pixels = [UInt32](repeating: 0, count: columns * drawnRows)
    try pixels.withUnsafeMutableBufferPointer { pixels throws(PlotError) in
      let canvas = CairoCanvas(imageIn: pixels, columns: columns, scale: scale, fonts: fonts)
      for top in stride(from: 0, to: rows, by: bandRows) {
        let visible = Double(top) / scale - 2...Double(top + bandRows) / scale + 2
        let calls = zip(calls, spans).lazy.filter { $0.1.overlaps(visible) }.map(\.0)
        try canvas.draw(calls, on: paper, below: top - spareRows)
        encoder.append(
          UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: pixels[(columns * spareRows)...])),
          rows: min(bandRows, rows - top))
      }
    }
    return encoder.finish()
  }

  private static let spareRows = 4

  /// How many rows are drawn at a time: as many as stay in the processor's cache, and more where there
  /// is so much to draw that doing it again for each band would take longer.
  private func fastestBandRows(of rows: Int) -> Int {
    let points = calls.reduce(0) { count, call in
      switch call {
      case .polyline(let points, _), .polygon(let points, _, _): count + points.count
      case .dots(let centers, _, _, _): count + 8 * centers.count
      default: count
      }
    }
    return min(rows, max(64, rows * points / 20_000))
  }

  private func svg(_ fonts: FontBook) throws(PlotError) -> [UInt8] {
    let sink = ByteSink()
    let surface = cairo.svg_surface_create_for_stream(
      ByteSink.write, sink.pointer, width, height)
    cairo.svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX)
    try draw(on: CairoCanvas(surface, scale: 1, fonts: fonts))
    return withExtendedLifetime(sink) { SVGDocument(self).complete(sink.bytes) }
  }

  private func pdf(_ fonts: FontBook, creator: String) throws(PlotError) -> [UInt8] {
    let pointsToOnePx = 0.75
    let sink = ByteSink()
    let surface = cairo.pdf_surface_create_for_stream(
      ByteSink.write, sink.pointer, width * pointsToOnePx, height * pointsToOnePx)
    // An empty date is left out, so that the same picture has the same bytes tomorrow.
    for (key, value) in [
      (CAIRO_PDF_METADATA_TITLE, title), (CAIRO_PDF_METADATA_SUBJECT, summary),
      (CAIRO_PDF_METADATA_CREATOR, creator), (CAIRO_PDF_METADATA_CREATE_DATE, ""),
    ] { cairo.pdf_surface_set_metadata(surface, key, value) }
    try draw(on: CairoCanvas(surface, scale: pointsToOnePx, fonts: fonts))
    return withExtendedLifetime(sink) { sink.bytes }
  }

  private func draw(on canvas: consuming CairoCanvas) throws(PlotError) {
    try canvas.draw(self)
    try canvas.finish()
  }
}
