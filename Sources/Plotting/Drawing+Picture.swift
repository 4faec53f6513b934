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
    return Picture(bytes: bytes, missingCharacters: fonts.missingCharacters)
  }

  private func png(_ fonts: FontBook) throws(PlotError) -> [UInt8] {
    let (columns, rows) = (Int((width * scale).rounded()), Int((height * scale).rounded()))
    let canvas = CairoCanvas(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(columns), Int32(rows)), scale: scale,
      fonts: fonts)
    try canvas.draw(self)
    return try canvas.withPixels { pixels, stride in
      PNGEncoder(width: columns, height: rows, dotsPerInch: 96 * scale)
        .encode(pixels, stride: stride)
    }
  }

  private func svg(_ fonts: FontBook) throws(PlotError) -> [UInt8] {
    let sink = ByteSink()
    let surface: OpaquePointer = cairo_svg_surface_create_for_stream(
      ByteSink.write, sink.pointer, width, height)
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX)
    try draw(on: CairoCanvas(surface, scale: 1, fonts: fonts))
    return withExtendedLifetime(sink) { SVGDocument(self).complete(sink.bytes) }
  }

  private func pdf(_ fonts: FontBook, creator: String) throws(PlotError) -> [UInt8] {
    let pointsToOnePx = 0.75
    let sink = ByteSink()
    let surface: OpaquePointer = cairo_pdf_surface_create_for_stream(
      ByteSink.write, sink.pointer, width * pointsToOnePx, height * pointsToOnePx)
    // An empty date is left out, so that the same picture has the same bytes tomorrow.
    for (key, value) in [
      (CAIRO_PDF_METADATA_TITLE, title), (CAIRO_PDF_METADATA_SUBJECT, summary),
      (CAIRO_PDF_METADATA_CREATOR, creator), (CAIRO_PDF_METADATA_CREATE_DATE, ""),
    ] { cairo_pdf_surface_set_metadata(surface, key, value) }
    try draw(on: CairoCanvas(surface, scale: pointsToOnePx, fonts: fonts))
    return withExtendedLifetime(sink) { sink.bytes }
  }

  private func draw(on canvas: consuming CairoCanvas) throws(PlotError) {
    try canvas.draw(self)
    try canvas.finish()
  }
}
