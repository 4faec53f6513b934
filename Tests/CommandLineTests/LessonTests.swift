import Foundation
import Testing

/// The lesson and its exact variants through the built program, byte for byte as PyTorch prints them.
@Suite struct LessonTests {
  /// The variants of one row per step that PyTorch's fixtures hold, with the flags that say them.
  struct Variant: Sendable, CustomTestStringConvertible {
    let id: String
    let flags: String
    var table: String?
    /// The parameters, where there are several: the program says whose gradients are shown, PyTorch does not.
    var parameters: [String] = []
    var testDescription: String { id }

    /// PyTorch's transcript with names before the gradients.
    func named(_ transcript: String) -> String {
      if parameters.isEmpty { return transcript }
      let lines = transcript.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        guard line.hasPrefix("\tgrad: ") else { return String(line) }
        let words = line.split(separator: " ")
        let gradients = zip(parameters, words.suffix(parameters.count)).map { "\($0)=\($1)" }
        return (words.dropLast(parameters.count).map(String.init) + gradients)
          .joined(separator: " ")
      }
      return lines.joined(separator: "\n")
    }
  }

  private static let eightRows = """
    x,y
    1.81,-1.868
    0.63,-1.141
    -0.87,-0.629
    -0.6,-0.658
    0.92,-1.516
    -0.28,-0.713
    0.87,-1.392
    0.2,-1.096

    """

  private static let variants = [
    Variant(id: "lesson", flags: "--lr 0.01 --epochs 100 --predict 4"),
    Variant(
      id: "lr-larger", flags: "--model 'x*w' --init w=-1.04 --lr 0.02 --epochs 53 --predict 5"),
    Variant(id: "lr-smaller", flags: "--lr 0.0005 --epochs 60 --predict 4"),
    Variant(id: "lr-half", flags: "--lr 0.5 --epochs 10 --predict 4"),
    Variant(
      id: "lesson-float64", flags: "--lr 0.01 --epochs 100 --predict 4 --precision float64"),
    Variant(
      id: "affine-seed", flags: "--model 'w*x+b' --init b=0 --lr 0.01 --epochs 100 --predict 4",
      parameters: ["w", "b"]),
    Variant(
      id: "data", flags: "--data d.csv --init w=-1.04 --lr 0.01 --epochs 40 --predict 3.0",
      table: eightRows),
    Variant(
      id: "affine",
      flags: "--data d.csv --model w*x+b --init w=-1.04,b=0 --lr 0.01 --epochs 40 --predict 3.0",
      table: eightRows, parameters: ["w", "b"]),
  ]

  @Test(arguments: variants)
  func `the transcript is PyTorch's`(variant: Variant) throws {
    let sandbox = try Sandbox()
    if let table = variant.table { try sandbox.write(table, to: "d.csv") }
    let result = try sandbox.run("backprop train \(variant.flags) --trace - --csv loss.csv")
    #expect(result.status == 0, "\(result)")
    let transcript = String(
      decoding: try Sandbox.fixture("transcripts/\(variant.id).txt"), as: UTF8.self)
    #expect(result.text == variant.named(transcript), "\(result)")
    let losses = try sandbox.read("loss.csv")
    #expect(losses == (try Sandbox.fixture("transcripts/\(variant.id)-loss.csv")), "\(result)")
  }

  @Test func `a run that diverges is PyTorch's up to the step that overflowed`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      "backprop train --lr 0.3 --epochs 140 --predict 4 --trace - --csv loss.csv")
    #expect(result.status == 4, "\(result)")
    let whole = String(decoding: try Sandbox.fixture("transcripts/diverge.txt"), as: UTF8.self)
    let losses = String(
      decoding: try Sandbox.fixture("transcripts/diverge-loss.csv"), as: UTF8.self)
    // Step 149 is the third row of epoch 49, so that every line of that epoch is PyTorch's.
    let lines = whole.split(separator: "\n").prefix { !$0.hasPrefix("progress: 50") }
    let expected = lines.prefix(1 + 50 * 5).joined(separator: "\n") + "\n"
    #expect(result.text == expected, "\(result)")
    let rows = losses.split(separator: "\n").prefix(51).joined(separator: "\n") + "\n"
    #expect(String(decoding: try sandbox.read("loss.csv"), as: UTF8.self) == rows)
  }

  @Test(arguments: [
    "backprop train --lr 0.01 --epochs 100",
    "backprop train",
    "backprop train --batch-size 1 --epoch-loss last --quiet",
    "backprop train --data lesson.csv",
    "backprop train --data - < lesson.csv",
    "cat lesson.csv | backprop train --data - --csv -",
    "backprop train --csv /dev/stdout",
    "backprop train --loss '(prediction - y)^2' --model 'x*w'",
  ])
  func `every way to ask for the lesson writes its CSV`(command: String) throws {
    let sandbox = try Sandbox()
    let sample = Sandbox.repository.appendingPathComponent("samples/lesson.csv")
    try sandbox.write(String(contentsOf: sample, encoding: .utf8), to: "lesson.csv")
    let result = try sandbox.run(command)
    #expect(result.status == 0, "\(result)")
    #expect(result.output == (try Sandbox.fixture("transcripts/lesson-loss.csv")), "\(result)")
    let note =
      "backprop: note: an epoch's loss is that of its last row; --epoch-loss mean reports the mean over all rows\n"
    #expect(result.errors == (command.contains("lesson.csv") ? note : ""))
  }
}
