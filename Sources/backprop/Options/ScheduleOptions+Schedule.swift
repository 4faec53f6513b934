import ArgumentParser
import Training

extension ScheduleOptions {
  /// The schedule of a run, if what was given fits it; nil for a constant rate.
  ///
  /// A one-cycle schedule has rates of its own, so that `--lr` may not be given with it.
  func schedule(
    epochs: Int, learningRateIsGiven: Bool = false
  ) throws(ValidationError) -> Schedule? {
    try checkFlags()
    let warmup = warmup.map { Schedule.Warmup(epochs: $0, start: warmupStart ?? 0.1) }
    if let warmup, warmup.epochs >= epochs {
      let rest =
        schedule.map { "--schedule \($0.rawValue)" } ?? "the learning rate that it rises to"
      throw ValidationError(
        "--warmup \(warmup.epochs) leaves none of \(epochs) epochs for \(rest): give more --epochs")
    }
    guard let schedule else { return warmup.map { Schedule(.constant, warmup: $0) } }
    let course: Schedule.Course
    switch schedule {
    case .step:
      course = .step(size: try needed(stepSize, .stepSize), gamma: gamma ?? 0.1)
    case .multistep:
      let milestones = try needed(milestones, .milestones)
      course = .multistep(milestones: milestones.epochs, gamma: gamma ?? 0.1)
    case .exponential:
      course = .exponential(gamma: try needed(gamma, .gamma))
    case .cosine:
      course = .cosine(length: try needed(tMax, .tMax), floor: etaMin ?? 0)
    case .warmRestarts:
      course = .warmRestarts(
        length: try needed(t0, .t0), multiple: tMult ?? 1, floor: etaMin ?? 0)
    case .linear:
      course = .linear(
        startFactor: startFactor ?? 1.0 / 3, endFactor: endFactor ?? 1, length: totalIters ?? 5)
    case .polynomial:
      course = .polynomial(length: try needed(totalIters, .totalIters), power: power ?? 1)
    case .oneCycle:
      if learningRateIsGiven {
        throw ValidationError(
          "--lr and --schedule one-cycle, which has --max-lr instead, contradict each other")
      }
      course = .oneCycle(try oneCycle(epochs: epochs - (warmup?.epochs ?? 0)))
    case .plateau:
      course = .plateau(plateau)
    }
    return Schedule(course, warmup: warmup)
  }

  private func checkFlags() throws(ValidationError) {
    if warmupStart != nil, warmup == nil {
      throw ValidationError("--warmup-start needs --warmup, how many epochs it lasts")
    }
    for parameter in ScheduleParameter.allCases where isGiven(parameter) {
      let owners = parameter.schedules.map(\.rawValue).joined(separator: ", ")
      guard let schedule else {
        throw ValidationError(
          "\(parameter.flag) is an option of schedules: give --schedule too, one of \(owners)")
      }
      guard parameter.schedules.contains(schedule) else {
        throw ValidationError(
          "\(parameter.flag) is not an option of \(schedule.rawValue); it is one of \(owners)")
      }
    }
  }

  private func isGiven(_ parameter: ScheduleParameter) -> Bool {
    switch parameter {
    case .stepSize: stepSize != nil
    case .gamma: gamma != nil
    case .milestones: milestones != nil
    case .tMax: tMax != nil
    case .etaMin: etaMin != nil
    case .t0: t0 != nil
    case .tMult: tMult != nil
    case .startFactor: startFactor != nil
    case .endFactor: endFactor != nil
    case .totalIters: totalIters != nil
    case .power: power != nil
    case .maxLR: maxLR != nil
    case .totalSteps: totalSteps != nil
    case .pctStart: pctStart != nil
    case .annealStrategy: annealStrategy != nil
    case .divFactor: divFactor != nil
    case .finalDivFactor: finalDivFactor != nil
    case .threePhase: threePhase
    case .factor: factor != nil
    case .plateauPatience: plateauPatience != nil
    case .threshold: threshold != nil
    case .thresholdMode: thresholdMode != nil
    case .cooldown: cooldown != nil
    case .minLR: minLR != nil
    }
  }

  private func needed<Value>(
    _ value: Value?, _ parameter: ScheduleParameter
  ) throws(ValidationError) -> Value {
    guard let value else {
      throw ValidationError("--schedule \(schedule?.rawValue ?? "") needs \(parameter.flag)")
    }
    return value
  }

  /// The cycle for so many epochs after the warm-up.
  private func oneCycle(epochs: Int) throws(ValidationError) -> OneCycle {
    let maxLearningRate = try needed(maxLR, .maxLR)
    var cycle = OneCycle(
      maxLearningRate: maxLearningRate, totalSteps: try needed(totalSteps, .totalSteps))
    if cycle.totalSteps < epochs {
      throw ValidationError(
        "--total-steps \(cycle.totalSteps) ends before the run: give \(epochs) or more")
    }
    if let pctStart { cycle.pctStart = pctStart }
    if let annealStrategy { cycle.annealing = annealStrategy }
    if let divFactor { cycle.divFactor = divFactor }
    if let finalDivFactor { cycle.finalDivFactor = finalDivFactor }
    cycle.threePhase = threePhase
    if threePhase, cycle.pctStart > 0.5 {
      throw ValidationError(
        "--three-phase rises and falls in twice --pct-start: give at most 0.5, not \(cycle.pctStart)"
      )
    }
    return cycle
  }

  private var plateau: Plateau {
    var plateau = Plateau()
    if let factor { plateau.factor = factor }
    if let plateauPatience { plateau.patience = plateauPatience }
    if let threshold { plateau.threshold = threshold }
    if let thresholdMode { plateau.thresholdMode = thresholdMode }
    if let cooldown { plateau.cooldown = cooldown }
    if let minLR { plateau.minLearningRate = minLR }
    return plateau
  }
}
