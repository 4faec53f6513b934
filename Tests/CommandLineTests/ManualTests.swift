import Flags
import Foundation
import Testing

@testable import backprop

/// The manual pages that the program prints.
@Suite struct ManualTests {
  static var commands: [any Command.Type] { Backprop.commands }

  /// The source of a page.
  private func source(_ page: String) throws -> String {
    try #require(Backprop.manual.source(of: page))
  }

  /// A page's source in which characters stand for themselves.
  private func plain(_ page: String) throws -> String {
    let escapes = [
      ("\\-", "-"), ("\\(aq", "'"), ("\\(ga", "`"), ("\\(ha", "^"), ("\\(ti", "~"), ("\\(dq", "\""),
      ("\\&", ""), ("\\fB", ""), ("\\fI", ""), ("\\fR", ""), ("\\:", ""), ("\\e", "\\"),
    ]
    let text = try escapes.reduce(source(page)) { $0.replacing($1.0, with: $1.1) }
    return text.replacing(/\\\[u([0-9A-F]{4,6})\]/) { match in
      UInt32(match.1, radix: 16).flatMap(Unicode.Scalar.init).map(String.init) ?? "?"
    }
  }

  /// The lines of the commands among examples, as the help has them.
  private func examples(of discussion: String) -> [String] {
    let lines = discussion.split(separator: "\n").drop { $0 != "EXAMPLES:" }.dropFirst()
      .prefix { $0.hasPrefix("  ") }
    return lines.filter { $0.hasPrefix("  $ ") || $0.hasPrefix("    ") }
      .map { String($0.dropFirst(4)) }
  }

  /// The lines between `.EX` and `.EE` in the section EXAMPLES of a page.
  private func examples(onPage page: String) throws -> [String] {
    let sections = try plain(page).components(separatedBy: "\n.SH ")
    let section = try #require(sections.first { $0.hasPrefix("EXAMPLES\n") })
    return section.components(separatedBy: ".EX\n").dropFirst()
      .flatMap { $0.components(separatedBy: ".EE\n")[0].split(separator: "\n").map(String.init) }
  }

  @Test func `the program and each of its subcommands have a page`() throws {
    let pages = ["backprop"] + Self.commands.map { "backprop-\($0.name)" }
    #expect(Backprop.manual.pages == pages)
    for page in pages {
      let name = page.replacing("-", with: "\\-")
      #expect(try source(page).hasPrefix(".TH \(name.uppercased()) 1 \"\" \"backprop "))
      #expect(try source(page).contains("\n.SH NAME\n\(name) \\- "))
    }
  }

  @Test(arguments: commands.indices)
  func `a page has every flag of its subcommand, with its value and its help`(index: Int) throws {
    try checkFlags(Self.commands[index])
  }

  private func checkFlags<Checked: Command>(_ command: Checked.Type) throws {
    let page = try plain("backprop-\(command.name)")
    for section in command.sections {
      #expect(page.contains("\n.SS \(section.title)\n"))
      for flag in section.flags {
        let usage = flag.usage.filter { !"<>".contains($0) }
        let short = flag.short.map { "-\($0), " } ?? ""
        let parts = page.components(separatedBy: "\n.TP\n\(short)\(usage)\n")
        #expect(parts.count == 2, "\(command.name) \(flag.name)")
        let text = parts.last?.split(separator: "\n").joined(separator: " ") ?? ""
        let help = flag.help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.hasPrefix(help), "\(command.name) \(flag.name): \(text.prefix(300))")
      }
    }
  }

  @Test func `the examples are those of the help`() throws {
    let help = examples(of: Backprop.examples)
    #expect(help.count == 4)
    #expect(try examples(onPage: "backprop") == help)
    for command in Self.commands {
      let help = examples(of: command.discussion)
      #expect(!help.isEmpty)
      #expect(try examples(onPage: "backprop-\(command.name)") == help)
    }
  }

  @Test(arguments: Backprop.manual.pages)
  func `a page has every exit code, and names every other page`(page: String) throws {
    let text = try plain(page)
    for code in ExitStatus.allCases.map(\.rawValue) + ExitStatus.signals.map(\.code) {
      #expect(text.contains("\n.TP\n\(code)\n"))
    }
    for other in Backprop.manual.pages where other != page {
      #expect(text.contains("\n.BR \(other) (1)"))
    }
  }

  @Test func `every variable of the environment that the program reads is in the manual`() throws {
    let text = try plain("backprop")
    let sources = Sandbox.repository.appendingPathComponent("Sources")
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var names: Set<String> = []
    for case let file as URL in files where ["swift", "c"].contains(file.pathExtension) {
      let pieces = try String(contentsOf: file, encoding: .utf8).components(
        separatedBy: "getenv(\"")
      names.formUnion(pieces.dropFirst().map { $0.components(separatedBy: "\"")[0] })
    }
    #expect(names.contains("BACKPROP_SIMD") && names.contains("OMPI_COMM_WORLD_SIZE"))
    for name in names { #expect(text.contains(name), "\(name)") }
  }

  @Test(.enabled(if: has("groff")), arguments: Backprop.manual.pages)
  func `groff sets a page without a warning, and its commands as they are typed`(page: String)
    throws
  {
    let sandbox = try Sandbox()
    try sandbox.write(source(page), to: "page.1")
    let examples = try examples(onPage: page)
    for columns in [60, 100] {
      let result = try sandbox.run("groff -man -ww -Tutf8 -P-cbou -rLL=\(columns)n page.1")
      #expect(result.status == 0 && result.errors == "", "\(result)")
      for line in examples { #expect(result.text.contains("    \(line)\n"), "\(line)") }
    }
  }

  @Test(.enabled(if: has("mandoc")), arguments: Backprop.manual.pages)
  func `mandoc has no complaint but of the date that is left out`(page: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write(source(page), to: "page.1")
    let result = try sandbox.run("mandoc -T lint -W warning page.1")
    let complaints = result.text.split(separator: "\n").filter { !$0.contains("missing date") }
    #expect(complaints == [], "\(result)")
  }

  /// Whether a command is on the path.
  private static func has(_ command: String) -> Bool {
    (try? Sandbox().run("command -v \(command)").status) == 0
  }
}
