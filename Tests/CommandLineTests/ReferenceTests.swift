import Foundation
import Models
import Testing

/// PyTorch's networks, optimizers and schedules, run by the program with PyTorch's names as flags.
@Suite struct ReferenceTests {
  /// A case of a file of references, as JSON has it.
  struct Case: @unchecked Sendable, CustomTestStringConvertible {
    /// Nothing writes to it once it is read.
    let object: [String: Any]

    var testDescription: String { object["id"] as? String ?? "" }

    subscript<Value>(key: String, as _: Value.Type = Value.self) -> Value {
      get throws { try #require(object[key] as? Value, "\(key) of \(testDescription)") }
    }

    /// The number of ε for the run's precision.
    var eps: Double { object["dtype"] as? String == "float32" ? 0x1p-23 : 0x1p-52 }

    static func all(_ list: String, of file: String) throws -> [Case] {
      let path = "Tests/TrainingTests/Fixtures/\(file).json"
      let data = try Data(contentsOf: Sandbox.repository.appendingPathComponent(path))
      let contents = try #require(
        try JSONSerialization.jsonObject(with: data) as? [String: Any])
      return try #require(contents[list] as? [[String: Any]]).map { Case(object: $0) }
    }
  }

  /// Settings by PyTorch's names as flags; those that are off, or have other names, are left out.
  private func flags(_ settings: [String: Any], but others: Set<String> = []) -> String {
    settings.sorted { $0.key < $1.key }.compactMap { key, value in
      if value is NSNull || others.contains(key) { return nil }
      let flag = "--" + key.lowercased().replacingOccurrences(of: "_", with: "-")
      if let list = value as? [Any] {
        return "\(flag) \(list.map { "\($0)" }.joined(separator: ","))"
      }
      if let number = value as? NSNumber, isBoolean(number) { return number.boolValue ? flag : nil }
      return "\(flag) \(value)"
    }.joined(separator: " ")
  }

  /// The numbers of a CSV, row by row.
  private func rows(_ csv: String) -> [[Double]] {
    csv.split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",").map { Double($0) ?? .nan }
    }
  }

  @Test(
    arguments: try Case.all("trajectories", of: "optimizers").filter { example in
      // Without a line search L-BFGS has no flag.
      let hyper: [String: Any] = try example["hyper"]
      return try example["optimizer"] != "LBFGS" || hyper["line_search_fn"] as? String != nil
    })
  func `parameters follow PyTorch's trajectory`(example: Case) throws {
    let sandbox = try Sandbox()
    let start: [Double] = try example["start"]
    let names = start.indices.map { "p\($0)" }
    let model: String
    if try example["objective"] == "rosenbrock" {
      try sandbox.write("y\n0\n", to: "table.csv")
      model = "--model '(1-p0)^2 + 100*(p1-p0^2)^2' --loss prediction"
    } else {
      let objective = try #require(
        try Case.all("objectives", of: "optimizers").first {
          $0.object["name"] as? String != "rosenbrock"
        })
      let matrix: [Double] = try #require(
        (objective.object["A"] as? [String: Any])?["data"] as? [Double])
      let target: [Double] = try #require(
        (objective.object["b"] as? [String: Any])?["data"] as? [Double])
      let lines = target.indices.map { row in
        (matrix[3 * row..<3 * row + 3] + [target[row]]).map { "\($0)" }.joined(separator: ",")
      }
      try sandbox.write("a0,a1,a2,y\n" + lines.joined(separator: "\n") + "\n", to: "table.csv")
      model = "--model 'a0*p0 + a1*p1 + a2*p2'"
    }
    let clip = (example.object["clip"] as? [String: Any]).map { clip in
      "--clip-\(clip["kind"] ?? "") \(clip["max"] ?? "")"
    }
    let optimizer: String = try example["optimizer"]
    let result = try sandbox.run(
      "backprop train --data table.csv \(model) --batch-size full --epochs \(try example["steps", as: Int.self]) "
        + "--init \(zip(names, start).map { "\($0)=\($1)" }.joined(separator: ",")) "
        + "--columns \(names.joined(separator: ",")) --precision \(try example["dtype", as: String.self]) "
        + "--optimizer \(optimizer.lowercased()) "
        + flags(try example["hyper"], but: ["line_search_fn", "maximize", "foreach"])
        + " \(clip ?? "")")
    #expect(result.status == 0, "\(result)")
    let expected: [Double] = try #require(
      (example.object["params"] as? [String: Any])?["data"] as? [Double])
    let spreads: [Double] = try example["rounding_spread"]
    let found = rows(result.text)
    #expect(found.count == spreads.count)
    for (step, row) in found.enumerated() {
      for (place, value) in row.enumerated() {
        let want = expected[step * start.count + place]
        let limit = 8 * spreads[step] + 32 * example.eps * max(1, abs(want))
        #expect(abs(value - want) <= limit, "step \(step): \(value), PyTorch has \(want)")
      }
    }
  }

  /// The program's names of PyTorch's schedules; a plateau looks at losses that no run has.
  private static let schedules = [
    "StepLR": "step", "MultiStepLR": "multistep", "ExponentialLR": "exponential",
    "CosineAnnealingLR": "cosine", "CosineAnnealingWarmRestarts": "warm-restarts",
    "LinearLR": "linear", "PolynomialLR": "polynomial", "OneCycleLR": "one-cycle",
    "SequentialLR": "cosine --t-max 90 --warmup 10 --warmup-start 0.1",
  ]

  @Test(
    arguments: try Case.all("cases", of: "schedulers").filter {
      try $0["scheduler"] != "ReduceLROnPlateau"
    })
  func `learning rates follow PyTorch's schedule`(example: Case) throws {
    let name: String = try example["scheduler"]
    let schedule = try #require(Self.schedules[name])
    let rate = name == "OneCycleLR" ? "" : "--lr \(try example["base_lr", as: Double.self])"
    let settings: [String: Any] = name == "SequentialLR" ? [:] : try example["params"]
    let result = try Sandbox().run(
      "backprop train --epochs 100 --columns lr --init w=2 \(rate) --schedule \(schedule) "
        + flags(settings, but: ["base_momentum", "max_momentum", "cycle_momentum", "last_epoch"]))
    #expect(result.status == 0, "\(result)")
    let expected: [Double] = try example["lr"]
    let found = rows(result.text).map { $0[0] }
    #expect(found.count == 100 && expected.count == 100)
    for (epoch, (found, expected)) in zip(found, expected).enumerated() {
      #expect(abs(found - expected) <= 1e-12, "epoch \(epoch)")
    }
  }

  @Test(arguments: try Case.all("cases", of: "mlp"))
  func `a network learns from a file of start values as PyTorch's does`(example: Case) throws {
    let layers: [[String: Any]] = try example["layers"]
    let dense = layers.indices.filter { layers[$0]["out"] != nil }
    let formula = layers.map { layer in
      layer["out"].map { "dense(\($0))" } ?? "\(layer["type"] ?? "")"
    }
    let initial: [String: [String: Any]] = try example["initial"]
    var start: [String: Any] = [:]
    for (name, tensor) in initial {
      start[try ownName(name, dense)] = nested(tensor)
    }
    let sandbox = try Sandbox()
    try JSONSerialization.data(withJSONObject: start).write(
      to: sandbox.folder.appendingPathComponent("start.json"))
    try sandbox.addSamples()
    let data = "samples/" + (try example["data", as: String.self])
    let isOfClasses = try example["loss"] == "cross_entropy"
    for run in try example["runs", as: [[String: Any]].self].map({ Case(object: $0) }) {
      let result = try sandbox.run(
        "backprop train --data \(data) --target \(try example["target", as: String.self]) "
          + "--model 'inputs |> \(formula.joined(separator: " |> "))' --init start.json "
          + "--loss \(isOfClasses ? "cross-entropy" : "mse") --standardize \(isOfClasses ? "inputs" : "all") "
          + "--optimizer \(try example["optimizer", as: String.self].lowercased()) \(flags(try example["hyper"])) "
          + "--batch-size \(try example["batch", as: Int.self]) --epochs \(try example["epochs", as: Int.self]) "
          + "--epoch-loss mean --precision \(try run["dtype", as: String.self]) --csv loss.csv "
          + "--save model.safetensors --metrics -")
      #expect(result.status == 0, "\(result)")
      let spread: [String: Any] = try run["rounding_spread"]
      let worst: [Double] = try #require(spread["epoch_worst_step_loss"] as? [Double])
      let losses: [Double] = try run["epoch_loss_row_mean"]
      let found = rows(String(decoding: try sandbox.read("loss.csv"), as: UTF8.self))
      #expect(found.count == losses.count)
      for (epoch, want) in losses.enumerated() {
        let limit = 16 * worst[epoch] + 64 * run.eps * max(1, abs(want))
        #expect(abs(found[epoch][1] - want) <= limit, "loss of epoch \(epoch)")
      }
      let model = try Safetensors(reading: Array(try sandbox.read("model.safetensors")))
      let limit = try 16 * #require(spread["final_weights"] as? Double) + 64 * run.eps
      for (name, tensor) in try run["final", as: [String: [String: Any]].self] {
        let own = try #require(model.tensors[ownName(name, dense)])
        #expect(own.shape == tensor["shape"] as? [Int])
        let (values, wanted) = (
          try #require(own.doubles), try #require(tensor["data"] as? [Double])
        )
        #expect(zip(values, wanted).allSatisfy { abs($0 - $1) <= limit }, "\(name)")
      }
      let metrics = try #require(
        try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
      let relative = run.eps > 1e-10 ? 1e-5 : 1e-10
      for (own, other) in [
        ("rmse", "final_rmse"), ("r2", "final_r2"), ("accuracy", "final_accuracy"),
      ] {
        let (value, wanted) = (metrics[own] as? Double, run.object[other] as? Double)
        #expect((value == nil) == (wanted == nil))
        if let value, let wanted {
          #expect(abs(value - wanted) <= (own == "accuracy" ? 0 : relative * abs(wanted)), "\(own)")
        }
      }
    }
  }

  /// The program's name of a parameter that PyTorch calls `2.weight`: `dense2.weight` of the second layer.
  private func ownName(_ name: String, _ dense: [Int]) throws -> String {
    let parts = name.split(separator: ".")
    let place = try #require(Int(parts[0]))
    let layer = try #require(dense.firstIndex(of: place))
    return "dense\(layer + 1).\(parts[1])"
  }

  /// A tensor as lists in lists.
  private func nested(_ tensor: [String: Any]) -> Any {
    let (shape, data) = (tensor["shape"] as? [Int] ?? [], tensor["data"] as? [Double] ?? [])
    guard shape.count == 2 else { return data }
    return (0..<shape[0]).map { Array(data[$0 * shape[1]..<($0 + 1) * shape[1]]) }
  }
}

/// Whether a number of JSON is true or false.
private func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
