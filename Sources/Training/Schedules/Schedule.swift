/// How the learning rate changes from epoch to epoch: a warm-up, if there is one, then the schedule.
public struct Schedule: Sendable {
  /// A straight line from a part of the rate up to it, in the first epochs.
  public struct Warmup: Sendable, Hashable {
    /// How many epochs it lasts; the course begins after them.
    public var epochs: Int
    /// What the rate is multiplied by in the first of them.
    public var start: Double

    /// A warm-up.
    public init(epochs: Int, start: Double = 0.1) {
      self.epochs = epochs
      self.start = start
    }
  }

  /// The course after the warm-up; nil where the rate stays.
  public let course: (any ScheduleRule)?
  /// What comes before the course.
  public let warmup: Warmup?

  /// A course, with or without a warm-up before it, in a run of so many epochs.
  ///
  /// Throws if the settings of the course contradict each other or the run. The warm-up must be shorter than
  /// the run.
  public init(
    _ course: (any ScheduleRule)?, warmup: Warmup? = nil, epochs: Int, learningRate: Double
  ) throws(SettingFault) {
    let rest = epochs - (warmup?.epochs ?? 0)
    precondition(rest > 0, "a warm-up leaves epochs for what follows it")
    var course = course
    try course?.settle(epochs: rest, learningRate: learningRate)
    self.course = course
    self.warmup = warmup
  }

  /// The rate in force during an epoch, counted from 0, where `base` is the run's learning rate.
  ///
  /// A plateau's rate depends on the losses, which a ``ScheduleRun`` sees: here it is as if they always fell.
  public func learningRate(epoch: Int, base: Double) -> Double {
    precondition(epoch >= 0, "epochs count from 0")
    func rate(afterWarmup epoch: Int) -> Double {
      course?.learningRate(epoch: epoch, base: base) ?? base
    }
    guard let warmup else { return rate(afterWarmup: epoch) }
    guard epoch < warmup.epochs else { return rate(afterWarmup: epoch - warmup.epochs) }
    var rise = LinearSchedule(length: warmup.epochs)
    rise.startFactor = warmup.start
    return rise.learningRate(
      epoch: epoch, base: course?.initialLearningRate(base: base) ?? base)
  }

  /// The momentum in force during an epoch, where the schedule moves it; the start's in the warm-up.
  public func momentum(epoch: Int) -> Double? {
    course?.momentum(epoch: max(0, epoch - (warmup?.epochs ?? 0)))
  }
}
