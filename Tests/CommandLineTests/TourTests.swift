import Foundation
import Testing

/// The pipelines that the README invites to paste.
@Suite struct TourTests {
  /// A pipeline, what it must print, and what it must leave.
  struct Stop: CustomTestStringConvertible, Sendable {
    let place: Int
    let output: String
    let files: [String]

    var testDescription: String { "pipeline \(place + 1)" }
  }

  static let stops = [
    Stop(place: 0, output: "99,9.094947017729282e-13\n", files: []),
    Stop(
      place: 1,
      output: """
        predict(before training) 4 4.0
        \tgrad: 1.0 2.0 -2.0
        \tgrad: 2.0 4.0 -7.840000152587891
        \tgrad: 3.0 6.0 -16.228801727294922
        loss: 7.315943717956543
        progress: 0 7.315943717956543
        predict(after training) 4 5.042752265930176

        """, files: []),
    Stop(
      place: 2,
      output: """
        parameter,estimate,std_error,lower,upper
        Vm,212.68374314253606,6.947155160040718,197.20451681967242,228.1629694653997
        K,0.06412128168156707,0.008280949498480352,0.045670176372666745,0.0825723869904674
        conc,prediction,lower,upper,prediction_lower,prediction_upper
        0.3,175.2304140205679,166.97134051480344,183.48948752633237,149.506783997005,200.95404404413082

        """, files: ["puromycin.safetensors", "puromycin.svg"]),
    Stop(
      place: 3,
      output: """
        dense1.weight: an 8x4 matrix; columns: sepal_length, sepal_width, petal_length, petal_width
        dense1.bias: a vector of 8
        dense2.weight: a 3x8 matrix
        dense2.bias: a vector of 3
        virginica
        sepal_length,sepal_width,petal_length,petal_width,species,prediction
        6.0,2.7,5.1,1.6,versicolor,virginica
        6.3,2.8,5.1,1.5,virginica,versicolor
        metric,class,value
        rows,,30
        loss,,0.13043370842933655
        accuracy,,0.9333333333333333
        sepal_length,sepal_width,petal_length,petal_width,species,prediction
        4.6,3.1,1.5,0.2,setosa,setosa
        4.4,2.9,1.4,0.2,setosa,setosa

        """,
      files: ["iris.py", "iris.safetensors", "loss.csv", "matrix.png", "test.csv", "train.csv"]),
    Stop(place: 4, output: "199,328.8471984863281\n", files: []),
    Stop(
      place: 5,
      output: """
        epoch,loss
        0,7.315943717956543
        1,3.9987640380859375
        2,2.1856532096862793

        """, files: []),
    Stop(place: 6, output: "the same\n", files: ["expected.csv"]),
    Stop(
      place: 7, output: "",
      files: ["compare.png", "lr-0.001.csv", "lr-0.005.csv", "lr-0.02.csv"]),
    Stop(place: 8, output: "", files: ["watched.csv"]),
    Stop(place: 9, output: "0.5177\n", files: ["loss.csv"]),
  ]

  @Test func `the tour has as many pipelines as are tested`() throws {
    #expect(try Self.pipelines().count == Self.stops.count)
  }

  @Test(arguments: stops)
  func `a pipeline does what the README says`(stop: Stop) throws {
    let sandbox = try Sandbox()
    try sandbox.addSamples()
    let result = try sandbox.run(try Self.pipelines()[stop.place])
    #expect(result.text == stop.output, "\(result)")
    #expect(result.errors == "", "\(result)")
    #expect(try sandbox.files() == (stop.files + ["samples"]).sorted())
  }

  @Test func `the watched run goes on until its loss is good enough`() throws {
    let sandbox = try Sandbox()
    try sandbox.addSamples()
    _ = try sandbox.run(try Self.pipelines()[8])
    let log = String(decoding: try sandbox.read("watched.csv"), as: UTF8.self)
    let losses = log.split(separator: "\n").dropFirst().compactMap { line in
      line.split(separator: ",").last.flatMap { Double($0) }
    }
    #expect(losses.contains { $0 < 240 })
  }

  /// The shell blocks of the README, in order.
  private static func pipelines() throws -> [String] {
    let text = try String(
      contentsOf: Sandbox.repository.appendingPathComponent("README.md"), encoding: .utf8)
    return text.components(separatedBy: "```sh\n").dropFirst().map { block in
      block.components(separatedBy: "\n```")[0]
    }
  }
}
