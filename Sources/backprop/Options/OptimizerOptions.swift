import Flags
import Training

/// Which rule moves the parameters, with PyTorch's names and defaults for its settings.
struct OptimizerOptions: NotesFlags {
  private var rule: any OptimizerRule = SGD()
  private var settings = RuleSettings(of: .optimizer)
  private var clipNorm: Double?
  private var clipValue: Double?
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static var flags: [Flag<Self>] {
    let names = optimizerRules.map(\.name)
    return [
      Flag(
        "optimizer", "name", "Update rule: \(names.joined(separator: ", ")). [sgd]",
        choices: names
      ) { $0.rule = optimizerRules[try $0.settings.index(named: $1)] }
    ] + RuleSettings.flags(of: .optimizer, storedIn: \.settings) + [
      Flag("clip-norm", "number", "Scale all gradients down together if their norm exceeds this.") {
        $0.clipNorm = try number($1, .aboveZero)
      },
      Flag(
        "clip-value", "number",
        "Limit each gradient to the range from minus this number to this number."
      ) {
        $0.clipValue = try number($1, .aboveZero)
      },
    ]
  }

  /// The learning rate where no `--lr` is given: the lesson's, or PyTorch's default of the optimizer.
  var defaultLearningRate: Double { rule.usualLearningRate }

  /// The optimizer, if what was given fits it and its schedule.
  func rule(schedule: Schedule?) throws(Failure) -> any OptimizerRule {
    var rule = rule
    for (name, value) in try settings.values(for: rule) { rule.give(value, to: name) }
    if let cycled = schedule?.momentum(epoch: 0),
      rule.declarations.contains(where: { $0.setting.name == "momentum" })
    {
      if settings.contains("momentum") {
        throw Failure(
          .usage,
          "--momentum and --schedule one-cycle, which sets the momentum, contradict each other")
      }
      rule.give(.number(cycled), to: "momentum")
    }
    do { try rule.check() } catch { throw Failure(error) }
    if schedule != nil, !rule.followsLearningRate {
      throw Failure(
        .usage,
        "\(rule.name) uses the learning rate only for its first step, and finds the others by itself: "
          + "a schedule or a warm-up would have no effect")
    }
    return rule
  }

  /// The limit on gradients.
  func clipping() throws(Failure) -> Clipping? {
    let clipping: Clipping?
    switch (clipNorm, clipValue) {
    case (nil, nil): return nil
    case (let norm?, nil): clipping = .norm(norm)
    case (nil, let value?): clipping = .value(value)
    default:
      throw Failure(
        .usage, "--clip-norm and --clip-value contradict each other: give one of them")
    }
    if rule.searchesLines {
      let flag = clipNorm == nil ? "--clip-value" : "--clip-norm"
      throw Failure(
        .usage,
        "\(flag) is not an option of \(rule.name): its line search needs the unclipped gradient")
    }
    return clipping
  }

  /// The learning rates where no `--lr` is given, for the help.
  static var defaultLearningRates: String {
    var rates: [Double] = []
    for rule in optimizerRules where !rates.contains(rule.usualLearningRate) {
      rates.append(rule.usualLearningRate)
    }
    return rates.map { rate in
      let names = optimizerRules.filter { $0.usualLearningRate == rate }.map(\.name)
      return "\(names.joined(separator: ", ")): \(brief(rate))"
    }.joined(separator: "; ")
  }
}

extension OptimizerRule {
  fileprivate var usualLearningRate: Double { name == "sgd" ? 0.01 : defaultLearningRate }
}
