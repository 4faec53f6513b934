import Autograd
import Formula
import Foundation
import Models
import Testing

@testable import Training

/// The lesson and its variants, as PyTorch computed them.
@Suite struct LessonTests {
  @Test(arguments: try LessonCase.all().filter(\.exact))
  func `exact cases agree bit for bit`(lesson: LessonCase) throws {
    switch lesson.dtype {
    case "float32": try compare(lesson, as: Float.self, tolerance: nil)
    default: try compare(lesson, as: Double.self, tolerance: nil)
    }
  }

  @Test(arguments: try LessonCase.all().filter { !$0.exact })
  func `other cases agree within 256 eps`(lesson: LessonCase) throws {
    switch lesson.dtype {
    case "float32": try compare(lesson, as: Float.self, tolerance: 256 * 0x1p-23)
    default: try compare(lesson, as: Double.self, tolerance: 256 * 0x1p-52)
    }
  }

  /// Trains twice, once for each meaning of an epoch's loss, and compares every number.
  private func compare<Scalar: Precision>(
    _ lesson: LessonCase, as type: Scalar.Type, tolerance: Double?
  ) throws {
    func agree(_ found: Double, _ expected: Double, _ what: String) {
      if let tolerance {
        let isNear = abs(found - expected) <= tolerance * max(1, abs(expected))
        #expect(isNear || same(found, expected), "\(what): \(found), PyTorch has \(expected)")
      } else {
        #expect(same(found, expected), "\(what): \(found), PyTorch has \(expected)")
      }
    }
    let columns = lesson.columns.keys.sorted()
    let model = try Model(
      formula: Formula(lesson.formula), loss: nil, target: lesson.target, tableColumns: columns)
    let data = model.columns.map { lesson.columns[$0.name ?? ""]?.map(\.value) ?? [] }
    let point = try model.inputs.map { try #require(lesson.predict.at[$0]).value }
    for meaning in Settings.EpochLoss.allCases {
      let settings = Settings(
        learningRate: lesson.lr, epochs: lesson.epochs, batchSize: .rows(lesson.batch),
        epochLoss: meaning)
      var trainer = Trainer<Scalar>(
        model, data: Columns(data), initial: model.parameters.map { lesson.params[$0.name] ?? 1 },
        settings: settings)
      let before = model.predict(at: point, with: trainer.parameters)[0]
      agree(Double(before), lesson.predict.before.value, "prediction before")
      var step = 0
      let outcome = trainer.run(
        observe: { seen in
          agree(Double(seen.loss), lesson.stepLoss[step].value, "loss of step \(step)")
          for (name, gradient) in zip(model.parameters.map(\.name), seen.gradients) {
            let expected = lesson.stepGrad[name]?[step].value ?? 0
            agree(Double(gradient), expected, "gradient of \(name), step \(step)")
          }
          step += 1
        })
      if let first = lesson.firstNonFiniteStep {
        guard case .diverged(let divergence) = outcome else {
          Issue.record("the run should have diverged")
          continue
        }
        #expect(step == first + 1)
        #expect(divergence.epoch == first / lesson.stepsPerEpoch)
        #expect(trainer.history.count == divergence.epoch + 1)
        #expect(trainer.history.last?.isFinite == false)
        continue
      }
      #expect(step == lesson.stepLoss.count)
      for (epoch, loss) in trainer.history.enumerated() {
        switch meaning {
        case .last: agree(loss, lesson.epochLoss[epoch].value, "loss of epoch \(epoch)")
        case .mean where lesson.rows % lesson.batch == 0:
          let expected = lesson.epochMeanLoss[epoch].value
          let limit = max(tolerance ?? 0, 1e-14)
          #expect(abs(loss - expected) <= limit * max(expected, tolerance == nil ? 0 : 1))
        case .mean: break
        }
      }
      #expect(trainer.history.count == lesson.epochs)
      for (name, value) in zip(model.parameters.map(\.name), trainer.parameters) {
        let expected = try #require(lesson.paramsAfterEpoch[name]?.last)
        agree(Double(value), expected.value, "\(name) at the end")
      }
      let after = model.predict(at: point, with: trainer.parameters)[0]
      agree(Double(after), lesson.predict.after.value, "prediction after")
    }
  }

  private func same(_ a: Double, _ b: Double) -> Bool { (a.isNaN && b.isNaN) || a == b }
}

@Suite struct TrainerTests {
  @Test(arguments: try LessonCase.all().filter { $0.batch == 1 })
  func `a run that nobody observes gives the same bits`(lesson: LessonCase) throws {
    try compareUnobserved(lesson, as: Float.self)
    try compareUnobserved(lesson, as: Double.self)
  }

  private func compareUnobserved<Scalar: Precision>(
    _ lesson: LessonCase, as type: Scalar.Type
  ) throws {
    let model = try Model(
      formula: Formula(lesson.formula), loss: nil, target: lesson.target,
      tableColumns: lesson.columns.keys.sorted())
    // More rows than are trained on at once.
    let rows = lesson.rows * 3000
    let data = model.columns.map { column in
      (0..<rows).map { lesson.columns[column.name ?? ""]?[$0 % lesson.rows].value ?? 0 }
    }
    func trainer() -> Trainer<Scalar> {
      Trainer(
        model, data: Columns(data), initial: model.parameters.map { lesson.params[$0.name] ?? 1 },
        settings: Settings(learningRate: lesson.lr, epochs: 2, epochLoss: .mean))
    }
    var observed = trainer()
    var unobserved = trainer()
    let (first, second) = (observed.run(observe: { _ in }), unobserved.run())
    #expect(observed.parameters.map(\.bits) == unobserved.parameters.map(\.bits))
    #expect(observed.history.map(\.bits) == unobserved.history.map(\.bits))
    if case .diverged(let a) = first {
      guard case .diverged(let b) = second else {
        Issue.record("only the observed run diverged")
        return
      }
      #expect(a.row == b.row && a.epoch == b.epoch)
    }
  }

  private func trainer(
    _ formula: String, x: [Double], y: [Double], _ settings: Settings
  ) throws -> Trainer<Float> {
    let model = try Model(
      formula: Formula(formula), loss: nil, target: "y", tableColumns: ["x", "y"])
    let initial = model.parameters.map { _ in 1.0 }
    return Trainer(model, data: Columns([x, y]), initial: initial, settings: settings)
  }

  @Test func `the mean loss weighs a smaller last batch by its rows`() throws {
    var run = try trainer(
      "w*x", x: [1, 1, 1], y: [0, 2, 3],
      Settings(learningRate: 0, epochs: 1, batchSize: .rows(2)))
    _ = run.run()
    #expect(run.history == [2])
  }

  @Test func `a step that would leave a parameter infinite is not taken`() throws {
    var run = try trainer(
      "w*x", x: [1e18], y: [0], Settings(learningRate: 1e10, epochs: 3))
    guard case .diverged(let divergence) = run.run() else {
      Issue.record("the run should have diverged")
      return
    }
    #expect(run.parameters == [1])
    #expect(run.history.count == 1 && run.history[0].isFinite)
    guard case .update("w") = divergence.cause else {
      Issue.record("the update overflowed, not \(divergence.cause)")
      return
    }
  }

  @Test func `divergence names the row and the operation`() throws {
    var run = try trainer(
      "log(w - x)", x: [0.5, 2], y: [0, 0], Settings(batchSize: .full))
    guard case .diverged(let divergence) = run.run(),
      case .operation(let fault) = divergence.cause
    else {
      Issue.record("the run should have diverged in an operation")
      return
    }
    #expect(divergence.epoch == 0)
    #expect(divergence.row == 1)
    #expect(fault.expression == "log(w - x)")
    #expect(fault.operands == [-1])
  }

  @Test func `a sum that overflows is told from a row that does`() throws {
    let rows = 64
    var run = try trainer(
      "w*x", x: Array(repeating: 1e19, count: rows), y: Array(repeating: 0, count: rows),
      Settings(batchSize: .full))
    guard case .diverged(let divergence) = run.run(), case .lossSum = divergence.cause
    else {
      Issue.record("the sum of the losses should have overflowed")
      return
    }
    #expect(divergence.row == 0)
  }

  @Test func `a run that is asked to stop ends after its step`() throws {
    var steps = 0
    var run = try trainer("w*x", x: [1, 2, 3], y: [2, 4, 6], Settings(epochs: 10))
    let outcome = run.run(observe: { _ in steps += 1 }, shouldStop: { _ in steps >= 7 })
    guard case .interrupted = outcome else {
      Issue.record("the run should have been interrupted")
      return
    }
    #expect(steps == 7)
    #expect(run.history.count == 2)
  }
}

extension BinaryFloatingPoint {
  /// The bits of the value, widened; every nan is one.
  fileprivate var bits: UInt64 { isNaN ? .max : Double(self).bitPattern }
}

/// A case of lesson.json.
struct LessonCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Prediction: Decodable, Sendable {
    let at: [String: Number]
    let before, after: Number
  }
  let id, dtype, formula, target: String
  let params: [String: Double]
  let columns: [String: [Number]]
  let lr: Double
  let epochs, batch, stepsPerEpoch: Int
  let exact: Bool
  let predict: Prediction
  let firstNonFiniteStep: Int?
  let stepLoss, epochLoss, epochMeanLoss: [Number]
  let stepGrad, paramsAfterEpoch: [String: [Number]]

  var rows: Int { columns[target]?.count ?? 0 }
  var testDescription: String { id }

  static func all() throws -> [LessonCase] {
    struct File: Decodable { let cases: [LessonCase] }
    let url = try #require(
      Bundle.module.url(forResource: "lesson", withExtension: "json", subdirectory: "Fixtures"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(File.self, from: Data(contentsOf: url)).cases
  }
}

/// A number as the fixtures write it: JSON's, or the text of an infinity or nan.
struct Number: Decodable, Sendable {
  let value: Double
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      value = Double(text) ?? .nan
    } else {
      value = try container.decode(Double.self)
    }
  }
}
