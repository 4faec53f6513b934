import Foundation
import Testing

/// What the program loads: cairo, which brings along eighteen more libraries, only if it draws.
@Suite struct LoadedLibrariesTests {
  @Test(arguments: [
    ("--version", false), ("train --help", false), ("train --epochs 2", false),
    ("train --epochs 2 --plot-preview", false), ("train --epochs 2 | backprop plot -", false),
    ("graph --model 'w*x' --output graph.dot", false),
    ("graph --model 'w*x' --output graph.svg", true), ("train --plot loss.png", true),
  ])
  func `cairo is loaded by what draws`(arguments: String, isLoaded: Bool) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run("export LD_DEBUG=libs; backprop \(arguments)")
    #expect(result.status == 0, "\(result)")
    #expect(result.errors.contains("libc.so.6"), "the loader tells what it loads")
    #expect(result.errors.contains("libcairo.so.2") == isLoaded)
  }

  /// Each of these would be more than half a megabyte of the release, where an operation of a few lines does.
  @Test(.enabled(if: (try? Sandbox().run("command -v nm").status) == 0))
  func `the program calls no library of Swift that is large`() throws {
    let result = try Sandbox().run(
      "nm -D --undefined-only '\(Sandbox.products.appendingPathComponent("backprop").path)'")
    #expect(result.status == 0 && result.text.contains("swift_allocObject"), "\(result)")
    let libraries = [
      ("Foundation", "Foundation"),
      ("17_StringProcessing", "regular expressions and searching text"),
      ("swift_task_", "concurrency"), ("$sScM", "the main actor"),
    ]
    let lines = result.text.split(separator: "\n")
    for (mark, library) in libraries {
      #expect(lines.filter { $0.contains(mark) } == [], "\(library)")
    }
  }
}
