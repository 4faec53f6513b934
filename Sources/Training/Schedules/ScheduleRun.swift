/// A schedule in progress: the rate of the current epoch and the state that it depends on.
public struct ScheduleRun: Sendable {
  /// The schedule; nil for a constant rate.
  public let schedule: Schedule?
  /// The optimizer's learning rate.
  public let base: Double
  /// The epoch that is being trained, counted from 0.
  public private(set) var epoch = 0
  // Of a plateau, if it is one.
  private let plateau: Plateau?
  private var reduced: Double
  private var best: Double
  private var badEpochs = 0
  private var cooldown = 0

  /// A schedule at its first epoch; without a schedule the rate is constant.
  public init(_ schedule: Schedule?, base: Double) {
    self.schedule = schedule
    self.base = base
    reduced = base
    best = .infinity
    plateau = schedule?.course as? Plateau
    if plateau?.mode == .max { best = -.infinity }
  }

  /// The current rate.
  public var learningRate: Double {
    if plateau != nil, epoch >= schedule?.warmup?.epochs ?? 0 { return reduced }
    return schedule?.learningRate(epoch: epoch, base: base) ?? base
  }

  /// The current momentum, if the schedule changes it.
  public var momentum: Double? { schedule?.momentum(epoch: epoch) }

  /// Ends an epoch; a plateau compares its metric, the validation loss if there is one, else the loss.
  ///
  /// Epochs of the warm-up do not count.
  public mutating func observe(metric: Double) {
    defer { epoch += 1 }
    guard let plateau, epoch >= schedule?.warmup?.epochs ?? 0 else { return }
    if plateau.isBetter(metric, than: best) {
      best = metric
      badEpochs = 0
    } else {
      badEpochs += 1
    }
    if cooldown > 0 {
      cooldown -= 1
      badEpochs = 0
    }
    guard badEpochs > plateau.patience else { return }
    badEpochs = 0
    cooldown = plateau.cooldown
    let lower = max(reduced * plateau.factor, plateau.minLearningRate)
    if reduced - lower > plateau.eps { reduced = lower }
  }

  /// The state from which the schedule can be continued, without the schedule itself and the base rate.
  ///
  /// A state that is set must pass ``canResume(from:)``.
  public var state: [(name: String, value: Double)] {
    get {
      [
        ("epoch", Double(epoch)), ("lr", reduced), ("best", best),
        ("num_bad_epochs", Double(badEpochs)), ("cooldown_counter", Double(cooldown)),
      ]
    }
    set {
      precondition(canResume(from: newValue), "a state of another schedule")
      epoch = Int(newValue[0].value)
      reduced = newValue[1].value
      best = newValue[2].value
      badEpochs = Int(newValue[3].value)
      cooldown = Int(newValue[4].value)
    }
  }

  /// Whether a state could belong to this schedule.
  public func canResume(from state: [(name: String, value: Double)]) -> Bool {
    guard state.map(\.name) == self.state.map(\.name) else { return false }
    let areCounts = [0, 3, 4].allSatisfy { wholeCount(state[$0].value) != nil }
    return areCounts && state[1].value.isFinite && state[1].value >= 0 && !state[2].value.isNaN
  }
}
