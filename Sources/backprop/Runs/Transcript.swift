import Autograd
import Models
import Tables
import Training

/// The lesson's transcript: every step's gradients, every epoch's loss, a prediction around it all.
struct Transcript {
  enum Moment: String {
    case before, after
  }

  private let log: Log
  private let probe: String
  /// The columns that a step of one row shows, in order; none for larger batches.
  private let shownColumns: [[Double]]

  init(_ log: Log, plan: TrainPlan, model: Model, table: Table) {
    self.log = log
    probe = plan.probe?.text ?? ""
    let shown = model.inputs.filter { $0 != model.target } + [model.target]
    shownColumns =
      plan.settings.batchSize == .rows(1) ? shown.compactMap { Self.values(of: $0, in: table) } : []
  }

  /// What a column shows: its numbers, or its texts as numbers of their levels.
  private static func values(of name: String, in table: Table) -> [Double]? {
    let column = table.column(named: name)
    return (try? column?.numbers.get()) ?? (try? column?.categories().codes.map { Double($0) })
  }

  /// Writes the prediction at the probe's point, if there is one.
  func predict<Scalar: Precision>(
    _ moment: Moment, by model: Model, at point: [Double]?, with parameters: [Scalar]
  ) throws(Failure) {
    guard let point else { return }
    let prediction = model.predict(at: point, with: parameters)
    let shown = prediction.map { Double($0).shortestDecimal }.joined(separator: " ")
    try log.write("predict(\(moment.rawValue) training) \(probe) \(shown)\n")
  }

  /// Writes a step's gradients, after the row where the step is one row.
  func record<Scalar: Precision>(_ step: Step<Scalar>) throws(Failure) {
    try log.write { line in
      line.append(contentsOf: "\tgrad:".utf8)
      for column in shownColumns { Self.append(column[step.row], to: &line) }
      for gradient in step.gradients { Self.append(Double(gradient), to: &line) }
      line.append(UInt8(ascii: "\n"))
    }
  }

  func endEpoch(_ epoch: Int, loss: Double) throws(Failure) {
    let loss = loss.shortestDecimal
    try log.write("loss: \(loss)\nprogress: \(epoch) \(loss)\n")
    try log.endOfLines()
  }

  func close() throws(Failure) { try log.close() }

  private static func append(_ value: Double, to line: inout [UInt8]) {
    line.append(UInt8(ascii: " "))
    line.append(shortestDecimal: value)
  }
}
