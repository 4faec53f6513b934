import Autograd
import Formula
import Foundation
import Models
import Tables
import Testing

@testable import Training

/// Small networks trained on two data sets, as PyTorch trained them.
@Suite struct NetworkTests {
  @Test(arguments: try NetworkCase.all())
  func `losses, weights and predictions are PyTorch's`(network: NetworkCase) throws {
    #expect(network.runs.map(\.dtype) == ["float32", "float64"])
    try compare(network, network.runs[0], as: Float.self)
    try compare(network, network.runs[1], as: Double.self)
  }

  private func compare<Scalar: Precision>(
    _ network: NetworkCase, _ run: NetworkCase.Run, as type: Scalar.Type
  ) throws {
    let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("samples")
    let table = try Table(readingCSV: samples.appendingPathComponent(network.data).path)
    #expect(table.rowCount == network.rows)
    let model = try model(network, of: table)
    let initial = try network.named(network.initial)
    #expect(model.parameters.map(\.name) == initial.map(\.name))
    #expect(model.parameters.map(\.shape.sides) == initial.map(\.tensor.shape))
    var settings = Settings(
      learningRate: network.learningRate, epochs: network.epochs, batchSize: .rows(network.batch))
    settings.optimizer = try network.optimizerRule()
    var trainer = try Trainer<Scalar>(
      model, data: model.data(from: table), initial: initial.flatMap(\.tensor.data),
      settings: settings)
    var losses: [Double] = []
    _ = trainer.run(observe: { losses.append(Double($0.loss)) })

    #expect(losses.count == run.stepLoss.count)
    for (step, (found, want)) in zip(losses, run.stepLoss).enumerated() {
      let epoch = step / run.stepsPerEpoch
      #expect(run.isNear(found, want, epoch: epoch), "step \(step): \(found), want \(want)")
    }
    for (epoch, (found, want)) in zip(trainer.history, run.epochLossRowMean).enumerated() {
      #expect(run.isNear(found, want, epoch: epoch), "epoch \(epoch): \(found), want \(want)")
    }
    let weights = try network.named(run.final).flatMap(\.tensor.data)
    for (element, (found, want)) in zip(trainer.parameters, weights).enumerated() {
      let name = model.parameterElement(element)
      #expect(run.isNear(weight: Double(found), want), "\(name): \(found), want \(want)")
    }
    let data = try model.data(from: table, as: type)
    let quality = try model.evaluate(table, data, parameters: trainer.parameters)
    #expect(run.isNear(quality.loss, run.finalLossAllRows, epoch: network.epochs - 1))
    #expect(quality.accuracy == run.finalAccuracy)
    #expect((quality.rmse == nil) == (run.finalRmse == nil))
    if let rmse = quality.rmse, let want = run.finalRmse {
      #expect(run.isNear(rmse: rmse, want), "RMSE \(rmse), want \(want)")
    }
    #expect((quality.r2 == nil) == (run.finalR2 == nil))
    if let r2 = quality.r2, let want = run.finalR2 {
      #expect(run.isNear(r2: r2, want), "R2 \(r2), want \(want)")
    }

    let predictions = predictions(of: model, for: data, with: trainer.parameters)
    if let classes = run.finalPredictedClass {
      #expect(
        predictions.map { scores in scores.indices.max { scores[$0] < scores[$1] } } == classes)
    }
    // With PyTorch's weights, so that nothing but the prediction's own rounding is between them.
    let same = self.predictions(of: model, for: data, with: weights.map { Scalar($0) })
    for (row, want) in (run.finalPredictions ?? []).enumerated() {
      let scaling = try #require(model.scalings[model.target])
      let found = scaling.inverse(same[row][0])
      #expect(
        run.isNear(prediction: found, want, scaling: scaling), "row \(row): \(found), want \(want)")
    }
  }

  /// The network bound to the table, standardised as the case says.
  private func model(_ network: NetworkCase, of table: Table) throws -> Model {
    let specification = Specification(
      formula: try Formula(network.formula), loss: try ModelLoss(network.lossName),
      target: network.target, features: network.features)
    let needed = specification.columnsRead(among: table.columnNames)
    var model = try Model(specification, schema: Schema(table, needed: needed))
    model.scalings = try model.scalings(of: table, withTarget: network.standardiseTarget != nil)
    let standardise = network.standardise
    var expected = Dictionary(
      uniqueKeysWithValues: zip(network.features, zip(standardise.mean, standardise.std)))
    if let target = network.standardiseTarget {
      expected[network.target] = (target.mean, target.std)
    }
    #expect(model.scalings.keys.sorted() == expected.keys.sorted())
    for (name, (mean, deviation)) in expected {
      let found = try #require(model.scalings[name])
      #expect(abs(found.center - mean) <= 1e-14 * abs(mean), "\(name)")
      #expect(abs(found.scale - deviation) <= 1e-14 * deviation, "\(name)")
    }
    return model
  }

  /// What the model says of each row.
  private func predictions<Scalar: Precision>(
    of model: Model, for data: borrowing Columns<Scalar>, with parameters: [Scalar]
  ) -> [[Double]] {
    var predictions: [[Double]] = []
    var executor = Executor<Scalar>(model.predictionProgram, batchRows: data.rowCount)
    executor.forEachBlock(
      of: 0..<data.rowCount, in: data, parameters: parameters
    ) { rows, elements in
      for lane in 0..<rows.count {
        predictions.append(elements.map { Double($0[lane]) })
      }
    }
    return predictions
  }
}
