import Foundation
import Models
import Testing

/// Exported models as people use them from the shell.
@Suite struct ExportTests {
  private static let hasPython =
    (try? Sandbox().run("python3 --version").status) == 0

  private static let cars = """
    backprop train --data '\(Sandbox.sample("cars.csv"))' --target dist --precision float64 \
      --batch-size full --csv loss.csv --metrics
    """
  private static let iris = """
    backprop train --data '\(Sandbox.sample("iris.csv"))' --target species --model mlp:6 --epochs 3 \
      --loss cross-entropy --standardize inputs --optimizer adam --csv loss.csv --metrics
    """

  private func metric(_ key: String, of name: String, in sandbox: Sandbox) throws -> Double {
    try #require(try sandbox.object(name)[key]?.number)
  }

  @Test(.enabled(if: hasPython))
  func `an exported module adds predictions to a table`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      \(Self.iris) m.json --save m.st && backprop export m.st --output m.py && \
      python3 m.py < '\(Sandbox.sample("iris.csv"))'
      """)
    #expect(result.status == 0, "\(result)")
    let lines = result.text.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(lines[0].suffix(2) == ["species", "prediction"])
    let rows = lines.dropFirst()
    let accuracy = Double(rows.count { $0[$0.count - 2] == $0[$0.count - 1] }) / Double(rows.count)
    #expect(accuracy == (try metric("accuracy", of: "m.json", in: sandbox)))
  }

  @Test(.enabled(if: hasPython))
  func `an exported module names what a table lacks`() throws {
    let sandbox = try Sandbox()
    let export =
      "\(Self.cars) m.json --model linear --epochs 1 --save m.st && backprop export m.st -o m.py"
    #expect(try sandbox.run(export).status == 0)
    for (table, message) in [
      ("a\n1\n", "the table has no column 'speed'\n"),
      ("speed\nx\n", "line 2: column 'speed' holds no number: 'x'\n"),
      ("speed\n\"\"\n", "line 2: column 'speed' holds no number: ''\n"),
    ] {
      let result = try sandbox.run("python3 m.py", input: table)
      #expect(result.errors == message && result.status == 1, "\(result)")
    }
    let result = try sandbox.run("python3 m.py", input: "\u{FEFF}speed,é\r\n1,\"a,b\"\r\n")
    #expect(result.text.hasPrefix("speed,é,prediction\n1,\"a,b\","), "\(result)")
  }

  @Test func `an exported formula given back to train is the model that it was`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      \(Self.cars) first.json --model 'inputs |> dense(3) |> tanh |> dense(1)' --standardize all \
        --optimizer adam --lr 0.05 --epochs 200 --save m.st && \
      backprop export m.st --format formula --output f.txt && \
      \(Self.cars) again.json --model "$(cat f.txt) + 0*unused" --lr 0 --epochs 1
      """)
    #expect(result.status == 0, "\(result)")
    let (first, again) = (
      try metric("rmse", of: "first.json", in: sandbox),
      try metric("rmse", of: "again.json", in: sandbox)
    )
    #expect(abs(first - again) <= 1e-12 * first, "\(first) \(again)")
  }

  @Test func `a checkpoint is exported as its model is`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      \(Self.iris) m.json --save m.st --checkpoint c.st && \
      for format in c python onnx formula; do
        backprop export m.st --format $format > m && backprop export - --format $format < c.st > c && \
          cmp m c || exit 1
      done
      """)
    #expect(result.status == 0, "\(result)")
  }
}
