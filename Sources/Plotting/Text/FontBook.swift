internal import CCairo
internal import Glibc

/// The fonts of a picture: which font has a character, and how wide text is.
///
/// DejaVu Sans is opened from its file; fontconfig, which takes longer to start than a plot takes to
/// draw, is asked only for characters that DejaVu lacks, or where the file is missing. Where the
/// environment configures fontconfig, it alone decides. On a machine without any font, cairo's
/// built-in stroke font writes ASCII.
final class FontBook: TextMeasuring {
  /// A run of text in one font of one size.
  struct FontRun {
    let text: String
    let font: OpaquePointer?
  }

  private struct SizedFace: Hashable {
    let face: FontFace
    let size: Double
  }

  /// Characters that no font has, in order of appearance.
  private(set) var missingCharacters: [Character] = []
  /// Characters of scripts that only shaping can write, in order of appearance.
  private(set) var unshapedCharacters: [Character] = []
  private let options: OpaquePointer?
  private var faces: [Bool: [FontFace]] = [:]
  private lazy var strokeFont = FontFace.strokeFont
  private var hasAskedFontconfig: Set<Bool> = []
  private var scaledFonts: [SizedFace: OpaquePointer?] = [:]

  /// Loads the libraries that draw, or throws an error that says what is missing.
  init() throws(PlotError) {
    _ = try DrawingLibraries.loaded.get()
    options = cairo.font_options_create()
    // Unhinted outlines and metrics: text is as wide in every format.
    cairo.font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo.font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo.font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
  }

  deinit {
    for font in scaledFonts.values { cairo.scaled_font_destroy(font) }
    cairo.font_options_destroy(options)
  }

  var isASCIIOnly: Bool { firstFace(bold: false).isStrokeFont }

  func width(of run: TextRun) -> Double {
    fontRuns(of: run).reduce(0) { $0 + width(of: $1) }
  }

  private func width(of fontRun: FontRun) -> Double { extents(of: fontRun).x_advance }

  private func extents(of fontRun: FontRun) -> cairo_text_extents_t {
    var extents = cairo_text_extents_t()
    cairo.scaled_font_text_extents(fontRun.font, fontRun.text, &extents)
    return extents
  }

  /// The font runs of a line, each with its distance from the line's start.
  func fontRuns(of runs: [TextRun]) -> [(fontRun: FontRun, offset: Point)] {
    var x = 0.0
    return runs.flatMap { run in
      fontRuns(of: run).map { fontRun in
        defer { x += width(of: fontRun) }
        return (fontRun, Point(x: x, y: -run.rise))
      }
    }
  }

  /// The boxes that the font runs of a line fill, seen from the line's start.
  func ink(of runs: [TextRun]) -> [Frame] {
    fontRuns(of: runs).map { fontRun, offset in
      let extents = extents(of: fontRun)
      let (left, top) = (offset.x + extents.x_bearing, offset.y + extents.y_bearing)
      return Frame(
        left: left, top: top, right: left + extents.width, bottom: top + extents.height)
    }
  }

  func extent(of style: TextStyle) -> (ascent: Double, descent: Double) {
    var extents = cairo_font_extents_t()
    cairo.scaled_font_extents(
      scaledFont(firstFace(bold: style.bold), size: style.size), &extents)
    return (extents.ascent, extents.descent)
  }

  /// Cuts a run where the font changes: each character is written in the first font that has it.
  ///
  /// The characters stand as on paper. Those that need shaping are boxes.
  private func fontRuns(of run: TextRun) -> [FontRun] {
    var fontRuns: [(text: String, face: FontFace)] = []
    for character in run.text where character.needsShaping { noteUnshaped(character) }
    for character in visualOrder(of: run.text) {
      let character = character.needsShaping ? "□" : character
      let current = fontRuns.last?.face
      let face = face(for: character, bold: run.style.bold, preferring: current)
      let text = face.isStrokeFont ? strokeFontText(of: character) : String(character)
      if face == current {
        fontRuns[fontRuns.count - 1].text += text
      } else {
        fontRuns.append((text, face))
      }
    }
    return fontRuns.map { FontRun(text: $0.text, font: scaledFont($0.face, size: run.style.size)) }
  }

  private func face(
    for character: Character, bold: Bool, preferring current: FontFace?
  ) -> FontFace {
    let first = firstFace(bold: bold)
    if first.has(character) || first.isStrokeFont { return first }
    if let current, current.has(character) { return current }
    askFontconfig(bold: bold)
    if let face = faces[bold]?.first(where: { $0.has(character) }) { return face }
    noteMissing(character)
    return first
  }

  private func firstFace(bold: Bool) -> FontFace {
    if faces[bold] == nil, let face = FontFace.installedDejaVu(bold: bold) { faces[bold] = [face] }
    if faces[bold] == nil { askFontconfig(bold: bold) }
    return faces[bold]?.first ?? strokeFont
  }

  private func askFontconfig(bold: Bool) {
    guard hasAskedFontconfig.insert(bold).inserted else { return }
    faces[bold, default: []] += FontFace.sortedByFontconfig(bold: bold)
  }

  private func scaledFont(_ face: FontFace, size: Double) -> OpaquePointer? {
    let key = SizedFace(face: face, size: size)
    if let font = scaledFonts[key] { return font }
    var matrix = cairo_matrix_t()
    cairo.matrix_init_scale(&matrix, size, size)
    var identity = cairo_matrix_t()
    cairo.matrix_init_identity(&identity)
    let font = cairo.scaled_font_create(face.pointer, &matrix, &identity, options)
    scaledFonts[key] = font
    return font
  }

  /// What the stroke font, which knows ASCII alone, writes for a character.
  private func strokeFontText(of character: Character) -> String {
    let text = asciiText(String(character))
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    noteMissing(character)
    return "?"
  }

  private func noteUnshaped(_ character: Character) {
    if !unshapedCharacters.contains(character) { unshapedCharacters.append(character) }
  }

  private func noteMissing(_ character: Character) {
    if !missingCharacters.contains(character) { missingCharacters.append(character) }
  }
}
