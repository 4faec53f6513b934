import Autograd
import Formula
import Foundation
import Models
import Testing

@testable import Training

/// Checkpoints that somebody has changed and given a valid checksum again.
@Suite struct HostileFileTests {
  /// A network over texts and numbers, with weights, dropout, patience and a plateau.
  static func makeTrainer(
    _ rule: any OptimizerRule, _ course: any ScheduleRule
  ) throws -> Trainer<Float> {
    let specification = Specification(
      formula: try Formula("inputs |> dense(2) |> dropout(0.25) |> dense(1)"),
      loss: try ModelLoss("huber:0.5"), target: "y", features: ["x", "kind"], weights: "n")
    let model = try Model(
      specification,
      schema: Schema(names: ["x", "kind", "n", "y"], kinds: ["kind": .text(levels: ["u", "v"])]))
    var settings = Settings(learningRate: 0.02, epochs: 4, batchSize: .rows(2))
    settings.optimizer = rule
    settings.schedule = try Schedule(course, epochs: 4, learningRate: 0.02)
    settings.patience = 2
    settings.recording.gradientNorm = true
    let columns = model.columns.indices.map { column in
      (0..<5).map { Double(($0 + 2) * (column + 1) % 3) }
    }
    return Trainer(
      model, data: Columns(columns), validation: Columns(columns),
      initial: (0..<model.parameterCount).map { 1 / Double($0 + 1) }, settings: settings)
  }

  private static let rules: [any OptimizerRule] = [
    SGD(), Adam(), LBFGS(), RAdam(), ASGD(), Rprop(),
  ]
  private static let courses: [any ScheduleRule] = [
    Plateau(), CosineSchedule(), WarmRestarts(firstPeriod: 2), Cyclic(maxLearningRate: 0.1),
  ]

  /// How many files are tried; more on request, for an afternoon.
  private static let seeds: Range<UInt64> = {
    let count =
      ProcessInfo.processInfo.environment["BACKPROP_FUZZ_SEEDS"].flatMap { UInt64($0) } ?? 12
    return 0..<count
  }()

  @Test(arguments: seeds)
  func `a changed checkpoint is refused, or is one like any other`(seed: UInt64) throws {
    var chance = Chance(state: seed)
    let rule = Self.rules[Int(seed) % Self.rules.count]
    let course = try #require(Self.courses.randomElement(using: &chance))
    var trainer = try Self.makeTrainer(rule, course)
    let stop = Int.random(in: 2...5, using: &chance)
    var looks = 0
    _ = trainer.run(shouldStop: { _ in
      looks += 1
      return looks == stop
    })
    let recording = trainer.settings.recording
    let valid = trainer.checkpoint.file(of: trainer.model, recording: recording)
    var accepted = 0
    for _ in 0..<60 {
      var file = valid
      for _ in 0..<Int.random(in: 1...2, using: &chance) { file.change(&chance) }
      guard let bytes = try? file.withChecksum().serialized() else { continue }
      let read = try Safetensors(reading: bytes)
      #expect(try read == file.withChecksum())
      if let model = try? Model(read) {
        accepted += (try? model.values(in: read, as: Float.self)) == nil ? 0 : 1
      }
      var fresh = try Self.makeTrainer(rule, course)
      guard
        let checkpoint = try? Checkpoint<Float>(read, of: fresh.model, recording: recording),
        (try? fresh.resume(from: checkpoint)) != nil
      else { continue }
      accepted += 1
      if case .finished = fresh.run() { #expect(fresh.parameters.areFinite) }
    }
    #expect(accepted > 0)
  }
}
