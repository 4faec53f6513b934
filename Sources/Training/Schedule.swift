/// How the learning rate goes from epoch to epoch, by PyTorch's definitions.
///
/// It changes between epochs, never within one. Rates are computed in double by operations that give the same
/// bits on every machine.
public struct Schedule: Sendable, Hashable {
  /// The course of the rate after the warm-up.
  public enum Course: Sendable, Hashable {
    /// The rate stays.
    case constant
    /// Every `size` epochs the rate is multiplied by `gamma`.
    case step(size: Int, gamma: Double = 0.1)
    /// At each milestone the rate is multiplied by `gamma`; one that is given twice counts twice.
    case multistep(milestones: [Int], gamma: Double = 0.1)
    /// Every epoch the rate is multiplied by `gamma`.
    case exponential(gamma: Double)
    /// Half a cosine from the rate down to `floor` in `length` epochs; then up again, and so on.
    case cosine(length: Int, floor: Double = 0)
    /// Half a cosine down to `floor`, again and again, each period `multiple` times as long as the last
    /// (Loshchilov and Hutter 2017).
    case warmRestarts(length: Int, multiple: Int = 1, floor: Double = 0)
    /// A straight line between two multiples of the rate, in `length` epochs; then it stays.
    case linear(startFactor: Double = 1.0 / 3, endFactor: Double = 1, length: Int = 5)
    /// The rate times `(1 - epoch/length)^power`; then 0.
    case polynomial(length: Int, power: Double = 1)
    /// Up and down once, with rates of its own.
    case oneCycle(OneCycle)
    /// Lower whenever the loss has stopped falling.
    case plateau(Plateau)
  }

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

  /// The course after the warm-up.
  public var course: Course
  /// What comes before the course.
  public var warmup: Warmup?

  /// A course, with or without a warm-up before it.
  public init(_ course: Course, warmup: Warmup? = nil) {
    self.course = course
    self.warmup = warmup
  }

  /// The rate in force during an epoch, counted from 0, where `base` is the optimizer's.
  ///
  /// A plateau's rate depends on the losses, which a ``ScheduleRun`` sees: here it is as if they always fell.
  public func learningRate(epoch: Int, base: Double) -> Double {
    guard let warmup else { return course.learningRate(epoch: epoch, base: base) }
    guard epoch < warmup.epochs else {
      return course.learningRate(epoch: epoch - warmup.epochs, base: base)
    }
    let course = Course.linear(startFactor: warmup.start, endFactor: 1, length: warmup.epochs)
    return course.learningRate(epoch: epoch, base: self.course.base(base))
  }

  /// The momentum in force during an epoch, where the schedule moves it; the start's in the warm-up.
  public func momentum(epoch: Int) -> Double? {
    guard case .oneCycle(let cycle) = course else { return nil }
    return cycle.momentum(epoch: max(0, epoch - (warmup?.epochs ?? 0)))
  }
}

extension Schedule.Course {
  /// The rate that a warm-up leads to.
  fileprivate func base(_ base: Double) -> Double {
    if case .oneCycle(let cycle) = self { cycle.initialLearningRate } else { base }
  }

  /// The rate during an epoch of the course, counted from 0.
  fileprivate func learningRate(epoch: Int, base: Double) -> Double {
    precondition(epoch >= 0, "epochs count from 0")
    switch self {
    case .constant, .plateau:
      return base
    case .step(let size, let gamma):
      return base * Elementary.power(gamma, epoch / size)
    case .multistep(let milestones, let gamma):
      return base * Elementary.power(gamma, milestones.count { $0 <= epoch })
    case .exponential(let gamma):
      return base * Elementary.power(gamma, epoch)
    case .cosine(let length, let floor):
      return halfCosine(from: base, to: floor, at: Double(epoch) / Double(length))
    case .warmRestarts(let length, let multiple, let floor):
      var (rest, period) = (epoch, length)
      if multiple == 1 { rest %= length }
      while rest >= period {
        rest -= period
        let (longer, isLonger) = period.multipliedReportingOverflow(by: multiple)
        period = isLonger ? .max : longer
      }
      return halfCosine(from: base, to: floor, at: Double(rest) / Double(period))
    case .linear(let start, let end, let length):
      return base * (start + (end - start) * Double(min(epoch, length)) / Double(length))
    case .polynomial(let length, let power):
      let rest = 1 - Double(min(epoch, length)) / Double(length)
      return base * Elementary.power(rest, power)
    case .oneCycle(let cycle):
      return cycle.learningRate(epoch: epoch)
    }
  }
}

/// A value on half a cosine between two others: the first at 0, the second at 1.
func halfCosine(from start: Double, to end: Double, at place: Double) -> Double {
  end + (start - end) / 2 * (1 + Elementary.cosine(halfTurns: place))
}
