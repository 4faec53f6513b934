import Testing

/// A case of mlp.json: a small network trained on a table.
struct NetworkCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Layer: Decodable, Sendable {
    let type: String
    let out: Int?
  }
  struct Tensor: Decodable, Sendable {
    let shape: [Int]
    let data: [Double]
  }
  struct Spread: Decodable, Sendable {
    let epochWorstStepLoss: [Double]
    let finalWeights: Double
  }
  struct Run: Decodable, Sendable {
    let dtype: String
    let stepsPerEpoch: Int
    let stepLoss, epochLossRowMean: [Double]
    let final: [String: Tensor]
    let finalAccuracy, finalRmse, finalR2: Double?
    let roundingSpread: Spread
  }
  struct Hyper: Decodable, Sendable {
    let lr: Double
    let momentum, weightDecay: Double?
  }
  let id, data, target, loss, optimizer: String
  let classes: [String]?
  let layers: [Layer]
  let hyper: Hyper
  let batch, epochs: Int
  let initial: [String: Tensor]
  let runs: [Run]

  var testDescription: String { id }

  static func all() throws -> [NetworkCase] {
    struct File: Decodable { let cases: [NetworkCase] }
    return try Fixture.read("mlp", as: File.self).cases
  }

  /// The network as a formula.
  var formula: String {
    let layers = layers.map { layer in layer.out.map { "dense(\($0))" } ?? layer.type }
    return "inputs |> " + layers.joined(separator: " |> ")
  }

  /// PyTorch's name of a parameter, as `2.weight` for `dense2.weight`: there all layers count.
  func torchName(of parameter: String) -> String {
    let parts = parameter.split(separator: ".")
    let number = Int(parts[0].dropFirst("dense".count)) ?? 0
    let places = layers.indices.filter { layers[$0].out != nil }
    return "\(places[number - 1]).\(parts[1])"
  }
}
