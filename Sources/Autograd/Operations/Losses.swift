internal import Glibc

// Losses of one example, from a prediction and what should have come of it. Values, and slopes at kinks and
// far out, are those of PyTorch's losses of these names; a batch's loss is their mean.

/// (prediction − target)²: the squared error, `mse`.
public func squaredError(_ prediction: Node, _ target: Node) -> Node {
  square(prediction - target)
}

/// |prediction − target|: the absolute error, `mae`.
///
/// The slope is 0 where they are equal.
public func absoluteError(_ prediction: Node, _ target: Node) -> Node { abs(prediction - target) }

/// d²/2 for errors d up to `delta`, delta·(|d| − delta/2) beyond (Huber 1964).
///
/// The slope is d clamped to −delta … delta, also where d is infinite.
public func huber(_ prediction: Node, _ target: Node, delta: Double = 1) -> Node {
  let error = prediction - target
  let d = abs(stopGradient(error))
  let value = choose(d <= delta, 0.5 * square(d), else: delta * (d - delta / 2))
  let bound = error.graph.constant(delta)
  return withSlope(value, by: error, clamp(error, -bound, bound))
}

/// ``huber(_:_:delta:)`` over its bound: d²/(2·beta) for errors d below `beta`, |d| − beta/2 beyond.
///
/// The slope is d/beta clamped to −1 … 1. With a `beta` of 0 it is the absolute error, whose slope is then nan where
/// prediction and target are equal.
public func smoothL1(_ prediction: Node, _ target: Node, beta: Double = 1) -> Node {
  let error = prediction - target
  let d = abs(stopGradient(error))
  let value = choose(d < beta, 0.5 * square(d) / beta, else: d - beta / 2)
  let one = error.graph.constant(1)
  return withSlope(value, by: error, clamp(error / beta, -one, one))
}

/// log(cosh(d)) of the error d, without overflow and accurate near 0; the slope is tanh(d).
public func logCosh(_ prediction: Node, _ target: Node) -> Node {
  let error = prediction - target
  let d = abs(stopGradient(error))
  return withSlope(d + log1p(expm1(-2 * d) / 2), by: error, tanh(error))
}

/// quantile·d for a prediction that is d too low, (1 − quantile)·d for one that is d too high (Koenker and Bassett
/// 1978).
///
/// Its mean is smallest where the prediction is that quantile of the target. Where the prediction equals the target,
/// the slope is 1/2 − quantile.
public func pinball(_ prediction: Node, _ target: Node, quantile: Double = 0.5) -> Node {
  let error = target - prediction
  return maximum(quantile * error, (quantile - 1) * error)
}

/// The cross-entropy of a probability and a target between 0 and 1, with logarithms of at least −100.
///
/// The slope by the probability is (p − target)/max(p·(1 − p), 1e-12), so that it stays finite at 0 and 1. A
/// probability outside 0 to 1 gives nan.
public func binaryCrossEntropy(_ probability: Node, _ target: Node) -> Node {
  let (p, t) = (stopGradient(probability), stopGradient(target))
  let bound = p.graph.constant(-100)
  func held(_ logarithm: Node) -> Node { maximum(logarithm, bound) }
  let value = (t - 1) * held(log1p(-p)) - t * held(log(p))
  let spread = probability * (1 - probability)
  // PyTorch's bound is a float32 in both precisions.
  let least = p.graph.constant(Double(Float(1e-12)))
  let slope = (probability - target) / maximum(spread, least)
  let byTarget = held(log1p(-probability)) - held(log(probability))
  return withSlope(withSlope(value, by: probability, slope), by: target, byTarget)
}

/// The cross-entropy of sigmoid(logit) and a target between 0 and 1, without overflow.
///
/// It is finite for every finite logit.
public func binaryCrossEntropyWithLogits(_ logit: Node, _ target: Node) -> Node {
  let (x, t) = (stopGradient(logit), stopGradient(target))
  let value = (1 - t) * x + log1p(exp(-abs(x))) + relu(-x)
  return withSlope(
    withSlope(value, by: logit, sigmoid(logit) - target), by: target, -logit)
}

/// max(0, 1 − target·score) for a target of −1 or 1.
///
/// The slope is 0 where target·score is 1.
public func hinge(_ score: Node, _ target: Node) -> Node { relu(1 - target * score) }

/// The square of ``hinge(_:_:)``.
public func squaredHinge(_ score: Node, _ target: Node) -> Node { square(hinge(score, target)) }

/// The Poisson negative log-likelihood of a count, from the logarithm of its rate: exp(x) − count·x.
///
/// `full` adds Stirling's approximation of log(count!) for counts above 1. Counts are not checked: fractions and
/// negative numbers are taken as they are.
public func poissonNLL(_ logRate: Node, _ count: Node, full: Bool = false) -> Node {
  let value = exp(logRate) - count * logRate
  return full ? value + stirling(count) : value
}

/// The Poisson negative log-likelihood of a count, from its rate: rate − count·log(rate + 1e-8).
///
/// A rate of 0 is finite; a rate below −1e-8 gives nan.
public func poissonNLL(rate: Node, _ count: Node, full: Bool = false) -> Node {
  let value = rate - count * log(rate + 1e-8)
  return full ? value + stirling(count) : value
}

private func stirling(_ count: Node) -> Node {
  let isLarge = 1 < count
  let n = choose(isLarge, count, else: 1)
  return choose(isLarge, n * log(n) - n + 0.5 * log(2 * .pi * n), else: 0)
}

/// The normal negative log-likelihood (log v + (mean − target)²/v)/2 of a target, v being the variance.
///
/// A variance below 1e-6, a negative one too, counts as 1e-6; its slope is that at 1e-6. `full` adds log(2π)/2.
public func gaussianNLL(
  _ mean: Node, _ target: Node, variance: Node, full: Bool = false
) -> Node {
  let held = maximum(stopGradient(variance), variance.graph.constant(1e-6))
  let v = withSlope(held, by: variance, variance.graph.constant(1))
  let value = 0.5 * (log(v) + square(mean - target) / v)
  return full ? value + 0.5 * Glibc.log(2 * .pi) : value
}

/// The negative logarithm of the probability that ``softmax(_:)`` of a vector of scores gives to a class.
///
/// Classes count from 0; a class that does not exist gives nan. `labelSmoothing` spreads this part of the target
/// evenly over all classes (Szegedy et al. 2016).
public func crossEntropy(_ scores: Node, _ label: Node, labelSmoothing: Double = 0) -> Node {
  let logarithms = logSoftmax(scores)
  let own = negativeLogLikelihood(logarithms, label)
  if labelSmoothing == 0 { return own }
  let share = labelSmoothing / Double(scores.shape.count)
  return (1 - labelSmoothing) * own + share * sum(-logarithms)
}

/// The negative of the element of a vector of logarithms that belongs to a class.
///
/// Classes count from 0; a class that does not exist gives nan.
public func negativeLogLikelihood(_ logarithms: Node, _ label: Node) -> Node {
  -pick(logarithms, label)
}

/// The sum over the other classes of max(0, margin − own score + the class's score)^power, divided by the number of
/// all classes (Crammer and Singer 2001).
///
/// `power` is 1 or 2. The slope is 0 at the kink. Classes count from 0; a class that does not exist gives nan.
public func multiMargin(
  _ scores: Node, _ label: Node, power: Int = 1, margin: Double = 1
) -> Node {
  let count = scores.shape.count
  let isOwn = place(scores.graph.constant(1), at: label, of: count)
  let excess = relu(margin - pick(scores, label) + scores)
  let others = choose(isOwn, 0, else: power == 1 ? excess : square(excess))
  return sum(others) / Double(count)
}
