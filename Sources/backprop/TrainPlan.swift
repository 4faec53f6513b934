import ArgumentParser
import Autograd
import Formula
import Glibc
import Plotting
import Training

/// What `train` is to do, with every flag checked that can be without reading the data.
struct TrainPlan {
  let data: Source
  let reading: TableReading
  let target: String?
  let model: Formula
  let loss: Formula?
  let initial: Assignments?
  let settings: Settings
  let csv: Destination?
  let trace: Destination?
  let plots: [PictureFile]
  let curves: CurveOptions<PlotSpelling>
  let probe: Probe?
  let isQuiet: Bool
  /// Whether `--model` was left out, so that the lesson's formula stands in.
  let isDefaultModel: Bool

  init(_ command: Train) throws(ValidationError) {
    data = Source(command.data)
    reading = try command.table.reading(of: data, threads: command.threads)
    target = command.target
    model = try Formula(command.model ?? "w*x", flag: "--model")
    isDefaultModel = command.model == nil
    loss = try command.loss.map { text throws(ValidationError) in
      try Formula(text, flag: "--loss")
    }
    initial = command.initial
    settings = Settings(
      learningRate: command.learningRate, epochs: command.epochs,
      batchSize: command.batchSize ?? .rows(1), epochLoss: command.epochLoss,
      threads: command.threads ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
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
    for (index, place) in places.enumerated() {
      for other in places[..<index] where place.place.isSamePlace(as: other.place) {
        throw ValidationError("\(other.flag) and \(place.flag) would write to the same place")
      }
      if case .file(let path) = data, place.place.isSamePlace(as: .file(path)) {
        throw ValidationError("\(place.flag) would overwrite the table that --data names")
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
