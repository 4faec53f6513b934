internal import Autograd

/// l1·Σ|p| + l2·Σp² over all elements of all parameters, added to the loss of a training step.
struct Penalty<Scalar: Precision>: Sendable {
  private let l1, l2: Double

  init(l1: Double, l2: Double) { (self.l1, self.l2) = (l1, l2) }

  var isNone: Bool { l1 == 0 && l2 == 0 }

  /// Adds the penalty to a loss, which is the first result, and its slopes to the gradients.
  ///
  /// Sums are ordered as those of batches. The slope of |p| at 0 is 0.
  func add(to results: inout [Scalar], of parameters: [Scalar]) {
    if isNone { return }
    let magnitudes = l1 == 0 ? 0 : orderedSum(count: parameters.count) { parameters[$0].magnitude }
    let squares =
      l2 == 0 ? 0 : orderedSum(count: parameters.count) { parameters[$0] * parameters[$0] }
    results[0] = Scalar(Double(results[0]) + l1 * magnitudes + l2 * squares)
    let (first, second) = (Scalar(l1), Scalar(2 * l2))
    for (index, p) in parameters.enumerated() {
      let sign: Scalar = p > 0 ? 1 : p < 0 ? -1 : 0
      if l1 != 0 { results[1 + index] = results[1 + index] + first * sign }
      if l2 != 0 {
        let slope = second * p
        results[1 + index] = results[1 + index] + slope
      }
    }
  }
}
