internal import Autograd
internal import Formula

/// A trained model that was read from a file.
///
/// The file was made by `Model/file(parameters:)`, or is the checkpoint of a run, which contains the model.
public struct SavedModel {
  /// The parameters' values, in the precision of the run that found them.
  public enum Values: Sendable, Hashable {
    case float32([Float])
    case float64([Double])

    /// Each value as a double.
    public var doubles: [Double] {
      switch self {
      case .float32(let values): values.map { Double($0) }
      case .float64(let values): values
      }
    }
  }

  /// How far the run of a checkpoint was.
  public struct Progress: Sendable, Hashable {
    /// The epochs that had ended.
    public var epochs: Int
    /// The steps that had been taken.
    public var steps: Int
  }

  /// The formula bound to its columns.
  public let model: Model
  /// A value for each element of the model's parameters; of a checkpoint with a best epoch, those of that epoch.
  public let values: Values
  /// The settings of the run, under the names of the flags.
  public let settings: [String: JSON]
  /// What the run had come to, as in its metrics: `epochs`, `loss`, `validation_loss`.
  public let result: [String: JSON]
  /// How sure the values are; nil unless a fit has found them.
  public let uncertainty: Uncertainty?
  /// The version of the program that wrote the file.
  public let version: String?
  /// How far the run was; nil for a model alone.
  public let progress: Progress?

  /// Reads a file's content.
  ///
  /// Throws if it is not a model's, or if a tensor of a parameter is missing or of another shape.
  public init(_ file: Safetensors) throws(ModelFileError) {
    model = try Model(file)
    let tensors = model.parameters.compactMap { file.tensors[$0.name] }
    let isDouble = tensors.contains { $0.element == .float64 }
    if let best = file.tensors["best.parameters"] {
      guard best.shape == [model.parameterCount],
        let found: Values = isDouble
          ? best.values().map(Values.float64) : best.values().map(Values.float32)
      else {
        throw ModelFileError("its 'best.parameters' are not those of the model")
      }
      _ = try best.finiteNumbers("best.parameters")
      values = found
    } else {
      values =
        isDouble ? .float64(try model.values(in: file)) : .float32(try model.values(in: file))
    }
    settings = try file.json("settings")?.object ?? [:]
    for (key, number) in settings where key == "epochs" && number.wholeNumber == nil {
      throw ModelFileError("its settings have \(number.line) epochs, which is not a whole number")
    }
    version = file.metadata["version"]
    uncertainty = try Uncertainty(file, parameterCount: model.parameterCount)
    if uncertainty != nil, !model.predictsPlainNumbers {
      throw ModelFileError("its 'fit' is of a model that does not predict a number as it is")
    }
    guard let history = file.tensors["history.loss"] else {
      progress = nil
      result = try file.json("result")?.object ?? [:]
      if let epochs = result["epochs"], epochs.wholeNumber == nil {
        throw ModelFileError("its result has \(epochs.line) epochs, which is not a whole number")
      }
      return
    }
    let steps = file.tensors["run.progress"]?.doubles.flatMap {
      $0.count > 1 ? Int(exactly: $0[1]) : nil
    }
    progress = Progress(epochs: history.count, steps: steps ?? 0)
    var result: [String: JSON] = ["epochs": .count(history.count)]
    let validation = file.tensors["history.validation_loss"]?.doubles
    // The kept parameters are those of the lowest validation loss, where a best epoch is kept.
    var kept = history.count - 1
    if file.tensors["best.parameters"] != nil, let validation {
      kept = validation.indices.min { validation[$0] < validation[$1] } ?? kept
    }
    func ofKept(_ losses: [Double]?) -> JSON? {
      losses.flatMap { $0.indices.contains(kept) ? .number($0[kept]) : nil }
    }
    result["loss"] = ofKept(history.doubles)
    result["validation_loss"] = ofKept(validation)
    self.result = result
  }
}
