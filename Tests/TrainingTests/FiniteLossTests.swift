import Autograd
import Formula
import Models
import Testing
import Training

/// Losses that stop being finite though every step's is finite.
@Suite struct FiniteLossTests {
  private func model(_ formula: String) throws -> Model {
    try Model(
      Specification(formula: Formula(formula), target: "y"), schema: Schema(names: ["x", "y"]))
  }

  @Test func `a sum of an epoch's losses that overflows is a divergence`() throws {
    let columns: [[Double]] = [[0, 0, 0, 0], [1.2e154, -1.2e154, 1.2e154, 1.2e154]]
    var settings = Settings(learningRate: 1e-300, epochs: 3, batchSize: .rows(1))
    settings.epochLoss = .mean
    var trainer = Trainer<Double>(
      try model("w*x"), data: Columns(columns), initial: [1], settings: settings)
    let outcome = trainer.run()
    guard case .diverged(let divergence) = outcome, case .epochLoss = divergence.cause else {
      Issue.record("\(outcome)")
      return
    }
    #expect(trainer.hasDiverged && trainer.epochs.map(\.loss) == [.infinity])
    #expect(divergence.epoch == 0 && divergence.row == nil)
  }

  @Test func `the row and the operation that a validation loss fails at are told`() throws {
    var trainer = Trainer<Float>(
      try model("w*log(x)"), data: Columns([[1, 2], [3, 4]]),
      validation: Columns([[1, -2, -3], [3, 4, 5]]), initial: [1], settings: Settings(epochs: 1))
    _ = trainer.run()
    #expect(trainer.epochs[0].validationLoss?.isNaN == true && trainer.epochs[0].loss.isFinite)
    let found = trainer.validationFault
    let (row, fault) = try #require(found)
    #expect(row == 1 && fault.expression == "log(x)" && fault.operands == [-2])
  }
}
