import Autograd
import Formula
import Models
import Tables
import Training

/// The work of a line of the benchmark, with its data at hand.
///
/// Throws if there is no work of that name.
func work(named name: String, threads: Int) throws -> () throws -> Void {
  if name.hasPrefix("read:") {
    return { try read(String(name.dropFirst("read:".count)), threads: threads) }
  }
  return switch name {
  case "linear": try singleRows(model: linearFormula)
  case "nonlinear": try singleRows(model: "a*exp(-b*x0) + \(linearFormula)")
  case "formula32": try fullBatch(as: Float.self, threads: threads)
  case "formula64": try fullBatch(as: Double.self, threads: threads)
  case "small":
    try network(
      [9, 64, 64, 1], Adam(), batchSize: 256, rows: 1_000_000, epochs: 1, threads: threads)
  case "digits":
    try network([64, 128, 10], Adam(), batchSize: 32, rows: 1797, epochs: 50, threads: threads)
  case "large":
    try network(
      [784, 512, 512, 10], SGD(), batchSize: 128, rows: 20_000, epochs: 1, threads: threads)
  default: throw Complaint(description: "there is no work '\(name)'")
  }
}

/// All numbers of a CSV.
private func read(_ path: String, threads: Int) throws {
  let table = try Table(readingCSV: path, threads: threads)
  for name in table.columnNames { _ = try table.numbers(of: name) }
}

/// What is wrong with the words that the program was given.
struct Complaint: Error, CustomStringConvertible {
  let description: String
}

private let linearFormula = (0..<9).map { "w\($0)*x\($0)" }.joined(separator: " + ") + " + b"

/// An epoch of gradient descent by single rows over a million rows of 9 inputs.
private func singleRows(model text: String) throws -> () -> Void {
  var random = Random()
  let rows = 1_000_000
  let inputs = (0..<9).map { _ in (0..<rows).map { _ in random.normal() } }
  let target = (0..<rows).map { row in
    inputs.enumerated().reduce(0.5) { $0 + Double($1.offset + 1) / 10 * $1.element[row] }
  }
  let names = (0..<9).map { "x\($0)" }
  let model = try Model(
    formula: Formula(text), loss: nil, target: "y", tableColumns: names + ["y"])
  let initial = model.parameters.map { _ in 0.0 }
  let training = Training(
    trainer: Trainer<Float>(
      model, data: Columns(inputs + [target]), initial: initial,
      settings: Settings(learningRate: 0.001, epochs: .max)))
  return { training.run(epochs: 1) }
}

/// A trainer that a closure can keep.
private final class Training {
  private var trainer: Trainer<Float>

  init(trainer: consuming Trainer<Float>) { self.trainer = trainer }

  /// Trains for so many epochs more.
  func run(epochs: Int) {
    var left = epochs
    _ = trainer.run(epochEnded: { _, _ in left -= 1 }, shouldStop: { _ in left == 0 })
  }
}

/// The gradient of a formula's mean squared error over a million rows.
private func fullBatch<Scalar: Precision>(as _: Scalar.Type, threads: Int) throws -> () -> Void {
  var random = Random()
  let rows = 1_000_000
  let x = (0..<rows).map { _ in 4 * random.uniform() }
  let y = (0..<rows).map { _ in random.normal() }
  let model = try Model(
    formula: Formula("a*exp(-b*x) + c*sin(d*x)"), loss: nil, target: "y", tableColumns: ["x", "y"])
  let batch = Batch<Scalar>(model.stepProgram, [x, y], batchRows: rows, threads: threads)
  batch.parameters = [1, 0.5, 0.3, 2.8]
  return { batch.gradient(of: 0..<rows) }
}

/// Epochs of training a network of dense layers with ReLU between them: the mean squared error of one output, or
/// the cross-entropy of several classes.
private func network(
  _ widths: [Int], _ optimizer: any OptimizerRule, batchSize: Int, rows: Int, epochs: Int,
  threads: Int
) throws -> () -> Void {
  var random = Random()
  let columns = (0..<widths[0]).map { _ in (0..<rows).map { _ in random.normal() } }
  let names = columns.indices.map { "x\($0)" }
  let layers = widths.dropFirst().map { "dense(\($0))" }.joined(separator: " |> relu |> ")
  let outputs = widths[widths.count - 1]
  let isClassifier = outputs > 1
  let specification = Specification(
    formula: try Formula("inputs |> \(layers)"),
    loss: try ModelLoss(isClassifier ? "cross-entropy" : "mse"), target: "y")
  let classes = Schema.Kind.text(levels: (0..<outputs).map { "\($0)" })
  let model = try Model(
    specification,
    schema: Schema(names: ["y"] + names, kinds: isClassifier ? ["y": classes] : [:]))
  let target = (0..<rows).map { row in
    isClassifier
      ? (10 * random.uniform()).rounded(.down) : columns.reduce(0.5) { $0 + $1[row] / 10 }
  }
  var settings = Settings(
    learningRate: 0.001, epochs: .max, batchSize: .rows(batchSize), threads: threads)
  settings.optimizer = optimizer
  let training = Training(
    trainer: Trainer<Float>(
      model, data: Columns([target] + columns), initial: try model.parameters.start(),
      settings: settings))
  return { training.run(epochs: epochs) }
}

/// A program with its data, parameters and results.
private final class Batch<Scalar: Precision> {
  var parameters: [Scalar]
  var results: [Scalar]
  private let data: Columns<Scalar>
  private var executor: Executor<Scalar>

  init(_ program: Program, _ columns: [[Double]], batchRows: Int, threads: Int) {
    parameters = [Scalar](repeating: 0, count: program.parameterCount)
    results = [Scalar](repeating: 0, count: program.outputCount)
    data = Columns(columns)
    executor = Executor(program, batchRows: batchRows, threads: threads)
  }

  func gradient(of rows: Range<Int>) {
    executor.means(of: rows, in: data, parameters: parameters, into: &results)
  }
}

/// Numbers that look random and are the same on every run (Steele, Lea and Flood 2014: SplitMix).
private struct Random {
  private var state: UInt64 = 1

  mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((mixed ^ mixed >> 31) >> 11) * 0x1p-53
  }

  /// Nearly normal: the sum of twelve (variance 1).
  mutating func normal() -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + uniform() }
  }
}
