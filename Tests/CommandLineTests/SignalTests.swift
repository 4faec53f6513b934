import Foundation
import Glibc
import Testing

/// Ctrl-C, SIGTERM and SIGHUP: one ends a run in order, a second ends it at once, and none is ever waited out.
@Suite struct SignalTests {
  /// A run that ends only when it is told to, with an output of each kind beside its log.
  private static let endless = """
    exec backprop train --epochs 100000000 --save m.st --checkpoint c.st --metrics m.json --plot loss.svg
    """
  /// What that run leaves.
  private static let files = ["c.st", "loss.svg", "m.json", "m.st"]

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
    #expect(try run.end() == .killed(signal: SIGINT), "\(run.screen)")
    #expect(["", "^C"].contains(run.screen.text), "\(run.screen)")
    #expect(try rows(of: "loss.csv", in: sandbox) > 0)
    #expect(try sandbox.files() == ["loss.csv", "loss.svg"])
  }

  @Test func `Ctrl-C ends the shell's loop as well`() throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(
      "for i in 1 2 3; do backprop train --epochs 100000000 --csv $i.csv; done", in: sandbox)
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    run.type("\u{3}")
    #expect(try run.end() == .killed(signal: SIGINT), "\(run.screen)")
    #expect(try sandbox.files() == ["1.csv"])
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal ends a run with everything written`(signal: Int32) throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(Self.endless + " --csv loss.csv", in: sandbox)
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    kill(run.process, signal)
    #expect(try run.end() == .killed(signal: signal), "\(run.screen)")
    #expect(try rows(of: "loss.csv", in: sandbox) > 0)
    #expect(try sandbox.files() == (Self.files + ["loss.csv"]).sorted())
    #expect(run.screen.text == "", "\(run.screen)")
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal ends a run within a long epoch`(signal: Int32) throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "x,y\n" + (0..<200_000).map { "\($0 % 7),\($0 % 5)\n" }.joined(), to: "d.csv")
    let run = try PseudoTerminal(
      "exec backprop train --data d.csv --model 'inputs |> dense(2000) |> tanh |> dense(1)' "
        + "--lr 0.0001 --epochs 1 --epoch-loss mean --csv loss.csv", in: sandbox)
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    kill(run.process, signal)
    #expect(try run.end() == .killed(signal: signal), "\(run.screen)")
    #expect(try sandbox.read("loss.csv") == Data("epoch,loss\n".utf8))
  }

  @Test(arguments: [(SIGINT, SIGINT), (SIGTERM, SIGTERM), (SIGINT, SIGTERM), (SIGHUP, SIGINT)])
  func `a second signal ends a run at once, in the middle of its step`(
    first: Int32, second: Int32
  ) throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "x,y\n" + (0..<200_000).map { "\($0 % 7),\($0 % 5)\n" }.joined(), to: "d.csv")
    // The first step takes more processor time than a run is given here.
    let run = try PseudoTerminal(
      "exec backprop train --data d.csv --lr 0.0001 --batch-size full --epochs 1 --csv loss.csv "
        + "--model 'inputs |> dense(2000) |> tanh |> dense(2000) |> tanh |> dense(1)' "
        + "--plot loss.png --plot loss.svg --save m.st --metrics m.json", in: sandbox)
    // Who has written the header listens to signals.
    try run.wait(for: "the header") { _ in (try? sandbox.read("loss.csv").isEmpty) == false }
    kill(run.process, first)
    try run.waitUntilHandled()
    #expect(run.state != "Z", "the first signal has ended it")
    kill(run.process, second)
    #expect(try run.end() == .killed(signal: second))
    #expect(try sandbox.files() == ["d.csv", "loss.csv"])
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
    // Two that come at once would count as one. The signal is sent before the character is shown.
    try run.wait(for: "^C") { _ in run.bytes.contains(UInt8(ascii: "^")) }
    try run.waitUntilHandled()
    run.type("\u{3}")
    #expect(try run.end() == .killed(signal: SIGINT))
    #expect(!run.screen.text.contains("epoch"), "\(run.screen)")
  }

  @Test func `a signal sent to a run and to its group at once is one`() throws {
    for _ in 0..<20 {
      let sandbox = try Sandbox()
      let run = try PseudoTerminal(Self.endless + " --csv loss.csv", in: sandbox)
      try run.wait(for: "rows") { _ in ((try? sandbox.read("loss.csv").count) ?? 0) > 100 }
      let clock = ContinuousClock()
      let start = clock.now
      kill(run.process, SIGTERM)
      kill(-run.process, SIGTERM)
      // On a machine so busy, they were two.
      if clock.now - start > .milliseconds(50) { continue }
      #expect(try run.end() == .killed(signal: SIGTERM), "\(run.screen)")
      #expect(try sandbox.files() == (Self.files + ["loss.csv"]).sorted())
    }
  }

  @Test func `a signal that is ignored from the start stays so`() throws {
    for (name, signal) in [("INT", SIGINT), ("HUP", SIGHUP)] {
      let run = try PseudoTerminal(
        "trap '' \(name); exec backprop train --epochs 100000000 --csv loss.csv", in: try Sandbox())
      try run.wait(for: "a bar") { !$0.drawings.isEmpty }
      kill(run.process, signal)
      let count = run.screen.drawings.count
      try run.wait(for: "more bars") { $0.drawings.count > count + 3 }
      kill(run.process, SIGTERM)
      #expect(try run.end() == .killed(signal: SIGTERM), "\(run.screen)")
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a signal ends a run whose log takes no more, with everything else written`(
    signal: Int32
  ) throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(
      "mkfifo pipe; exec 3<> pipe; \(Self.endless) > pipe", in: sandbox)
    try waitUntilBlocked(run)
    kill(run.process, signal)
    #expect(try run.end() == .killed(signal: signal), "\(run.screen)")
    #expect(run.screen.text == "backprop: gave up on standard output: it accepts no data")
    #expect(try sandbox.files() == (Self.files + ["pipe"]).sorted())
  }

  /// Where a run waits for the other end of a pipe, and the files that it leaves beside it.
  private static let waits: [(flags: String, files: [String])] = [
    ("--data pipe --target y", []), ("--resume pipe", []), ("--init pipe", []),
    ("--csv pipe --save m.st", []), ("--trace pipe --save m.st", []),
    ("--save pipe --checkpoint c.st", ["c.st", "loss.csv"]),
    ("--metrics pipe --save m.st --checkpoint c.st", ["c.st", "loss.csv", "m.st"]),
    ("--plot pipe --plot-format svg --save m.st --checkpoint c.st", ["c.st", "loss.csv", "m.st"]),
  ]

  @Test(arguments: waits, [SIGINT, SIGTERM])
  func `a signal ends a run that waits for the other end of a pipe`(
    wait: (flags: String, files: [String]), signal: Int32
  ) throws {
    let sandbox = try Sandbox()
    let csv = wait.flags.hasPrefix("--csv") ? "" : "--csv loss.csv"
    let run = try PseudoTerminal(
      "mkfifo pipe; exec backprop train \(csv) \(wait.flags)", in: sandbox)
    // Who has written the header listens to signals, and writes what it has whenever one comes.
    try run.wait(for: "sleep") { _ in
      run.command == "backprop" && run.state == "S"
        && (!wait.files.contains("loss.csv") || (try? sandbox.read("loss.csv").isEmpty) == false)
    }
    kill(run.process, signal)
    #expect(try run.end() == .killed(signal: signal), "\(run.screen)")
    #expect(try sandbox.files() == (wait.files + ["pipe"]).sorted())
  }

  @Test func `a terminal that Ctrl-S has stopped holds nothing up`() throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(
      "exec backprop train --epochs 100000000 --csv loss.csv --save m.st", in: sandbox)
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    run.type("\u{13}")
    let size = try sandbox.read("loss.csv").count
    try run.wait(for: "many more rows") { _ in
      (try? sandbox.read("loss.csv").count).map { $0 > size + 10_000_000 } ?? false
    }
    kill(run.process, SIGTERM)
    #expect(try run.end() == .killed(signal: SIGTERM), "\(run.screen)")
    #expect(try sandbox.files() == ["loss.csv", "m.st"])
  }

  /// Waits until the program sleeps in front of a full pipe.
  private func waitUntilBlocked(_ run: PseudoTerminal) throws {
    let path = run.sandbox.folder.appendingPathComponent("pipe").path
    try run.wait(for: "a full pipe") { _ in
      let pipe = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      defer { if pipe >= 0 { close(pipe) } }
      return pipe >= 0 && !hasRoom(pipe) && run.state == "S"
    }
  }
}
