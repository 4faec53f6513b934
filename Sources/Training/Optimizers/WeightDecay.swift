import Autograd

/// The pull of parameters to 0 that is a part of their gradients: `g + weightDecay·p`.
struct WeightDecay<Scalar: Precision> {
  private let isOn: Bool
  private let factor: Scalar

  init(_ factor: Double) {
    isOn = factor != 0
    self.factor = Scalar(factor)
  }

  /// The gradient with the pull, in two rounded operations; without a pull the gradient itself.
  @inline(__always)
  func slope(_ gradient: Scalar, at parameter: Scalar) -> Scalar {
    isOn ? gradient + factor * parameter : gradient
  }
}

extension Setting {
  /// PyTorch's `weight_decay`.
  static func weightDecay(_ property: any WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    .number("weight_decay", property, .zeroOrMore, "pull of the parameters to 0")
  }

  /// PyTorch's `eps`.
  static func eps(_ property: any WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    .number("eps", property, .zeroOrMore, "what is added to denominators")
  }
}
