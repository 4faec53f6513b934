import Autograd
import Testing
import Training

/// A trajectory of optimizers.json.
struct Trajectory: Decodable, Sendable, CustomTestStringConvertible {
  struct Hyper: Decodable, Sendable {
    let lr: Double
    let momentum, dampening, weightDecay, eps, momentumDecay, alpha, lrDecay: Double?
    let initialAccumulatorValue, rho, toleranceGrad, toleranceChange: Double?
    let betas: [Double]?
    let nesterov, amsgrad, centered, maximize, decoupledWeightDecay: Bool?
    let maxIter, maxEval, historySize: Int?
    let lineSearchFn: String?
  }
  struct Clip: Decodable, Sendable {
    let kind: String
    let max: Double
    var clipping: Clipping? {
      switch kind {
      case "norm": .norm(max)
      case "value": .value(max)
      default: nil
      }
    }
  }
  struct Tensor: Decodable, Sendable { let data: [Double] }
  struct ObjectiveData: Decodable, Sendable {
    enum CodingKeys: String, CodingKey {
      case name, b
      case a = "A"
    }
    let name: String
    let a, b: Tensor?
  }

  let id, optimizer, objective, dtype: String
  let hyper: Hyper
  let start: [Double]
  let clip: Clip?
  let steps: Int
  let params: Tensor
  let roundingSpread: [Double]

  /// The parameters after each step.
  var expected: [ArraySlice<Double>] {
    let count = start.count
    return (0..<steps).map { params.data[$0 * count..<($0 + 1) * count] }
  }

  var testDescription: String { id }

  struct File: Decodable, Sendable {
    let objectives: [ObjectiveData]
    let trajectories: [Trajectory]
  }

  private static let file = Result { try Fixture.read("optimizers", as: File.self) }

  static func all() throws -> [Trajectory] { try file.get().trajectories }

  func makeObjective<Scalar: Precision>(as type: Scalar.Type) throws -> Objective<Scalar> {
    guard let (a, b) = try leastSquares() else { return try .rosenbrock() }
    return try .leastSquares(a, b)
  }

  /// The rows of three and what they are to make, where the objective is that of least squares.
  func leastSquares() throws -> (a: [Double], b: [Double])? {
    if objective == "rosenbrock" { return nil }
    let data = try #require(
      try Self.file.get().objectives.first { $0.name == "least_squares" })
    return (try #require(data.a).data, try #require(data.b).data)
  }

  func settings() throws -> OptimizerSettings {
    let name = try #require(OptimizerName(rawValue: optimizer.lowercased()))
    #expect(hyper.maximize != true && hyper.decoupledWeightDecay != true)
    // Where PyTorch's default is stated, it is ours.
    var settings = OptimizerSettings(name == .adam && hyper.amsgrad == true ? .amsgrad : name)
    if let value = hyper.momentum { settings.momentum = value }
    if let value = hyper.dampening { settings.dampening = value }
    if let value = hyper.nesterov { settings.nesterov = value }
    if let value = hyper.weightDecay { settings.weightDecay = value }
    if let value = hyper.betas { settings.betas = .init(value[0], value[1]) }
    if let value = hyper.eps { settings.eps = value }
    if let value = hyper.amsgrad { settings.amsgrad = value }
    if let value = hyper.momentumDecay { settings.momentumDecay = value }
    if let value = hyper.alpha { settings.alpha = value }
    if let value = hyper.centered { settings.centered = value }
    if let value = hyper.lrDecay { settings.lrDecay = value }
    if let value = hyper.initialAccumulatorValue { settings.initialAccumulatorValue = value }
    if let value = hyper.rho { settings.rho = value }
    if let value = hyper.maxIter { settings.maxIterations = value }
    if let value = hyper.maxEval { settings.maxEvaluations = value }
    if let value = hyper.historySize { settings.historySize = value }
    if let value = hyper.toleranceGrad { settings.toleranceGrad = value }
    if let value = hyper.toleranceChange { settings.toleranceChange = value }
    if name == .lbfgs, hyper.lineSearchFn == nil { settings.lineSearch = .none }
    return settings
  }
}
