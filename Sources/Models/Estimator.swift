internal import Autograd

/// What the prediction of a row says of the target.
struct Estimator: Sendable {
  let estimate: Loss.Estimate
  /// The lower of two values, where there are two.
  let lower: Double
  /// What the target was standardised by.
  let scaling: Scaling?

  /// The target's value in its own unit, or the number of its class, from the elements of ``Model/estimateNode``.
  func callAsFunction<Scalar: Precision>(
    _ elements: [UnsafeBufferPointer<Scalar>], lane: Int
  ) -> Double {
    let first = Double(elements[0][lane])
    switch estimate {
    case .value, .logarithm: return scaling?.inverse(first) ?? first
    case .upper(let threshold): return first > threshold ? 1 : lower
    case .highest:
      var highest = 0
      for index in elements.indices where elements[index][lane] > elements[highest][lane] {
        highest = index
      }
      return Double(highest)
    }
  }
}

extension Model {
  var estimator: Estimator {
    let loss = specification.loss.named
    return Estimator(
      estimate: loss?.estimate ?? .value, lower: loss?.targets.lowerBound ?? 0,
      scaling: scalings[target])
  }

  /// The prediction, or its exponential where it is a logarithm.
  var estimateNode: Node {
    if case .logarithm = estimator.estimate { return exp(prediction) }
    return prediction
  }
}

extension Double {
  /// A value of a precision that was brought to another unit: it keeps the precision, unless only a double holds it.
  func keepingPrecision<Scalar: Precision>(of _: Scalar.Type) -> Double {
    let rounded = Double(Scalar(self))
    return rounded.isFinite ? rounded : self
  }
}
