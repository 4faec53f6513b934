internal import CCairo
internal import Glibc

/// A typeface that cairo can draw, and what it can write.
final class FontFace: Hashable {
  /// cairo's face.
  let pointer: OpaquePointer?
  let isStrokeFont: Bool
  private let hasScalar: (Unicode.Scalar) -> Bool

  /// cairo's built-in font of strokes: what the toy family gives on a machine without fonts.
  static var strokeFont: FontFace {
    FontFace(
      cairo.toy_font_face_create("sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL),
      isStrokeFont: true, has: { $0.isASCII })
  }

  private init(
    _ pointer: OpaquePointer?, isStrokeFont: Bool = false, has: @escaping (Unicode.Scalar) -> Bool
  ) {
    self.pointer = pointer
    self.isStrokeFont = isStrokeFont
    hasScalar = has
  }

  deinit { cairo.font_face_destroy(pointer) }

  static func == (a: FontFace, b: FontFace) -> Bool { a === b }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// Whether the face has a glyph for each visible part of the character.
  func has(_ character: Character) -> Bool {
    character.unicodeScalars.allSatisfy { scalar in
      hasScalar(scalar) || scalar.properties.isDefaultIgnorableCodePoint
    }
  }
}

extension FontFace {
  /// DejaVu Sans from its file, where a distribution puts it.
  ///
  /// Nil if it is not there, or if the environment says which fonts there are.
  static func installedDejaVu(bold: Bool) -> FontFace? {
    guard getenv("FONTCONFIG_FILE") == nil, getenv("FONTCONFIG_PATH") == nil else { return nil }
    let name = bold ? "DejaVuSans-Bold.ttf" : "DejaVuSans.ttf"
    let folders = ["truetype/dejavu", "dejavu-sans-fonts", "dejavu", "TTF"]
    for folder in folders {
      if let file = FontFile("/usr/share/fonts/\(folder)/\(name)") { return FontFace(file) }
    }
    return nil
  }

  private convenience init(_ file: FontFile) {
    let pointer = cairo.ft_font_face_create_for_ft_face(file.face, 0)
    // cairo keeps fonts for later; the file is closed when it lets go of the face.
    let owner = Unmanaged.passRetained(file)
    _ = cairo.font_face_set_user_data(pointer, cairoOwnerKey, owner.toOpaque()) { owner in
      if let owner { Unmanaged<FontFile>.fromOpaque(owner).release() }
    }
    self.init(pointer) { freetype.Get_Char_Index(file.face, FT_ULong($0.value)) != 0 }
  }

  /// Every font that fontconfig knows, DejaVu Sans and what is most like it first.
  static func sortedByFontconfig(bold: Bool) -> [FontFace] {
    guard let pattern = fontconfig.PatternCreate() else { return [] }
    defer { fontconfig.PatternDestroy(pattern) }
    for family in ["DejaVu Sans", "sans-serif"] {
      _ = fontconfig.PatternAddString(pattern, FC_FAMILY, family)
    }
    if bold { _ = fontconfig.PatternAddInteger(pattern, FC_WEIGHT, FC_WEIGHT_BOLD) }
    _ = fontconfig.ConfigSubstitute(nil, pattern, FcMatchPattern)
    fontconfig.DefaultSubstitute(pattern)
    var result = FcResultNoMatch
    guard let set = fontconfig.FontSort(nil, pattern, FcTrue, nil, &result) else { return [] }
    defer { fontconfig.FontSetDestroy(set) }
    return (0..<Int(set.pointee.nfont)).compactMap { index in
      guard let font = set.pointee.fonts[index],
        let prepared = fontconfig.FontRenderPrepare(nil, pattern, font)
      else { return nil }
      defer { fontconfig.PatternDestroy(prepared) }
      var charset: OpaquePointer?
      guard fontconfig.PatternGetCharSet(prepared, FC_CHARSET, 0, &charset) == FcResultMatch,
        let characters = fontconfig.CharSetCopy(charset).map(CharacterSet.init)
      else { return nil }
      return FontFace(cairo.ft_font_face_create_for_pattern(prepared)) { characters.contains($0) }
    }
  }
}

/// The key under which cairo's objects keep what they are made of, to let go of it last.
nonisolated(unsafe) let cairoOwnerKey = UnsafeMutablePointer<cairo_user_data_key_t>.allocate(
  capacity: 1)

/// A font file that FreeType has open.
private final class FontFile {
  let face: FT_Face
  private let library: FT_Library

  /// Opens the first face of a file; nil if there is none.
  init?(_ path: String) {
    var library: FT_Library?
    guard access(path, R_OK) == 0, freetype.Init_FreeType(&library) == 0, let library else {
      return nil
    }
    var face: FT_Face?
    guard freetype.New_Face(library, path, 0, &face) == 0, let face else {
      _ = freetype.Done_FreeType(library)
      return nil
    }
    self.library = library
    self.face = face
  }

  deinit {
    _ = freetype.Done_Face(face)
    _ = freetype.Done_FreeType(library)
  }
}

/// The characters that fontconfig says a font has.
private final class CharacterSet {
  private let set: OpaquePointer

  init(_ set: OpaquePointer) { self.set = set }

  deinit { fontconfig.CharSetDestroy(set) }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    fontconfig.CharSetHasChar(set, scalar.value) != 0
  }
}
