import Testing

@testable import Plotting

@Suite struct DrawingLibrariesTests {
  @Test func `a library that is missing is named, with what to install`() {
    #expect {
      try DrawingLibraries(from: "libnone.so.9")
    } throws: { error in
      let text = "\(error)"
      return text.hasPrefix("pictures are drawn by cairo, which cannot be loaded (libnone.so.9: ")
        && text.hasSuffix("); install libcairo2")
    }
  }

  @Test func `a library without a function is named, with the function`() {
    #expect(throws: PlotError(.libraryMissing("libm.so.6 has no function cairo_arc"))) {
      try DrawingLibraries(from: "libm.so.6")
    }
  }

  @Test func `the libraries that draw are found`() throws {
    _ = try DrawingLibraries.loaded.get()
  }
}
