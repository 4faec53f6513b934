import Foundation
import Plotting
import Testing

@testable import backprop

/// The line of the progress bar, as text.
@Suite struct ProgressLineTests {
  private let line = ProgressLine(
    done: 25.5, epochs: 100, loss: 0.123456, rowsPerSecond: 1_850_000, secondsLeft: 62.1)

  private func text(_ line: ProgressLine, columns: Int, isUnicode: Bool = false) -> String {
    line.text(in: Terminal(columns: columns, isUnicode: isUnicode))
  }

  @Test func `a wide terminal shows bar, epoch, loss, time left and speed`() {
    #expect(
      text(line, columns: 100)
        == "##########------------------------------  "
        + "epoch 26/100  loss 0.1235  1:03 left  1.85M rows/s")
  }

  @Test func `a narrow one leaves out what matters least, and never wraps`() {
    #expect(
      text(line, columns: 60) == "#####----------------  epoch 26/100  loss 0.1235  1:03 left")
    #expect(text(line, columns: 40) == "###---------  epoch 26/100  loss 0.1235")
    #expect(text(line, columns: 20) == "#----  epoch 26/100")
    for columns in 0...120 {
      #expect(text(line, columns: columns).count < max(1, columns) || columns == 0)
    }
  }

  @Test func `Unicode has lines for bars`() {
    #expect(text(line, columns: 30, isUnicode: true) == "━━━╌╌╌╌╌╌╌╌╌╌╌╌  epoch 26/100")
  }

  @Test func `what is not known yet is left out`() {
    let start = ProgressLine(done: 0, epochs: 3)
    #expect(text(start, columns: 80) == "----------------------------------------  epoch 1/3")
  }

  @Test func `the end is full`() {
    let end = ProgressLine(done: 3, epochs: 3, secondsLeft: 0)
    #expect(text(end, columns: 40) == "#################  epoch 3/3  0:00 left")
  }

  @Test(arguments: [
    (0.4, "0:01"), (59.5, "1:00"), (3599, "59:59"), (3600, "1:00:00"), (1e12, "99:59:59"),
  ])
  func `a time is minutes and seconds, or hours too`(seconds: Double, shown: String) {
    let line = ProgressLine(done: 0, epochs: 1, secondsLeft: seconds)
    #expect(text(line, columns: 40).hasSuffix("  \(shown) left"))
  }

  @Test(arguments: [
    (0.5, "0.5"), (999, "999"), (999.6, "1k"), (12_345, "12.3k"), (999_600, "1M"), (3e9, "3G"),
  ])
  func `a speed has three digits`(speed: Double, shown: String) {
    let line = ProgressLine(done: 0, epochs: 1, rowsPerSecond: speed)
    #expect(text(line, columns: 60).hasSuffix("  \(shown) rows/s"))
  }
}

/// The program with its standard error on a terminal.
@Suite struct ProgressTests {
  /// What a run wrote to a terminal of so many columns, with `stty` and `script` of Debian.
  private func run(
    _ command: String, columns: Int = 80, environment: [String: String] = [:]
  ) throws -> (result: Sandbox.Result, terminal: String, sandbox: Sandbox) {
    let sandbox = try Sandbox()
    let environment = ["TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": ""].merging(environment) {
      $1
    }
    try sandbox.write("stty cols \(columns)\n\(command)\n", to: "run.sh")
    let result = try sandbox.run(
      "script --quiet --return --flush --command 'bash run.sh' terminal > /dev/null",
      environment: environment)
    let lines = String(decoding: try sandbox.read("terminal"), as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    // The first and the last are script's own words.
    return (result, lines.dropFirst().joined(separator: "\n"), sandbox)
  }

  /// A run that takes long enough for a bar; `timeout` ends it.
  private let long = "timeout --preserve-status 2 backprop train --epochs 1000000000 --csv loss.csv"

  /// The bars that were drawn one over the other.
  private func bars(_ terminal: String) -> [Substring] {
    terminal.split(separator: "\r\u{1B}[K").filter { $0.contains("epoch ") }
  }

  @Test(arguments: [24, 40, 80, 200])
  func `a bar is drawn, fits the terminal and goes away`(columns: Int) throws {
    let (result, terminal, _) = try run(long, columns: columns, environment: ["NO_COLOR": "1"])
    #expect(result.status == 143, "\(result)")
    let bars = bars(terminal)
    #expect(bars.count > 1, "\(terminal)")
    for bar in bars {
      #expect(bar.prefix { $0 != "\r" }.count < columns)
      if columns >= 40 { #expect(bar.hasPrefix("╌"), "\(bar)") }
      if columns >= 80 { #expect(bar.contains("  loss "), "\(bar)") }
      if columns >= 200 { #expect(bar.contains(" rows/s"), "\(bar)") }
    }
    let end = terminal.components(separatedBy: "\r\u{1B}[K").last ?? ""
    #expect(!end.contains("epoch"), "\(terminal)")
  }

  @Test func `a bar moves within a long epoch`() throws {
    let rows = (0..<200_000).map { "\($0 % 7),\($0 % 5)\n" }.joined()
    let sandbox = try Sandbox()
    try sandbox.write("x,y\n" + rows, to: "data.csv")
    let (_, terminal, _) = try run(
      "timeout --preserve-status 4 backprop train --data \(sandbox.folder.path)/data.csv "
        + "--model 'tanh(w*x)' --batch-size 1 --optimizer adam --epochs 2 --csv loss.csv",
      columns: 60)
    #expect(bars(terminal).contains { $0.contains("epoch 1/2") && !$0.contains("loss") })
  }

  @Test func `no bar is drawn where nobody wants one`() throws {
    let (_, terminal, _) = try run(long + " --quiet")
    #expect(!terminal.contains("epoch"), "\(terminal)")
  }

  @Test func `no bar is drawn into a CSV on the terminal`() throws {
    let (_, terminal, _) = try run("timeout 1 backprop train --epochs 1000000000")
    #expect(terminal.hasPrefix("epoch,loss\r\n0,7.315943717956543\r\n"))
    #expect(!terminal.contains("\u{1B}"))
  }

  @Test func `a dumb terminal has no bar`() throws {
    let (_, terminal, _) = try run(
      "timeout 1 backprop train --epochs 1000000000 --csv loss.csv", environment: ["TERM": "dumb"])
    #expect(!terminal.contains("epoch"), "\(terminal)")
  }

  @Test func `colours are used unless NO_COLOR is set`() throws {
    #expect(try run(long).terminal.contains("\u{1B}[34m"))
    #expect(try !run(long, environment: ["NO_COLOR": "1"]).terminal.contains("\u{1B}[34m"))
  }

  @Test func `a message stands on a line of its own after a bar`() throws {
    // Each step makes the error 1.00002 times as large: after two million it overflows.
    let (_, terminal, _) = try run(
      "printf 'x,y\\n1,2\\n' | backprop train --data - --lr 1.00001 --epochs 1000000000 --csv loss.csv"
    )
    #expect(!bars(terminal).isEmpty)
    #expect(terminal.contains("\r\u{1B}[Kbackprop: diverged at epoch "), "\(terminal)")
  }

  @Test func `Ctrl-C at the terminal ends a run with its CSV`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      (for wait in $(seq 300); do [ -s loss.csv ] && [ $(wc -l < loss.csv) -gt 9 ] && break; sleep 0.1; done
      printf '\\003'; sleep 0.5) |
      script --quiet --return --command \
        'backprop train --epochs 1000000000 --csv loss.csv --save model.safetensors' /dev/null
      """)
    #expect(result.status == 130, "\(result)")
    let log = String(decoding: try sandbox.read("loss.csv"), as: UTF8.self)
    #expect(log.hasPrefix("epoch,loss\n0,7.315943717956543\n") && log.hasSuffix("\n"))
    #expect(try sandbox.files() == ["loss.csv", "model.safetensors"])
  }

  @Test func `a second signal ends a run that cannot write`() throws {
    let result = try Sandbox().run(
      """
      mkfifo pipe; exec 3<> pipe
      backprop train --epochs 1000000000 > pipe & pid=$!
      for wait in $(seq 300); do kill -TERM $pid 2> /dev/null || break; sleep 0.1; done
      wait $pid
      """)
    #expect(result.status == 143, "\(result)")
  }
}
