import Flags
import Training

/// How the learning rate goes from epoch to epoch, with PyTorch's names and defaults.
struct ScheduleOptions: NotesFlags {
  private var course: (any ScheduleRule)?
  private var settings = RuleSettings(of: .schedule)
  private var warmup: Int?
  private var warmupStart: Double?
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static var flags: [Flag<Self>] {
    let names = scheduleRules.map(\.name)
    return [
      Flag(
        "schedule", "name",
        "How the learning rate changes over the epochs: \(names.joined(separator: ", ")). "
          + "[it does not change]",
        choices: names
      ) { $0.course = scheduleRules[try $0.settings.index(named: $1)] },
      Flag(
        "warmup", "epochs",
        "Ramp the learning rate up over this many epochs before the schedule begins."
      ) {
        $0.warmup = try wholeNumber($1)
      },
      Flag(
        "warmup-start", "number", "Fraction of the learning rate that --warmup starts from. [0.1]"
      ) { $0.warmupStart = try number($1, .aboveZeroToOne) },
    ] + RuleSettings.flags(of: .schedule, storedIn: \.settings)
  }

  /// The schedule of a run, if what was given fits it; nil for a constant rate.
  ///
  /// A schedule may have rates of its own, so that `--lr` may not be given with it.
  func schedule(
    epochs: Int, learningRate: Double, learningRateIsGiven: Bool
  ) throws(Failure) -> Schedule? {
    if warmupStart != nil, warmup == nil {
      throw Failure(.usage, "--warmup-start has no effect without --warmup")
    }
    var course = course
    if let chosen = course {
      for (name, value) in try settings.values(for: chosen) { course?.give(value, to: name) }
    } else {
      try settings.requireNone()
    }
    if let warmup, warmup >= epochs {
      let rest =
        course.map { "--schedule \($0.name)" } ?? "the full learning rate"
      throw Failure(
        .usage,
        "--warmup \(warmup) leaves none of the \(epochs) epochs for \(rest): give more --epochs")
    }
    if let course, let setting = course.learningRateSetting, learningRateIsGiven {
      throw Failure(
        .usage,
        "--lr and --schedule \(course.name), which has \(RuleSettings.flag(setting)) instead, "
          + "contradict each other")
    }
    if course == nil, warmup == nil { return nil }
    do {
      return try Schedule(
        course, warmup: warmup.map { Schedule.Warmup(epochs: $0, start: warmupStart ?? 0.1) },
        epochs: epochs, learningRate: learningRate)
    } catch {
      throw Failure(error)
    }
  }
}
