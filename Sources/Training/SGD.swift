public import Autograd

/// Gradient descent: `p = p − learningRate·g`, as two rounded operations.
public struct SGD<Scalar: Precision>: Sendable {
  /// The learning rate, rounded to the run's precision.
  public let learningRate: Scalar

  /// Descent with the given learning rate.
  public init(learningRate: Double) { self.learningRate = Scalar(learningRate) }

  /// Moves every parameter against its gradient.
  public mutating func step(_ parameters: inout [Scalar], along gradients: some Collection<Scalar>)
  {
    for (index, gradient) in gradients.enumerated() {
      let change = learningRate * gradient
      parameters[index] = parameters[index] - change
    }
  }
}
