import Foundation
import Models
import Testing

/// Rows that are measured on and not trained on, and what is made of their loss.
@Suite struct ValidationTests {
  /// How rows are divided: how many there are, the flags, and those set aside.
  ///
  /// Computed apart from this project, by a Philox4x32-10 in Python that gives Random123's known answers and a
  /// Fisher-Yates shuffle from the last place down: the first rows of a permutation of stream 2.
  static let splits: [(count: Int, flags: String, rows: [Int])] = [
    (10, "--validation 0.2", [4, 7]),
    (10, "--validation 0.5 --seed 7", [1, 3, 5, 8, 9]),
    (13, "--validation 0.25", [4, 7, 10]),
    (13, "--validation 0.25 --seed 18446744073709551615", [6, 8, 12]),
    (16, "--validation 0.01 --seed 3", [1]),
    (2, "--validation 0.99 --seed 1", [1]),
  ]

  @Test(arguments: splits)
  func `a part is the first of the shuffled order, and the rest is trained on in the file's`(
    count: Int, flags: String, rows: [Int]
  ) throws {
    // A loss that no parameter changes and that has a bit for each row.
    let sandbox = try Sandbox()
    let table = (0..<count).map { "\($0 * $0),\(1 << $0)\n" }.joined()
    try sandbox.write("x,y\n" + table, to: "data.csv")
    let result = try sandbox.run(
      """
      backprop train --data data.csv --model w*x --loss 'y + 0*prediction' --epochs 1 \
        --standardize inputs --epoch-loss mean --csv loss.csv --trace trace.txt --save model \(flags)
      """)
    #expect(result.status == 0 && result.errors.contains("every gradient is 0"), "\(result)")
    let rest = (0..<count).filter { !rows.contains($0) }
    func mean(_ rows: [Int]) -> Double {
      Double(rows.reduce(0) { $0 + 1 << $1 }) / Double(rows.count)
    }
    let losses = try sandbox.numbers("loss.csv").rows
    #expect(losses == [[0, mean(rest), Double(Float(mean(rows)))]], "\(result)")

    let trace = String(decoding: try sandbox.read("trace.txt"), as: UTF8.self)
    let targets = trace.split(separator: "\n").filter { $0.hasPrefix("\tgrad:") }.map {
      Double($0.split(separator: " ")[2])
    }
    #expect(targets == rest.map { Double(1 << $0) })

    // Columns are standardised by the rows that are trained on, alone.
    let values = rest.map { Double($0 * $0) }
    let center = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count)
    let scaling = try scaling(of: "x", in: sandbox.read("model"))
    #expect(abs(scaling[0] - center) <= 1e-14 * center)
    #expect(abs(scaling[1] - (variance > 0 ? variance.squareRoot() : 1)) <= 1e-14 * scaling[1])
  }

  /// The mean and the deviation that a model's file has for a column.
  private func scaling(of column: String, in file: Data) throws -> [Double] {
    let file = try Safetensors(reading: Array(file))
    let scalings = try file.json("scaling")?.object
    let numbers = scalings?[column]?.list?.compactMap(\.number)
    return try #require(numbers)
  }

  @Test func `another table is measured on as the first one is trained on`() throws {
    let sandbox = try Sandbox()
    try sandbox.write("x,kind,y\n1,oak,2\n2,ash,4\n3,oak,7\n5,ash,9\n", to: "a.csv")
    // Columns in another order, texts in another order, and one more of each.
    try sandbox.write("more,kind,y,x\n0,ash,3,2\n0,oak,8,9\n0,ash,1,0\n", to: "b.csv")
    let train = """
      backprop train --model 'w*x + where(kind == "ash", v, 0)' --init w=0.7,v=-1.5 --lr 0 --epochs 1 \
        --precision float64 --batch-size full --columns loss
      """
    let both = try sandbox.run("\(train),validation_loss --data a.csv --validation b.csv")
    // (2·0.7 − 1.5 − 3)², (9·0.7 − 8)², (−1.5 − 1)² in the mean.
    let expected = (3.1 * 3.1 + 1.7 * 1.7 + 2.5 * 2.5) / 3
    let found = try Sandbox.Numbers(both.text).rows[0]
    #expect(abs(found[1] - expected) < 1e-14, "\(both)")
    let first = try sandbox.run("\(train) --data a.csv")
    let second = try sandbox.run("\(train) --data b.csv")
    #expect(try Sandbox.Numbers(first.text).rows[0][0] == found[0], "\(first)")
    #expect(try Sandbox.Numbers(second.text).rows[0][0] == found[1], "\(second)")

    let scaled = try sandbox.run(
      "\(train) --data a.csv --validation b.csv --standardize inputs --save model")
    #expect(scaled.status == 0, "\(scaled)")
    let scaling = try scaling(of: "x", in: sandbox.read("model"))
    #expect(scaling[0] == 2.75 && abs(scaling[1] - 2.1875.squareRoot()) < 1e-15)
  }

  @Test(arguments: [
    (
      "x,y\n1,oak\n2,elm\n",
      "b.csv:3:2: the model has no class 'elm' of 'y'; it has 'ash', 'oak'"
    ),
    ("z,y\n1,oak\n", "b.csv: no column is named 'x'"),
    ("x,y\n1,oak\nlong,ash\n", "b.csv:3:1: "),
    ("x,y\n1,oak\n,ash\n", "b.csv:3:1: "),
    ("x,y\n", "b.csv: "),
  ])
  func `another table that does not fit is refused`(table: String, complaint: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write("x,y\n1,oak\n2,ash\n3,oak\n", to: "a.csv")
    try sandbox.write(table, to: "b.csv")
    let result = try sandbox.run(
      """
      backprop train --data a.csv --validation b.csv --model 'x |> dense(2)' --loss cross-entropy \
        --save m.model
      """)
    #expect(result.status == 65 && result.text == "", "\(result)")
    #expect(result.errors.hasPrefix("backprop: \(complaint)"), "\(result)")
    #expect(result.errors.filter { $0 == "\n" }.count == 1, "\(result)")
    #expect(try sandbox.files() == ["a.csv", "b.csv"])
  }

  @Test(arguments: [1, 4])
  func `patience ends a run and keeps the best parameters`(patience: Int) throws {
    let sandbox = try Sandbox()
    // What cannot be learnt: after some epochs the network knows the rows by heart.
    let rows = (0..<120).map { "\(Double($0 * 7919 % 1009) / 250 - 2),\($0 * 31 % 17)\n" }
    try sandbox.write("x,y\n" + rows.joined(), to: "data.csv")
    let train = """
      backprop train --data data.csv --model 'inputs |> dense(16) |> tanh |> dense(1)' \
        --standardize all --optimizer adam --lr 0.03 --batch-size 16 --shuffle --validation 0.25
      """
    let patient = try sandbox.run(
      """
      \(train) --epochs 90 --patience \(patience) --save a.model --metrics a.json --csv a.csv \
        --checkpoint a.run
      """)
    #expect(patient.status == 0, "\(patient)")
    let losses = try sandbox.numbers("a.csv").column("validation_loss")
    let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
    #expect(losses.count == best + 1 + patience && losses.count < 90)
    #expect(
      patient.errors == """
        backprop: stopped after epoch \(losses.count - 1): no lower validation loss for \
        \(patience) epoch\(patience == 1 ? "" : "s"); the parameters kept are those of epoch \(best)

        """)
    let metrics = try sandbox.object("a.json")
    #expect(metrics["outcome"] == .text("out of patience"))
    #expect(metrics["best_epoch"] == .count(best))
    #expect(metrics["best_validation_loss"] == .number(losses[best]))
    #expect(metrics["validation_mean_loss"] == .number(losses[best]))
    #expect(metrics["validation_loss"] == .number(losses[best]))
    let trained = try sandbox.numbers("a.csv").column("loss")
    #expect(metrics["loss"] == .number(trained[best]) && trained[best] != trained.last)
    #expect(metrics["epochs"] == .count(losses.count))

    let exact = try sandbox.run("\(train) --epochs \(best + 1) --save b.model --csv b.csv")
    #expect(exact.status == 0 && exact.errors == "", "\(exact)")
    let models = try ["a.model", "b.model"].map {
      try Safetensors(reading: Array(sandbox.read($0)))
    }
    #expect(models[0].tensors == models[1].tensors)
    #expect(try sandbox.read("a.csv").starts(with: sandbox.read("b.csv")))
    let further = try sandbox.run("\(train) --epochs \(losses.count) --save c.model --csv c.csv")
    #expect(further.status == 0, "\(further)")
    #expect(try Safetensors(reading: Array(sandbox.read("c.model"))).tensors != models[0].tensors)
    #expect(try sandbox.read("c.csv") == sandbox.read("a.csv"))

    // Who has lost patience has not more of it by asking again.
    let again = try sandbox.run(
      "\(train) --epochs 90 --patience \(patience) --resume a.run --save d.model --csv d.csv")
    #expect(again.errors == patient.errors, "\(again)")
    #expect(try sandbox.read("d.csv") == sandbox.read("a.csv"))
    #expect(try sandbox.read("d.model") == sandbox.read("a.model"))
  }
}
