import Foundation
import Glibc
import Testing

/// Streams, devices, signals: what a shell does to a program.
@Suite struct StreamTests {
  @Test(arguments: [
    "backprop train", "backprop train --epochs 1000000", "backprop train --trace -",
  ])
  func `a closed pipe ends the run in silence`(command: String) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run("\(command) --plot p.png | head -1; echo ${PIPESTATUS[0]}")
    #expect(result.errors == "")
    let status = result.text.split(separator: "\n").last
    // A run that is over before the reader goes is done.
    let mayBeDone = !command.contains("1000000")
    #expect(status == "141" || mayBeDone && status == "0", "\(result)")
    if status == "141" { #expect(try sandbox.files() == []) }
  }

  @Test func `a full disk is an I/O error, and its device stays a device`() throws {
    let sandbox = try Sandbox()
    for flag in ["--csv", "--trace", "--plot-format png --plot"] {
      let result = try sandbox.run("backprop train \(flag) /dev/full > out")
      #expect(result.status == 74, "\(result)")
      #expect(result.errors == "backprop: cannot write /dev/full: No space left on device\n")
      #expect(try sandbox.run("test -c /dev/full").status == 0)
    }
    #expect(try sandbox.run("backprop train > /dev/full").status == 74)
    #expect(try sandbox.run("backprop --version > /dev/full").status == 74)
  }

  @Test func `a reader that goes away leaves what was trained`() throws {
    let sandbox = try Sandbox()
    let train = "backprop train --save m.st --checkpoint c.st"
    let run = try sandbox.run(
      """
      \(train) --epochs 100000000 --csv loss.csv --trace - --plot p.png --metrics m.json | head -1
      exit ${PIPESTATUS[0]}
      """)
    #expect(run.status == 141 && run.errors == "", "\(run)")
    #expect(try sandbox.files() == ["c.st", "loss.csv", "m.st"])
    // As many epochs as it has trained are a run that has nothing left to do.
    let again = try sandbox.run(
      """
      cp m.st first.st; cp c.st first.ckpt
      rows=$(($(wc -l < loss.csv) - 1))
      \(train) --epochs $((rows + 1)) --csv next.csv --resume c.st
      cmp -n $(stat -c %s loss.csv) loss.csv next.csv
      """)
    #expect(again.status == 0 && again.errors == "", "\(again)")
  }

  @Test func `a file that may not grow is an I/O error`() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run(
      "ulimit -f 8; env --default-signal=XFSZ backprop train --epochs 20000 --csv loss.csv")
    #expect(run.status == 74, "\(run)")
    #expect(run.errors == "backprop: cannot write loss.csv: File too large\n")
  }

  @Test func `a link is followed`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      "mkdir real && ln -s real/p.svg link.svg && backprop train --plot link.svg > /dev/null")
    #expect(result.status == 0, "\(result)")
    #expect(try sandbox.run("test -L link.svg && test -f real/p.svg && ls real").text == "p.svg\n")
  }

  @Test func `permissions of a picture are those of any new file`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      "umask 027; backprop train --plot p.svg > x.csv; stat -c %a p.svg x.csv")
    #expect(result.text == "640\n640\n")
  }

  @Test(arguments: [("INT", Int32(130)), ("TERM", 143)])
  func `a signal ends the run after its step, with its rows`(name: String, status: Int32) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      timeout --preserve-status --kill-after 20 --signal \(name) 1 \
        backprop train --epochs 100000000 --csv loss.csv --plot loss.svg
      """)
    #expect(result.status == status, "\(result)")
    #expect(result.errors == "")
    let lines = String(decoding: try sandbox.read("loss.csv"), as: UTF8.self)
    #expect(lines.hasPrefix("epoch,loss\n0,7.315943717956543\n") && lines.hasSuffix("\n"))
    #expect(try sandbox.files() == ["loss.csv", "loss.svg"])
  }

  @Test func `rows can be watched while the run goes on`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      backprop train --epochs 100000000 > loss.csv & pid=$!
      for wait in $(seq 300); do rows=$(wc -l < loss.csv); test $rows -gt 100 && break; sleep 0.1; done
      kill -KILL $pid; test $rows -gt 100
      """)
    #expect(result.status == 0, "\(result)")
  }

  @Test func `a stream that never waits gets every row, however late its reader`() throws {
    let sandbox = try Sandbox()
    let pipe = Pipe()
    let process = Process()
    process.executableURL = Sandbox.products.appendingPathComponent("backprop")
    process.arguments = ["train", "--epochs", "20000"]
    process.standardOutput = pipe
    let end = dup(pipe.fileHandleForWriting.fileDescriptor)
    #expect(end >= 0 && fcntl(end, F_SETFL, O_NONBLOCK) == 0)
    try process.run()
    // Nobody reads until the program has to wait.
    while process.isRunning, hasRoom(end) || state(of: process.processIdentifier) != "S" {
      usleep(10_000)
    }
    close(end)
    let rows = try pipe.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try rows == sandbox.run("backprop train --epochs 20000").output)
  }

  @Test(arguments: ["png", "svg", "pdf"])
  func `a picture goes to standard output when asked`(format: String) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      "backprop train --plot - --plot-format \(format) > a; backprop train --plot b.\(format) > c; cmp a b.\(format)"
    )
    #expect(result.status == 0, "\(result)")
    #expect(result.errors == "")
  }

  @Test func `every example of the help runs`() throws {
    let sandbox = try Sandbox()
    let samples = Sandbox.repository.appendingPathComponent("samples").path
    for subcommand in ["", "train", "fit", "check", "plot", "graph", "formula"] {
      let help = try sandbox.run("backprop \(subcommand) --help")
      #expect(help.status == 0)
      let text = help.text.replacingOccurrences(of: "\\\n", with: "")
      let examples = text.split(separator: "\n").compactMap { line in
        line.firstRange(of: "$ ").map { String(line[$0.upperBound...]) }
      }
      #expect(!examples.isEmpty)
      for example in examples {
        let result = try sandbox.run("ln -sfn '\(samples)' samples; set -o pipefail; \(example)")
        #expect(result.status == 0, "\(result)")
        #expect(result.errors == "", "\(result)")
      }
    }
  }
}
