import Foundation
import Glibc
import Models
import Testing

/// What is too much for anybody: settings without end, and formulas too deep for a small stack.
@Suite struct LimitsTests {
  @Test(arguments: [
    ("(", "x", ")"), ("2^", "x", ""), ("--", "x", ""), ("x ? 1 : ", "x", ""), ("sin(", "x", ")"),
    ("x |> maximum(", "x", ")"), ("1 + (2*", "x", ")"),
  ])
  func `a formula that nests too deep for the stack is an error at its place`(
    opening: String, core: String, closing: String
  ) throws {
    let sandbox = try Sandbox()
    var deepest = 0
    for count in [1, 4, 16, 40, 80, 120, 160, 190] {
      let formula =
        String(repeating: opening, count: count) + core + String(repeating: closing, count: count)
      let result = try sandbox.run("ulimit -s 256; backprop formula -- '\(formula)'")
      if result.status == 0 {
        deepest = count
      } else {
        #expect(result.status == 64, "\(result)")
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 3, "\(result)")
        #expect(
          lines[0].contains("that the stack has room for; 'ulimit -s' sets its size")
            || lines[0].contains("nests deeper than 200 levels"), "\(result)")
      }
    }
    #expect(deepest >= 4)
    // With the usual stack only the usual limit counts.
    let deep = String(repeating: opening, count: 90) + core + String(repeating: closing, count: 90)
    #expect(try sandbox.run("ulimit -s 8192; backprop formula -- '\(deep)'").status == 0)
  }

  @Test func `a search of lines without end hears a signal, and leaves what it has reached`() throws
  {
    let sandbox = try Sandbox()
    try sandbox.write(
      "x,y\n" + (0..<20).map { "\($0),\(60 / ($0 + 1) + $0 * $0 % 3)\n" }.joined(), to: "d.csv")
    let flags =
      "--data d.csv --model 'a*exp(-b*x)+c' --optimizer lbfgs --batch-size full "
      + "--max-iter \(Int.max) --max-eval \(Int.max) --tolerance-grad 0 --tolerance-change 0"
    let run = try PseudoTerminal(
      "exec backprop train \(flags) --epochs 3 --csv a.csv --save a.st --checkpoint c.st",
      in: sandbox)
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    kill(run.process, SIGINT)
    #expect(try run.end() == .killed(signal: SIGINT), "\(run.screen)")
    #expect(try sandbox.read("a.csv") == Data("epoch,loss\n".utf8))
    let model = try Safetensors(reading: Array(sandbox.read("a.st")))
    let checkpoint = try Safetensors(reading: Array(sandbox.read("c.st")))
    #expect(checkpoint.tensors["a"]?.floats == [1])
    #expect(model.tensors["a"]?.floats != [1])
    // The step was not done, so that a run that goes on begins with it.
    let again = try PseudoTerminal(
      "exec backprop train \(flags) --epochs 3 --csv b.csv --resume c.st --checkpoint d.st",
      in: sandbox)
    try again.wait(for: "a bar") { !$0.drawings.isEmpty }
    kill(again.process, SIGTERM)
    #expect(try again.end() == .killed(signal: SIGTERM), "\(again.screen)")
    #expect(try sandbox.read("c.st") == sandbox.read("d.st"))
  }

  @Test(arguments: [
    "--batch-size", "--patience", "--threads", "--checkpoint-every", "--optimizer lbfgs --max-iter",
    "--optimizer lbfgs --max-eval", "--optimizer lbfgs --history-size",
    "--schedule step --step-size", "--schedule multistep --milestones", "--schedule cosine --t-max",
    "--schedule warm-restarts --t-0", "--schedule warm-restarts --t-0 1 --t-mult",
    "--schedule constant --total-iters", "--schedule linear --total-iters",
    "--schedule polynomial --total-iters", "--schedule one-cycle --max-lr 1 --total-steps",
    "--schedule cyclic --max-lr 1 --step-size-up", "--schedule cyclic --max-lr 1 --step-size-down",
    "--schedule plateau --plateau-patience", "--schedule plateau --cooldown",
  ])
  func `the largest number is a number like any other`(flag: String) throws {
    let sandbox = try Sandbox()
    for number in [Int.max, Int.max - 1, Int.max / 2 + 1] {
      let result = try sandbox.run(
        "backprop train --epochs 3 --validation 0.3 --checkpoint c.st \(flag) \(number) "
          + "&& backprop train --epochs 6 --validation 0.3 --resume c.st \(flag) \(number) "
          + "--checkpoint d.st --metrics m.json")
      #expect(result.status == 0, "\(result)")
    }
  }

  @Test func `as many epochs as can be counted end by a signal alone`() throws {
    let sandbox = try Sandbox()
    for flags in [
      "", "--schedule cosine", "--schedule one-cycle --max-lr 0.01", "--warmup \(Int.max - 1)",
    ] {
      let result = try sandbox.run(
        "backprop train --epochs \(Int.max) \(flags) | head -n 3; echo ${PIPESTATUS[0]}")
      #expect(result.text.hasSuffix("\n141\n") && result.errors == "", "\(result)")
    }
  }
}
