import ArgumentParser
import Testing
import Training

@testable import backprop

@Suite struct ScheduleOptionTests {
  private func schedule(_ line: String, epochs: Int = 100, learningRateIsGiven: Bool = false) throws
    -> Schedule?
  {
    try ScheduleOptions.parse(line.isEmpty ? [] : line.words).schedule(
      epochs: epochs, learningRateIsGiven: learningRateIsGiven)
  }

  @Test func `every option sets what its name says`() throws {
    var cycle = OneCycle(maxLearningRate: 0.5, totalSteps: 120)
    var plateau = Plateau()
    let cases: [(String, Schedule?)] = [
      ("", nil),
      ("--warmup 5", Schedule(.constant, warmup: .init(epochs: 5, start: 0.1))),
      ("--schedule step --step-size 30", Schedule(.step(size: 30, gamma: 0.1))),
      ("--schedule step --step-size 7 --gamma 2", Schedule(.step(size: 7, gamma: 2))),
      (
        "--schedule multistep --milestones 30,80 --gamma 0.5",
        Schedule(.multistep(milestones: [30, 80], gamma: 0.5))
      ),
      ("--schedule exponential --gamma 0.9", Schedule(.exponential(gamma: 0.9))),
      ("--schedule cosine --t-max 50", Schedule(.cosine(length: 50, floor: 0))),
      (
        "--schedule cosine --t-max 50 --eta-min 0.001 --warmup 10 --warmup-start 1",
        Schedule(.cosine(length: 50, floor: 0.001), warmup: .init(epochs: 10, start: 1))
      ),
      (
        "--schedule warm-restarts --t-0 10",
        Schedule(.warmRestarts(length: 10, multiple: 1, floor: 0))
      ),
      (
        "--schedule warm-restarts --t-0 10 --t-mult 2 --eta-min 0.5",
        Schedule(.warmRestarts(length: 10, multiple: 2, floor: 0.5))
      ),
      (
        "--schedule linear", Schedule(.linear(startFactor: 1.0 / 3, endFactor: 1, length: 5))
      ),
      (
        "--schedule linear --start-factor 0.5 --end-factor 0 --total-iters 9",
        Schedule(.linear(startFactor: 0.5, endFactor: 0, length: 9))
      ),
      ("--schedule polynomial --total-iters 9", Schedule(.polynomial(length: 9, power: 1))),
      (
        "--schedule polynomial --total-iters 9 --power 0.5",
        Schedule(.polynomial(length: 9, power: 0.5))
      ),
      ("--schedule one-cycle --max-lr 0.5 --total-steps 120", Schedule(.oneCycle(cycle))),
      ("--schedule plateau", Schedule(.plateau(plateau))),
    ]
    for (line, expected) in cases { #expect(try schedule(line) == expected, "\(line)") }
    cycle.pctStart = 0.4
    cycle.annealing = .linear
    cycle.divFactor = 10
    cycle.finalDivFactor = 100
    cycle.threePhase = true
    #expect(
      try schedule(
        "--schedule one-cycle --max-lr 0.5 --total-steps 120 --pct-start 0.4 --anneal-strategy linear"
          + " --div-factor 10 --final-div-factor 100 --three-phase") == Schedule(.oneCycle(cycle)))
    plateau.factor = 0.5
    plateau.patience = 0
    plateau.threshold = 0.01
    plateau.thresholdMode = .absolute
    plateau.cooldown = 3
    plateau.minLearningRate = 1e-5
    #expect(
      try schedule(
        "--schedule plateau --factor 0.5 --plateau-patience 0 --threshold 0.01"
          + " --threshold-mode abs --cooldown 3 --min-lr 0.00001") == Schedule(.plateau(plateau)))
  }

  @Test(arguments: ScheduleParameter.allCases)
  func `an option of other schedules is refused by its name`(
    parameter: ScheduleParameter
  ) throws {
    let value =
      switch parameter {
      case .threePhase: ""
      case .annealStrategy: " cos"
      case .thresholdMode: " abs"
      case .gamma, .etaMin, .startFactor, .endFactor, .power, .maxLR, .pctStart, .divFactor,
        .finalDivFactor, .factor, .threshold, .minLR:
        " 0.5"
      default: " 7"
      }
    var options = try ScheduleOptions.parse((parameter.flag + value).words)
    let owners = parameter.schedules.map(\.rawValue).joined(separator: ", ")
    #expect(
      complaint { _ = try options.schedule(epochs: 100) }
        == "\(parameter.flag) is an option of schedules: give --schedule too, one of \(owners)")
    for name in ScheduleName.allCases where !parameter.schedules.contains(name) {
      options.schedule = name
      #expect(
        complaint { _ = try options.schedule(epochs: 100) }
          == "\(parameter.flag) is not an option of \(name.rawValue); it is one of \(owners)")
    }
  }

  @Test(arguments: [
    ("--schedule step", "--schedule step needs --step-size"),
    ("--schedule multistep", "--schedule multistep needs --milestones"),
    ("--schedule exponential", "--schedule exponential needs --gamma"),
    ("--schedule cosine", "--schedule cosine needs --t-max"),
    ("--schedule warm-restarts", "--schedule warm-restarts needs --t-0"),
    ("--schedule polynomial", "--schedule polynomial needs --total-iters"),
    ("--schedule one-cycle --total-steps 100", "--schedule one-cycle needs --max-lr"),
    ("--schedule one-cycle --max-lr 1", "--schedule one-cycle needs --total-steps"),
    (
      "--schedule one-cycle --max-lr 1 --total-steps 99",
      "--total-steps 99 ends before the run: give 100 or more"
    ),
    (
      "--schedule one-cycle --max-lr 1 --total-steps 100 --three-phase --pct-start 0.6",
      "--three-phase rises and falls in twice --pct-start: give at most 0.5, not 0.6"
    ),
    ("--warmup-start 0.1", "--warmup-start needs --warmup, how many epochs it lasts"),
    (
      "--schedule plateau --warmup 100",
      "--warmup 100 leaves none of 100 epochs for --schedule plateau: give more --epochs"
    ),
  ])
  func `a schedule without what it needs, or with what contradicts it, is refused`(
    line: String, expected: String
  ) {
    #expect(complaint { _ = try schedule(line) } == expected)
  }

  @Test func `one-cycle has a rate of its own`() throws {
    let line = "--schedule one-cycle --max-lr 1 --total-steps 95 --warmup 5"
    #expect(try schedule(line) != nil)
    #expect(
      complaint { _ = try schedule(line, learningRateIsGiven: true) }
        == "--lr and --schedule one-cycle, which has --max-lr instead, contradict each other")
    #expect(try schedule("--schedule plateau", learningRateIsGiven: true) != nil)
  }

  @Test(
    arguments: ScheduleParameter.allCases.filter { $0 != .threePhase }.map(\.rawValue) + [
      "warmup", "warmup-start",
    ], ["nan", "-1", ""])
  func `a number that is none, or out of bounds, is refused`(flag: String, text: String) {
    let message = complaint { _ = try ScheduleOptions.parse(["--" + flag, text]) }
    #expect(message?.contains("--\(flag)") == true)
    #expect(message?.contains("give ") == true || message?.contains("choose one") == true)
  }

  @Test(arguments: [
    "--step-size 0", "--gamma 0", "--milestones 0", "--milestones 3,", "--t-max 0", "--t-0 0",
    "--t-mult 0", "--start-factor 0", "--start-factor 1.1", "--end-factor 1.1", "--total-iters 0",
    "--power 0", "--max-lr 0", "--total-steps 0", "--pct-start 1.1", "--div-factor 0",
    "--final-div-factor 0", "--factor 1", "--plateau-patience 1.5", "--warmup 0",
    "--warmup-start 0", "--warmup-start 1.1", "--schedule Step", "--schedule ",
    "--step-size 99999999999999999999",
  ])
  func `a number at the wrong side of a bound is refused`(line: String) {
    #expect(complaint { _ = try ScheduleOptions.parse(line.words) } != nil)
  }
}
