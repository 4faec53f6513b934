public import Autograd

/// A limit on gradients, applied before each step.
public enum Clipping: Sendable, Hashable {
  /// Shrinks all gradients together so that their norm is at most `max`.
  ///
  /// They are multiplied by `max/(norm + 1e-6)` where that is below 1, as PyTorch's `clip_grad_norm_` does,
  /// so that a norm equal to `max` shrinks a little too (Pascanu, Mikolov and Bengio 2013). `order` is
  /// that of the norm: 2 for Euclid's, 1, infinity, or any other positive number. Gradients of 0 stay 0. An infinite
  /// gradient becomes nan and turns the others into 0; if one gradient is nan, all become nan.
  case norm(_ max: Double, order: Double = 2)
  /// Clamps every gradient to the range from `-limit` to `limit`; nan stays nan.
  case value(_ limit: Double)

  /// Clips a gradient that starts at some index of an array and ends with it.
  public func apply<Scalar: Precision>(to array: inout [Scalar], from first: Int = 0) {
    array.withUnsafeMutableBufferPointer { all in
      var gradients = MutableSpan(_unsafeElements: all[first...])
      apply(to: &gradients)
    }
  }

  /// Clips a gradient.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func apply<Scalar: Precision>(to gradients: inout MutableSpan<Scalar>) {
    switch self {
    case .norm(let max, let order):
      let factor = Scalar(max) / (Self.norm(of: gradients.span, order: order) + Scalar(1e-6))
      if factor >= 1 { return }
      for index in 0..<gradients.count { gradients[unchecked: index] *= factor }
    case .value(let limit):
      let limit = Scalar(limit)
      for index in 0..<gradients.count {
        let gradient = gradients[unchecked: index]
        let low = gradient < -limit ? -limit : gradient
        gradients[unchecked: index] = low > limit ? limit : low
      }
    }
  }

  /// The norm of a vector, whose terms are rounded to the run's precision, where they may overflow or underflow.
  ///
  /// The terms are summed in the order of every sum over rows, and the root of the sum is rounded once.
  /// Orders other than 1, 2 and infinity use powers within a few ulps.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func norm<Scalar: Precision>(of vector: Span<Scalar>, order: Double = 2) -> Scalar {
    precondition(order > 0, "the order of a norm is positive")
    switch order {
    case 1: return Scalar(Summation.magnitudes(vector))
    case 2: return Scalar(Summation.product(vector, vector).squareRoot())
    case .infinity: return Summation.largestMagnitude(vector)
    default:
      let sum = orderedSum(count: vector.count) { index in
        let magnitude = Double(vector[unchecked: index].magnitude)
        return Scalar(magnitude.isFinite ? Elementary.power(magnitude, order) : magnitude)
      }
      return Scalar(sum.isFinite ? Elementary.power(sum, 1 / order) : sum)
    }
  }
}
