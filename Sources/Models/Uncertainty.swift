/// The uncertainty of the parameters of a least-squares fit, as its model file keeps it.
public struct Uncertainty: Sendable, Hashable {
  /// The covariance of the estimates, row by row; 0 for parameters that were held.
  public var covariance: [[Double]]
  /// The standard error of one observation of weight 1, 0 or more.
  public var residualStandardError: Double
  /// Observations less free parameters, 1 or more.
  public var degreesOfFreedom: Int
  /// The part of repetitions whose interval holds the true value, above 0 and below 1, unless another is asked for.
  public var level: Double
  /// Whether the errors of the observations were known, so that intervals are those of the normal distribution.
  public var hasKnownErrors: Bool
  /// Whether observations had weights; the weight of a new observation is then unknown, and so are its limits.
  public var isWeighted: Bool

  /// The uncertainty of estimates with a covariance.
  public init(
    covariance: [[Double]], residualStandardError: Double, degreesOfFreedom: Int, level: Double,
    hasKnownErrors: Bool, isWeighted: Bool
  ) {
    self.covariance = covariance
    self.residualStandardError = residualStandardError
    self.degreesOfFreedom = degreesOfFreedom
    self.level = level
    self.hasKnownErrors = hasKnownErrors
    self.isWeighted = isWeighted
  }

  /// The name of the tensor, which no parameter has where there is one.
  static let tensorName = "fit.covariance"
  private static let key = "fit"

  /// What a file's metadata says, apart from the covariance.
  var json: [String: JSON] {
    [
      "residual_standard_error": .number(residualStandardError),
      "degrees_of_freedom": .count(degreesOfFreedom), "level": .number(level),
      "known_errors": .flag(hasKnownErrors), "weighted": .flag(isWeighted),
    ]
  }

  /// Adds it to a model's file.
  public func add(to file: inout Safetensors) {
    file.tensors[Self.tensorName] = Safetensors.Tensor(
      shape: [covariance.count, covariance.count], covariance.flatMap { $0 })
    file.metadata[Self.key] = JSON.object(json).line
  }

  /// What a file says of a model with so many parameters; nil if it says nothing.
  init?(_ file: Safetensors, parameterCount count: Int) throws(ModelFileError) {
    guard let entry = try file.json(Self.key) else { return nil }
    guard let tensor = file.tensors[Self.tensorName], tensor.shape == [count, count] else {
      throw ModelFileError(
        "its '\(Self.tensorName)' is not a square matrix with a row for each parameter")
    }
    let numbers = try tensor.finiteNumbers(Self.tensorName)
    let covariance = (0..<count).map { Array(numbers[$0 * count..<($0 + 1) * count]) }
    let isSymmetric = (0..<count).allSatisfy { row in
      covariance[row][row] >= 0
        && (0..<row).allSatisfy { covariance[row][$0] == covariance[$0][row] }
    }
    if !isSymmetric { throw ModelFileError("its '\(Self.tensorName)' is not a covariance matrix") }
    func fault(_ name: String, _ taken: String) -> ModelFileError {
      ModelFileError("its '\(Self.key)' has no '\(name)' that is \(taken)")
    }
    guard let error = entry.object?["residual_standard_error"]?.number, error >= 0 else {
      throw fault("residual_standard_error", "a number, 0 or more")
    }
    guard let freedom = entry.object?["degrees_of_freedom"]?.wholeNumber, freedom > 0 else {
      throw fault("degrees_of_freedom", "a whole number, 1 or more")
    }
    guard let level = entry.object?["level"]?.number, level > 0, level < 1 else {
      throw fault("level", "above 0 and below 1")
    }
    guard case .flag(let hasKnownErrors)? = entry.object?["known_errors"],
      case .flag(let isWeighted)? = entry.object?["weighted"]
    else { throw fault("known_errors' and 'weighted", "true or false") }
    self.init(
      covariance: covariance, residualStandardError: error, degreesOfFreedom: freedom, level: level,
      hasKnownErrors: hasKnownErrors, isWeighted: isWeighted)
  }
}
