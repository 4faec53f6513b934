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
