public import Autograd
internal import Formula

/// A model in a file that cannot be used, and why.
public struct ModelFileError: Error, Hashable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}

extension Model {
  /// The model as a file: its parameters by name, and in the metadata all else that predicting needs.
  ///
  /// `parameters` has a value for each element. The metadata's keys are those of the flags; columns, levels
  /// and scalings are in JSON.
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
      "format": Self.fileFormat, "model": specification.formula.text,
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
    return file
  }

  /// The model that a file holds; its parameters' values are ``values(in:)``.
  public init(_ file: Safetensors) throws(ModelFileError) {
    func entry(_ key: String) throws(ModelFileError) -> String {
      guard let text = file.metadata[key] else {
        throw ModelFileError("the file does not say what its '\(key)' is")
      }
      return text
    }
    func names(_ key: String) throws(ModelFileError) -> [String] {
      let list = JSON(parsing: try entry(key))?.list
      let names = list?.compactMap(\.text)
      guard let names, names.count == list?.count else {
        throw ModelFileError("its '\(key)' are no list of names")
      }
      return names
    }
    guard file.metadata["format"] == Self.fileFormat else {
      throw ModelFileError("its tensors are not of a model of backprop")
    }
    let columns = try names("columns")
    let target = try entry("target")
    guard columns.contains(target) else {
      throw ModelFileError("its target '\(target)' is none of its columns")
    }
    let levels = JSON(parsing: try entry("levels"))?.object ?? [:]
    var kinds = levels.mapValues { Schema.Kind.text(levels: $0.list?.compactMap(\.text) ?? []) }
    if let count = file.metadata["classes"].flatMap({ Int($0) }), count > 0 {
      // A file may number its classes, and say no more than how many there are.
      kinds[target] = .text(levels: (0..<count).map { "\($0)" })
    }
    do {
      let specification = Specification(
        formula: try Formula(try entry("model")), loss: try ModelLoss(try entry("loss")),
        target: target, features: file.metadata["features"] == nil ? nil : try names("features"),
        weights: file.metadata["weights"])
      try self.init(specification, schema: Schema(names: columns, kinds: kinds))
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw ModelFileError("its formulas cannot be read: \(error)")
    }
    for (name, scaling) in JSON(parsing: try entry("scaling"))?.object ?? [:] {
      guard let numbers = scaling.list?.compactMap(\.number), numbers.count == 2 else {
        throw ModelFileError("its scaling of '\(name)' is no pair of numbers")
      }
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
        throw ModelFileError("it has no tensor '\(parameter.name)'")
      }
      guard tensor.shape == parameter.shape.sides, let numbers = tensor.doubles else {
        throw ModelFileError("its tensor '\(parameter.name)' is not \(parameter.shape)")
      }
      values += numbers.map { Scalar($0) }
    }
    return values
  }

  private static var fileFormat: String { "backprop" }
}

extension Safetensors.Tensor {
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
