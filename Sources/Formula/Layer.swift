internal import Autograd

/// A function that brings parameters of its own, or acts while training only.
///
/// Its first argument is a value, which the pipe gives it; the others are constants.
struct Layer: Sendable {
  let name: String
  let arguments: String
  let summary: String
  let example: String
  /// How many arguments it takes, the value included.
  let argumentCounts: ClosedRange<Int>
  /// Whether the value must be a vector: one number's layer norm is its bias, whatever the number.
  var takesVector = false
  /// What may be wrong with the constants, in words; nil if nothing is.
  let complaint: @Sendable ([Double]) -> String?
  /// Builds the layer; the last argument says which step of the formula it is.
  let body: @Sendable (Node, [Double], inout Scope, _ stepIndex: Int) -> Node

  static let all = [
    Layer(
      name: "dense", arguments: "x, n",
      summary: "n weighted sums of x, each with a bias; a number if n is 1",
      example: "inputs |> dense(8) |> relu |> dense(1)", argumentCounts: 2...2,
      complaint: { outputsComplaint($0[0]) },
      body: dense),
    Layer(
      name: "layerNorm", arguments: "v, eps=1e-5",
      summary:
        "v normalized, then scaled and shifted",
      example: "inputs |> dense(8) |> layerNorm |> relu |> dense(1)", argumentCounts: 1...2,
      takesVector: true,
      complaint: { $0.allSatisfy { $0 > 0 && $0.isFinite } ? nil : "takes an eps above 0" },
      body: layerNorm),
    Layer(
      name: "dropout", arguments: "x, p=0.5",
      summary: "in training, 0 with probability p, else x/(1-p)",
      example: "inputs |> dense(8) |> relu |> dropout(0.2) |> dense(1)", argumentCounts: 1...2,
      complaint: {
        $0.allSatisfy { 0 <= $0 && $0 < 1 } ? nil : "takes a probability from 0 to below 1"
      },
      body: dropout),
  ]

  static let named = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  private static let mostOutputs = 1_000_000

  private static func outputsComplaint(_ value: Double) -> String? {
    guard value >= 1, value == value.rounded() else {
      return "takes a whole number of outputs, 1 or more"
    }
    return value <= Double(mostOutputs) ? nil : "takes at most \(mostOutputs) outputs"
  }
}

/// Weights and biases start as PyTorch's `Linear` has them: evenly within 1/√(number of inputs).
private func dense(_ x: Node, _ arguments: [Double], scope: inout Scope, stepIndex: Int) -> Node {
  let name = scope.nextLayer("dense")
  let (inputs, outputs) = (x.shape.count, Int(arguments[0]))
  let start = Parameter.Start.uniform(bound: 1 / Double(inputs).squareRoot())
  let weight = scope.parameter(
    name + ".weight", .matrix(rows: outputs, columns: inputs), start: start, at: stepIndex)
  let bias = scope.parameter(name + ".bias", .vector(outputs), start: start, at: stepIndex)
  let result = linear(weight, x, bias: bias)
  return outputs == 1 ? sum(result) : result
}

/// Ba, Kiros and Hinton (2016), with the biased variance.
private func layerNorm(
  _ x: Node, _ arguments: [Double], scope: inout Scope, stepIndex: Int
) -> Node {
  let name = scope.nextLayer("layerNorm")
  let weight = scope.parameter(name + ".weight", x.shape, start: .value(1), at: stepIndex)
  let bias = scope.parameter(name + ".bias", x.shape, start: .value(0), at: stepIndex)
  let centered = x - mean(x)
  return centered * rsqrt(mean(square(centered)) + (arguments.first ?? 1e-5)) * weight + bias
}

/// Dropout (Srivastava and others 2014), scaled while training so that prediction needs no scale.
private func dropout(_ x: Node, _ arguments: [Double], scope: inout Scope, stepIndex: Int) -> Node {
  let probability = arguments.first ?? 0.5
  guard probability > 0, let draw = scope.uniform(x.shape) else { return x }
  return choose(draw < probability, 0, else: x * (1 / (1 - probability)))
}
