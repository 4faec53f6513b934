internal import CCairo
internal import Glibc

/// A cairo surface and its context, on which drawing calls are played.
///
/// A context that has failed ignores all further calls, so that its status at the end tells of the
/// first failure; it becomes a ``PlotError`` here. A font that has failed gives no glyphs.
struct CairoCanvas: ~Copyable {
  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let fonts: FontBook

  /// Takes over a new surface; `scale` is its units to one px.
  init(_ surface: OpaquePointer, scale: Double, fonts: FontBook) {
    self.surface = surface
    self.fonts = fonts
    context = cairo_create(surface)
    cairo_scale(context, scale, scale)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
  }

  /// An image in memory; `columns` and `rows` are its size in device px.
  ///
  /// Its pixels lie in huge pages where the system has them: most of the time that a picture of
  /// this size takes would else go into mapping small ones.
  init(imageOf columns: Int, by rows: Int, scale: Double, fonts: FontBook) {
    let hugePage = 1 << 21
    let stride = Int(cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, Int32(columns)))
    let size = (stride * rows + hugePage - 1) / hugePage * hugePage
    let pixels = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: hugePage)
    madvise(pixels, size, MADV_HUGEPAGE)
    let surface: OpaquePointer = cairo_image_surface_create_for_data(
      pixels.assumingMemoryBound(to: UInt8.self), CAIRO_FORMAT_RGB24, Int32(columns), Int32(rows),
      Int32(stride))
    cairo_surface_set_user_data(surface, cairoOwnerKey, pixels) { $0?.deallocate() }
    self.init(surface, scale: scale, fonts: fonts)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// Paints the paper, then every call in order.
  func draw(_ drawing: Drawing) throws(PlotError) {
    setColor(drawing.paper, opacity: 1)
    cairo_paint(context)
    for call in drawing.calls { try draw(call) }
    try check()
  }

  /// Ends the document: all bytes have been written.
  func finish() throws(PlotError) {
    cairo_surface_finish(surface)
    try check()
  }

  /// Lends the pixels of an image surface: rows of `stride` bytes, 4 bytes a pixel.
  func withPixels<Result>(
    _ body: (_ pixels: UnsafeRawPointer, _ stride: Int) -> Result
  ) throws(PlotError) -> Result {
    cairo_surface_flush(surface)
    try check()
    guard let pixels = cairo_image_surface_get_data(surface) else {
      throw PlotError(.drawingFailed("the surface has no pixels"))
    }
    return body(pixels, Int(cairo_image_surface_get_stride(surface)))
  }

  private func check() throws(PlotError) {
    try Self.check(cairo_status(context))
    try Self.check(cairo_surface_status(surface))
  }

  private static func check(_ status: cairo_status_t) throws(PlotError) {
    guard status == CAIRO_STATUS_SUCCESS else {
      throw PlotError(.drawingFailed(String(cString: cairo_status_to_string(status))))
    }
  }

  private func draw(_ call: DrawingCall) throws(PlotError) {
    switch call {
    case .fill(let origin, let width, let height, let color, let opacity):
      setColor(color, opacity: opacity)
      cairo_rectangle(context, origin.x, origin.y, width, height)
      cairo_fill(context)
    case .polyline(let points, let stroke):
      setColor(stroke.color, opacity: stroke.opacity)
      cairo_set_line_width(context, stroke.width)
      cairo_set_line_cap(context, stroke.dash.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
      cairo_set_dash(context, stroke.dash, Int32(stroke.dash.count), 0)
      trace(points)
      cairo_stroke(context)
    case .disc(let center, let radius, let color, let opacity):
      setColor(color, opacity: opacity)
      cairo_arc(context, center.x, center.y, radius, 0, 2 * .pi)
      cairo_fill(context)
    case .polygon(let points, let color):
      setColor(color, opacity: 1)
      trace(points)
      cairo_close_path(context)
      cairo_fill(context)
    case .text(let runs, let origin, _, let color, let turned):
      setColor(color, opacity: 1)
      cairo_save(context)
      cairo_translate(context, origin.x, origin.y)
      if turned { cairo_rotate(context, -.pi / 2) }
      var x = 0.0
      for run in runs {
        for stretch in fonts.stretches(of: run) {
          try show(stretch, x: x, y: -run.rise)
          x += fonts.width(of: stretch)
        }
      }
      cairo_restore(context)
    }
  }

  private func trace(_ points: [Point]) {
    for point in points { cairo_line_to(context, point.x, point.y) }
  }

  /// Shows glyphs with the text they stand for, so that a PDF can be searched.
  private func show(
    _ stretch: FontBook.Stretch, x: Double, y: Double
  ) throws(PlotError) {
    var glyphs: UnsafeMutablePointer<cairo_glyph_t>?
    var glyphCount: Int32 = 0
    var clusters: UnsafeMutablePointer<cairo_text_cluster_t>?
    var clusterCount: Int32 = 0
    var flags = cairo_text_cluster_flags_t(0)
    let length = Int32(stretch.text.utf8.count)
    let status = cairo_scaled_font_text_to_glyphs(
      stretch.font, x, y, stretch.text, length, &glyphs, &glyphCount, &clusters, &clusterCount,
      &flags)
    try Self.check(status)
    cairo_set_scaled_font(context, stretch.font)
    cairo_show_text_glyphs(
      context, stretch.text, length, glyphs, glyphCount, clusters, clusterCount, flags)
    cairo_glyph_free(glyphs)
    cairo_text_cluster_free(clusters)
  }

  private func setColor(_ color: Color, opacity: Double) {
    func part(_ shift: UInt32) -> Double { Double(color.rgb >> shift & 0xFF) / 255 }
    cairo_set_source_rgba(context, part(16), part(8), part(0), opacity)
  }
}

/// The bytes that cairo writes while it makes a document.
final class ByteSink {
  private(set) var bytes: [UInt8] = []

  /// cairo's callback; its closure is the sink.
  static let write: cairo_write_func_t = { sink, data, count in
    guard let sink, let data else { return CAIRO_STATUS_WRITE_ERROR }
    Unmanaged<ByteSink>.fromOpaque(sink).takeUnretainedValue().bytes
      .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
    return CAIRO_STATUS_SUCCESS
  }

  var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
}
