import Autograd
import Formula
import Foundation
import Models
import Tables
import Testing

@testable import Training

/// Networks on real tables, as PyTorch trained them.
@Suite struct NetworkTests {
  @Test(arguments: try NetworkCase.all())
  func `a network learns as PyTorch's does`(network: NetworkCase) throws {
    for run in network.runs {
      switch run.dtype {
      case "float32": try compare(network, run, as: Float.self, eps: 0x1p-23, relative: 1e-5)
      default: try compare(network, run, as: Double.self, eps: 0x1p-52, relative: 1e-10)
      }
    }
  }

  private func compare<Scalar: Precision>(
    _ network: NetworkCase, _ run: NetworkCase.Run, as _: Scalar.Type, eps: Double, relative: Double
  ) throws {
    let table = try Self.table(network.data)
    let specification = Specification(
      formula: try Formula(network.formula),
      loss: try ModelLoss(network.loss == "mse" ? "mse" : "cross-entropy"), target: network.target)
    var model = try Model(
      specification, schema: Schema(table, needed: Set(table.columnNames)))
    #expect(model.classes == network.classes)
    model.scalings = try model.scalings(of: table, withTarget: network.classes == nil)
    let initial = try model.parameters.flatMap { parameter in
      let tensor = try #require(network.initial[network.torchName(of: parameter.name)])
      #expect(tensor.shape == parameter.shape.sides)
      return tensor.data
    }
    let data: Columns<Scalar> = try model.data(from: table)
    var trainer = Trainer<Scalar>(
      model, data: data, initial: initial, settings: network.settings)
    var losses: [Double] = []
    _ = try trainer.run(observe: { losses.append(Double($0.loss)) })

    #expect(losses.count == run.stepLoss.count)
    for (step, (found, expected)) in zip(losses, run.stepLoss).enumerated() {
      let spread = run.roundingSpread.epochWorstStepLoss[step / run.stepsPerEpoch]
      let limit = 16 * spread + 64 * eps * max(1, abs(expected))
      #expect(abs(found - expected) <= limit, "loss of step \(step)")
    }
    for (found, expected) in zip(trainer.history, run.epochLossRowMean) {
      let worst = run.roundingSpread.epochWorstStepLoss.max() ?? 0
      #expect(abs(found - expected) <= 16 * worst + 64 * eps * max(1, abs(expected)))
    }
    let expected = try model.parameters.flatMap { parameter in
      try #require(run.final[network.torchName(of: parameter.name)]).data
    }
    for (found, expected) in zip(trainer.parameters, expected) {
      #expect(
        abs(Double(found) - expected) <= 16 * run.roundingSpread.finalWeights + 64 * eps)
    }
    let again: Columns<Scalar> = try model.data(from: table)
    let evaluation = try model.evaluate(table, again, parameters: trainer.parameters)
    #expect(evaluation.accuracy == run.finalAccuracy)
    for (found, expected) in [(evaluation.rmse, run.finalRmse), (evaluation.r2, run.finalR2)] {
      guard let expected else {
        #expect(found == nil)
        continue
      }
      #expect(abs(try #require(found) - expected) <= relative * abs(expected))
    }
  }

  private static func table(_ name: String) throws -> Table {
    let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("samples")
    return try Table(readingCSV: samples.appendingPathComponent(name).path)
  }
}

extension NetworkCase {
  fileprivate var settings: Settings {
    var settings = Settings(
      learningRate: hyper.lr, epochs: epochs, batchSize: .rows(batch), epochLoss: .mean)
    var optimizer = OptimizerSettings(OptimizerName(rawValue: optimizer.lowercased()) ?? .sgd)
    if let momentum = hyper.momentum { optimizer.momentum = momentum }
    if let decay = hyper.weightDecay { optimizer.weightDecay = decay }
    settings.optimizer = optimizer
    return settings
  }
}
