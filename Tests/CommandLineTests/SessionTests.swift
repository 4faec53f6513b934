import Foundation
import Testing

/// Sessions at the shell, as text: `Fixtures/sessions/*.txt`.
///
/// A session is a line `== what it shows`, files to have (`file NAME` and its lines after `| `), a
/// command after `$ `, what it must print (`> ` on standard output, `! ` on standard error), `exit N`
/// if N is not 0, and `leaves NAME …` for the files that it must make; it may make no others.
@Suite struct SessionTests {
  @Test(arguments: try Session.all())
  func `the program does as the session shows`(session: Session) throws {
    let found = try session.played()
    #expect(found.text == session.text, "found:\n\(found.text)")
  }

  /// Rewrites the sessions with what the program does now, and fails, so that nobody forgets.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"))
  func `record`() throws {
    for file in Session.files {
      let played = try Session.read(file).map { try $0.played().text }
      let url = Sandbox.repository.appendingPathComponent("Tests/CommandLineTests/Fixtures/\(file)")
      try Data(played.joined(separator: "\n").utf8).write(to: url)
    }
    Issue.record("sessions recorded; read the difference before you commit it")
  }
}

struct Session: Sendable, CustomTestStringConvertible {
  static let files = [
    "sessions/train.txt", "sessions/errors.txt", "sessions/plot.txt", "sessions/graph.txt",
    "sessions/tables.txt", "sessions/formula.txt", "sessions/options.txt",
    "sessions/models.txt", "sessions/logs.txt", "sessions/data.txt", "sessions/hints.txt",
    "sessions/show.txt", "sessions/limits.txt", "sessions/numbers.txt", "sessions/keep.txt",
    "sessions/predict.txt", "sessions/eval.txt", "sessions/export.txt", "sessions/fit.txt",
    "sessions/check.txt", "sessions/sweep.txt",
  ]

  var title: String
  var given: [(name: String, lines: [String])] = []
  var command = ""
  var output: [String] = []
  var errors: [String] = []
  var status: Int32 = 0
  var leaves: [String] = []

  var testDescription: String { title }

  static func all() throws -> [Session] { try files.flatMap(read) }

  static func read(_ file: String) throws -> [Session] {
    var sessions: [Session] = []
    for line in String(decoding: try Sandbox.fixture(file), as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix("== ") {
        sessions.append(Session(title: String(line.dropFirst(3))))
        continue
      }
      guard var session = sessions.popLast() else {
        Issue.record("a session begins with ==, not with '\(line)'")
        return []
      }
      defer { sessions.append(session) }
      let rest = String(line.dropFirst(2))
      switch line.prefix(2) {
      case "fi": session.given.append((String(line.dropFirst(5)), []))
      case "| ", "|": session.given[session.given.count - 1].lines.append(rest)
      case "$ ": session.command = rest
      case "> ", ">": session.output.append(rest)
      case "! ", "!": session.errors.append(rest)
      case "ex": session.status = try #require(Int32(line.dropFirst(5)))
      case "le": session.leaves = line.dropFirst(7).split(separator: " ").map(String.init)
      default: Issue.record("no session has a line '\(line)'")
      }
    }
    return sessions
  }

  /// The session with what the program really does.
  func played() throws -> Session {
    let sandbox = try Sandbox()
    for (name, lines) in given {
      try sandbox.write(lines.map { $0 + "\n" }.joined(), to: name)
    }
    let result = try sandbox.run(command)
    var played = self
    func lines(_ text: String) -> [String] {
      var lines = text.components(separatedBy: "\n")
      if lines.last == "" { lines.removeLast() }
      return lines
    }
    played.output = lines(result.text)
    played.errors = lines(result.errors)
    played.status = result.status
    let names = given.map(\.name)
    played.leaves = try sandbox.files().filter { !names.contains($0) }
    return played
  }

  /// The session as its file has it.
  var text: String {
    var lines = ["== " + title]
    for (name, content) in given { lines += ["file \(name)"] + content.map { "| " + $0 } }
    lines += ["$ " + command]
    lines += output.map { "> " + $0 } + errors.map { "! " + $0 }
    if status != 0 { lines.append("exit \(status)") }
    if !leaves.isEmpty { lines.append("leaves " + leaves.joined(separator: " ")) }
    return lines.joined(separator: "\n") + "\n"
  }
}
