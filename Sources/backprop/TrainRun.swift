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
    let table = try plan.data.table(plan.reading)
    model = try Self.model(plan, columns: table.columnNames)
    self.table = try table.complete(in: model.columns, plan.reading.missing)
    initial = try Self.initialValues(plan, of: model)
    for (parameter, column) in model.suspectParameters(among: table.columnNames) {
      Diagnostics.warn(
        "'\(parameter)' is not a column, so it is a parameter; did you mean '\(column)'?")
    }
  }

  func run() throws {
    let columns = try columnsOfTheModel()
    let point = try plan.probe?.values(for: model.inputs)
    for plot in plan.plots { try plot.check() }
    for log in [plan.trace, plan.csv] { try log?.checkCanCreate(isLog: true) }
    let transcript = try plan.trace.map { place throws(Failure) in
      Transcript(Log(try place.openLog()), plan: plan, model: model, columns: columns)
    }
    let log = try plan.csv.map { place throws(Failure) in Log(try place.openLog()) }
    let progress = Progress(plan, rowCount: table.rowCount)
    Interruption.listen()

    var trainer = Trainer<Scalar>(
      model, data: Columns(columns), initial: initial, settings: plan.settings)
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

  /// The doubles of the columns that the model reads, in its order.
  private func columnsOfTheModel() throws(Failure) -> [[Double]] {
    do {
      return try model.columns.map { name throws(TableError) in try table.numbers(of: name) }
    } catch {
      throw Failure(error)
    }
  }

  private static func model(_ plan: TrainPlan, columns: [String]) throws(Failure) -> Model {
    let target = plan.target ?? "y"
    guard columns.contains(target) else {
      let complaint = unknown("column", target, among: columns)
      throw Failure(
        .usage,
        plan.target == nil ? "\(complaint); name the target by --target" : "--target: \(complaint)")
    }
    if plan.isDefaultModel, !columns.contains("x") {
      throw Failure(
        .usage,
        "the default model w*x needs a column 'x'; give --model a formula of "
          + columns.filter { $0 != target }.map { "'\($0)'" }.joined(separator: ", "))
    }
    let bound: Model
    do {
      bound = try Model(
        formula: plan.model, loss: plan.loss, target: target, tableColumns: columns)
    } catch {
      throw Failure(error, flag: error.flag(model: plan.model))
    }
    return bound
  }

  /// A value for each parameter: what `--init` says, else 1.
  private static func initialValues(_ plan: TrainPlan, of model: Model) throws(Failure) -> [Double]
  {
    if let complaint = plan.initial?.complaint(
      notAmong: model.parameters, whatTheyAre: "parameter of the model")
    {
      throw Failure(.usage, "--init: \(complaint)")
    }
    return model.parameters.map { plan.initial?[$0] ?? 1 }
  }
}

private func append(_ number: Int, to line: inout [UInt8]) {
  line.append(contentsOf: String(number).utf8)
}
