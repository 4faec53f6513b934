import Autograd
import Formula
import Models
import Tables
import Training

/// The work of a name, with its data at hand.
///
/// A name is a line's of the benchmark (`linear`, `formula32`, `small`), the line's first step from its text on
/// (`first-step:linear`), a CSV to read (`read:FILE`), or work of a size (`rows32:1000`). Throws if there is no work
/// of that name.
func work(named name: String, threads: Int) throws -> () throws -> Void {
  let words = name.split(separator: ":", maxSplits: 1).map(String.init)
  guard words.count == 2 else {
    return switch name {
    case "formula32": try fullBatch(as: Float.self, rows: 1_000_000, threads: threads)
    case "formula64": try fullBatch(as: Double.self, rows: 1_000_000, threads: threads)
    default: try task(named: name, threads: threads).epochs()
    }
  }
  if words[0] == "read" { return { try read(words[1], threads: threads) } }
  if words[0] == "first-step" { return try task(named: words[1], threads: threads).firstStep() }
  guard let size = Int(words[1]), size > 0 else {
    throw Complaint(description: "'\(words[1])' is no size")
  }
  return switch words[0] {
  case "rows32": try fullBatch(as: Float.self, rows: size, threads: threads)
  case "rows64": try fullBatch(as: Double.self, rows: size, threads: threads)
  case "width":
    try TrainingWork.network(
      [size, size, 1], SGD(), batchSize: 64, rows: 64, epochs: 1, threads: threads
    )
    .epochs()
  case "batch-formula": try nonlinear(rows: 131_072, batchSize: size, threads: threads).epochs()
  case "batch-network": try small(rows: 131_072, batchSize: size, threads: threads).epochs()
  default: throw Complaint(description: "there is no work '\(name)'")
  }
}

/// The training of a line of the benchmark.
private func task(named name: String, threads: Int) throws -> TrainingWork {
  switch name {
  case "linear": .formula(linearFormula, rows: 1_000_000, batchSize: 1, threads: threads)
  case "nonlinear": nonlinear(rows: 1_000_000, batchSize: 1, threads: threads)
  case "small": small(rows: 1_000_000, batchSize: 256, threads: threads)
  case "digits":
    .network([64, 128, 10], Adam(), batchSize: 32, rows: 1797, epochs: 50, threads: threads)
  case "large":
    .network(
      [784, 512, 512, 10], SGD(), batchSize: 128, rows: 20_000, epochs: 1, threads: threads)
  default: throw Complaint(description: "there is no work '\(name)'")
  }
}

private let linearFormula = (0..<9).map { "w\($0)*x\($0)" }.joined(separator: " + ") + " + b"

private func nonlinear(rows: Int, batchSize: Int, threads: Int) -> TrainingWork {
  .formula("a*exp(-b*x0) + \(linearFormula)", rows: rows, batchSize: batchSize, threads: threads)
}

private func small(rows: Int, batchSize: Int, threads: Int) -> TrainingWork {
  .network(
    [9, 64, 64, 1], Adam(), batchSize: batchSize, rows: rows, epochs: 1, threads: threads)
}

/// What is wrong with the words that the program was given.
struct Complaint: Error, CustomStringConvertible {
  let description: String
}

/// All numbers of a CSV.
private func read(_ path: String, threads: Int) throws {
  let table = try Table(readingCSV: path, threads: threads)
  for name in table.columnNames { _ = try table.numbers(of: name) }
}

/// The training of a model from its text on, over random inputs `x0`, `x1` and so on and a target `y`.
private struct TrainingWork {
  private let formula: String
  private let loss: String
  /// Of the target; 1 where it is a number.
  private let classes: Int
  private let optimizer: any OptimizerRule
  private let batchSize: Int
  private let threads: Int
  private let epochCount: Int
  private let inputs: [[Double]]
  private let target: [Double]

  private init(
    formula: String, loss: String, inputs inputCount: Int, classes: Int,
    optimizer: any OptimizerRule, batchSize: Int, rows: Int, epochs: Int, threads: Int
  ) {
    self.formula = formula
    self.loss = loss
    self.classes = classes
    self.optimizer = optimizer
    self.batchSize = batchSize
    self.threads = threads
    epochCount = epochs
    var random = Random()
    let inputs = (0..<inputCount).map { _ in (0..<rows).map { _ in random.normal() } }
    self.inputs = inputs
    target = (0..<rows).map { row in
      classes > 1
        ? (Double(classes) * random.uniform()).rounded(.down)
        : inputs.reduce(0.5) { $0 + $1[row] / 10 }
    }
  }

  /// An epoch of gradient descent with a formula of nine inputs.
  static func formula(_ text: String, rows: Int, batchSize: Int, threads: Int) -> TrainingWork {
    TrainingWork(
      formula: text, loss: "mse", inputs: 9, classes: 1, optimizer: SGD(), batchSize: batchSize,
      rows: rows, epochs: 1, threads: threads)
  }

  /// Epochs of a network of dense layers with ReLU between them: the mean squared error of one output, or the
  /// cross-entropy of several classes.
  static func network(
    _ widths: [Int], _ optimizer: any OptimizerRule, batchSize: Int, rows: Int, epochs: Int,
    threads: Int
  ) -> TrainingWork {
    let layers = widths.dropFirst().map { "dense(\($0))" }.joined(separator: " |> relu |> ")
    let outputs = widths[widths.count - 1]
    return TrainingWork(
      formula: "inputs |> \(layers)", loss: outputs > 1 ? "cross-entropy" : "mse",
      inputs: widths[0], classes: outputs, optimizer: optimizer, batchSize: batchSize, rows: rows,
      epochs: epochs, threads: threads)
  }

  /// The task's epochs.
  func epochs() throws -> () throws -> Void {
    let training = try training(rows: 0..<target.count)
    return { training.run(epochs: epochCount) }
  }

  /// All from the formula's text to the end of the first step.
  func firstStep() throws -> () throws -> Void {
    { try training(rows: 0..<min(batchSize, target.count)).run(epochs: 1) }
  }

  private func training(rows: Range<Int>) throws -> Training {
    let specification = Specification(
      formula: try Formula(formula), loss: try ModelLoss(loss), target: "y")
    let kinds: [String: Schema.Kind] =
      classes > 1 ? ["y": .text(levels: (0..<classes).map { "\($0)" })] : [:]
    let model = try Model(
      specification,
      schema: Schema(names: ["y"] + inputs.indices.map { "x\($0)" }, kinds: kinds))
    var settings = Settings(
      learningRate: 0.001, epochs: .max, batchSize: .rows(batchSize), threads: threads)
    settings.optimizer = optimizer
    return Training(
      trainer: Trainer<Float>(
        model, data: Columns(([target] + inputs).map { Array($0[rows]) }),
        initial: try model.parameters.start(), settings: settings))
  }
}

/// A trainer that a closure can keep.
private final class Training {
  private var trainer: Trainer<Float>

  init(trainer: consuming Trainer<Float>) { self.trainer = trainer }

  /// Trains for so many epochs more.
  func run(epochs: Int) {
    var left = epochs
    let outcome = trainer.run(
      epochEnded: { _, _ in left -= 1 }, shouldStop: { _ in left == 0 })
    if case .diverged = outcome { preconditionFailure("the work diverges") }
  }
}

/// The gradient of a formula's mean squared error over so many rows.
private func fullBatch<Scalar: Precision>(
  as _: Scalar.Type, rows: Int, threads: Int
) throws -> () -> Void {
  var random = Random()
  let x = (0..<rows).map { _ in 4 * random.uniform() }
  let y = (0..<rows).map { _ in random.normal() }
  let model = try Model(
    formula: Formula("a*exp(-b*x) + c*sin(d*x)"), loss: nil, target: "y", tableColumns: ["x", "y"])
  let batch = Batch<Scalar>(model.stepProgram, [x, y], batchRows: rows, threads: threads)
  batch.parameters = [1, 0.5, 0.3, 2.8]
  return { batch.gradient(of: 0..<rows) }
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
