import Fitting
import Flags
import Formula
import Models
import Plotting
import Tables

/// Where the results of a fit go.
struct FitOutputs {
  private let results: FitResultOptions
  private let picture: FitPictureOptions
  private let pictures: [PictureFile]
  private let lossPicture: FitLossPictureOptions
  private let lossPictures: [PictureFile]

  /// Checks the flags.
  init(of command: FitCommand) throws(Failure) {
    results = command.results
    picture = command.picture
    lossPicture = command.lossPicture
    pictures = try command.picture.pictures()
    lossPictures = try command.lossPicture.pictures()
    if report == nil, results.given.contains(where: { $0.name == "format" }) {
      throw Failure(.usage, "--format has no effect, as no report is written: give --output")
    }
  }

  /// The files and streams that are written, with the flags that name them.
  var destinations: [FlaggedDestination] { (report.map { [$0] } ?? []) + others }

  private var others: [FlaggedDestination] {
    let files = [("--metrics", results.metrics), ("--save", results.save), ("--csv", results.csv)]
    return files.compactMap { flag, path in
      path.map { FlaggedDestination(flag: flag, destination: Destination($0)) }
    }
      + pictures.map { FlaggedDestination(flag: "--plot", destination: $0.destination) }
      + lossPictures.map { FlaggedDestination(flag: "--plot-loss", destination: $0.destination) }
  }

  /// Where the report goes; nil where another result takes standard output.
  private var report: FlaggedDestination? {
    FlaggedDestination(results.output, flag: "--output", beside: others)
  }

  /// Throws if a picture cannot show so many groups.
  func check(_ task: FitTask) throws(Failure) {
    let most = FitPicture.mostGroups
    let flags = [("--plot", pictures.isEmpty), ("--plot-loss", lossPictures.isEmpty)]
    guard task.groups.count > most, let (flag, _) = flags.first(where: { !$0.1 }) else { return }
    throw Failure(
      .usage,
      "\(flag) draws up to \(most) groups, and \(excerpt(task.groupColumn ?? "")) has "
        + "\(task.groups.count); --where chooses some")
  }

  /// Creates every file, so that it is told before the work for them begins where one cannot be.
  ///
  /// Of several processes the first alone writes.
  func create() throws(Failure) -> Files {
    func file(_ path: Path?) throws(Failure) -> WholeFile? {
      try Job.isFirst ? path.map { path throws(Failure) in try WholeFile(Destination(path)) } : nil
    }
    func files(_ pictures: [PictureFile]) throws(Failure) -> [(WholeFile, PictureFormat)] {
      try Job.isFirst
        ? pictures.map { picture throws(Failure) in (try picture.create(), picture.format) } : []
    }
    return Files(
      report: Job.isFirst
        ? try report.map { report throws(Failure) in try WholeFile(report.destination) } : nil,
      format: results.format, metrics: try file(results.metrics), save: try file(results.save),
      csv: try file(results.csv), pictures: try files(pictures), picture: picture,
      lossPictures: try files(lossPictures), curves: lossPicture.curves)
  }

  /// The files, which are there but empty.
  struct Files {
    fileprivate let report: WholeFile?
    fileprivate let format: FitResultOptions.Format
    fileprivate let metrics: WholeFile?
    fileprivate let save: WholeFile?
    fileprivate let csv: WholeFile?
    fileprivate let pictures: [(file: WholeFile, format: PictureFormat)]
    fileprivate let picture: FitPictureOptions
    fileprivate let lossPictures: [(file: WholeFile, format: PictureFormat)]
    fileprivate let curves: CurveOptions

    /// Writes everything, and gives what went wrong; a file that fails does not keep the others from being written.
    ///
    /// That there is nothing to draw is a warning.
    func write(_ result: FitResult) -> Failure? {
      var failures: [Failure] = []
      func attempt(_ body: () throws(Failure) -> Void) {
        do throws(Failure) { try body() } catch { failures.append(error) }
      }
      func draw(
        to file: WholeFile, _ draw: () throws(PlotError) -> Picture
      ) throws(Failure) {
        let picture: Picture
        do throws(PlotError) { picture = try draw() } catch {
          guard error.reason == .nothingToDraw else { throw Failure(error) }
          return Diagnostics.warn("no plot drawn: \(error)")
        }
        try file.write(picture)
      }
      attempt { () throws(Failure) in try write(reportOf: result) }
      attempt { () throws(Failure) in try csv?.write(result.history) }
      attempt { () throws(Failure) in try metrics?.write(result.metrics.lines + "\n") }
      attempt { () throws(Failure) in
        if let save, let bytes = try result.modelBytes { try save.write(bytes) }
      }
      if !pictures.isEmpty {
        attempt { () throws(Failure) in
          let drawing = try FitPicture(of: result, picture)
          for (file, format) in pictures {
            attempt { () throws(Failure) in
              try draw(to: file) { () throws(PlotError) in try drawing.picture(as: format) }
            }
          }
        }
      }
      if !lossPictures.isEmpty || curves.preview {
        let figure = lossFigure(of: result)
        curves.warn(of: figure)
        for (file, format) in lossPictures {
          attempt { () throws(Failure) in
            try draw(to: file) { () throws(PlotError) in
              try figure.picture(as: format, creator: Backprop.creator)
            }
          }
        }
        if curves.preview { attempt { () throws(Failure) in try show(figure) } }
      }
      return failures.count > 1 ? .several(failures) : failures.first
    }

    /// Of a formula that is not finite there is nothing to report, but for the other groups.
    private func write(reportOf result: FitResult) throws(Failure) {
      guard let report else { return }
      if result.task.groupColumn == nil, result.fits[0].verdict == .notFinite { return }
      switch format {
      case .csv: try report.write(result.lines)
      case .json: try report.write(result.json.lines + "\n")
      }
    }

    /// A curve for each group.
    private func lossFigure(of result: FitResult) -> Figure {
      let runs = zip(result.task.groups, result.fits).map { group, fit in
        Figure.Run(
          name: result.task.groupColumn == nil ? "" : group.name,
          epochs: fit.history.indices.map { Double($0) }, losses: fit.history)
      }
      return curves.figure(of: runs, xTitle: "iteration")
    }

    /// Draws a figure in the terminal.
    private func show(_ figure: Figure) throws(Failure) {
      let preview: String
      do throws(PlotError) { preview = try figure.preview(in: Terminal(of: .standardError)) } catch
      {
        guard error.reason == .nothingToDraw else { throw Failure(error) }
        return Diagnostics.warn("no plot drawn: \(error)")
      }
      try Writer.standardError.writeAll(preview)
    }
  }
}

extension FitResult {
  /// The model file; nil where no estimate was found.
  var modelBytes: [UInt8]? {
    get throws(Failure) {
      let fit = fits[0]
      guard fit.verdict != .notFinite, fit.estimates.allSatisfy(\.isFinite) else { return nil }
      var file = task.model.file(parameters: fit.estimates)
      var result: [String: JSON] = [
        "iterations": .count(fit.iterations), "verdict": .text(fit.verdict.rawValue),
      ]
      let numbers = [
        ("residual_standard_error", fit.residualStandardError), ("r2", fit.r2), ("aic", fit.aic),
        ("residual_sum_of_squares", fit.residualSumOfSquares), ("cost", fit.cost),
        ("deviance", fit.deviance),
      ]
      for (name, number) in numbers where number.isFinite { result[name] = .number(number) }
      file.metadata["result"] = JSON.object(result).line
      file.metadata["settings"] = JSON.object(plan.settings).line
      file.metadata["version"] = Backprop.version
      uncertainty?.add(to: &file)
      do throws(SafetensorsError) { return try file.withChecksum().serialized() } catch {
        throw Failure(.inputOutput, "the model cannot be written: \(error)")
      }
    }
  }

  /// How sure the parameters are; nil where bands cannot be told from it.
  private var uncertainty: Uncertainty? {
    let fit = fits[0]
    guard plan.loss.loss == .leastSquares, fit.verdict.isSuccess, fit.degreesOfFreedom > 0,
      fit.residualStandardError.isFinite, fit.notIdentifiable.isEmpty
    else { return nil }
    return Uncertainty(
      covariance: fit.covariance.map { $0.map { $0.isNaN ? 0 : $0 } },
      residualStandardError: fit.residualStandardError, degreesOfFreedom: fit.degreesOfFreedom,
      level: plan.level, hasKnownErrors: task.settings.errors == .absolute,
      isWeighted: task.rows.areWeighted)
  }
}
