public import Autograd
public import Models
internal import Tables

/// What must be kept of a run so that it can be continued as if it had never stopped.
///
/// As a file it is a model file with more tensors: `optimizer.…` and `schedule.…` hold their states under PyTorch's
/// names, `history.…` the records of finished epochs, `best.parameters` the parameters of the best epoch, and
/// `run.progress` and `run.gradients` the state of the current epoch. No parameter has such a name, since only
/// names of layers contain a point.
public struct Checkpoint<Scalar: Precision> {
  var optimizer: OptimizerState<Scalar>
  var schedule: [(name: String, value: Double)]
  var parameters: [Scalar]
  var best: [Scalar]?
  var epochs: History
  var rowsDone: Int
  var stepCount: Int
  var lossSum: Double
  var divisorSum: Double
  var lastLoss: Scalar
  /// The last step's gradients, where the epoch in work may have no other step; else none.
  var lastGradients: [Scalar]
}

/// Why a run cannot be continued from a file.
public struct CheckpointError: Error, Hashable, CustomStringConvertible {
  /// One sentence for the user.
  public let description: String

  init(_ description: String) { self.description = description }
}

extension Trainer {
  /// The state of the run, from which it can be continued.
  public var checkpoint: Checkpoint<Scalar> {
    // Rows without weight make no step, so that the rest of an epoch may have none.
    let keepsGradients = rowsDone > 0 && settings.recording.gradientNorm
    return Checkpoint(
      optimizer: optimizer?.state ?? OptimizerState(), schedule: schedule.state,
      parameters: current, best: best, epochs: epochs, rowsDone: rowsDone,
      stepCount: stepCount, lossSum: lossSum, divisorSum: divisorSum, lastLoss: results[0],
      lastGradients: keepsGradients ? Array(results[1...]) : [])
  }

  /// Continues another run of the same model, data and settings from its checkpoint.
  ///
  /// Throws if the checkpoint belongs to other settings.
  public mutating func resume(from checkpoint: Checkpoint<Scalar>) throws(CheckpointError) {
    let keepsGradients = checkpoint.rowsDone > 0 && settings.recording.gradientNorm
    guard optimizer?.canResume(from: checkpoint.optimizer) == true,
      schedule.canResume(from: checkpoint.schedule),
      checkpoint.schedule.first?.value == Double(checkpoint.epochs.count),
      checkpoint.epochs.allSatisfy({ ($0.validationLoss != nil) == isValidated }),
      checkpoint.parameters.count == current.count, checkpoint.parameters.areFinite,
      checkpoint.best?.areFinite != false,
      checkpoint.best?.count
        == (settings.patience == nil || checkpoint.epochs.isEmpty ? nil : current.count),
      (keepsGradients ? [current.count] : [0, current.count])
        .contains(checkpoint.lastGradients.count),
      (0..<rows.count).contains(checkpoint.rowsDone)
    else {
      throw CheckpointError("what it holds is not the state of this run")
    }
    optimizer?.state = checkpoint.optimizer
    schedule.state = checkpoint.schedule
    current = checkpoint.parameters
    best = checkpoint.best
    for epoch in checkpoint.epochs { _ = append(epoch) }
    rowsDone = checkpoint.rowsDone
    stepCount = checkpoint.stepCount
    lossSum = checkpoint.lossSum
    divisorSum = checkpoint.divisorSum
    results[0] = checkpoint.lastLoss
    for (index, gradient) in checkpoint.lastGradients.enumerated() { results[1 + index] = gradient }
  }
}

extension Checkpoint {
  /// The file of a model and of its run, whose epochs have recorded what `recording` says.
  public func file(of model: Model, recording: Recording) -> Safetensors {
    var file = model.file(parameters: parameters)
    for (name, values) in optimizer.vectors { file.tensors["optimizer.\(name)"] = vector(values) }
    for (name, value) in optimizer.numbers { file.tensors["optimizer.\(name)"] = vector([value]) }
    for (name, value) in schedule { file.tensors["schedule.\(name)"] = vector([value]) }
    if let best { file.tensors["best.parameters"] = vector(best) }
    file.tensors["history.loss"] = vector(epochs.losses)
    file.tensors["history.lr"] = vector(epochs.learningRates)
    if !epochs.validationLosses.isEmpty {
      file.tensors["history.validation_loss"] = vector(epochs.validationLosses)
    }
    if recording.accuracy {
      file.tensors["history.accuracy"] = vector(epochs.accuracies)
    }
    if recording.validationAccuracy {
      file.tensors["history.validation_accuracy"] = vector(epochs.validationAccuracies)
    }
    if recording.gradientNorm {
      file.tensors["history.gradient_norm"] = vector(epochs.gradientNorms)
    }
    if recording.parameterNorm {
      file.tensors["history.parameter_norm"] = vector(epochs.parameterNorms)
    }
    for (element, values) in zip(recording.elements, epochs.elements) {
      file.tensors["history.\(model.parameterElement(element))"] = vector(values)
    }
    file.tensors["run.progress"] = vector(
      [Double(rowsDone), Double(stepCount), lossSum, divisorSum, Double(lastLoss)])
    if !lastGradients.isEmpty { file.tensors["run.gradients"] = vector(lastGradients) }
    file.metadata["state"] =
      JSON.object([
        "vectors": .list(optimizer.vectors.map { .text($0.name) }),
        "numbers": .list(optimizer.numbers.map { .text($0.name) }),
        "schedule": .list(schedule.map { .text($0.name) }),
      ]).line
    return file
  }

  /// Reads the run of a model from a file; its epochs must have recorded what `recording` says.
  public init(_ file: Safetensors, of model: Model, recording: Recording) throws(CheckpointError) {
    let state: JSON?
    do throws(ModelFileError) {
      state = try file.json("state")
      parameters = try model.values(in: file)
    } catch {
      throw CheckpointError("\(error)")
    }
    guard let state = state?.object else {
      throw CheckpointError(
        "this is a model, not a checkpoint with the state of a run")
    }
    func names(_ key: String) -> [String] { state[key]?.list?.compactMap(\.text) ?? [] }
    func values<Value: Precision>(_ name: String) throws(CheckpointError) -> [Value] {
      guard let values: [Value] = file.tensors[name]?.values() else {
        throw CheckpointError("it has no tensor \(excerpt(name)) in this run's precision")
      }
      return values
    }
    func number(_ name: String) throws(CheckpointError) -> Double {
      let numbers: [Double] = try values(name)
      guard numbers.count == 1 else {
        throw CheckpointError("its \(excerpt(name)) is not one number")
      }
      return numbers[0]
    }
    optimizer = OptimizerState()
    for name in names("vectors") {
      optimizer.vectors.append((name, try values("optimizer.\(name)")))
    }
    for name in names("numbers") {
      optimizer.numbers.append((name, try number("optimizer.\(name)")))
    }
    schedule = []
    for name in names("schedule") { schedule.append((name, try number("schedule.\(name)"))) }
    best = file.tensors["best.parameters"] == nil ? nil : try values("best.parameters")
    let progress: [Double] = try values("run.progress")
    guard progress.count == 5, let rowsDone = wholeCount(progress[0]),
      let stepCount = wholeCount(progress[1])
    else {
      throw CheckpointError("its 'progress' is not rows, steps and sums")
    }
    (self.rowsDone, self.stepCount) = (rowsDone, stepCount)
    (lossSum, divisorSum, lastLoss) = (progress[2], progress[3], Scalar(progress[4]))
    lastGradients = file.tensors["run.gradients"] == nil ? [] : try values("run.gradients")
    epochs = try Self.epochs(in: file, of: model, recording)
  }

  private static func epochs(
    in file: Safetensors, of model: Model, _ recording: Recording
  ) throws(CheckpointError) -> History {
    let count = file.tensors["history.loss"]?.count ?? 0
    func history(_ name: String) throws(CheckpointError) -> [Double] {
      let values: [Double]? = file.tensors["history.\(name)"]?.values()
      guard let values, values.count == count else {
        throw CheckpointError(
          "it has no history of \(excerpt(name)), which a column of the CSV needs")
      }
      return values
    }
    let losses = try history("loss")
    let rates = try history("lr")
    let isValidated = file.tensors["history.validation_loss"] != nil
    let validationLosses = isValidated ? try history("validation_loss") : []
    let accuracies = recording.accuracy ? try history("accuracy") : []
    let validationAccuracies =
      recording.validationAccuracy ? try history("validation_accuracy") : []
    let gradientNorms = recording.gradientNorm ? try history("gradient_norm") : []
    let parameterNorms = recording.parameterNorm ? try history("parameter_norm") : []
    let elements = try recording.elements.map { element throws(CheckpointError) in
      try history(model.parameterElement(element))
    }
    var epochs = History(recording, constantRate: nil)
    for epoch in losses.indices {
      epochs.append(
        Epoch(
          number: epoch, loss: losses[epoch],
          validationLoss: isValidated ? validationLosses[epoch] : nil,
          accuracy: recording.accuracy ? accuracies[epoch] : nil,
          validationAccuracy: recording.validationAccuracy ? validationAccuracies[epoch] : nil,
          learningRate: rates[epoch],
          gradientNorm: recording.gradientNorm ? gradientNorms[epoch] : .nan,
          parameterNorm: recording.parameterNorm ? parameterNorms[epoch] : .nan,
          elements: elements.map { $0[epoch] }))
    }
    return epochs
  }
}

private func vector<Scalar: Precision>(_ values: [Scalar]) -> Safetensors.Tensor {
  Safetensors.Tensor(shape: [values.count], values)
}
