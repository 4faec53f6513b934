import Autograd
import Formula
import Foundation
import Models
import Tables
import Testing

@testable import Training

/// Model files and checkpoints of every kind, changed at random.
///
/// `BACKPROP_FUZZ_SECONDS` says how long, 5 if it is not set; `BACKPROP_FUZZ_SEED` what with.
@Suite struct ModelFileFuzzTests {
  private static func setting(_ name: String) -> UInt64? {
    ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
  }

  /// The file of a model whose parameters have some value.
  private static func file(
    _ formula: String, loss: String = "mse", standardization: Standardization? = nil,
    isDouble: Bool = false
  ) throws -> Safetensors {
    let specification = Specification(
      formula: try Formula(formula), loss: try ModelLoss(loss), target: "y")
    var preparation = Preparation(specification)
    preparation.standardization = standardization
    let text = "a,kind,b,y\n1,u,2,0\n2,v,-1,1\n4,w,0.5,1\n0,u,3,0\n"
    let model = try preparation.bind(to: Table(csv: Array(text.utf8), name: "t")).model
    let values = try model.parameters.start(seed: 3)
    return isDouble
      ? model.file(parameters: values) : model.file(parameters: values.map { Float($0) })
  }

  /// The file of a fit, with what it says of its errors.
  private static func fittedFile() throws -> Safetensors {
    var specification = Specification(formula: try Formula("p*a + q"), target: "y")
    specification.response = try Formula("log(1 + y)")
    let model = try Preparation(specification).bind(
      to: Table(csv: Array("a,y\n1,0\n2,1\n4,5\n".utf8), name: "t")
    ).model
    var file = model.file(parameters: [0.5, 0.25])
    Uncertainty(
      covariance: [[0.5, -0.25], [-0.25, 1]], residualStandardError: 0.125, degreesOfFreedom: 1,
      level: 0.95, hasKnownErrors: false, isWeighted: false
    ).add(to: &file)
    return file
  }

  private static func files() throws -> [Safetensors] {
    let models = try [
      fittedFile(),
      file("p*a + q"),
      file("p*a + q*b", standardization: .all, isDouble: true),
      file("inputs |> dense(1)", standardization: .inputs),
      file("inputs |> dense(3) |> layerNorm |> tanh |> dropout(0.5) |> dense(1)"),
      file("inputs |> dense(2) |> relu |> dense(classes)", loss: "cross-entropy", isDouble: true),
      file("inputs |> dense(1)", loss: "bce", standardization: .inputs),
      file("where(a > p, (kind == 'u') * q, r)", loss: "(prediction - y)^2"),
    ]
    return try models
      + optimizerRules.map { rule in
        var trainer = try HostileFileTests.makeTrainer(rule, Plateau())
        _ = trainer.run()
        return trainer.checkpoint.file(of: trainer.model, recording: trainer.settings.recording)
      }
  }

  @Test func `no file crashes its reader, and what is read predicts`() throws {
    let files = try Self.files()
    for file in files { #expect(try predictions(of: file.serialized()).allSatisfy(\.isFinite)) }
    let clock = ContinuousClock()
    let end = clock.now + .seconds(Self.setting("BACKPROP_FUZZ_SECONDS") ?? 5)
    var seed = Self.setting("BACKPROP_FUZZ_SEED") ?? 1
    var (read, refused) = (0, 0)
    repeat {
      var chance = Chance(state: seed)
      guard var file = files.randomElement(using: &chance) else { return }
      var bytes: [UInt8]
      if chance.next() % 2 == 0 {
        for _ in 0..<Int.random(in: 1...3, using: &chance) { file.change(&chance) }
        bytes = (try? file.withChecksum().serialized()) ?? []
      } else {
        bytes = try file.serialized()
        for _ in 0..<Int.random(in: 1...3, using: &chance) { bytes.spoil(&chance) }
      }
      let duration = clock.measure {
        do {
          _ = try predictions(of: bytes)
          read += 1
        } catch {
          refused += 1
          let text = "\(error)"
          #expect(!text.isEmpty && !text.utf8.contains { $0 < 0x20 }, "seed \(seed): \(text)")
        }
      }
      // Far more than any of them takes.
      #expect(duration < .seconds(10), "seed \(seed)")
      seed += 1
    } while clock.now < end
    #expect(read > 0 && refused > 0)
  }

  /// What the model in a file predicts at one point; all that is shown or exported of it is made too.
  private func predictions(of bytes: [UInt8]) throws -> [Double] {
    let saved = try SavedModel(Safetensors(reading: bytes))
    let values = saved.values.doubles
    #expect(values.areFinite && values.count == saved.model.parameterCount)
    _ = JSON.object(saved.json).line
    let names = ElementNames(of: saved.model)
    for element in 0..<saved.model.parameterCount { #expect(!names[element].isEmpty) }
    #expect(saved.model.inheritance(from: saved).doubts == [])
    if let uncertainty = saved.uncertainty {
      let slopes = [Double](repeating: 1, count: saved.model.parameterCount)
      let limits = Band(uncertainty, quantile: 2).limits(around: 0, gradient: slopes)
      #expect(limits.count == Band.limitNames.count)
    }
    for format in ExportFormat.allCases { _ = try? saved.exported(as: format, creator: "backprop") }
    let point = saved.model.inputs.map { _ in 1.0 }
    return switch saved.values {
    case .float32(let values): saved.model.predict(at: point, with: values)
    case .float64(let values): saved.model.predict(at: point, with: values)
    }
  }
}
