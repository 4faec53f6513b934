import ArgumentParser
import Training

/// Which rule moves the parameters, with PyTorch's names and defaults for what can be set of it.
struct OptimizerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Rule of the updates: \(OptimizerName.allCases.map(\.rawValue).joined(separator: ", ")). [sgd]",
      valueName: "name"),
    transform: { text in try choice(text) })
  var optimizer = OptimizerName.sgd

  @Option(
    parsing: .unconditional,
    help: help(.momentum, "how much of the last step is taken again. [0]"),
    transform: { text in try number(text, .zeroOrMore) })
  var momentum: Double?

  @Option(
    parsing: .unconditional,
    help: help(.dampening, "how much less of the gradient goes into the momentum. [0]"),
    transform: { text in try number(text, .zeroToOne) })
  var dampening: Double?

  @Flag(help: help(.nesterov, "look ahead by the momentum."))
  var nesterov = false

  @Option(
    parsing: .unconditional,
    help: help(.weightDecay, "pull of the parameters to 0. [0; adamw: 0.01]"),
    transform: { text in try number(text, .zeroOrMore) })
  var weightDecay: Double?

  @Option(
    parsing: .unconditional,
    help: help(
      .betas, "weights of the past in the means of gradients and of squares. [0.9,0.999]",
      valueName: "numbers"),
    transform: betas)
  var betas: OptimizerSettings.Betas?

  @Option(
    parsing: .unconditional,
    help: help(.eps, "what is added to denominators. [1e-08; adagrad: 1e-10; adadelta: 1e-06]"),
    transform: { text in try number(text, .zeroOrMore) })
  var eps: Double?

  @Flag(help: help(.amsgrad, "divide by the largest mean square so far."))
  var amsgrad = false

  @Option(
    parsing: .unconditional,
    help: help(.momentumDecay, "how fast the momentum warms up. [0.004]"),
    transform: { text in try number(text, .zeroOrMore) })
  var momentumDecay: Double?

  @Option(
    parsing: .unconditional,
    help: help(.alpha, "weight of the past in the running means. [0.99]"),
    transform: { text in try number(text, .zeroToOne) })
  var alpha: Double?

  @Flag(help: help(.centered, "divide by the standard deviation."))
  var centered = false

  @Option(
    parsing: .unconditional,
    help: help(.lrDecay, "how fast the learning rate falls. [0]"),
    transform: { text in try number(text, .zeroOrMore) })
  var lrDecay: Double?

  @Option(
    parsing: .unconditional,
    help: help(.initialAccumulatorValue, "what the sums of squares start from. [0]"),
    transform: { text in try number(text, .zeroOrMore) })
  var initialAccumulatorValue: Double?

  @Option(
    parsing: .unconditional,
    help: help(.rho, "weight of the past in the running means. [0.9]"),
    transform: { text in try number(text, .zeroToOne) })
  var rho: Double?

  @Option(
    parsing: .unconditional,
    help: help(.maxIterations, "iterations a step at most. [20]", valueName: "count"),
    transform: { text in try wholeNumber(text) })
  var maxIter: Int?

  @Option(
    parsing: .unconditional,
    help: help(
      .maxEvaluations, "evaluations of the loss a step at most. [5/4 of --max-iter]",
      valueName: "count"),
    transform: { text in try wholeNumber(text) })
  var maxEval: Int?

  @Option(
    parsing: .unconditional,
    help: help(.historySize, "past steps that are remembered. [100]", valueName: "count"),
    transform: { text in try wholeNumber(text) })
  var historySize: Int?

  @Option(
    parsing: .unconditional,
    help: help(.toleranceGrad, "largest gradient at which a step ends. [1e-07]"),
    transform: { text in try number(text, .zeroOrMore) })
  var toleranceGrad: Double?

  @Option(
    parsing: .unconditional,
    help: help(.toleranceChange, "change of loss or parameters at which a step ends. [1e-09]"),
    transform: { text in try number(text, .zeroOrMore) })
  var toleranceChange: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Shrink the gradients together where their norm is larger. [no limit]", valueName: "number"),
    transform: { text in try number(text, .aboveZero) })
  var clipNorm: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep each gradient between minus this number and it. [no limit]", valueName: "number"),
    transform: { text in try number(text, .aboveZero) })
  var clipValue: Double?

  static func help(
    _ parameter: Hyperparameter, _ text: String, valueName: String = "number"
  ) -> ArgumentHelp {
    let owners = parameter.optimizers.map(\.rawValue).joined(separator: ", ")
    return ArgumentHelp("\(owners): \(text)", valueName: valueName)
  }

  static func betas(_ text: String) throws -> OptimizerSettings.Betas {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
      try? number($0, .zeroToBelowOne)
    }
    guard numbers.count == 2, let first = numbers[0], let second = numbers[1] else {
      throw ValidationError("give two numbers, each from 0 to below 1, as in 0.9,0.999")
    }
    return OptimizerSettings.Betas(first, second)
  }
}

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
    if dampening != nil, settings.momentum == 0 {
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
