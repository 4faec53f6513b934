import Autograd
import Testing
import Training

/// A trajectory of optimizers.json or optimizers-more.json.
struct Trajectory: Decodable, Sendable, CustomTestStringConvertible {
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
  let hyper: [String: PyTorchValue]
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

  private static let files = Result {
    try ["optimizers", "optimizers-more"].map { try Fixture.read($0, as: File.self) }
  }

  static func all() throws -> [Trajectory] { try files.get().flatMap(\.trajectories) }

  var learningRate: Double { hyper["lr"]?.number ?? .nan }

  func makeObjective<Scalar: Precision>(as type: Scalar.Type) throws -> Objective<Scalar> {
    guard let (a, b) = try leastSquares() else { return try .rosenbrock() }
    return try .leastSquares(a, b)
  }

  /// The rows of three and what they are to make, where the objective is that of least squares.
  func leastSquares() throws -> (a: [Double], b: [Double])? {
    if objective == "rosenbrock" { return nil }
    let file = try #require(try Self.files.get().first { $0.trajectories.contains { $0.id == id } })
    let data = try #require(file.objectives.first { $0.name == "least_squares" })
    return (try #require(data.a).data, try #require(data.b).data)
  }

  /// Our rule, told what PyTorch's was.
  func rule() throws -> any OptimizerRule {
    #expect(hyper["maximize"]?.isTrue != true && hyper["decoupled_weight_decay"]?.isTrue != true)
    let isAMSGrad = optimizer == "Adam" && hyper["amsgrad"]?.isTrue == true
    var rule = try #require(
      optimizerRules.first { isAMSGrad ? $0.name == "amsgrad" : $0.pytorchName == optimizer })
    try rule.tell(hyper)
    if var search = rule as? LBFGS, hyper["line_search_fn"]?.word == nil {
      search.lineSearch = .none
      return search
    }
    return rule
  }
}
