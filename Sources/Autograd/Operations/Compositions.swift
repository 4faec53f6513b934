// Functions made of operations. What is named after PyTorch's functions has their values and slopes,
// at kinks and far out too; bounds and slopes may be parameters to train.

/// 1/x of a node; infinite at 0.
public func reciprocal(_ x: Node) -> Node { 1 / x }

/// x·x of a node.
public func square(_ x: Node) -> Node { pow(x, 2) }

/// The larger of a node and a bound.
///
/// At the bound itself the node gets the whole gradient. A node that is nan stays nan and gets none; a bound that is
/// nan has no effect on the value.
public func clamp(_ x: Node, min low: Node) -> Node {
  choose(low <= x, x, else: choose(x < low, low, else: stopGradient(x)))
}

/// The smaller of a node and a bound.
///
/// At the bound itself the node gets the whole gradient. A node that is nan stays nan and gets none; a bound that is
/// nan has no effect on the value.
public func clamp(_ x: Node, max high: Node) -> Node {
  choose(x <= high, x, else: choose(high < x, high, else: stopGradient(x)))
}

/// A node clamped to the range between two bounds.
///
/// If the bounds cross, the result is the upper one. At a bound the node gets the whole gradient; nan stays nan.
public func clamp(_ x: Node, _ low: Node, _ high: Node) -> Node {
  clamp(clamp(x, min: low), max: high)
}

/// A node clamped to the range between two bounds, with slope 0 at the bounds themselves.
///
/// In this it differs from ``clamp(_:_:_:)``.
public func hardtanh(_ x: Node, _ low: Node, _ high: Node) -> Node {
  let flat = clamp(stopGradient(x), low, high)
  return choose(low < x, choose(x < high, x, else: flat), else: flat)
}

/// A node where it is above 0, else the node times a small slope.
///
/// At 0, and for nan, the slope is the small one.
public func leakyReLU(_ x: Node, slope: Node) -> Node { choose(0 < x, x, else: slope * x) }

/// A node where it is above 0, else scale·(exp(x) − 1).
///
/// The slope at 0 is `scale`.
public func elu(_ x: Node, scale: Node) -> Node {
  let isPositive = 0 < x
  let exponent = choose(isPositive, 0, else: x)
  let value = choose(isPositive, stopGradient(x), else: scale * expm1(stopGradient(exponent)))
  return withSlope(value, by: x, choose(isPositive, 1, else: scale * exp(exponent)))
}

/// log(1 + exp(sharpness·x))/sharpness of a node; x itself where sharpness·x is above `threshold`.
public func softplus(_ x: Node, sharpness: Node, threshold: Node) -> Node {
  let scaled = x * sharpness
  let isLinear = threshold < scaled
  return choose(isLinear, x, else: log1p(exp(choose(isLinear, 0, else: scaled))) / sharpness)
}

/// log(1 + exp(x)) of a node.
public func softplus(_ x: Node) -> Node {
  softplus(x, sharpness: x.graph.constant(1), threshold: x.graph.constant(20))
}

/// x·sigmoid(x) of a node; nan at −∞.
public func silu(_ x: Node) -> Node { x * sigmoid(x) }

/// x·tanh(softplus(x)) of a node; nan at −∞.
public func mish(_ x: Node) -> Node { x * tanh(softplus(x)) }

/// x·Φ(x) of a node, where Φ is the cumulative distribution function of the standard normal.
///
/// It is nan at −∞.
public func gelu(_ x: Node) -> Node { x / 2 * (1 + erf(x / 2.0.squareRoot())) }

/// The approximation of ``gelu(_:)`` by the hyperbolic tangent.
public func geluByTanh(_ x: Node) -> Node {
  x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * pow(x, 3))))
}

/// The largest of several values, or of the elements of the only one.
///
/// Ties share the gradient, those of two values equally.
func largest(_ values: [Node]) -> Node {
  values.count == 1 ? max(values[0]) : values.dropFirst().reduce(values[0], maximum)
}

/// The smallest of several values, or of the elements of the only one, as ``largest(_:)``.
func smallest(_ values: [Node]) -> Node {
  values.count == 1 ? -max(-values[0]) : values.dropFirst().reduce(values[0], minimum)
}

/// The largest element, as ``max(_:)`` gives it, except that one nan makes all slopes nan.
public func amax(_ x: Node) -> Node {
  let value = max(stopGradient(x))
  let isLargest = x == value
  return withSlope(value, by: x, isLargest / sum(isLargest))
}

/// log(sum(exp(x))) of a vector's elements, without overflow in the sum.
///
/// It is −∞ if all elements are, and infinite if one is; the slopes of infinite elements are then nan, as in PyTorch.
public func logsumexp(_ x: Node) -> Node {
  let largest = max(stopGradient(x))
  let shift = choose(abs(largest) == .infinity, 0, else: largest)
  let value = shift + log(sum(exp(stopGradient(x) - shift)))
  return withSlope(value, by: x, exp(x - value))
}

/// exp(x)/sum(exp(x)) for each element of a vector, without overflow.
///
/// All elements are nan if one is ∞ or nan, or if all are −∞; otherwise −∞ gives 0.
public func softmax(_ x: Node) -> Node {
  let power = exp(x - max(stopGradient(x)))
  return power / sum(power)
}

/// The logarithm of ``softmax(_:)``, accurate where the probability is small.
///
/// It is nan where ``softmax(_:)`` is.
public func logSoftmax(_ x: Node) -> Node {
  let shifted = x - max(stopGradient(x))
  return shifted - log(sum(exp(shifted)))
}
