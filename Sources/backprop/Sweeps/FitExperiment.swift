import Fitting
import Flags
import Models
import Tables

/// A run of `fit` for what is measured of it.
struct FitExperiment: Experiment {
  private let plan: FitPlan
  private let threads: Int
  private let bench: Bench

  init(_ command: FitCommand, threads: Int, at bench: Bench) throws(Failure) {
    plan = try FitPlan(command)
    self.threads = command.fit.threads ?? threads
    self.bench = bench
  }

  var inputs: [(flag: String, source: Source)] { plan.model.sources }

  static func isSuccess(_ outcome: String) -> Bool {
    Fit.Verdict(rawValue: outcome)?.isSuccess == true
  }
  static let failing = (words: "could not be fitted", status: ExitStatus.notFitted)
  static let curveTitle = "iteration"
  static let columnSettings: Set = ["data", "model"]
  static let outcomes = Set(Fit.Verdict.allCases.map(\.rawValue))

  var foldCount: Int? { plan.folds.count }

  func identity() throws(Failure) -> String {
    var settings = plan.settings
    // The table is told by what it holds.
    settings["data"] = nil
    return JSON.object(settings).line + (try plan.model.dataIdentity(shelf: bench.shelf))
  }

  private static let always = ["iterations", "loss", "residual_standard_error", "r2", "aic"]
  private static let ofHeldOut = ["validation_loss", "validation_rmse", "validation_r2"]

  func columns() throws(Failure) -> [String] {
    let task = try plan.bind(fold: plan.folds.count == nil ? nil : 0, shelf: bench.shelf)
    return Self.always + (task.heldOut == nil ? [] : Self.ofHeldOut) + task.names.map(Self.column)
  }

  /// The column of a parameter, which has its name unless that is another column's.
  private static func column(of parameter: String) -> String {
    let isTaken = (always + ofHeldOut + StudyTable.ownNames).contains(parameter)
    return isTaken ? "parameter_\(parameter)" : parameter
  }

  func run(fold: Int?, _ wanted: Wanted) throws(Failure) -> Measurement? {
    let begin = Clock.now
    var task = try plan.bind(fold: fold, shelf: bench.shelf)
    task.settings.threads = threads
    let fitter = try task.rows.fitter(of: task.model)
    let fits = fitter.fits(task.groups.map(\.rows), task.settings)
    if Interruption.signal != nil { return nil }
    let fit = fits[0]
    if case .unreadable(let error)? = fit.fault { throw Failure(error) }
    let isFinite = fit.verdict != .notFinite
    var values = ["iterations": Double(fit.iterations)]
    func note(_ value: Double?, as name: String) {
      if let value, !value.isNaN { values[name] = value }
    }
    note(fit.history.last, as: "loss")
    note(fit.residualStandardError, as: "residual_standard_error")
    note(fit.r2, as: "r2")
    note(fit.aic, as: "aic")
    if let heldOut = task.heldOut {
      var quality: Evaluation?
      if isFinite {
        do throws(TableError) {
          quality = try task.model.evaluate(
            heldOut, try task.model.data(from: heldOut, as: Double.self),
            parameters: fit.estimates)
        } catch {
          throw Failure(error)
        }
      }
      note(quality?.loss, as: "validation_loss")
      note(quality?.rmse, as: "validation_rmse")
      note(quality?.r2, as: "validation_r2")
    }
    if isFinite {
      for (name, value) in zip(task.names, fit.estimates) { note(value, as: Self.column(of: name)) }
    }
    let remarks = task.warnings + task.model.doubts().map(\.text)
    var measurement = Measurement(
      outcome: fit.verdict.rawValue, values: values,
      remarks: remarks.map { "warning: \($0)" }, seconds: Clock.now - begin)
    if wanted.contains(.curve) { measurement.curve = LossCurve(fit.history) }
    if wanted.contains(.model) {
      let result = FitResult(
        plan: plan, task: task, fitter: fitter, fits: fits, seconds: measurement.seconds,
        bytesExchanged: 0)
      measurement.model = try result.modelBytes
    }
    return measurement
  }
}

extension FitCommand {
  static var sweptNames: Set<String> {
    let flags =
      FitOptions.flags.map(\.name) + IntervalOptions.flags.map(\.name)
      + TableOptions.flags.map(\.name)
    return Set(flags).subtracting(["threads", "by"])
  }

  var givenThreads: Int? { fit.threads }

  var givenNames: Set<String> { Set((fit.given + intervals.given + table.given).map(\.name)) }

  func refusal(areOutputsOwn: Bool) throws(Failure) -> (flag: String, reason: String)? {
    let ofOne = ["format", "metrics", "save", "csv"]
    if let flag = results.given.first(where: { ofOne.contains($0.name) }) {
      return ("--\(flag.name)", "it concerns a single fit")
    }
    if fit.group != nil { return ("--by", "it fits several curves") }
    if storage.isStreamed { return ("--stream", "all fits share the rows in memory") }
    if try !picture.pictures().isEmpty { return ("--plot", "it draws one fit") }
    if try !lossPicture.pictures().isEmpty || lossPicture.curves.preview {
      return ("--plot-loss", "it draws one fit")
    }
    if areOutputsOwn, results.output != nil {
      return ("--output", "the sweep writes one table of all fits; give --csv before '--'")
    }
    return nil
  }
}
