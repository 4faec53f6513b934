import Autograd
import Formula
import Models
import Plotting
import Tables
import Training

/// One run of `train`: reads the table, trains, and writes what was asked for.
struct TrainRun<Scalar: Precision> {
  private let plan: TrainPlan
  private let table: Table
  private let model: Model
  private let initial: [Double]

  /// Reads the table and binds the formula to it.
  init(_ plan: TrainPlan) throws(Failure) {
    if let request = Instructions.unmetRequest {
      let known = Instructions.allCases.filter(\.isSupported).map(\.rawValue).joined(
        separator: ", ")
      throw Failure(.usage, "BACKPROP_SIMD=\(request): this machine has \(known)")
    }
    self.plan = plan
    let bound = try plan.model.bind()
    (table, model) = (bound.table, bound.model)
    initial = try Self.start(plan, of: model)
    for (parameter, column) in model.suspectParameters() {
      Diagnostics.warn(
        "'\(parameter)' is not a column, so it is a parameter; did you mean '\(column)'?")
    }
  }

  func run() throws {
    let data = try columns()
    let point = try plan.probe?.values(for: model)
    for plot in plan.plots { try plot.check() }
    for log in [plan.trace, plan.csv] { try log?.checkCanCreate(isLog: true) }
    let transcript = try plan.trace.map { place throws(Failure) in
      Transcript(Log(try place.openLog()), plan: plan, model: model, table: table)
    }
    let log = try plan.csv.map { place throws(Failure) in Log(try place.openLog()) }
    let progress = Progress(plan, rowCount: table.rowCount)
    Interruption.listen()

    var trainer = Trainer<Scalar>(
      model, data: data, initial: initial, settings: plan.settings)
    try log?.write("epoch,loss\n")
    try log?.flush()
    try transcript?.predict(.before, by: model, at: point, with: trainer.parameters)
    let outcome = try trainer.run(
      observe: transcript.map { transcript in { step in try transcript.record(step) } },
      epochEnded: { epoch, loss in
        try log?.write { line in
          append(epoch, to: &line)
          line.append(UInt8(ascii: ","))
          line.append(shortestDecimal: loss)
          line.append(UInt8(ascii: "\n"))
        }
        try log?.endOfLines()
        try transcript?.endEpoch(epoch, loss: loss)
        progress?.show(epoch: epoch, loss: loss)
      },
      shouldStop: {
        try log?.flushIfDue()
        return Interruption.signal != nil
      })
    progress?.clear()
    if case .diverged = outcome {
    } else {
      try transcript?.predict(.after, by: model, at: point, with: trainer.parameters)
    }
    try transcript?.close()
    try log?.close()
    try draw(trainer.history, outcome)
    try end(outcome, rate: plan.settings.learningRate)
  }

  /// Draws the plots.
  ///
  /// Nothing to draw is a warning, and so is any failure after a run that diverged: its own exit code
  /// stands.
  private func draw(_ history: [Double], _ outcome: Outcome) throws {
    if plan.plots.isEmpty, !plan.curves.preview { return }
    let epochs = history.indices.map { Double($0) }
    let figure = plan.curves.figure(of: [Figure.Run(epochs: epochs, losses: history)])
    do {
      for plot in plan.plots { try plot.write(figure) }
      if plan.curves.preview {
        try Writer.standardError.writeAll(figure.preview(in: Terminal(of: .standardError)))
      }
    } catch let error as PlotError where error.reason == .nothingToDraw {
      Diagnostics.warn("no plot drawn: \(error)")
    } catch {
      let failure = (error as? PlotError).map(Failure.init) ?? error
      guard case .diverged = outcome, case Failure.message(let text, _) = failure else {
        throw failure
      }
      Diagnostics.warn(text)
    }
  }

  private func end(_ outcome: Outcome, rate: Double) throws(Failure) {
    switch outcome {
    case .finished: break
    case .interrupted:
      if let signal = Interruption.signal { throw .interrupted(signal: signal) }
    case .diverged(let divergence): throw Failure(divergence, learningRate: rate)
    }
  }

  /// The numbers that the model reads.
  private func columns() throws(Failure) -> Columns<Scalar> {
    do throws(TableError) {
      return try model.data(from: table)
    } catch {
      throw Failure(error)
    }
  }

  /// A value for each element of the parameters.
  private static func start(_ plan: TrainPlan, of model: Model) throws(Failure) -> [Double] {
    let given = try plan.model.start?.values()
    do throws(GivenValues.Fault) {
      return try model.parameters.start(given, seed: plan.settings.seed)
    } catch {
      throw Failure(.usage, "--init: \(error.sentence(known: model.parameters.map(\.name)))")
    }
  }
}

private func append(_ number: Int, to line: inout [UInt8]) {
  line.append(contentsOf: String(number).utf8)
}
