import Foundation
import Testing

/// Programs may be started without standard streams, whose descriptors then go to the first files they open.
@Suite struct ClosedStreamTests {
  private static let closings = [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&-", "<&- >&- 2>&-"]
  private static let files = ["c.st", "d.csv", "loss.csv", "loss.svg", "m.st", "trace.txt"]

  @Test(arguments: closings)
  func `no file gets what was meant for a stream`(closing: String) throws {
    let sandbox = try Sandbox()
    // The misspelt column is warned of.
    try sandbox.write("weight,y\n1,2\n2,3\n", to: "d.csv")
    let train = """
      backprop train --data d.csv --model 'w*weigth + weight' --csv loss.csv --trace trace.txt \
        --save m.st --checkpoint c.st --plot loss.svg
      """
    #expect(try sandbox.run(train).status == 0)
    let whole = try Self.files.map { try sandbox.read($0) }
    let run = try sandbox.run("\(train) \(closing)")
    #expect(run.status == 0 && run.text == "", "\(run)")
    #expect(run.errors.contains("weigth") == !closing.contains("2"), "\(run)")
    #expect(try sandbox.files() == Self.files)
    for (file, bytes) in zip(Self.files, whole) {
      #expect(try sandbox.read(file) == bytes, "\(file)")
    }
  }

  @Test(arguments: closings.filter { $0.contains(">&-") && !$0.hasPrefix("2") })
  func `rows for a closed stream are an I/O error, and what was trained is kept`(
    closing: String
  ) throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.run("backprop train --save whole.st > /dev/null").status == 0)
    let run = try sandbox.run("backprop train --save m.st \(closing)")
    #expect(run.status == 74 && run.text == "", "\(run)")
    let complaint = "backprop: cannot write standard output: Bad file descriptor\n"
    #expect(run.errors == (closing.contains("2") ? "" : complaint), "\(run)")
    #expect(try sandbox.read("m.st") == sandbox.read("whole.st"))
    #expect(try sandbox.files() == ["m.st", "whole.st"])
  }

  @Test(arguments: [
    "train", "train --csv /dev/stdout", "train --trace -", "train --save -", "train --metrics -",
    "train --plot - --plot-format png", "plot d.csv", "plot d.csv --output - --format svg", "graph",
    "formula", "formula exp", "help", "train --help", "--version",
  ])
  func `results for a closed stream are an I/O error in every subcommand`(command: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write("epoch,loss\n0,2\n1,1\n", to: "d.csv")
    let run = try sandbox.run("backprop \(command) >&-")
    #expect(run.status == 74 && run.text == "", "\(run)")
    #expect(run.errors.hasPrefix("backprop: cannot write "), "\(run)")
    #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run)")
  }

  @Test(arguments: ["train --data -", "train --resume -", "plot -", "train --init /dev/stdin"])
  func `a closed stream is no input`(command: String) throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run("backprop \(command) <&-")
    #expect(run.status == (command.contains("/dev") ? 65 : 66), "\(run)")
    #expect(run.text == "" && run.errors.filter { $0 == "\n" }.count == 1, "\(run)")
  }

  @Test func `a message for a closed stream is dropped`() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run(
      "backprop train --lr 1 --epochs 1000 > open.csv; backprop train --lr 1 --epochs 1000 --csv c.csv 2>&-"
    )
    #expect(run.status == 4 && run.text == "", "\(run)")
    #expect(try sandbox.read("c.csv") == sandbox.read("open.csv"))
  }
}
