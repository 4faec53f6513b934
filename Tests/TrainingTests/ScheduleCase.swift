import Testing
import Training

/// A case of schedulers.json or schedulers-more.json.
struct ScheduleCase: Decodable, Sendable, CustomTestStringConvertible {
  let id, scheduler: String
  let baseLr: Double
  let lr: [Double]
  let momentum: [Double]?
  let metric: [Number]?
  let params: [String: PyTorchValue]

  var testDescription: String { id }

  static func all() throws -> [ScheduleCase] {
    struct File: Decodable { let cases: [ScheduleCase] }
    return try ["schedulers", "schedulers-more"]
      .flatMap { try Fixture.read($0, as: File.self).cases }
  }

  func schedule() throws -> Schedule {
    if scheduler == "SequentialLR" {
      // The parameters are those that the reference's text states.
      return try Schedule(
        CosineSchedule(), warmup: .init(epochs: 10, start: 0.1), epochs: 100, learningRate: baseLr)
    }
    return try Schedule(course(), epochs: 100, learningRate: baseLr)
  }

  private func course() throws -> any ScheduleRule {
    var course = try #require(scheduleRules.first { $0.pytorchName == scheduler })
    try course.tell(params)
    // What has no flag.
    if var cycle = course as? OneCycle {
      cycle.baseMomentum = try #require(params["base_momentum"]?.number)
      cycle.maxMomentum = try #require(params["max_momentum"]?.number)
      return cycle
    }
    if var plateau = course as? Plateau {
      plateau.mode = try #require(Plateau.Mode(rawValue: params["mode"]?.word ?? ""))
      plateau.eps = try #require(params["eps"]?.number)
      return plateau
    }
    return course
  }
}
