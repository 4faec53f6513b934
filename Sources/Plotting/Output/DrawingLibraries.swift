internal import CCairo
internal import Glibc

/// cairo, and with it fontconfig and FreeType: what draws pictures and knows fonts.
///
/// A process that draws nothing never loads them. A ``FontBook`` loads them first of all, so that
/// whoever has one can call the functions of ``cairo``, ``fontconfig`` and ``freetype``.
struct DrawingLibraries {
  /// The result of loading them, which happens once.
  static let loaded = Result { () throws(PlotError) in try DrawingLibraries(from: "libcairo.so.2") }

  fileprivate let cairo: CairoFunctions
  fileprivate let fontconfig: FontconfigFunctions
  fileprivate let freetype: FreeTypeFunctions

  /// Loads the library of that name, which brings along the other two.
  init(from name: String) throws(PlotError) {
    guard let library = dlopen(name, RTLD_LAZY) else {
      throw PlotError(.libraryMissing(dlerror().map { String(cString: $0) } ?? name))
    }
    func functions<Table>(
      _ find: (UnsafeMutablePointer<Table>, UnsafeMutableRawPointer) -> UnsafePointer<CChar>?
    ) throws(PlotError) -> Table {
      let table = UnsafeMutablePointer<Table>.allocate(capacity: 1)
      defer { table.deallocate() }
      if let lacking = find(table, library) {
        throw PlotError(.libraryMissing("\(name) has no function \(String(cString: lacking))"))
      }
      return table.pointee
    }
    cairo = try functions(ccairo_find_cairo)
    fontconfig = try functions(ccairo_find_fontconfig)
    freetype = try functions(ccairo_find_freetype)
  }

  fileprivate static var ready: DrawingLibraries {
    guard case .success(let libraries) = loaded else {
      preconditionFailure("a font book is made before anything is drawn")
    }
    return libraries
  }
}

/// cairo's functions, without their prefix `cairo_`.
let cairo = DrawingLibraries.ready.cairo
/// fontconfig's functions, without their prefix `Fc`.
let fontconfig = DrawingLibraries.ready.fontconfig
/// FreeType's functions, without their prefix `FT_`.
let freetype = DrawingLibraries.ready.freetype
