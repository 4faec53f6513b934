import Foundation
import Models
import Testing

/// What the program's files hold, as the library reads them.
@Suite struct SavedModelTests {
  private static let train = """
    backprop train --data '\(Sandbox.sample("iris.csv"))' --target species --model mlp:4 \
      --loss cross-entropy --standardize inputs --batch-size 16 --optimizer adam --lr 0.3 --validation 0.3 --epochs 200
    """

  private func saved(_ name: String, in sandbox: Sandbox) throws -> SavedModel {
    try SavedModel(Safetensors(reading: Array(sandbox.read(name))))
  }

  @Test func `a model and its run's checkpoint are the same model`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      "\(Self.train) --patience 3 --save m.st --checkpoint c.st --metrics m.json --csv loss.csv")
    #expect(result.status == 0, "\(result)")
    let (model, run) = (try saved("m.st", in: sandbox), try saved("c.st", in: sandbox))
    let metrics = try sandbox.object("m.json")
    let best = try #require(metrics["best_epoch"]?.number)
    #expect(
      try sandbox.numbers("loss.csv").column("loss").count > Int(best) + 1,
      "patience must have ended it")
    #expect(model.values == run.values && model.result == run.result)
    #expect(model.settings == run.settings && model.settings["standardize"] == .text("inputs"))
    for key in ["epochs", "loss", "validation_loss"] {
      #expect(model.result[key] == metrics[key] && metrics[key] != nil)
    }
    #expect(model.progress == nil && model.version == "0.1.0")
    #expect(run.progress?.epochs == metrics["epochs"]?.number.map { Int($0) })
    #expect(run.progress?.steps == metrics["steps"]?.number.map { Int($0) })
    #expect(model.model.classes == ["setosa", "versicolor", "virginica"])
  }

  @Test(arguments: ["float32", "float64"])
  func `values are those of the run's precision`(precision: String) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      "backprop train --precision \(precision) --save m.st --columns w --epochs 7")
    let last = try #require(result.text.split(separator: "\n").last.flatMap { Double($0) })
    let model = try saved("m.st", in: sandbox)
    #expect(model.values == (precision == "float32" ? .float32([Float(last)]) : .float64([last])))
    #expect(model.values.doubles == [last])
  }
}
