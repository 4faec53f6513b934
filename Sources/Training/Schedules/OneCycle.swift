/// One rise of the learning rate and one long fall, with the momentum moving the other way (Smith and Topin 2017).
///
/// The rate begins at `maxLearningRate/divFactor` and ends at that divided by `finalDivFactor`. The turning point,
/// `pctStart·totalSteps − 1`, need not be a whole number. After the last step the rate stays.
public struct OneCycle: ScheduleRule {
  /// The form of rise and fall.
  public enum Annealing: String, CaseIterable, Sendable {
    /// Half a cosine.
    case cosine = "cos"
    /// A straight line.
    case linear
  }

  /// The highest rate.
  public var maxLearningRate: Double
  /// How many epochs the cycle has; nil for those of the run.
  public var totalSteps: Int?
  /// The part of the cycle in which the rate rises, 0 to 1.
  public var pctStart = 0.3
  /// The form of rise and fall.
  public var annealing = Annealing.cosine
  /// The highest rate by the first.
  public var divFactor = 25.0
  /// The first rate by the last.
  public var finalDivFactor = 1e4
  /// Whether the rate falls as far as it rose, as fast, before it falls to the last.
  public var threePhase = false
  /// The momentum where the rate is highest.
  public var baseMomentum = 0.85
  /// The momentum at both ends.
  public var maxMomentum = 0.95

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "one-cycle", pytorchName: "OneCycleLR",
      settings: [
        .number(
          "max_lr", \.maxLearningRate, .aboveZero,
          "highest learning rate, in place of --lr; the optimizer's momentum falls from 0.95 to 0.85 and rises again",
          isRequired: true),
        .count(
          "total_steps", \.totalSteps, unit: "epochs", "length of the cycle",
          defaultWords: wholeRun),
        .number(
          "pct_start", \.pctStart, .zeroToOne, "fraction of the cycle in which the rate rises"),
        .choice("anneal_strategy", \.annealing, "shape of the rise and the fall"),
        .number("div_factor", \.divFactor, .aboveZero, "ratio of the highest to the first rate"),
        .number(
          "final_div_factor", \.finalDivFactor, .aboveZero, "ratio of the first to the last rate"),
        .flag(
          "three_phase", \.threePhase,
          "fall back to the first rate as fast as it rose, then on to the last"),
      ])
  }

  /// A cycle with PyTorch's defaults.
  public init(maxLearningRate: Double, totalSteps: Int? = nil) {
    self.maxLearningRate = maxLearningRate
    self.totalSteps = totalSteps
  }

  /// What takes the place of the run's learning rate.
  public var learningRateSetting: String? { "max_lr" }
  /// What bounds the rate.
  public var highestRate: (setting: String, value: Double)? { ("max_lr", maxLearningRate) }

  /// Settles what is left to the run, and throws if it is contradicted.
  public mutating func settle(epochs: Int, learningRate: Double) throws(SettingFault) {
    let totalSteps = totalSteps ?? epochs
    self.totalSteps = totalSteps
    if totalSteps < epochs {
      throw SettingFault(
        "{total_steps} \(totalSteps) ends before the run: give \(epochs) or more")
    }
    if threePhase, pctStart > 0.5 {
      throw SettingFault(
        "{three_phase} needs a {pct_start} of at most 0.5, not \(pctStart)")
    }
  }

  /// The first rate of the cycle.
  public func initialLearningRate(base: Double) -> Double { maxLearningRate / divFactor }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    let first = initialLearningRate(base: base)
    let last = first / finalDivFactor
    return value(
      epoch: epoch,
      between: [first, maxLearningRate] + (threePhase ? [first, last] : [last]))
  }

  /// The momentum in force during an epoch.
  public func momentum(epoch: Int) -> Double? {
    value(
      epoch: epoch,
      between: [maxMomentum, baseMomentum, maxMomentum] + (threePhase ? [maxMomentum] : []))
  }

  /// The value of an epoch on the way through `corners`, which are reached one after the other.
  private func value(epoch: Int, between corners: [Double]) -> Double {
    let totalSteps = settled(totalSteps)
    let rise = pctStart * Double(totalSteps)
    let ends = (threePhase ? [rise - 1, 2 * rise - 2] : [rise - 1]) + [Double(totalSteps - 1)]
    let step = Double(min(epoch, totalSteps - 1))
    var start = 0.0
    for (phase, end) in ends.enumerated() {
      if step <= end || phase == ends.count - 1 {
        // A phase may have no length.
        let fraction = end == start ? 1 : (step - start) / (end - start)
        let (from, to) = (corners[phase], corners[phase + 1])
        switch annealing {
        case .cosine: return halfCosine(from: from, to: to, at: fraction)
        case .linear: return from + (to - from) * fraction
        }
      }
      start = end
    }
    return corners[corners.count - 1]
  }
}
