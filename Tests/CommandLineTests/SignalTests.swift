import Foundation
import Glibc
import Testing

/// Ctrl-C and SIGTERM: one ends a run in order, a second ends it at once.
@Suite struct SignalTests {
  /// The rows of the log that a run has left, each complete.
  private func rows(of name: String, in sandbox: Sandbox) throws -> Int {
    let text = String(decoding: try sandbox.read(name), as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.removeLast() == "" && lines.first == "epoch,loss", "\(text.suffix(100))")
    for (epoch, line) in lines.dropFirst().enumerated() {
      let fields = line.split(separator: ",")
      let isRow = fields.count == 2 && fields[0] == "\(epoch)" && Double(fields[1]) != nil
      if !isRow {
        Issue.record("row \(epoch) is '\(line)'")
        break
      }
    }
    return lines.count - 1
  }

  @Test func `Ctrl-C ends a run after its step, with its rows and its picture`() throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(
      "exec backprop train --epochs 100000000 --csv loss.csv --plot loss.svg", in: sandbox,
      streams: [.input, .output, .error])
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    run.type("\u{3}")
    #expect(try run.end() == .exited(130), "\(run.screen)")
    #expect(["", "^C"].contains(run.screen.text), "\(run.screen)")
    #expect(try rows(of: "loss.csv", in: sandbox) > 0)
    #expect(try sandbox.files() == ["loss.csv", "loss.svg"])
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal ends a run within a long epoch`(signal: Int32) throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "x,y\n" + (0..<200_000).map { "\($0 % 7),\($0 % 5)\n" }.joined(), to: "d.csv")
    let run = try PseudoTerminal(
      "exec backprop train --data d.csv --model 'inputs |> dense(2000) |> tanh |> dense(1)' "
        + "--lr 0.0001 --epochs 1 --csv loss.csv", in: sandbox)
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    kill(run.process, signal)
    #expect(try run.end() == .exited(128 + signal), "\(run.screen)")
    #expect(try sandbox.read("loss.csv") == Data("epoch,loss\n".utf8))
  }

  @Test(arguments: [SIGINT, SIGTERM], [SIGINT, SIGTERM])
  func `a second signal ends a run at once that can write no more`(
    first: Int32, second: Int32
  ) throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(
      "mkfifo pipe; exec 3<> pipe; exec backprop train --epochs 100000000 "
        + "--plot loss.png --plot loss.svg --save m.st --metrics m.json > pipe",
      in: sandbox)
    try waitUntilBlocked(run)
    kill(run.process, first)
    // More than two are as good as two, and two that come at once count as one.
    #expect(try run.end(repeating: { kill(run.process, second) }) == .killed(signal: second))
    #expect(try sandbox.files() == ["pipe"])
    #expect(run.screen.text == "", "\(run.screen)")
  }

  @Test func `a second Ctrl-C takes the bar away as well`() throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(
      """
      mkfifo pipe; exec 3<> pipe
      (while [ ! -e enough ]; do head -c 1000; done) < pipe > /dev/null &
      exec backprop train --epochs 100000000 > pipe
      """, in: sandbox)
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    try sandbox.write("", to: "enough")
    try waitUntilBlocked(run)
    run.type("\u{3}")
    // More than two are as good as two, and two that come at once count as one.
    #expect(try run.end(repeating: { run.type("\u{3}") }) == .killed(signal: SIGINT))
    #expect(!run.screen.text.contains("epoch"), "\(run.screen)")
  }

  @Test func `a signal that is ignored from the start stays so`() throws {
    let run = try PseudoTerminal(
      "trap '' INT; exec backprop train --epochs 100000000 --csv loss.csv", in: try Sandbox())
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    run.type("\u{3}")
    let count = run.screen.drawings.count
    try run.wait(for: "more bars") { $0.drawings.count > count + 3 }
    kill(run.process, SIGTERM)
    #expect(try run.end() == .exited(143), "\(run.screen)")
  }

  /// Waits until the program sleeps in front of a pipe that is as good as full.
  private func waitUntilBlocked(_ run: PseudoTerminal) throws {
    let path = run.sandbox.folder.appendingPathComponent("pipe").path
    let deadline = Date(timeIntervalSinceNow: 120)
    while Date() < deadline {
      usleep(10_000)
      let pipe = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
      defer { if pipe >= 0 { close(pipe) } }
      var count: Int32 = 0
      if pipe >= 0, ioctl(pipe, UInt(FIONREAD), &count) == 0, count > 32_768, run.state == "S" {
        return
      }
    }
    throw run.failure("waited too long for a full pipe")
  }
}
