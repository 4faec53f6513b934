import Models
import Testing
import Training

/// A case of mlp.json.
struct NetworkCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Layer: Decodable, Sendable {
    let type: String
    let out: Int?
  }
  struct Scalings: Decodable, Sendable { let mean, std: [Double] }
  struct Scaling: Decodable, Sendable { let mean, std: Double }
  struct Tensor: Decodable, Sendable {
    let shape: [Int]
    let data: [Double]
  }

  struct Run: Decodable, Sendable, CustomTestStringConvertible {
    struct Spread: Decodable, Sendable {
      let epochWorstStepLoss: [Double]
      let finalWeights: Double
    }
    let dtype: String
    let stepsPerEpoch: Int
    let stepLoss, epochLossRowMean: [Double]
    let final: [String: Tensor]
    let finalLossAllRows: Double
    let finalAccuracy, finalRmse, finalR2: Double?
    let finalPredictedClass: [Int]?
    let finalPredictions: [Double]?
    let roundingSpread: Spread

    var testDescription: String { dtype }
    private var eps: Double { dtype == "float32" ? 0x1p-23 : 0x1p-52 }

    /// How far rounding may take a value that is computed from the same numbers.
    private func rounding(of want: Double) -> Double { 64 * eps * max(1, abs(want)) }

    /// How far a loss of an epoch may be from PyTorch's.
    private func tolerance(ofLoss want: Double, epoch: Int) -> Double {
      16 * roundingSpread.epochWorstStepLoss[epoch] + rounding(of: want)
    }

    /// Whether a loss of an epoch is PyTorch's.
    func isNear(_ found: Double, _ want: Double, epoch: Int) -> Bool {
      abs(found - want) <= tolerance(ofLoss: want, epoch: epoch)
    }

    /// Whether a weight at the end is PyTorch's.
    func isNear(weight found: Double, _ want: Double) -> Bool {
      abs(found - want) <= 16 * roundingSpread.finalWeights + 64 * eps
    }

    /// The part by which the mean squared error at the end may differ from PyTorch's: it is the loss in
    /// another unit.
    private var partOfError: Double {
      tolerance(ofLoss: finalLossAllRows, epoch: roundingSpread.epochWorstStepLoss.count - 1)
        / finalLossAllRows
    }

    /// Whether the root of the mean squared error is PyTorch's; a root halves the part.
    func isNear(rmse found: Double, _ want: Double) -> Bool {
      abs(found - want) <= partOfError / 2 * want
    }

    /// Whether R2 is PyTorch's: 1 less the mean squared error over the variance.
    func isNear(r2 found: Double, _ want: Double) -> Bool {
      abs(found - want) <= partOfError * (1 - want)
    }

    /// Whether a prediction in the target's own unit, made with PyTorch's weights, is PyTorch's, which has
    /// six decimals.
    func isNear(prediction found: Double, _ want: Double, scaling: Models.Scaling) -> Bool {
      abs(found - want) <= 0.5e-6 + rounding(of: scaling(want)) * scaling.scale
    }
  }

  let id, data, target, loss, optimizer: String
  let rows, batch, epochs: Int
  let features: [String]
  let standardise: Scalings
  let standardiseTarget: Scaling?
  let layers: [Layer]
  let hyper: [String: PyTorchValue]
  let initial: [String: Tensor]
  let runs: [Run]

  var testDescription: String { id }

  static func all() throws -> [NetworkCase] {
    struct File: Decodable { let cases: [NetworkCase] }
    return try Fixture.read("mlp", as: File.self).cases
  }

  /// The network as a formula.
  var formula: String {
    let stages = layers.map { layer in layer.out.map { "dense(\($0))" } ?? layer.type }
    return (["inputs"] + stages).joined(separator: " |> ")
  }

  /// The loss by our name.
  var lossName: String { loss == "cross_entropy" ? "cross-entropy" : loss }

  /// Tensors by our names, in the order of the formula.
  func named(_ tensors: [String: Tensor]) throws -> [(name: String, tensor: Tensor)] {
    let places = layers.indices.filter { layers[$0].out != nil }
    return try zip(places, 1...).flatMap { place, layer in
      try ["weight", "bias"].map { part in
        ("dense\(layer).\(part)", try #require(tensors["\(place).\(part)"]))
      }
    }
  }

  func optimizerRule() throws -> any OptimizerRule {
    var rule = try #require(optimizerRules.first { $0.pytorchName == optimizer })
    try rule.tell(hyper)
    return rule
  }

  var learningRate: Double { hyper["lr"]?.number ?? .nan }
}
