import Foundation
import Testing

/// An output that fails while a run goes on keeps nothing else from being whole.
@Suite struct OutputFailureTests {
  /// Every kind of output, and what its file is called here.
  private static let outputs: [(flag: String, file: String)] = [
    ("--csv", "loss.csv"), ("--trace", "trace.txt"), ("--metrics", "m.json"),
    ("--save", "m.st"), ("--checkpoint", "c.st"), ("--plot", "loss.svg"), ("--plot", "loss.png"),
  ]

  /// The flags of all outputs, of which one goes to another place.
  private static func flags(_ file: String? = nil, to place: String? = nil) -> String {
    outputs.map { output in
      if output.file != file { return "\(output.flag) \(output.file)" }
      return "\(output.flag) \(place ?? output.file)"
    }.joined(separator: " ")
  }

  /// The files that do not tell how long a run took.
  private static let lasting = outputs.map(\.file).filter { $0 != "m.json" }

  @Test(arguments: outputs.map(\.file))
  func `a full disk under one output leaves all others whole`(file: String) throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.run("backprop train \(Self.flags())").status == 0)
    let whole = try Dictionary(
      uniqueKeysWithValues: Self.lasting.map { ($0, try sandbox.read($0)) })
    // The link has the extension of a picture.
    let place = "full." + (file.split(separator: ".").last ?? "")
    let run = try sandbox.run(
      "rm *; ln -s /dev/full \(place); backprop train \(Self.flags(file, to: place)) < /dev/null")
    #expect(run.status == 74 && run.text == "", "\(run)")
    #expect(
      run.errors == "backprop: cannot write \(place): No space left on device\n", "\(run)")
    for other in Self.lasting where other != file {
      #expect(try sandbox.read(other) == whole[other], "\(other)")
    }
    let names = Self.outputs.map(\.file).filter { $0 != file } + [place]
    #expect(try sandbox.files() == names.sorted())
  }

  @Test func `a log that fails in the middle of a run does not end it`() throws {
    let sandbox = try Sandbox()
    let train = "backprop train --epochs 3000 --save m.st"
    let run = try sandbox.run(
      """
      \(train) --csv loss.csv && mv m.st whole.st && mv loss.csv whole.csv || exit 1
      ulimit -f 8; env --default-signal=XFSZ \(train) --csv loss.csv; status=$?
      cmp m.st whole.st && cmp -n 8192 loss.csv whole.csv && exit $status
      """)
    #expect(run.status == 74 && run.text == "", "\(run)")
    #expect(run.errors == "backprop: cannot write loss.csv: File too large\n", "\(run)")
  }

  @Test func `every failure is told, and the first is the exit code`() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run(
      """
      for name in a b.svg c.png d; do ln -s /dev/full $name; done
      backprop train --csv a --plot b.svg --plot c.png --plot whole.svg --metrics d --save m.st
      """)
    #expect(run.status == 74 && run.text == "", "\(run)")
    let lines = ["a", "d", "b.svg", "c.png"].map {
      "backprop: cannot write \($0): No space left on device\n"
    }
    #expect(run.errors == lines.joined(), "\(run)")
    #expect(try sandbox.files() == ["a", "b.svg", "c.png", "d", "m.st", "whole.svg"])
  }

  @Test func `a run that diverges says so, whatever its outputs met`() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run(
      "backprop train --lr 1 --csv /dev/full --save m.st --checkpoint c.st --epochs 1000")
    let lines = run.errors.split(separator: "\n")
    #expect(run.status == 4 && lines.count == 2, "\(run)")
    #expect(lines.first == "backprop: cannot write /dev/full: No space left on device")
    #expect(lines.last?.hasPrefix("backprop: diverged at epoch ") == true, "\(run)")
    #expect(try !sandbox.files().contains("m.st"))
  }

  @Test func `a run that can write nothing ends`() throws {
    let run = try Sandbox().run("backprop train --epochs 100000000 --csv /dev/full")
    #expect(run.status == 74, "\(run)")
    #expect(run.errors == "backprop: cannot write /dev/full: No space left on device\n", "\(run)")
  }
}
