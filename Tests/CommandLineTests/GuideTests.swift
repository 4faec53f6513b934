import Foundation
import Testing

/// The Swift code of the guides, compiled against the libraries that this build has made.
@Suite(.enabled(if: Compiler.isThere, "there is no swiftc beside the built libraries"))
struct GuideTests {
  @Test func `the first package is valid and prints what its guide says`() throws {
    let article = try Article("Sources/Training/Training.docc/FirstPackage.md")
    let code = article.blocks(of: "swift")
    try #require(code.count == 2)
    let sandbox = try Sandbox()
    try sandbox.addSamples()
    try sandbox.write(code[0], to: "Package.swift")
    try sandbox.write(code[1], to: "main.swift")

    let manifest = try sandbox.run("swift package dump-package")
    #expect(manifest.status == 0, "\(manifest)")
    let wanted = code[1].split(separator: "\n").filter { $0.hasPrefix("import ") }
    for module in wanted.map({ $0.dropFirst("import ".count) }) {
      #expect(manifest.text.contains("\"\(module)\""), "Package.swift names \(module)")
    }

    let program = try sandbox.run(
      "\(Compiler.command) main.swift -o cars \(Compiler.objects) -lm -ldl && mv samples/cars.csv . && ./cars"
    )
    #expect(program.text == article.blocks(of: "text").first, "\(program)")
    #expect(program.status == 0, "\(program)")
  }

  @Test func `every Swift example of the guides compiles`() throws {
    var functions: [String] = []
    for path in try Article.all() {
      for code in try Article(path).blocks(of: "swift") where !code.contains("PackageDescription") {
        let lines = code.split(separator: "\n").filter { !$0.hasPrefix("import ") }
        functions.append(
          "// \(path)\nfunc example\(functions.count)() throws {\n\(lines.joined(separator: "\n"))\n}"
        )
      }
    }
    #expect(functions.count >= 8)
    let sandbox = try Sandbox()
    let imports = Article.modules.map { "import \($0)" }
    try sandbox.write((imports + functions).joined(separator: "\n"), to: "examples.swift")
    let cairo = Sandbox.repository.appending(path: "Sources/CCairo/module.modulemap").path
    let result = try sandbox.run(
      "\(Compiler.command) -Xcc -fmodule-map-file='\(cairo)' "
        + "$(pkg-config --cflags cairo fontconfig freetype2 | sed 's/[^ ]\\+/-Xcc &/g') "
        + "-parse-as-library -typecheck examples.swift")
    #expect(result.status == 0, "\(result)")
  }
}

/// A guide of the documentation.
private struct Article {
  static let modules = [
    "Autograd", "Formula", "Tables", "Models", "Training", "Fitting", "Plotting",
  ]

  let text: String

  /// The paths of all guides in the repository.
  static func all() throws -> [String] {
    try modules.flatMap { module in
      let folder = "Sources/\(module)/\(module).docc"
      return try FileManager.default.contentsOfDirectory(
        atPath: Sandbox.repository.appending(path: folder).path
      ).filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
    }
  }

  init(_ path: String) throws {
    text = try String(contentsOf: Sandbox.repository.appending(path: path), encoding: .utf8)
  }

  /// The code blocks of a language, in order.
  func blocks(of language: String) -> [String] {
    text.components(separatedBy: "```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }
}

/// How code outside this package is compiled with its libraries.
private enum Compiler {
  private static let cModules = [
    "CKernels", "CThreads", "CMapping", "CDecimal", "CChecksum", "CMPI",
  ]
  private static let folder = Sandbox.products.path

  static var isThere: Bool {
    FileManager.default.fileExists(atPath: "\(folder)/Modules/Training.swiftmodule")
      && (try? Sandbox().run("swiftc --version").status) == 0
  }

  static let command =
    (["swiftc -swift-version 6 -I '\(folder)/Modules'"]
    + cModules.map { "-Xcc -fmodule-map-file='\(folder)/\($0).build/module.modulemap'" })
    .joined(separator: " ")

  /// The object files of the libraries that training needs.
  static let objects =
    (["Training", "Models", "Formula", "Autograd", "Tables", "Ranks"] + cModules)
    .map { "$(find '\(folder)/\($0).build' -name '*.o')" }.joined(separator: " ")
}
