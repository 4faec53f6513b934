import ArgumentParser
import Training

extension OptimizerOptions {
  /// What was given that not every optimizer has.
  private var given: [Hyperparameter] {
    Hyperparameter.allCases.filter { parameter in
      switch parameter {
      case .momentum: momentum != nil
      case .dampening: dampening != nil
      case .nesterov: nesterov
      case .betas: betas != nil
      case .eps: eps != nil
      case .amsgrad: amsgrad
      case .alpha: alpha != nil
      case .centered: centered
      case .rho: rho != nil
      case .weightDecay: weightDecay != nil
      case .momentumDecay: momentumDecay != nil
      case .lrDecay: lrDecay != nil
      case .initialAccumulatorValue: initialAccumulatorValue != nil
      case .maxIterations: maxIter != nil
      case .maxEvaluations: maxEval != nil
      case .historySize: historySize != nil
      case .toleranceGrad: toleranceGrad != nil
      case .toleranceChange: toleranceChange != nil
      }
    }
  }

  /// The optimizer, if what was given fits it and its schedule.
  func settings(schedule: Schedule? = nil) throws(ValidationError) -> OptimizerSettings {
    for parameter in given where !optimizer.hyperparameters.contains(parameter) {
      let owners = parameter.optimizers.map(\.rawValue).joined(separator: ", ")
      throw ValidationError(
        "\(parameter.flag) is not an option of \(optimizer.rawValue); it is one of \(owners)")
    }
    var settings = OptimizerSettings(optimizer)
    if let momentum { settings.momentum = momentum }
    if let dampening { settings.dampening = dampening }
    if nesterov { settings.nesterov = true }
    if let weightDecay { settings.weightDecay = weightDecay }
    if let betas { settings.betas = betas }
    if let eps { settings.eps = eps }
    if amsgrad { settings.amsgrad = true }
    if let momentumDecay { settings.momentumDecay = momentumDecay }
    if let alpha { settings.alpha = alpha }
    if centered { settings.centered = true }
    if let lrDecay { settings.lrDecay = lrDecay }
    if let initialAccumulatorValue { settings.initialAccumulatorValue = initialAccumulatorValue }
    if let rho { settings.rho = rho }
    if let maxIter { settings.maxIterations = maxIter }
    settings.maxEvaluations = maxEval
    if let historySize { settings.historySize = historySize }
    if let toleranceGrad { settings.toleranceGrad = toleranceGrad }
    if let toleranceChange { settings.toleranceChange = toleranceChange }
    if optimizer.hyperparameters.contains(.momentum), let cycled = schedule?.momentum(epoch: 0) {
      if momentum != nil {
        throw ValidationError(
          "--momentum and --schedule one-cycle, which sets the momentum, contradict each other")
      }
      settings.momentum = cycled
    }
    try check(settings)
    return settings
  }

  private func check(_ settings: OptimizerSettings) throws(ValidationError) {
    if nesterov, settings.momentum == 0 {
      throw ValidationError("--nesterov needs a --momentum above 0")
    }
    if nesterov, settings.dampening != 0 {
      throw ValidationError("--nesterov and --dampening contradict each other: give one of them")
    }
    if settings.dampening != 0, settings.momentum == 0 {
      throw ValidationError("--dampening needs a --momentum above 0")
    }
    if optimizer == .lbfgs, settings.mostEvaluations < 2 {
      throw ValidationError(
        "the line search of lbfgs needs at least 2 evaluations a step: give --max-eval 2 or more")
    }
  }

  /// The limit on gradients.
  func clipping() throws(ValidationError) -> Clipping? {
    let clipping: Clipping?
    switch (clipNorm, clipValue) {
    case (nil, nil): return nil
    case (let norm?, nil): clipping = .norm(norm)
    case (nil, let value?): clipping = .value(value)
    default:
      throw ValidationError("--clip-norm and --clip-value contradict each other: give one of them")
    }
    if optimizer == .lbfgs {
      let flag = clipNorm == nil ? "--clip-value" : "--clip-norm"
      throw ValidationError(
        "\(flag) is not an option of lbfgs: its line search needs the gradient as it is")
    }
    return clipping
  }
}

extension Hyperparameter {
  /// The flag that sets it.
  fileprivate var flag: String { "--" + String(rawValue.map { $0 == "_" ? "-" : $0 }) }
}
