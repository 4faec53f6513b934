import Training

extension OptimizerSettings {
  /// The flags that say what is not an optimizer's default; nil if none do.
  ///
  /// No flag keeps L-BFGS from searching its lines.
  var flags: String? {
    if lineSearch != OptimizerSettings(name).lineSearch { return nil }
    let flags = name.hyperparameters.compactMap { parameter in
      flag(parameter).map { "--\(parameter.rawValue) \($0)".replacing("_", with: "-") }
    }
    return (["--optimizer \(name.rawValue)"] + flags).joined(separator: " ")
  }

  /// What follows the flag of a hyper-parameter; nil for its default.
  private func flag(_ parameter: Hyperparameter) -> String? {
    let usual = OptimizerSettings(name)
    func number<Value: Equatable>(_ value: KeyPath<OptimizerSettings, Value>) -> String? {
      self[keyPath: value] == usual[keyPath: value] ? nil : "\(self[keyPath: value])"
    }
    return switch parameter {
    case .momentum: number(\.momentum)
    case .dampening: number(\.dampening)
    case .nesterov: nesterov ? "" : nil
    case .betas: betas == usual.betas ? nil : "\(betas.first),\(betas.second)"
    case .eps: number(\.eps)
    case .amsgrad: amsgrad ? "" : nil
    case .alpha: number(\.alpha)
    case .centered: centered ? "" : nil
    case .rho: number(\.rho)
    case .weightDecay: number(\.weightDecay)
    case .momentumDecay: number(\.momentumDecay)
    case .lrDecay: number(\.lrDecay)
    case .initialAccumulatorValue: number(\.initialAccumulatorValue)
    case .maxIterations: number(\.maxIterations)
    case .maxEvaluations: number(\.mostEvaluations)
    case .historySize: number(\.historySize)
    case .toleranceGrad: number(\.toleranceGrad)
    case .toleranceChange: number(\.toleranceChange)
    }
  }
}
