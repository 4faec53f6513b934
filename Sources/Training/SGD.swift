public import Autograd

/// Gradient descent: `p = p − learningRate·g`, as two rounded operations.
public struct SGD<Scalar: Precision>: Sendable {
  /// The learning rate, rounded to the run's precision.
  public let learningRate: Scalar

  /// Descent with the given learning rate.
  public init(learningRate: Double) { self.learningRate = Scalar(learningRate) }

  /// Moves every parameter against its gradient.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func step(_ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>) {
    precondition(gradients.count == parameters.count, "one gradient for each element")
    let rate = learningRate
    gradients.withUnsafeBufferPointer { gradients in
      var parameters = parameters.mutableSpan
      for index in gradients.indices {
        let change = rate * gradients[index]
        parameters[index] = parameters[index] - change
      }
    }
  }
}
