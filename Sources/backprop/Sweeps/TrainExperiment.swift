import Autograd
import Flags
import Models
import Tables
import Training

/// A run of `train` for what is measured of it.
struct TrainExperiment: Experiment {
  private let plan: TrainPlan
  private let settings: Settings
  private let bench: Bench

  init(_ command: Train, threads: Int, at bench: Bench) throws(Failure) {
    plan = try TrainPlan(command)
    var settings = plan.settings
    settings.threads = command.training.threads ?? threads
    self.settings = settings
    self.bench = bench
  }

  var inputs: [(flag: String, source: Source)] { plan.inputs }

  static func isSuccess(_ outcome: String) -> Bool { outcome != Outcome.divergedName }
  static let failing = (words: "diverged", status: ExitStatus.diverged)
  static let curveTitle = "epoch"
  static let columnSettings: Set = ["data", "model", "loss", "target"]
  static let outcomes: Set = [
    Outcome.finished.name, Outcome.outOfPatience.name, Outcome.divergedName,
  ]

  var foldCount: Int? { plan.folds.count }

  func identity() throws(Failure) -> String {
    var settings = plan.allSettings
    // Tables are told by what they hold.
    for name in ["data", "validation"] where settings[name]?.number == nil { settings[name] = nil }
    return JSON.object(settings).line + (try plan.model.dataIdentity(shelf: bench.shelf))
  }

  func columns() throws(Failure) -> [String] {
    let fold = plan.folds.count == nil ? nil : 0
    let bound = try bound(fold: fold, bindingName(fold: fold))
    let always = ["epochs", "loss", "best_loss"]
    if bound.validation == nil { return always }
    let quality = bound.model.isOfClasses ? ["accuracy"] : ["rmse", "r2"]
    return always + (["loss"] + quality).map { "validation_\($0)" } + ["best_validation_loss"]
  }

  /// What the model that is bound depends on, besides what tables hold.
  private func bindingName(fold: Int?) -> String {
    var name = JSON.object(plan.model.settings).line
    if let fold = fold.flatMap({ plan.folds.fold($0, seed: plan.settings.seed) }) {
      name += " \(fold)"
    }
    if let validation = plan.model.validation {
      // Which rows a part has depends on the seed.
      name += " \(validation) \(plan.settings.seed)"
    }
    return name
  }

  private func bound(fold: Int?, _ name: String) throws(Failure) -> BoundModel {
    let (plan, shelf) = (plan, bench.shelf)
    return try bench.model(name) { () throws(Failure) in try plan.bind(fold: fold, shelf: shelf) }
  }

  func run(fold: Int?, _ wanted: Wanted) throws(Failure) -> Measurement? {
    switch plan.precision {
    case .float32: try run(fold: fold, wanted, as: Float.self)
    case .float64: try run(fold: fold, wanted, as: Double.self)
    }
  }

  private func run<Scalar: Precision>(
    fold: Int?, _ wanted: Wanted, as _: Scalar.Type
  ) throws(Failure) -> Measurement? {
    let begin = Clock.now
    let name = bindingName(fold: fold)
    let bound = try bound(fold: fold, name)
    let (initial, warnings) = try plan.start(of: bound.model, as: Scalar.self)
    let data = try TrainingData<Scalar>(bound)
    var remarks = warnings.map { "warning: \($0)" }
    let isFlat = try data.isFlat(bound.model, at: initial.map { Scalar($0) })
    remarks += plan.doubts(of: bound, as: Scalar.self, isFlat: isFlat).map { "warning: \($0)" }
    remarks += notes(on: bound)
    var settings = settings
    // Without rows that are held out there is no loss to lose patience with.
    if bound.validation == nil { settings.patience = nil }
    var trainer = Trainer<Scalar>(
      bound.model, rows: data.rows, validation: data.validation, initial: initial,
      settings: settings)
    let outcome = trainer.run(
      epochEnded: { _, _ in }, shouldStop: { _ in Interruption.signal != nil })
    switch outcome {
    case .interrupted: return nil
    case .unreadable(let error): throw Failure(error)
    case .finished, .outOfPatience, .diverged: break
    }
    let history = trainer.epochs
    let epoch = trainer.hasDiverged ? history.last : trainer.keptEpoch
    var values = ["epochs": Double(history.count)]
    values["loss"] = epoch?.loss
    values["best_loss"] = lowest(trainer.history)
    if let validation = bound.validation {
      var quality: Evaluation?
      if !trainer.hasDiverged {
        do throws(TableError) {
          quality = try bound.model.evaluate(
            validation, try bound.model.data(from: validation, as: Scalar.self),
            parameters: trainer.parameters)
        } catch {
          throw Failure(error)
        }
      }
      values["validation_loss"] = epoch?.validationLoss
      values["validation_accuracy"] = quality?.accuracy
      values["validation_rmse"] = quality?.rmse
      values["validation_r2"] = quality?.r2
      values["best_validation_loss"] = lowest(history.compactMap(\.validationLoss))
    }
    var measurement = Measurement(
      outcome: outcome.name, values: values, remarks: remarks, seconds: Clock.now - begin)
    if wanted.contains(.curve) {
      measurement.curve = LossCurve(
        trainer.history,
        heldOut: bound.validation == nil ? nil : history.map { $0.validationLoss ?? .nan })
    }
    if wanted.contains(.model), !trainer.hasDiverged {
      let file = RunFile(plan, bound.model, recording: Recording(), fingerprint: 0)
      measurement.model = try file.bytes(of: trainer)
    }
    return measurement
  }

  private func lowest(_ losses: [Double]) -> Double? { losses.filter { !$0.isNaN }.min() }

  private func notes(on bound: BoundModel) -> [String] {
    guard settings.epochLoss == nil, settings.usedEpochLoss == .last, plan.model.data != .lesson,
      bound.rowCount > 1
    else { return [] }
    return [
      "note: the loss of an epoch, and so of a run, is that of its last row; --epoch-loss mean reports the mean over all rows"
    ]
  }
}

extension Train {
  static var sweptNames: Set<String> {
    namesOfKeptFlags.subtracting([ResultOptions.columnsFlag])
  }

  var givenThreads: Int? { training.threads }

  var givenNames: Set<String> { Set(keptFlags.map(\.name)) }

  func refusal(areOutputsOwn: Bool) throws(Failure) -> (flag: String, reason: String)? {
    let ofOne = [
      "columns", "metrics", "save", "checkpoint", "checkpoint-every", "resume", "trace", "predict",
    ]
    if let flag = results.given.first(where: { ofOne.contains($0.name) }) {
      return ("--\(flag.name)", "it concerns a single run")
    }
    if storage.isStreamed { return ("--stream", "all runs share the rows in memory") }
    guard areOutputsOwn else { return nil }
    if results.csv != nil {
      return ("--csv", "the sweep writes one table of all runs; give --csv before '--'")
    }
    if try CurvePictures(results.plots, curves, option: "--plot") != nil {
      return ("--plot", "the sweep draws the curves of all runs; give --plot before '--'")
    }
    return nil
  }
}
