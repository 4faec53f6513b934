import Autograd

/// The running means of gradients and of their squares, which Adam and its relatives step along.
struct Moments {
  /// PyTorch's names of the means, in the order of the memory.
  static var names: [String] { ["exp_avg", "exp_avg_sq"] }

  /// The decay rate of the mean.
  var beta1: Double
  /// The decay rate of the mean square.
  let beta2: Double
  /// How many steps were taken.
  var steps = 0
  private let weightDecay: Double

  init(_ betas: Pair, weightDecay: Double) {
    (beta1, beta2) = (betas.first, betas.second)
    self.weightDecay = weightDecay
  }

  /// `1 − β₁^t`, what the mean lacks because it started from 0.
  var correction1: Double { 1 - Elementary.power(beta1, steps) }
  /// `1 − β₂^t`, the same of the mean square.
  var correction2: Double { 1 - Elementary.power(beta2, steps) }

  /// Counts a step, whose corrections are then known.
  mutating func beginStep() { steps += 1 }

  /// The settings that the formulas of all rules with these means begin with.
  var settings: [Double] { [weightDecay, 1 - beta1, beta2, 1 - beta2] }
}

extension Setting {
  /// PyTorch's `betas`.
  static func betas(_ property: any WritableKeyPath<Owner, Pair> & Sendable) -> Setting {
    .pair(
      "betas", property, .zeroToBelowOne, .zeroToBelowOne,
      "decay rates of the first and second moment estimates")
  }
}
