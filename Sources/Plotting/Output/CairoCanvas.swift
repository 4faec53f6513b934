internal import CCairo
internal import Glibc

/// A cairo surface and its context, on which drawing calls are played.
///
/// A context that has failed ignores all further calls, so that its status at the end tells of the
/// first failure; it becomes a ``PlotError`` here. A font that has failed gives no glyphs.
struct CairoCanvas: ~Copyable {
  private let surface: OpaquePointer?
  private let context: OpaquePointer?
  private let scale: Double
  private let fonts: FontBook

  /// Takes over a new surface; `scale` is its units to one px.
  init(_ surface: OpaquePointer?, scale: Double, fonts: FontBook) {
    self.surface = surface
    self.scale = scale
    self.fonts = fonts
    context = cairo.create(surface)
    cairo.set_line_join(context, CAIRO_LINE_JOIN_ROUND)
  }

  /// An image in memory that outlives the canvas: rows of `columns` pixels, blue in the lowest byte.
  init(
    imageIn pixels: UnsafeMutableBufferPointer<UInt32>, columns: Int, scale: Double, fonts: FontBook
  ) {
    let bytes = UnsafeMutableRawBufferPointer(pixels).assumingMemoryBound(to: UInt8.self)
    let surface = cairo.image_surface_create_for_data(
      bytes.baseAddress, CAIRO_FORMAT_RGB24, Int32(columns), Int32(pixels.count / columns),
      Int32(4 * columns))
    self.init(surface, scale: scale, fonts: fonts)
  }

  deinit {
    cairo.destroy(context)
    cairo.surface_destroy(surface)
  }

  /// Paints the paper, then every call in order.
  func draw(_ drawing: Drawing) throws(PlotError) {
    try draw(drawing.calls, on: drawing.paper, below: 0)
  }

  /// Paints the paper, then the calls in order, on a surface whose upper edge lies `top` units below the
  /// drawing's.
  func draw(
    _ calls: some Sequence<DrawingCall>, on paper: Color, below top: Int
  ) throws(PlotError) {
    cairo.identity_matrix(context)
    cairo.translate(context, 0, -Double(top))
    cairo.scale(context, scale, scale)
    setColor(paper, opacity: 1)
    cairo.paint(context)
    for call in calls { try draw(call) }
    cairo.surface_flush(surface)
    try check()
  }

  /// Ends the drawing: all pixels or bytes have been written.
  func finish() throws(PlotError) {
    cairo.surface_finish(surface)
    try check()
  }

  private func check() throws(PlotError) {
    try Self.check(cairo.status(context))
    try Self.check(cairo.surface_status(surface))
  }

  private static func check(_ status: cairo_status_t) throws(PlotError) {
    guard status == CAIRO_STATUS_SUCCESS else {
      let reason = cairo.status_to_string(status).map { String(cString: $0) }
      throw PlotError(.drawingFailed(reason ?? "status \(status.rawValue)"))
    }
  }

  private func draw(_ call: DrawingCall) throws(PlotError) {
    switch call {
    case .fill(let origin, let width, let height, let color, let opacity):
      setColor(color, opacity: opacity)
      cairo.rectangle(context, origin.x, origin.y, width, height)
      cairo.fill(context)
    case .polyline(let points, let stroke):
      setColor(stroke.color, opacity: stroke.opacity)
      cairo.set_line_width(context, stroke.width)
      cairo.set_line_cap(context, stroke.dash.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
      cairo.set_dash(context, stroke.dash, Int32(stroke.dash.count), 0)
      addLine(through: points)
      cairo.stroke(context)
    case .disc(let center, let radius, let color, let opacity):
      setColor(color, opacity: opacity)
      cairo.arc(context, center.x, center.y, radius, 0, 2 * .pi)
      cairo.fill(context)
    case .dots(let centers, let radius, let color, let opacity):
      setColor(color, opacity: opacity)
      cairo.set_line_width(context, 2 * radius)
      cairo.set_line_cap(context, CAIRO_LINE_CAP_ROUND)
      cairo.set_dash(context, nil, 0, 0)
      // A line of no length with round ends, which takes a tenth of a circle's bytes.
      for center in centers {
        cairo.move_to(context, center.x, center.y)
        cairo.line_to(context, center.x, center.y)
      }
      cairo.stroke(context)
    case .polygon(let points, let color, let opacity):
      setColor(color, opacity: opacity)
      addLine(through: points)
      cairo.close_path(context)
      cairo.fill(context)
    case .text(let runs, let origin, _, let color, let isRotated):
      setColor(color, opacity: 1)
      cairo.save(context)
      cairo.translate(context, origin.x, origin.y)
      if isRotated { cairo.rotate(context, -.pi / 2) }
      for (fontRun, offset) in fonts.fontRuns(of: runs) {
        try show(fontRun, x: offset.x, y: offset.y)
      }
      cairo.restore(context)
    }
  }

  private func addLine(through points: [Point]) {
    for point in points { cairo.line_to(context, point.x, point.y) }
  }

  /// Shows glyphs with the text they stand for, so that a PDF can be searched.
  private func show(
    _ fontRun: FontBook.FontRun, x: Double, y: Double
  ) throws(PlotError) {
    var glyphs: UnsafeMutablePointer<cairo_glyph_t>?
    var glyphCount: Int32 = 0
    var clusters: UnsafeMutablePointer<cairo_text_cluster_t>?
    var clusterCount: Int32 = 0
    var flags = cairo_text_cluster_flags_t(0)
    let length = Int32(fontRun.text.utf8.count)
    let status = cairo.scaled_font_text_to_glyphs(
      fontRun.font, x, y, fontRun.text, length, &glyphs, &glyphCount, &clusters, &clusterCount,
      &flags)
    try Self.check(status)
    cairo.set_scaled_font(context, fontRun.font)
    cairo.show_text_glyphs(
      context, fontRun.text, length, glyphs, glyphCount, clusters, clusterCount, flags)
    cairo.glyph_free(glyphs)
    cairo.text_cluster_free(clusters)
  }

  private func setColor(_ color: Color, opacity: Double) {
    func part(_ shift: UInt32) -> Double { Double(color.rgb >> shift & 0xFF) / 255 }
    cairo.set_source_rgba(context, part(16), part(8), part(0), opacity)
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
