import Autograd
import Formula
import Models
import Tables
import Training

/// The work of a line of the benchmark, with its data at hand.
func work(named name: String, threads: Int) throws -> () -> Void {
  if name.hasPrefix("read:") {
    return { read(String(name.dropFirst("read:".count)), threads: threads) }
  }
  return switch name {
  case "linear": try singleRows(model: linearFormula)
  case "nonlinear": try singleRows(model: "a*exp(-b*x0) + \(linearFormula)")
  case "formula32": try fullBatch(as: Float.self, threads: threads)
  case "formula64": try fullBatch(as: Double.self, threads: threads)
  case "network": network([9, 64, 64, 1], batchSize: 256, rows: 1_000_000, threads: threads)
  case "large": network([784, 512, 512, 10], batchSize: 128, rows: 20_000, threads: threads)
  default: fatalError("there is no work '\(name)'")
  }
}

/// All numbers of a CSV.
private func read(_ path: String, threads: Int) {
  do {
    let table = try Table(readingCSV: path, threads: threads)
    for name in table.columnNames { _ = try table.numbers(of: name) }
  } catch {
    fatalError("\(error)")
  }
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
  let settings = Settings(learningRate: 0.001, epochs: 1)
  let training = Training(
    trainer: Trainer<Float>(
      model, data: Columns(inputs + [target]), initial: initial, settings: settings))
  return { training.run() }
}

/// A trainer that a closure can keep.
private final class Training {
  private var trainer: Trainer<Float>

  init(trainer: consuming Trainer<Float>) { self.trainer = trainer }

  func run() {
    _ = trainer.run(observe: nil, epochEnded: { _, _ in }, shouldStop: { false })
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

/// An epoch of plain gradient descent of a network of linear layers with ReLU between them: the mean squared
/// error of one output, or the cross-entropy of several classes.
private func network(
  _ widths: [Int], batchSize: Int, rows: Int, threads: Int
) -> () -> Void {
  var random = Random()
  let graph = Graph()
  let inputs = graph.column("x", count: widths[0])
  let target = graph.column("y")
  var (values, parameters) = (inputs, [Node]())
  for (layer, width) in widths.dropFirst().enumerated() {
    let weight = graph.parameter(
      "\(layer).weight", .matrix(rows: width, columns: widths[layer]))
    let bias = graph.parameter("\(layer).bias", .vector(width))
    parameters += [weight, bias]
    values = linear(weight, values, bias: bias)
    if layer + 2 < widths.count { values = relu(values) }
  }
  let isClassifier = values.shape.count > 1
  let loss = isClassifier ? -pick(logSoftmax(values), target) : pow(sum(values) - target, 2)
  let program = Program(
    outputs: [loss] + graph.gradients(of: loss, withRespectTo: parameters),
    columns: [inputs, target], parameters: parameters)

  let columns = (0..<widths[0]).map { _ in (0..<rows).map { _ in random.normal() } }
  let targets = (0..<rows).map { row in
    isClassifier
      ? (10 * random.uniform()).rounded(.down) : columns.reduce(0.5) { $0 + $1[row] / 10 }
  }
  let batch = Batch<Float>(program, columns + [targets], batchRows: batchSize, threads: threads)
  batch.parameters = parameters.flatMap { parameter in
    let bound = 1 / Double(widths[0]).squareRoot()
    return (0..<parameter.shape.count).map { _ in Float(bound * (2 * random.uniform() - 1)) }
  }
  var optimizer = SGD<Float>(learningRate: 0.001)
  return {
    for first in stride(from: 0, to: rows, by: batchSize) {
      batch.gradient(of: first..<min(first + batchSize, rows))
      optimizer.step(&batch.parameters, along: batch.results[1...])
    }
  }
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
