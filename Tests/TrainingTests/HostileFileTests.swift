import Autograd
import Formula
import Foundation
import Models
import Testing

@testable import Training

/// Checkpoints that somebody has changed and given a valid checksum again.
@Suite struct HostileFileTests {
  /// A network over texts and numbers, with weights, dropout, patience and a plateau.
  private static func makeTrainer(
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
    _ = try trainer.run(shouldStop: { _ in
      looks += 1
      return looks == stop
    })
    let recording = trainer.settings.recording
    let valid = trainer.checkpoint.file(of: trainer.model, recording: recording)
    var accepted = 0
    for _ in 0..<60 {
      var file = valid
      for _ in 0..<Int.random(in: 1...2, using: &chance) { change(&file, &chance) }
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
      if case .finished = try fresh.run() { #expect(fresh.parameters.areFinite) }
    }
    #expect(accepted > 0)
  }

  /// Changes one thing that the format leaves free.
  private func change(_ file: inout Safetensors, _ chance: inout Chance) {
    let numbers = [
      0, -0.0, 1, -1, 0.5, 5, 255, 0x1p31, 0x1p32, 0x1p53, 0x1p53 + 2, 0x1p63 - 1024, 0x1p63,
      -0x1p63,
      1e300, Double.leastNonzeroMagnitude, .infinity, -.infinity, .nan,
    ]
    let number = numbers.randomElement(using: &chance) ?? 0
    let tensors = file.tensors.keys.sorted()
    let name = tensors.randomElement(using: &chance) ?? ""
    let keys = file.metadata.keys.sorted()
    let key = keys.randomElement(using: &chance) ?? ""
    switch Int.random(in: 0..<8, using: &chance) {
    case 0...2:
      guard let tensor = file.tensors[name], var values = tensor.doubles, !values.isEmpty else {
        return
      }
      values[values.indices.randomElement(using: &chance) ?? 0] = number
      file.tensors[name] =
        tensor.element == .float32
        ? Safetensors.Tensor(shape: tensor.shape, values.map { Float($0) })
        : Safetensors.Tensor(shape: tensor.shape, values)
    case 3: file.tensors[name] = file.tensors[tensors.randomElement(using: &chance) ?? ""]
    case 4: file.tensors[name] = nil
    case 5:
      let count = Int.random(in: 0...3, using: &chance)
      file.tensors[name] = Safetensors.Tensor(
        shape: [count], [Double](repeating: number, count: count))
    case 6: file.metadata[key] = file.metadata[keys.randomElement(using: &chance) ?? ""]
    default: file.metadata[key] = spoilt(file.metadata[key] ?? "", &chance)
    }
  }

  /// A text with a part doubled, left out or replaced by what may mean something.
  private func spoilt(_ text: String, _ chance: inout Chance) -> String {
    var bytes = Array(text.utf8)
    let place = Int.random(in: 0...bytes.count, using: &chance)
    let end = min(bytes.count, place + Int.random(in: 0...6, using: &chance))
    let words = [
      "1e999", "-1", "9223372036854775807", "null", "[", "{}", "\"\"", "[[[[", ",", "\"x\"", "(",
      "^2^2^2",
      " |> dense(1000000)", " |> dense(classes)", "\u{0}", "kind", "\\ud800", "0", ":", "1/0",
      "inputs",
    ]
    switch Int.random(in: 0..<3, using: &chance) {
    case 0: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 1: bytes.removeSubrange(place..<end)
    default:
      bytes.replaceSubrange(place..<end, with: (words.randomElement(using: &chance) ?? "").utf8)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Random numbers that are the same on every run: SplitMix64 (Steele, Lea and Flood 2014).
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
