import Autograd
import Formula
import Models
import Testing

@testable import Training

/// Runs that stop between two steps and go on from what a file holds.
@Suite struct CheckpointTests {
  /// A line through six rows, of which the last three have no weight.
  private func makeTrainer(
    batchRows: Int = 2, order: Settings.RowOrder = .table, patience: Int? = nil,
    optimizer: any OptimizerRule = with(SGD()) { $0.momentum = 0.5 }
  ) throws -> Trainer<Float> {
    let specification = Specification(
      formula: try Formula("a*x + b"), target: "y", weights: "weight")
    let model = try Model(specification, schema: Schema(names: ["x", "weight", "y"]))
    #expect(model.columns == [.number("x"), .number("weight"), .number("y")])
    var settings = Settings(learningRate: 0.02, epochs: 3, batchSize: .rows(batchRows))
    settings.optimizer = optimizer
    settings.order = order
    settings.recording.gradientNorm = true
    settings.recording.parameterNorm = true
    settings.recording.elements = [0]
    let columns = [[1.0, 2, 3, 4, 5, 6], [1, 2, 0.5, 0, 0, 0], [1.0, 3, 4, 5, 5, 7]]
    settings.patience = patience
    let others = patience == nil ? columns.map { _ in [] } : columns.map { [$0[1], $0[2]] }
    return Trainer(
      model, data: Columns(columns), validation: Columns(others), initial: [1, 0],
      settings: settings)
  }

  @Test(arguments: [1, 2, 4], [.table, .shuffled, .shuffledInBlocks] as [Settings.RowOrder])
  func `a run that stops after any step goes on to the same epochs`(
    batchRows: Int, order: Settings.RowOrder
  ) throws {
    var whole = try makeTrainer(batchRows: batchRows, order: order)
    var looks = 0
    _ = whole.run(shouldStop: { _ in
      looks += 1
      return false
    })
    #expect(whole.epochs.count == 3 && whole.epochs.allSatisfy { $0.gradientNorm > 0 })
    for stop in 1..<looks {
      var first = try makeTrainer(batchRows: batchRows, order: order)
      var count = 0
      let outcome = first.run(shouldStop: { _ in
        count += 1
        return count == stop
      })
      guard case .interrupted = outcome else { continue }
      let recording = first.settings.recording
      let bytes = try first.checkpoint.file(of: first.model, recording: recording).serialized()
      var second = try makeTrainer(batchRows: batchRows, order: order)
      try second.resume(
        from: Checkpoint(Safetensors(reading: bytes), of: second.model, recording: recording))
      _ = second.run()
      #expect(Array(second.epochs) == Array(whole.epochs), "stopped at look \(stop)")
      #expect(second.parameters == whole.parameters, "stopped at look \(stop)")
      #expect(second.stepCount == whole.stepCount)
      #expect(second.bestEpoch == whole.bestEpoch)
    }
  }

  @Test func `a file that lacks anything, or has too much of it, is refused`() throws {
    var trainer = try makeTrainer(patience: 5)
    var ends = 0
    _ = trainer.run(shouldStop: { rowsDone in
      ends += rowsDone == 0 ? 1 : 0
      return ends == 2 && rowsDone == 2
    })
    #expect(trainer.epochs.count == 2 && trainer.rowsDone == 2)
    let recording = trainer.settings.recording
    let file = trainer.checkpoint.file(of: trainer.model, recording: recording)
    func resume(_ file: Safetensors) throws {
      var fresh = try makeTrainer(patience: 5)
      try fresh.resume(from: Checkpoint(file, of: fresh.model, recording: recording))
    }
    try resume(file)
    #expect(file.tensors.count == 17, "\(file.tensors.keys.sorted())")
    for (name, tensor) in file.tensors {
      var spoilt = file
      spoilt.tensors[name] = nil
      #expect(throws: CheckpointError.self, "without \(name)") { try resume(spoilt) }
      let values = try #require(tensor.doubles)
      spoilt.tensors[name] =
        tensor.element == .float32
        ? Safetensors.Tensor(shape: [values.count + 1], values.map { Float($0) } + [0])
        : Safetensors.Tensor(shape: [values.count + 1], values + [0])
      #expect(throws: CheckpointError.self, "with more of \(name)") { try resume(spoilt) }
    }
    for epoch in [0.0, 1, 3] {
      var spoilt = file
      spoilt.tensors["schedule.epoch"] = Safetensors.Tensor(shape: [1], [epoch])
      #expect(throws: CheckpointError.self, "in epoch \(epoch)") { try resume(spoilt) }
    }
    // No run counts to 2⁶³, and one that went on from there would count too far.
    for count in [-1, 0.5, 0x1p53 + 2, 0x1p63 - 1024, 0x1p63, .infinity, .nan] {
      for name in ["schedule.num_bad_epochs", "schedule.cooldown_counter"] {
        var spoilt = file
        spoilt.tensors[name] = Safetensors.Tensor(shape: [1], [count])
        #expect(throws: CheckpointError.self, "\(name) \(count)") { try resume(spoilt) }
      }
      for index in 0..<2 {
        var spoilt = file
        var progress = try #require(file.tensors["run.progress"]?.doubles)
        progress[index] = count
        spoilt.tensors["run.progress"] = Safetensors.Tensor(shape: [5], progress)
        #expect(throws: CheckpointError.self, "progress \(index) \(count)") { try resume(spoilt) }
      }
    }
    for name in ["a", "best.parameters"] {
      var spoilt = file
      let count = try #require(file.tensors[name]?.count)
      spoilt.tensors[name] = Safetensors.Tensor(
        shape: file.tensors[name]?.shape ?? [], [Float](repeating: .nan, count: count))
      #expect(throws: CheckpointError.self, "\(name)") { try resume(spoilt) }
    }
  }

  @Test(arguments: [Adam() as any OptimizerRule, LBFGS(), NAdam(), ASGD()])
  func `a count of steps that no run can have taken is refused`(rule: any OptimizerRule) throws {
    var trainer = try makeTrainer(optimizer: rule)
    _ = trainer.run()
    let recording = trainer.settings.recording
    var file = trainer.checkpoint.file(of: trainer.model, recording: recording)
    for count in [0x1p63 - 1024, 0x1p62, 0x1p53 + 2, -1] {
      file.tensors["optimizer.step"] = Safetensors.Tensor(shape: [1], [count])
      let checkpoint = try Checkpoint<Float>(file, of: trainer.model, recording: recording)
      #expect(throws: CheckpointError.self) { try trainer.resume(from: checkpoint) }
    }
  }
}
