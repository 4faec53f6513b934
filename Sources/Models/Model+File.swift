public import Autograd
internal import Formula
internal import Tables

/// Why a model file cannot be used.
public struct ModelFileError: Error, Hashable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}

extension Model {
  /// The model as a file: its parameters by name, and in the metadata all else that predicting needs.
  ///
  /// `parameters` has a value for each element. The metadata's keys are those of the flags; columns, levels
  /// and scalings are in JSON. <doc:ModelFiles> tells all of it.
  public func file<Scalar: Precision>(parameters values: [Scalar]) -> Safetensors {
    precondition(values.count == parameterCount, "one value for each element")
    var file = Safetensors()
    var next = 0
    for parameter in parameters {
      let own = values[next..<next + parameter.shape.count]
      file.tensors[parameter.name] = Safetensors.Tensor(shape: parameter.shape.sides, Array(own))
      next += own.count
    }
    file.metadata = [
      "format": Safetensors.modelFormat, "format_version": "\(Safetensors.modelFormatVersion)",
      "model": specification.formula.text,
      "loss": specification.loss.text, "target": target,
      "columns": JSON.list(schema.names.map(JSON.text)).line,
      "levels": JSON.object(schema.allLevels.mapValues { .list($0.map(JSON.text)) }).line,
      "scaling": JSON.object(
        scalings.mapValues { .list([.number($0.center), .number($0.scale)]) }
      ).line,
    ]
    if specification.features != nil || !specification.leftOut.isEmpty {
      let features = specification.features(among: schema.names)
      file.metadata["features"] = JSON.list(features.map(JSON.text)).line
    }
    file.metadata["weights"] = specification.weights
    file.metadata["response"] = specification.response?.text
    return file
  }

  /// The model that a file holds; its parameters' values are ``values(in:as:)``.
  public init(_ file: Safetensors) throws(ModelFileError) {
    func entry(_ key: String) throws(ModelFileError) -> String {
      guard let text = file.metadata[key] else {
        throw ModelFileError("the file does not say what its '\(key)' is")
      }
      return text
    }
    func names(_ key: String) throws(ModelFileError) -> [String] {
      guard let names = try file.json(key)?.names, Set(names).count == names.count else {
        throw ModelFileError("its '\(key)' are not a list of names, each of them once")
      }
      return names
    }
    func object(_ key: String) throws(ModelFileError) -> [String: JSON] {
      guard let value = try file.json(key) else {
        _ = try entry(key)
        return [:]
      }
      guard let object = value.object else {
        throw ModelFileError("its '\(key)' is not a JSON object")
      }
      return object
    }
    try file.checkIsModel()
    let columns = try names("columns")
    let target = try entry("target")
    func require(_ name: String, _ part: String) throws(ModelFileError) {
      if columns.contains(name) { return }
      throw ModelFileError("its \(part) \(excerpt(name)) is none of its columns")
    }
    try require(target, "target")
    var kinds: [String: Schema.Kind] = [:]
    for (name, levels) in try object("levels") {
      guard let levels = levels.names, !levels.isEmpty,
        Set(levels.map { Array($0.utf8) }).count == levels.count
      else {
        throw ModelFileError(
          "its levels of \(excerpt(name)) are not a list of texts, each of them once")
      }
      try require(name, "column of texts")
      kinds[name] = .text(levels: levels)
    }
    if let text = file.metadata["classes"] {
      // A file may number its classes, and say no more than how many there are.
      guard let count = Int(text), (1...Self.mostNumberedClasses).contains(count) else {
        throw ModelFileError(
          "its 'classes' \(excerpt(text)) is not a number from 1 to \(Self.mostNumberedClasses)")
      }
      guard kinds[target] == nil else {
        throw ModelFileError("it has both 'classes' and levels of its target \(excerpt(target))")
      }
      kinds[target] = .text(levels: (0..<count).map { "\($0)" })
    }
    let features = file.metadata["features"] == nil ? nil : try names("features")
    for name in features ?? [] {
      try require(name, "feature")
      if name == target { throw ModelFileError("its feature \(excerpt(name)) is its target") }
    }
    let weights = file.metadata["weights"]
    if let weights { try require(weights, "column of weights") }
    let (formula, loss) = (try entry("model"), try entry("loss"))
    do {
      var specification = Specification(
        formula: try Formula(formula), loss: try ModelLoss(loss), target: target,
        features: features, weights: weights)
      specification.response = try file.metadata["response"].map { text throws(FormulaError) in
        try Formula(text)
      }
      try self.init(specification, schema: Schema(names: columns, kinds: kinds))
    } catch {
      throw ModelFileError("its formulas cannot be read: \(error)")
    }
    try checkClasses()
    for (name, scaling) in try object("scaling") {
      guard let list = scaling.list, case let numbers = list.compactMap(\.number),
        list.count == 2, numbers.count == 2, numbers[1] > 0
      else {
        throw ModelFileError(
          "its scaling of \(excerpt(name)) is not a pair of numbers, the second above 0")
      }
      try require(name, "scaled column")
      scalings[name] = Scaling(center: numbers[0], scale: numbers[1])
    }
  }

  /// The values of the model's parameters that a file holds, one for each element.
  ///
  /// Those of a narrower type than `Scalar` keep their values, those of a wider one are rounded.
  public func values<Scalar: Precision>(
    in file: Safetensors, as _: Scalar.Type = Scalar.self
  ) throws(ModelFileError) -> [Scalar] {
    var values: [Scalar] = []
    for parameter in parameters {
      guard let tensor = file.tensors[parameter.name] else {
        throw ModelFileError("it has no tensor \(excerpt(parameter.name))")
      }
      guard tensor.shape == parameter.shape.sides else {
        throw ModelFileError("its tensor \(excerpt(parameter.name)) is not \(parameter.shape)")
      }
      values += try tensor.finiteNumbers(parameter.name).map { Scalar($0) }
    }
    return values
  }

  /// Throws if the target does not have as many classes as the loss takes.
  private func checkClasses() throws(ModelFileError) {
    guard let loss = specification.loss.named else { return }
    let scores = binding.predictionShape.count
    let count = classes?.count ?? 0
    let isFitting =
      specification.hasScores ? count == scores : count == 0 || count == 2 && loss.targets == 0...1
    if isFitting { return }
    throw ModelFileError(
      "its target \(excerpt(target)) has \(count) classes, which do not fit "
        + (specification.hasScores ? "\(scores) scores" : "the loss \(loss.name)"))
  }

  /// As many as a layer may have outputs.
  private static var mostNumberedClasses: Int { 1_000_000 }
}

extension Safetensors {
  static let modelFormat = "backprop"
  /// The latest version of the format; a file that does not say which it has is of the first.
  static let modelFormatVersion = 1

  /// Throws if the file is not a model's, or is one of a later version of the format.
  func checkIsModel() throws(ModelFileError) {
    guard metadata["format"] == Self.modelFormat else {
      throw ModelFileError("its tensors are not of a model of backprop")
    }
    guard let text = metadata["format_version"] else { return }
    guard let version = Int(text), version >= 1 else {
      throw ModelFileError(
        "its 'format_version' \(excerpt(text)) is not a whole number of 1 or more")
    }
    if version > Self.modelFormatVersion {
      throw ModelFileError(
        "it is of version \(version) of the format, and only versions up to "
          + "\(Self.modelFormatVersion) are known here: a later backprop reads it")
    }
  }

  /// The value of an entry of the metadata that is in JSON; nil if there is no such entry.
  public func json(_ key: String) throws(ModelFileError) -> JSON? {
    guard let text = metadata[key] else { return nil }
    do throws(JSONError) { return try JSON(parsing: text) } catch {
      throw ModelFileError("its '\(key)' cannot be read: \(error)")
    }
  }
}

extension JSON {
  /// The texts of a list that holds nothing else.
  fileprivate var names: [String]? {
    let names = list?.compactMap(\.text)
    return names?.count == list?.count ? names : nil
  }
}

extension Safetensors.Tensor {
  /// The tensor's numbers; throws if it holds none, or one that is not finite.
  func finiteNumbers(_ name: String) throws(ModelFileError) -> [Double] {
    guard let numbers = doubles else {
      throw ModelFileError(
        "its tensor \(excerpt(name)) holds values of type \(element.rawValue) that are not doubles")
    }
    if let number = numbers.first(where: { !$0.isFinite }) {
      throw ModelFileError("its tensor \(excerpt(name)) holds \(number.shortestDecimal)")
    }
    return numbers
  }

  /// A tensor of values of a run's precision, every bit of which is kept.
  public init<Scalar: Precision>(shape: [Int], _ values: [Scalar]) {
    self.init(
      Scalar.self == Float.self ? .float32 : .float64, shape: shape, bytes: littleEndian(values))
  }

  /// The values of a tensor of a run's precision; nil for one of another type.
  public func values<Scalar: Precision>(as _: Scalar.Type = Scalar.self) -> [Scalar]? {
    if let floats = floats as? [Scalar] { return floats }
    return element == .float64 ? doubles as? [Scalar] : nil
  }
}
