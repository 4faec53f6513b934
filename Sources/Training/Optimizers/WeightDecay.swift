extension Setting {
  /// PyTorch's `weight_decay`.
  static func weightDecay(_ property: any WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    .number("weight_decay", property, .zeroOrMore, "strength of the pull of parameters towards 0")
  }

  /// PyTorch's `eps`.
  static func eps(_ property: any WritableKeyPath<Owner, Double> & Sendable) -> Setting {
    .number("eps", property, .zeroOrMore, "small number added to denominators")
  }
}
