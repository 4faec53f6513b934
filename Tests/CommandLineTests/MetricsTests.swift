import Foundation
import Models
import Testing

/// What `--metrics` says of a run, against numbers that others computed.
@Suite struct MetricsTests {
  private static let diabetes = """
    backprop train --data '\(Sandbox.sample("diabetes.csv"))' --target progression --metrics -
    """
  private static let iris = """
    backprop train --data '\(Sandbox.sample("iris.csv"))' --target species --metrics -
    """

  private func metrics(_ command: String, given: String? = nil) throws -> [String: JSON] {
    let sandbox = try Sandbox()
    if let given { try sandbox.write(given, to: "start.json") }
    let result = try sandbox.run(command)
    #expect(result.status == 0 && result.errors == "", "\(result)")
    return try #require(try JSON(parsing: result.text).object, "\(result)")
  }

  private func expect(_ metrics: [String: JSON], _ expected: [String: Double]) throws {
    for (key, want) in expected {
      let found = try #require(metrics[key]?.number, "\(key)")
      #expect(abs(found - want) <= 1e-12 * abs(want), "\(key): \(found), want \(want)")
    }
  }

  @Test func `parameters are there by name, unless they are more than a thousand`() throws {
    let train = "backprop train --epochs 3 --csv /dev/null --metrics m.json"
    let sandbox = try Sandbox()
    for (model, isThere) in [
      ("w*x", true), ("inputs |> dense(2) |> dense(1)", true),
      ("inputs |> dense(333) |> dense(1)", true), ("inputs |> dense(334) |> dense(1)", false),
    ] {
      let result = try sandbox.run("\(train) --model '\(model)' --lr 0 --save m.st")
      #expect(result.status == 0, "\(result)")
      let file = try Safetensors(reading: Array(sandbox.read("m.st")))
      let found = try sandbox.object("m.json")["parameter_values"]
      #expect((found != nil) == isThere, "\(model)")
      guard let found = found?.object else { continue }
      #expect(Set(found.keys) == Set(file.tensors.keys))
      for (name, value) in found {
        let rows = value.list ?? [value]
        let numbers = rows.flatMap { $0.list ?? [$0] }.compactMap(\.number)
        let tensor = try #require(file.tensors[name])
        #expect(numbers == tensor.doubles && rows.count == tensor.shape.first ?? 1)
      }
    }
    let diverged = try sandbox.run("backprop train --lr 1e30 --csv /dev/null --metrics m.json")
    #expect(diverged.status == 4, "\(diverged)")
    #expect(try sandbox.object("m.json")["parameter_values"] == nil)
  }

  // The expected numbers are scikit-learn's mean_squared_error, r2_score, accuracy_score and log_loss, with
  // sample_weight where rows have weights, of predictions that NumPy computed in float64.

  @Test func `errors of a given line are scikit-learn's`() throws {
    let line =
      "\(Self.diabetes) --model 'a + b*bmi' --init a=-100,b=9.5 --lr 0 --epochs 2 --precision float64 --quiet"
    let plain = try metrics(line)
    try expect(
      plain,
      [
        "rmse": 62.47694529535606, "r2": 0.34174629671603474, "mean_loss": 3903.368693438914,
        "rows": 442, "validation_rows": 0, "parameters": 2, "epochs": 2, "steps": 884,
        "best_epoch": 0,
      ])
    #expect(plain["accuracy"] == nil && plain["validation_loss"] == nil)
    #expect(plain["outcome"] == .text("finished"))
    try expect(
      metrics("\(line) --loss mae"), ["mean_loss": 52.134276018099555, "rmse": 62.47694529535606])
    try expect(
      metrics("\(line) --weights age --batch-size full"),
      ["rmse": 62.93685632538515, "r2": 0.33798121625077227, "mean_loss": 3961.047884122173])
    // The same line of standardised columns, whose errors are told in the target's own unit.
    let scaled = try metrics(
      """
      \(Self.diabetes) --model 'a + b*bmi' --standardize all --lr 0 --epochs 1 --precision float64 --quiet \
        --init a=-0.020303180247252254,b=0.5444353230245208
      """)
    try expect(scaled, ["rmse": 62.47694529535606, "r2": 0.34174629671603474])
  }

  @Test func `accuracy and cross-entropy of given weights are scikit-learn's`() throws {
    let found = try metrics(
      """
      \(Self.iris) --model 'inputs |> dense(3)' --loss cross-entropy --init start.json --lr 0 \
        --epochs 1 --precision float64 --quiet --validation '\(Sandbox.sample("iris.csv"))'
      """,
      given: """
        {"dense1.weight": [[0.4, 1.3, -2, -1], [0.5, -0.2, 0.1, -0.9], [-1.5, -1.6, 2.3, 2.2]],
         "dense1.bias": [0.3, 0.9, -1.2]}
        """)
    try expect(
      found,
      [
        "accuracy": 0.72, "mean_loss": 0.5875024889536833, "validation_accuracy": 0.72,
        "validation_mean_loss": 0.5875024889536833, "validation_rows": 150, "parameters": 15,
      ])
    #expect(found["rmse"] == nil && found["r2"] == nil && found["validation_rmse"] == nil)
  }

  @Test func `iris is learnt to an accuracy of 0.97`() throws {
    let found = try metrics(
      """
      \(Self.iris) --model 'inputs |> dense(16) |> relu |> dense(3)' --loss cross-entropy \
        --standardize inputs --batch-size 16 --shuffle --optimizer adam --lr 0.01 --epochs 40
      """)
    let accuracy = try #require(found["accuracy"]?.number)
    #expect(accuracy >= 0.97)
  }

  @Test(arguments: ["float32", "float64"])
  func `diabetes is fitted as well as by least squares`(precision: String) throws {
    let found = try metrics(
      """
      \(Self.diabetes) --model linear --standardize all --optimizer lbfgs --batch-size full \
        --epochs 20 --precision \(precision)
      """)
    // scikit-learn's LinearRegression on the whole table.
    let r2 = try #require(found["r2"]?.number)
    #expect(abs(r2 - 0.5177484222203498) <= (precision == "float32" ? 1e-6 : 1e-9))
  }

  @Test func `settings are those of the run, with defaults spelled out`() throws {
    let found = try metrics(
      """
      backprop train --optimizer adam --betas 0.8,0.9 --clip-norm 2 --l2 0.5 --shuffle --seed 12 \
        --schedule step --step-size 3 --warmup 2 --epochs 5 --batch-size 2 --threads 2 --metrics -
      """)
    #expect(
      found["settings"]
        == .object([
          "optimizer": .text("adam"), "betas": .list([.number(0.8), .number(0.9)]),
          "eps": .number(1e-8), "weight_decay": .number(0), "amsgrad": .flag(false),
          "lr": .number(0.001), "schedule": .text("step"), "step_size": .number(3),
          "gamma": .number(0.1), "warmup": .number(2), "warmup_start": .number(0.1),
          "clip_norm": .number(2), "l1": .number(0), "l2": .number(0.5), "shuffle": .flag(true),
          "seed": .text("12"), "epochs": .number(5), "batch_size": .number(2),
          "epoch_loss": .text("mean"), "precision": .text("float32"), "model": .text("w*x"),
          "loss": .text("mse"), "target": .text("y"),
        ]))
    #expect(found["threads"] == .number(2) && found["target"] == .text("y"))
    #expect(found["model"] == .text("w*x") && found["loss_function"] == .text("mse"))
  }

  @Test func `a run that diverges has metrics of what there is`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run("backprop train --lr 0.3 --epochs 140 --metrics m.json --save m")
    #expect(result.status == 4, "\(result)")
    let found = try sandbox.object("m.json")
    #expect(found["outcome"] == .text("diverged") && found["epochs"] == .number(50))
    #expect(found["r2"] == nil && found["loss"] == .null)
    #expect(try sandbox.files() == ["m.json"])
  }
}
