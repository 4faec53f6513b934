import Testing
import Training

@testable import backprop

/// The options of schedules, as text in and plain values or a complaint out.
@Suite struct ScheduleOptionTests {
  /// The flags that a schedule needs, but for one of its settings.
  private func needed(by rule: any ScheduleRule, except name: String = "") -> String {
    let flags = rule.declarations.filter { $0.setting.isRequired && $0.setting.name != name }
      .map(\.setting.exampleFlag)
    return (["--schedule \(rule.name)"] + flags).joined(separator: " ")
  }

  @Test func `without options the rate stays`() throws {
    #expect(try Train.settings("").schedule == nil)
    let warmup = try #require(try Train.settings("--warmup 5").schedule)
    #expect(warmup.course == nil && warmup.warmup == .init(epochs: 5, start: 0.1))
    let both = try #require(
      try Train.settings("--schedule cosine --warmup 10 --warmup-start 1").schedule)
    #expect(both.course as? CosineSchedule == CosineSchedule(length: 90))
    #expect(both.warmup == .init(epochs: 10, start: 1))
  }

  @Test(arguments: scheduleRules)
  func `each setting has a flag, which sets it alone`(rule: any ScheduleRule) throws {
    let base = try #require(try Train.settings(needed(by: rule)).schedule?.course)
    // Beside a smaller learning rate, an example of a lowest one would leave nothing to lower.
    let rate = rule.name == "plateau" ? " --lr 1" : ""
    for (setting, _) in rule.declarations {
      let mode = rule.name == "cyclic" && setting.name == "gamma" ? " --mode exp_range" : ""
      let height = rule.name == "cyclic" && setting.name == "base_lr" ? " --max-lr 2" : ""
      let line =
        "\(needed(by: rule, except: setting.name)) \(setting.exampleFlag)" + rate + mode + height
      let told = try #require(try Train.settings(line).schedule?.course)
      for ((own, found), (_, before)) in zip(told.declarations, base.declarations) {
        if own.name == setting.name {
          #expect(found == setting.kind.example.value, "\(line)")
          #expect(found != before || setting.isRequired, "\(line)")
        } else if !(mode + height).contains(own.name.replacing("_", with: "-")) {
          #expect(found == before, "\(line) changes \(own.name)")
        }
      }
    }
  }

  @Test func `a setting goes where its name says`() throws {
    func course<Course: ScheduleRule>(_ line: String, as _: Course.Type) throws -> Course {
      try #require(try Train.settings(line).schedule?.course as? Course)
    }
    let step = try course("--schedule Step --step-size 7 --gamma 2", as: StepSchedule.self)
    #expect(step.stepSize == 7 && step.gamma == 2)
    #expect(try course("--schedule step --step-size 30", as: StepSchedule.self).gamma == 0.1)
    let multistep = try course(
      "--schedule multistep --milestones 30,80 --gamma 0.5", as: MultistepSchedule.self)
    #expect(multistep.milestones == [30, 80] && multistep.gamma == 0.5)
    let cosine = try course(
      "--schedule cosine --t-max 50 --eta-min 0.001", as: CosineSchedule.self)
    #expect(cosine.length == 50 && cosine.floor == 0.001)
    let restarts = try course(
      "--schedule warm-restarts --t-0 10 --t-mult 2 --eta-min 0.5", as: WarmRestarts.self)
    #expect(restarts.firstPeriod == 10 && restarts.multiple == 2 && restarts.floor == 0.5)
    let linear = try course(
      "--schedule linear --start-factor 0.5 --end-factor 0 --total-iters 9",
      as: LinearSchedule.self)
    #expect(linear.startFactor == 0.5 && linear.endFactor == 0 && linear.length == 9)
    let polynomial = try course(
      "--schedule polynomial --total-iters 9 --power 0.5", as: PolynomialSchedule.self)
    #expect(polynomial.length == 9 && polynomial.power == 0.5)
    let cycle = try course(
      "--schedule one-cycle --max-lr 0.5 --total-steps 120 --pct-start 0.4"
        + " --anneal-strategy linear --div-factor 10 --final-div-factor 100 --three-phase",
      as: OneCycle.self)
    #expect(cycle.maxLearningRate == 0.5 && cycle.totalSteps == 120 && cycle.pctStart == 0.4)
    #expect(cycle.annealing == .linear && cycle.divFactor == 10)
    #expect(cycle.finalDivFactor == 100 && cycle.threePhase)
    let plateau = try course(
      "--schedule plateau --factor 0.5 --plateau-patience 0 --threshold 0.25"
        + " --threshold-mode abs --cooldown 3 --min-lr 0.00001", as: Plateau.self)
    #expect(plateau.factor == 0.5 && plateau.patience == 0 && plateau.threshold == 0.25)
    #expect(plateau.thresholdMode == .absolute && plateau.cooldown == 3)
    #expect(plateau.minLearningRate == 1e-5)
    let constant = try course(
      "--schedule constant --factor 0.25 --total-iters 9", as: ConstantSchedule.self)
    #expect(constant.factor == 0.25 && constant.length == 9)
    let cyclic = try course(
      "--schedule cyclic --base-lr 0.001 --max-lr 0.5 --step-size-up 8 --step-size-down 14"
        + " --mode exp_range --gamma 0.9", as: Cyclic.self)
    #expect(cyclic.baseLearningRate == 0.001 && cyclic.maxLearningRate == 0.5)
    #expect(cyclic.stepSizeUp == 8 && cyclic.stepSizeDown == 14)
    #expect(cyclic.mode == .exponential && cyclic.gamma == 0.9)
  }

  @Test(arguments: scheduleRules)
  func `an option of other schedules is refused by its name`(rule: any ScheduleRule) {
    let own = Set(rule.declarations.map(\.setting.name))
    for (setting, _) in scheduleRules.flatMap(\.declarations) where !own.contains(setting.name) {
      let owners = scheduleRules.filter { rule in
        rule.declarations.contains { $0.setting.name == setting.name }
      }.map(\.name).joined(separator: ", ")
      #expect(
        complaint { _ = try Train.settings(setting.exampleFlag) }
          == "\(setting.flag) has no effect without --schedule: give one of \(owners)")
      #expect(
        complaint { _ = try Train.settings("\(needed(by: rule)) \(setting.exampleFlag)") }
          == "\(setting.flag) is not an option of \(rule.name); it belongs to \(owners)")
    }
  }

  @Test(arguments: scheduleRules)
  func `a schedule without what it needs is refused`(rule: any ScheduleRule) {
    for (setting, _) in rule.declarations where setting.isRequired {
      #expect(
        complaint { _ = try Train.settings(needed(by: rule, except: setting.name)) }
          == "--schedule \(rule.name) needs \(setting.flag)")
    }
  }

  @Test(arguments: [
    (
      "--schedule one-cycle --max-lr 1 --total-steps 99",
      "--total-steps 99 ends before the run: give 100 or more"
    ),
    (
      "--schedule one-cycle --max-lr 1 --total-steps 100 --three-phase --pct-start 0.6",
      "--three-phase needs a --pct-start of at most 0.5, not 0.6"
    ),
    (
      "--schedule one-cycle --max-lr 1 --lr 0.1",
      "--lr and --schedule one-cycle, which has --max-lr instead, contradict each other"
    ),
    (
      "--schedule plateau --min-lr 0.5 --lr 0.1",
      "--min-lr 0.5 must be below the learning rate, 0.1"
    ),
    (
      "--schedule cyclic --max-lr 1 --base-lr 0.1 --lr 0.1",
      "--lr and --schedule cyclic, which has --base-lr instead, contradict each other"
    ),
    (
      "--schedule cyclic --max-lr 0.1 --lr 0.1",
      "--max-lr 0.1 is not above --lr 0.1"
    ),
    (
      "--schedule cyclic --max-lr 1 --gamma 0.9",
      "--gamma belongs to --mode exp_range, not to --mode triangular"
    ),
    (
      "--schedule step --step-size 3 --optimizer rprop",
      "rprop uses the learning rate only for its first step, and finds the others by itself: "
        + "a schedule or a warm-up would have no effect"
    ),
    ("--warmup-start 0.1", "--warmup-start has no effect without --warmup"),
    (
      "--schedule plateau --warmup 100",
      "--warmup 100 leaves none of the 100 epochs for --schedule plateau: give more --epochs"
    ),
  ])
  func `what contradicts the schedule is refused`(line: String, expected: String) {
    #expect(complaint { _ = try Train.settings(line) } == expected)
  }

  @Test(arguments: scheduleRules, ["nan", "-1", ""])
  func `a number that is none, or out of bounds, is refused`(
    rule: any ScheduleRule, text: String
  ) {
    for (setting, _) in rule.declarations where setting.kind != .flag {
      let words = needed(by: rule, except: setting.name).words + [setting.flag, text]
      let message = complaint {
        let train = try Train.parsed(words)
        _ = try train.training.settings(optimizer: train.optimizer, schedule: train.schedule)
      }
      #expect(
        message?.contains("The value '\(text)' is invalid for '\(setting.flag) <") == true,
        "\(message ?? "taken")")
      #expect(message?.contains("give ") == true || message?.contains("choose one") == true)
    }
  }

  @Test(arguments: [
    "--schedule step --step-size 0", "--schedule exponential --gamma 0",
    "--schedule multistep --milestones 0", "--schedule multistep --milestones 3,",
    "--schedule cosine --t-max 0", "--schedule warm-restarts --t-0 0",
    "--schedule warm-restarts --t-0 1 --t-mult 0", "--schedule linear --start-factor 0",
    "--schedule linear --start-factor 1.1", "--schedule linear --end-factor 1.1",
    "--schedule linear --total-iters 0", "--schedule polynomial --power 0",
    "--schedule one-cycle --max-lr 0", "--schedule one-cycle --max-lr 1 --total-steps 0",
    "--schedule one-cycle --max-lr 1 --pct-start 1.1",
    "--schedule one-cycle --max-lr 1 --div-factor 0",
    "--schedule one-cycle --max-lr 1 --final-div-factor 0", "--schedule plateau --factor 1",
    "--schedule plateau --plateau-patience 1.5", "--warmup 0", "--warmup 1 --warmup-start 0",
    "--warmup 1 --warmup-start 1.1", "--schedule ",
    "--schedule step --step-size 99999999999999999999",
  ])
  func `a number at the wrong side of a bound is refused`(line: String) {
    #expect(complaint { _ = try Train.settings(line) }?.contains("is invalid for '--") == true)
  }
}
