/// Every `stepSize` epochs the rate is multiplied by `gamma`.
public struct StepSchedule: ScheduleRule {
  /// The epochs between two steps.
  public var stepSize: Int
  /// The factor of a step.
  public var gamma = 0.1

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "step", pytorchName: "StepLR",
      settings: [
        .count(
          "step_size", \.stepSize, unit: "epochs",
          "epochs between two changes of the learning rate", isRequired: true),
        .gamma(\.gamma),
      ])
  }

  /// Steps so many epochs apart.
  public init(stepSize: Int) { self.stepSize = stepSize }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    base * Elementary.power(gamma, epoch / stepSize)
  }
}

/// At each milestone the rate is multiplied by `gamma`; a milestone that is given twice counts twice.
public struct MultistepSchedule: ScheduleRule {
  /// The epochs at which the rate steps.
  public var milestones: [Int]
  /// The factor of a step.
  public var gamma = 0.1

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "multistep", pytorchName: "MultiStepLR",
      settings: [
        .epochs(
          "milestones", \.milestones, "epochs at which the learning rate changes, such as 30,80"),
        .gamma(\.gamma),
      ])
  }

  /// Steps at the given epochs.
  public init(milestones: [Int]) { self.milestones = milestones }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    base * Elementary.power(gamma, milestones.count { $0 <= epoch })
  }
}

/// Every epoch the rate is multiplied by `gamma`.
public struct ExponentialSchedule: ScheduleRule {
  /// The factor of an epoch.
  public var gamma: Double

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "exponential", pytorchName: "ExponentialLR", settings: [.gamma(\.gamma, isRequired: true)])
  }

  /// A decay by a factor.
  public init(gamma: Double) { self.gamma = gamma }

  /// The rate in force during an epoch.
  public func learningRate(epoch: Int, base: Double) -> Double {
    base * Elementary.power(gamma, epoch)
  }
}
