import Foundation
import Glibc
import Testing

/// Every kind of output that cannot be created is told before the first epoch.
@Suite struct OutputCreationTests {
  /// The kinds of outputs, each with what it needs beside it.
  static let outputs = [
    "--csv OUT", "--trace OUT --csv loss.csv", "--metrics OUT", "--save OUT", "--checkpoint OUT",
    "--plot OUT.png", "--plot OUT.svg", "--plot OUT.pdf", "--plot OUT --plot-format png",
  ]

  /// Where nothing can be created, also as root: a system folder, a folder in place of the file, a file in place
  /// of a folder, and a folder that is not there.
  static let places = ["/proc/backprop", "folder", "lesson.csv/file", "none/file"]

  @Test(arguments: outputs, places)
  func `an output that cannot be created is told at once, and nothing is left`(
    output: String, place: String
  ) throws {
    let sandbox = try Sandbox()
    try prepare(sandbox)
    // A folder has the name that the picture would have.
    let name = output.replacing("OUT", with: place)
    let made = place == "folder" ? try #require(name.split(separator: " ").dropFirst().first) : "f"
    let before = try sandbox.run("mkdir \(made); find . | sort").text
    let run = try sandbox.run("backprop train --epochs 3 \(name)")
    #expect(run.status == 73 && run.text == "", "\(run)")
    #expect(run.errors.hasPrefix("backprop: cannot create "), "\(run)")
    #expect(run.errors.filter { $0 == "\n" }.count == 1, "\(run)")
    #expect(try sandbox.run("find . | sort").text == before)
    #expect(try sandbox.read("kept.csv") == Data("kept\n".utf8))
  }

  @Test(arguments: outputs)
  func `an ordinary user hears of a folder that takes no files`(output: String) throws {
    let sandbox = try Sandbox()
    try prepare(sandbox)
    // Root may write anywhere, and so becomes somebody else.
    let run = try sandbox.run(
      """
      mkdir closed; chmod 555 closed; chmod 777 .
      run="backprop train --epochs 3 \(output.replacing("OUT", with: "closed/out"))"
      if [ $(id -u) = 0 ]; then setpriv --reuid 65534 --clear-groups $run; else $run; fi
      """)
    #expect(run.status == 73 && run.text == "", "\(run)")
    #expect(run.errors.hasPrefix("backprop: cannot create closed/out"), "\(run)")
    #expect(try sandbox.files() == ["closed", "kept.csv", "lesson.csv"])
  }

  @Test(arguments: ["--save /proc/model", "--plot none/loss.png", "--trace /proc/trace"])
  func `an output that cannot be created leaves older files as they are`(output: String) throws {
    let sandbox = try Sandbox()
    try prepare(sandbox)
    let outputs = ["--csv", "--metrics", "--checkpoint"].map { "\($0) kept\($0)" }
    let names = outputs.map { $0.split(separator: " ")[1] }
    for name in names { try sandbox.write("kept\n", to: String(name)) }
    let run = try sandbox.run("backprop train \(outputs.joined(separator: " ")) \(output)")
    #expect(run.status == 73 && run.text == "", "\(run)")
    for name in names { #expect(try sandbox.read(String(name)) == Data("kept\n".utf8)) }
    #expect(try sandbox.files() == (names.map(String.init) + ["kept.csv", "lesson.csv"]).sorted())
  }

  @Test func `what fails at the end keeps nothing else from being written`() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run(
      """
      backprop train --csv loss.csv --plot /dev/full --plot-format png --plot loss.svg \
        --metrics /dev/full --save m.st --checkpoint c.st
      """)
    #expect(run.status == 74 && run.text == "", "\(run)")
    #expect(run.errors == "backprop: cannot write /dev/full: No space left on device\n", "\(run)")
    #expect(try sandbox.files() == ["c.st", "loss.csv", "loss.svg", "m.st"])
  }

  private func prepare(_ sandbox: Sandbox) throws {
    try sandbox.write("x,y\n1,2\n", to: "lesson.csv")
    try sandbox.write("kept\n", to: "kept.csv")
  }
}
