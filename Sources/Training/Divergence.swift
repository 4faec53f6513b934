public import Autograd

/// Where and why a run's loss or parameters stopped being finite.
public struct Divergence: Sendable {
  /// What overflowed first.
  public enum Cause: Sendable {
    /// An operation of the loss or of a gradient.
    case operation(NonFinite)
    /// The sum over the batch of the losses, though each row's is finite.
    case lossSum
    /// The sum over the epoch of the batches' losses, though each is finite.
    case epochLoss
    /// The penalty on the parameters, or its slope.
    case penalty
    /// The sum over the batch of a parameter's gradients, though each row's is finite.
    case gradientSum(parameter: String)
    /// The update of a parameter, though its gradient is finite.
    case update(parameter: String)
  }

  /// The epoch, counted from 0.
  public let epoch: Int
  /// The row of the table, counted from 0: the first of the batch if no single row is to blame, nil if no batch is.
  public let row: Int?
  /// What overflowed first.
  public let cause: Cause
  /// Whether no update had been made before.
  let isFirstStep: Bool

  /// Whether a smaller learning rate may help: if an update was made before, or is what overflowed.
  ///
  /// It cannot help if a value was not finite from the start: parameters always are, so that such a value comes
  /// from the table.
  public var mayComeOfLearningRate: Bool {
    switch cause {
    case .update: true
    // Each loss is finite, and a smaller rate makes the first no smaller.
    case .epochLoss: false
    case .operation(let fault) where fault.op == nil: false
    default: !isFirstStep
    }
  }
}
