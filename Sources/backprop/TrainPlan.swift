import ArgumentParser
import Glibc
import Plotting
import Training

/// What `train` is to do, with every flag checked that can be without reading the data.
struct TrainPlan {
  let model: ModelPlan
  let settings: Settings
  let csv: Destination?
  let trace: Destination?
  let plots: [PictureFile]
  let curves: CurveOptions<PlotSpelling>
  let probe: Probe?
  let isQuiet: Bool

  init(_ command: Train) throws(ValidationError) {
    model = try ModelPlan(command.model, table: command.table, threads: command.threads)
    var settings = Settings(
      learningRate: command.learningRate, epochs: command.epochs,
      batchSize: command.batchSize ?? .rows(1), epochLoss: command.epochLoss,
      threads: command.threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    (settings.l1, settings.l2, settings.seed) = (command.l1, command.l2, command.seed)
    self.settings = settings
    trace = command.trace.map(Destination.init)
    plots = try command.plot.map { path throws(ValidationError) in
      try PictureFile(
        path, format: command.curves.picture.format, option: "--plot",
        formatOption: "--plot-format")
    }
    curves = command.curves
    if curves.picture.format != nil, plots.isEmpty {
      throw ValidationError("--plot-format says how to draw, but no --plot says where")
    }
    let resultsOnStandardOutput = ([trace] + plots.map(\.place)).contains(.standardOutput)
    csv = command.csv.map(Destination.init) ?? (resultsOnStandardOutput ? nil : .standardOutput)
    if command.predict != nil, trace == nil {
      throw ValidationError("--predict is shown in the trace: give --trace FILE, or --trace -")
    }
    probe = try command.predict.map(Self.probe)
    isQuiet = command.quiet
    try checkPlacesDiffer()
  }

  private func checkPlacesDiffer() throws(ValidationError) {
    var places: [(flag: String, place: Destination)] = []
    if let csv { places.append(("--csv", csv)) }
    if let trace { places.append(("--trace", trace)) }
    places += plots.map { ("--plot", $0.place) }
    if case .file("-")? = model.start, model.data == .standardInput {
      throw ValidationError("--data and --init would both read standard input")
    }
    for (index, place) in places.enumerated() {
      for other in places[..<index] where place.place.isSamePlace(as: other.place) {
        throw ValidationError("\(other.flag) and \(place.flag) would write to the same place")
      }
      if case .file(let path) = model.data, place.place.isSamePlace(as: .file(path)) {
        throw ValidationError("\(place.flag) would overwrite the table that --data names")
      }
      if case .file(let path)? = model.start, place.place.isSamePlace(as: .file(path)) {
        throw ValidationError("\(place.flag) would overwrite the values that --init names")
      }
    }
  }

  private static func probe(_ text: String) throws(ValidationError) -> Probe {
    guard let probe = Probe(text) else {
      throw ValidationError(
        "--predict \(text): give a number, or name each input once, as in x1=0.5,x2=-1.25")
    }
    return probe
  }
}
