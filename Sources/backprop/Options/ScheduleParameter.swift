/// The schedules, as their flag spells them.
enum ScheduleName: String, CaseIterable {
  case step, multistep, exponential, cosine
  case warmRestarts = "warm-restarts"
  case linear, polynomial
  case oneCycle = "one-cycle"
  case plateau
}

/// What not every schedule has, as its flag spells it.
enum ScheduleParameter: String, CaseIterable {
  case stepSize = "step-size"
  case gamma, milestones
  case tMax = "t-max"
  case etaMin = "eta-min"
  case t0 = "t-0"
  case tMult = "t-mult"
  case startFactor = "start-factor"
  case endFactor = "end-factor"
  case totalIters = "total-iters"
  case power
  case maxLR = "max-lr"
  case totalSteps = "total-steps"
  case pctStart = "pct-start"
  case annealStrategy = "anneal-strategy"
  case divFactor = "div-factor"
  case finalDivFactor = "final-div-factor"
  case threePhase = "three-phase"
  case factor
  case plateauPatience = "plateau-patience"
  case threshold
  case thresholdMode = "threshold-mode"
  case cooldown
  case minLR = "min-lr"

  var flag: String { "--" + rawValue }

  /// The schedules that have it.
  var schedules: [ScheduleName] {
    switch self {
    case .stepSize: [.step]
    case .gamma: [.step, .multistep, .exponential]
    case .milestones: [.multistep]
    case .tMax: [.cosine]
    case .etaMin: [.cosine, .warmRestarts]
    case .t0, .tMult: [.warmRestarts]
    case .startFactor, .endFactor: [.linear]
    case .totalIters: [.linear, .polynomial]
    case .power: [.polynomial]
    case .maxLR, .totalSteps, .pctStart, .annealStrategy, .divFactor, .finalDivFactor,
      .threePhase:
      [.oneCycle]
    case .factor, .plateauPatience, .threshold, .thresholdMode, .cooldown, .minLR: [.plateau]
    }
  }
}
