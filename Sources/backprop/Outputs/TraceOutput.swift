import Autograd
import Models
import Tables
import Training

/// The lesson's transcript: every step's gradients, every epoch's loss, a prediction around it all.
final class TraceOutput<Scalar: Precision>: RunOutput {
  let destinations: [FlaggedDestination]
  let role = OutputRole.log
  private let probe: Probe?
  private var log: Log?
  private var model: Model?
  /// Where the transcript predicts.
  private var point: [Double]?
  /// The columns that a step of one row shows, in order; none for larger batches.
  private var shownColumns: [[Double]] = []
  /// What stands before each gradient, such as ` w=`; nothing more than a blank before an only one.
  private var names: [[UInt8]] = []

  init?(_ command: Train) throws(Failure) {
    let results = command.results
    probe = try results.predict.map { text throws(Failure) in try Probe(text) }
    guard let path = results.trace else {
      if probe != nil {
        throw Failure(
          .usage, "--predict is shown in the trace: give --trace FILE, or --trace -")
      }
      return nil
    }
    destinations = [FlaggedDestination(flag: "--trace", destination: Destination(path))]
  }

  var recordsSteps: Bool { true }

  func create(for run: Run<Scalar>) throws(Failure) {
    model = run.model
    let count = run.model.parameterCount
    let elements = ElementNames(of: run.model)
    names = (0..<count).map { count == 1 ? [UInt8(ascii: " ")] : Array(" \(elements[$0])=".utf8) }
    point = try probe?.values(for: run.model)
    if run.settings.batchSize == .rows(1) {
      let shown = run.model.inputs.filter { $0 != run.model.target } + [run.model.target]
      shownColumns = shown.compactMap { Self.values(of: $0, in: run.bound.table) }
    }
    log = try Log(destinations[0].destination)
  }

  /// What a column shows: its numbers, or its texts as numbers of their levels.
  private static func values(of name: String, in table: Table) -> [Double]? {
    let column = table.column(named: name)
    return (try? column?.numbers.get()) ?? (try? column?.categories().codes.map { Double($0) })
  }

  func begin(_ trainer: borrowing Trainer<Scalar>) throws(Failure) {
    log?.begin()
    try predict("before", with: trainer.parameters)
  }

  private func predict(_ moment: String, with parameters: [Scalar]) throws(Failure) {
    guard let model, let probe, let point else { return }
    let prediction = model.predict(at: point, with: parameters)
    let shown = prediction.map(\.shortestDecimal).joined(separator: " ")
    try log?.write("predict(\(moment) training) \(probe.text) \(shown)\n")
  }

  func record(_ step: Step<Scalar>) throws(Failure) {
    try log?.write { line in
      line.append(contentsOf: "\tgrad:".utf8)
      for column in shownColumns { Self.append(column[step.row], to: &line) }
      for (index, gradient) in step.gradients.enumerated() {
        line.append(contentsOf: names[index])
        line.append(shortestDecimal: Double(gradient))
      }
      line.append(UInt8(ascii: "\n"))
    }
  }

  private static func append(_ value: Double, to line: inout [UInt8]) {
    line.append(UInt8(ascii: " "))
    line.append(shortestDecimal: value)
  }

  func end(_ epoch: Epoch, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    let loss = epoch.loss.shortestDecimal
    try log?.write("loss: \(loss)\nprogress: \(epoch.number) \(loss)\n")
    try log?.endOfLines()
  }

  func flush() throws(Failure) { try log?.flush() }

  func end(_ result: RunResult, of trainer: borrowing Trainer<Scalar>) throws(Failure) {
    if !result.hasDiverged { try predict("after", with: trainer.parameters) }
    try log?.close()
  }
}
