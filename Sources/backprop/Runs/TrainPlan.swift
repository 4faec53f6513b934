import ArgumentParser
import Models
import Training

/// What `train` is to do, with every flag checked that can be without reading the data.
struct TrainPlan {
  let model: ModelPlan
  /// All but what is recorded of epochs, which the model's parameters are needed for.
  let settings: Settings
  let precision: PrecisionName
  let columns: [String]?
  let csv: Destination?
  let trace: Destination?
  let metrics: Destination?
  let save: Destination?
  let checkpoint: Destination?
  /// Epochs from checkpoint to checkpoint.
  let checkpointInterval: Int
  let resume: Source?
  let plots: [PictureFile]
  let curves: CurveOptions<PlotSpelling>
  let probe: Probe?
  let isQuiet: Bool

  init(_ command: Train) throws(ValidationError) {
    let results = command.results
    model = try ModelPlan(
      command.model, table: command.table, validation: command.training.validation,
      threads: command.training.threads)
    settings = try command.training.settings(
      optimizer: command.optimizer, schedule: command.schedule)
    precision = command.training.precision
    columns = results.columns
    trace = results.trace.map(Destination.init)
    metrics = results.metrics.map(Destination.init)
    save = results.save.map(Destination.init)
    checkpoint = results.checkpoint.map(Destination.init)
    checkpointInterval = results.checkpointEvery ?? 1
    resume = results.resume.map { Source($0) }
    plots = try results.plot.map { path throws(ValidationError) in
      try PictureFile(
        path, format: command.curves.picture.format, option: "--plot",
        formatOption: "--plot-format")
    }
    curves = command.curves
    let others = [trace, metrics, save] + plots.map(\.place)
    csv =
      results.csv.map(Destination.init)
      ?? (others.contains(.standardOutput) ? nil : .standardOutput)
    probe = try results.predict.map(Self.probe)
    isQuiet = results.quiet
    try checkCompany(results)
    try checkPlacesDiffer()
  }

  /// Whether every flag that needs another has it.
  private func checkCompany(_ results: ResultOptions) throws(ValidationError) {
    try curves.check(
      formats: plots.map(\.format), placeOption: "--plot", drawsInTerminal: curves.preview)
    if probe != nil, trace == nil {
      throw ValidationError("--predict is shown in the trace: give --trace FILE, or --trace -")
    }
    if columns != nil, csv == nil {
      throw ValidationError("--columns are those of the CSV, which no --csv gives a place")
    }
    if results.checkpointEvery != nil, checkpoint == nil {
      throw ValidationError("--checkpoint-every says how often, but no --checkpoint says where")
    }
    if checkpoint == .standardOutput {
      throw ValidationError("--checkpoint is a file that is written again and again: not '-'")
    }
    if resume != nil, trace != nil {
      throw ValidationError(
        "--trace shows a run from its first step, and --resume goes on with one: give one of them")
    }
    if resume != nil, model.start != nil {
      throw ValidationError(
        "--init says where to start, and --resume where to go on: give one of them")
    }
  }

  private func checkPlacesDiffer() throws(ValidationError) {
    var places: [(flag: String, place: Destination)] = [
      ("--csv", csv), ("--trace", trace), ("--metrics", metrics), ("--save", save),
      ("--checkpoint", checkpoint),
    ].compactMap { flag, place in place.map { (flag, $0) } }
    places += plots.map { ("--plot", $0.place) }
    var inputs = model.sources
    if let resume { inputs.append(("--resume", resume)) }
    for (index, input) in inputs.enumerated() where input.source == .standardInput {
      if let other = inputs[..<index].first(where: { $0.source == .standardInput }) {
        throw ValidationError("\(other.flag) and \(input.flag) would both read standard input")
      }
    }
    for (index, place) in places.enumerated() {
      for other in places[..<index] where place.place.isSamePlace(as: other.place) {
        throw ValidationError("\(other.flag) and \(place.flag) would write to the same place")
      }
      for (flag, source) in inputs {
        // Going on in the file that one goes on from is what checkpoints are for.
        if flag == "--resume", place.flag == "--checkpoint" { continue }
        if case .file(let path) = source, place.place.isSamePlace(as: .file(path)) {
          throw ValidationError("\(place.flag) would overwrite what \(flag) names")
        }
      }
    }
  }

  /// All settings on which a number of the run depends, by the names of their flags.
  var namedSettings: [String: JSON] {
    var settings = settings.json
    settings["precision"] = .text(precision.rawValue)
    if case .part(let part)? = model.validation { settings["validation"] = .number(part) }
    return settings
  }

  private static func probe(_ text: String) throws(ValidationError) -> Probe {
    guard let probe = Probe(text) else {
      throw ValidationError(
        "--predict \(text): give a number, or name each input once, as in x1=0.5,x2=-1.25")
    }
    return probe
  }
}
