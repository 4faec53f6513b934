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
      "Shrink the gradients together where their norm is larger.", valueName: "number"),
    transform: { text in try number(text, .aboveZero) })
  var clipNorm: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep each gradient between minus this number and it.", valueName: "number"),
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
