import Testing
import Training

/// A case of schedulers.json.
struct ScheduleCase: Decodable, Sendable, CustomTestStringConvertible {
  let id, scheduler: String
  let baseLr: Double
  let lr: [Double]
  let momentum: [Double]?
  let metric: [Number]?
  let params: Parameters

  struct Parameters: Decodable, Sendable {
    let stepSize, totalIters, totalSteps, patience, cooldown, tMax, t0, tMult: Int?
    let milestones: [Int]?
    let gamma, etaMin, startFactor, endFactor, power, maxLr, pctStart, divFactor: Double?
    let finalDivFactor, baseMomentum, maxMomentum, factor, threshold, minLr, eps: Double?
    let annealStrategy, mode, thresholdMode: String?
    let threePhase: Bool?
  }

  var testDescription: String { id }

  static func all() throws -> [ScheduleCase] {
    struct File: Decodable { let cases: [ScheduleCase] }
    return try Fixture.read("schedulers", as: File.self).cases
  }

  func schedule() throws -> Schedule {
    let p = params
    switch scheduler {
    case "StepLR":
      return try Schedule(.step(size: #require(p.stepSize), gamma: #require(p.gamma)))
    case "MultiStepLR":
      return try Schedule(
        .multistep(milestones: #require(p.milestones), gamma: #require(p.gamma)))
    case "ExponentialLR":
      return try Schedule(.exponential(gamma: #require(p.gamma)))
    case "CosineAnnealingLR":
      return try Schedule(.cosine(length: #require(p.tMax), floor: #require(p.etaMin)))
    case "CosineAnnealingWarmRestarts":
      return try Schedule(
        .warmRestarts(
          length: #require(p.t0), multiple: #require(p.tMult), floor: #require(p.etaMin)))
    case "LinearLR":
      return try Schedule(
        .linear(
          startFactor: #require(p.startFactor), endFactor: #require(p.endFactor),
          length: #require(p.totalIters)))
    case "PolynomialLR":
      return try Schedule(.polynomial(length: #require(p.totalIters), power: #require(p.power)))
    case "OneCycleLR": return try Schedule(.oneCycle(oneCycle()))
    case "ReduceLROnPlateau": return try Schedule(.plateau(plateau()))
    case "SequentialLR":
      // The parameters are those that the reference's text states.
      return Schedule(.cosine(length: 90), warmup: .init(epochs: 10, start: 0.1))
    default:
      Issue.record("no schedule is named \(scheduler)")
      return Schedule(.constant)
    }
  }

  private func oneCycle() throws -> OneCycle {
    var cycle = try OneCycle(
      maxLearningRate: #require(params.maxLr), totalSteps: #require(params.totalSteps))
    cycle.pctStart = try #require(params.pctStart)
    cycle.annealing = try #require(OneCycle.Annealing(rawValue: params.annealStrategy ?? ""))
    cycle.divFactor = try #require(params.divFactor)
    cycle.finalDivFactor = try #require(params.finalDivFactor)
    cycle.threePhase = params.threePhase == true
    cycle.baseMomentum = try #require(params.baseMomentum)
    cycle.maxMomentum = try #require(params.maxMomentum)
    return cycle
  }

  private func plateau() throws -> Plateau {
    var plateau = Plateau()
    plateau.mode = try #require(Plateau.Mode(rawValue: params.mode ?? ""))
    plateau.factor = try #require(params.factor)
    plateau.patience = try #require(params.patience)
    plateau.threshold = try #require(params.threshold)
    plateau.thresholdMode = try #require(
      Plateau.ThresholdMode(rawValue: params.thresholdMode ?? ""))
    plateau.cooldown = try #require(params.cooldown)
    plateau.minLearningRate = try #require(params.minLr)
    plateau.eps = try #require(params.eps)
    return plateau
  }
}
