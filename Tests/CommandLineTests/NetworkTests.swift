import Foundation
import Models
import Testing

@testable import TrainingTests

/// Small networks trained on two data sets through the built program, as PyTorch trained them.
@Suite struct NetworkTests {
  @Test(arguments: try NetworkCase.all(), [0, 1])
  func `losses, weights and metrics are PyTorch's`(network: NetworkCase, run: Int) throws {
    let run = network.runs[run]
    let sandbox = try Sandbox()
    let initial = try network.named(network.initial)
    try sandbox.write(start(initial), to: "start.json")
    let command = try [
      "backprop train --data \(Sandbox.sample(network.data)) --target \(network.target)",
      "--model '\(network.formula)' --loss \(network.lossName) --init start.json",
      "--standardize \(network.standardiseTarget == nil ? "inputs" : "all")",
      "--batch-size \(network.batch == network.rows ? "full" : "\(network.batch)")",
      "--lr \(network.learningRate) --epochs \(network.epochs) --precision \(run.dtype)",
      #require(network.optimizerRule().flags),
      "--columns epoch,loss,\(initial.map(\.name).joined(separator: ","))",
      "--csv epochs.csv --metrics metrics.json",
    ].joined(separator: " ")
    let result = try sandbox.run(command)
    #expect(result.status == 0 && result.errors == "", "\(result)")

    let epochs = try sandbox.numbers("epochs.csv").rows
    #expect(epochs.map { Int($0[0]) } == Array(0..<network.epochs))
    for (epoch, (row, want)) in zip(epochs, run.epochLossRowMean).enumerated() {
      #expect(run.isNear(row[1], want, epoch: epoch), "epoch \(epoch): \(row[1]), want \(want)")
    }
    let weights = try network.named(run.final).flatMap(\.tensor.data)
    #expect(epochs.last?.count == 2 + weights.count)
    for (found, want) in zip(epochs.last?[2...] ?? [], weights) {
      #expect(run.isNear(weight: found, want), "\(found), want \(want)")
    }

    let metrics = try sandbox.object("metrics.json")
    let loss = try #require(metrics["mean_loss"]?.number)
    #expect(run.isNear(loss, run.finalLossAllRows, epoch: network.epochs - 1))
    #expect(metrics["loss"]?.number == epochs.last?[1])
    #expect(metrics["steps"]?.number == Double(run.stepLoss.count))
    #expect(metrics["rows"]?.number == Double(network.rows))
    #expect(metrics["parameters"]?.number == Double(weights.count))
    #expect(metrics["accuracy"]?.number == run.finalAccuracy)
    let (rmse, r2) = (metrics["rmse"]?.number, metrics["r2"]?.number)
    #expect((rmse == nil) == (run.finalRmse == nil) && (r2 == nil) == (run.finalR2 == nil))
    if let rmse, let want = run.finalRmse {
      #expect(run.isNear(rmse: rmse, want), "RMSE \(rmse), want \(want)")
    }
    if let r2, let want = run.finalR2 {
      #expect(run.isNear(r2: r2, want), "R2 \(r2), want \(want)")
    }
  }

  /// Start values as `--init` reads them.
  private func start(_ tensors: [(name: String, tensor: NetworkCase.Tensor)]) -> String {
    JSON.object(
      Dictionary(
        uniqueKeysWithValues: tensors.map { name, tensor in
          let numbers = tensor.data.map(JSON.number)
          guard tensor.shape.count == 2, let width = tensor.shape.last else {
            return (name, .list(numbers))
          }
          let rows = stride(from: 0, to: numbers.count, by: width).map {
            JSON.list(Array(numbers[$0..<$0 + width]))
          }
          return (name, .list(rows))
        })
    ).line
  }
}
