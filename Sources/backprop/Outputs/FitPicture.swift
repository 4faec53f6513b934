import Autograd
import Fitting
import Glibc
import Models
import Plotting
import Tables

/// The picture of a fit: data and curve over the only column that the curve depends on, else predicted over
/// observed values.
struct FitPicture {
  /// More groups than this would be too small to be seen.
  static let mostGroups = FitFigure.mostPanels

  private enum Content {
    case curve(FitFigure)
    case predictions(Figure)
  }

  private let content: Content

  init(of result: FitResult, _ options: FitPictureOptions) throws(Failure) {
    let shown = try ShownRows(of: result)
    if let predictor = result.task.onlyPredictor {
      let places: [Double]
      do throws(TableError) { places = try shown.table.numbers(of: predictor) } catch {
        throw Failure(error)
      }
      content = .curve(result.curves(over: predictor, at: places, shown, options))
    } else {
      content = .predictions(result.predictions(shown, options))
    }
  }

  func picture(as format: PictureFormat) throws(PlotError) -> Picture {
    switch content {
    case .curve(let figure): try figure.picture(as: format, creator: Backprop.creator)
    case .predictions(let figure): try figure.picture(as: format, creator: Backprop.creator)
    }
  }
}

/// The rows that a picture shows, and what is predicted of them.
private struct ShownRows {
  let table: Table
  let observed: [Double]
  /// The rows of each group.
  let groups: [Range<Int>]
  /// What the fits predict of each group; nil for a formula that is not finite.
  let predicted: [[Double]?]

  init(of result: FitResult) throws(Failure) {
    let task = result.task
    let (table, response) = try task.rows.shown(of: task.model)
    let columns = try task.model.numbers(of: table, as: Double.self)
    let groups =
      task.groupColumn == nil ? [0..<table.rowCount] : task.groups.map(\.rows)
    predicted = zip(groups, result.fits).map { rows, fit in
      fit.verdict == .notFinite
        ? nil : result.fitter.predictions(of: fit, in: rows, of: columns).map(result.inUnit)
    }
    (self.table, observed, self.groups) = (table, response, groups)
  }
}

extension FitTask {
  /// The column of numbers that the curve depends on, if there is but one.
  fileprivate var onlyPredictor: String? {
    guard model.inputs.count == 1, !model.holdsText(model.inputs[0]) else { return nil }
    return model.inputs[0]
  }
}

extension FitResult {
  /// A panel for each group; `places` are the predictor's values.
  fileprivate func curves(
    over predictor: String, at places: [Double], _ shown: ShownRows, _ options: FitPictureOptions
  ) -> FitFigure {
    let panels = task.groups.indices.map { index in
      let observed = Array(shown.observed[shown.groups[index]])
      return FitFigure.Panel(
        title: task.groups[index].name, x: Array(places[shown.groups[index]]), y: observed,
        residuals: shown.predicted[index].map { zip(observed, $0).map(-) })
    }
    var figure = FitFigure(
      panels: panels, xTitle: options.xTitle ?? predictor,
      yTitle: options.yTitle ?? task.model.responseName)
    figure.size = options.size
    if let xScale = options.xScale { figure.xScale = xScale }
    if let yScale = options.yScale { figure.yScale = yScale }
    if let scale = options.look.scale { figure.scale = scale }
    if let theme = options.look.theme { figure.theme = theme }
    figure.title = options.look.title
    if let band = options.band { figure.level = "\(brief(band * 100, digits: 6)) %" }
    for axis in figure.axesWithoutPositiveValues {
      options.warnOfLinear(axis)
    }
    for (index, fit) in fits.enumerated() where fit.verdict != .notFinite {
      figure.panels[index].curve = curve(
        of: fit, over: predictor, at: figure.curvePlaces(ofPanel: index), band: options.band)
    }
    return figure
  }

  private func curve(
    of fit: Fit, over predictor: String, at places: [Double], band: Double?
  ) -> FitFigure.Curve {
    // Of the model's columns the curve reads no other.
    let columns = Columns<Double>(
      task.model.columns.map { column in
        column.name == predictor ? places : [Double](repeating: 0, count: places.count)
      })
    let values = fitter.curve(of: fit, at: columns)
    var curve = FitFigure.Curve(x: places, y: values.map { inUnit($0.value) })
    guard let band, fit.verdict.isSuccess else { return curve }
    let quantile = fit.quantile(level: band, task.settings)
    func ribbon(_ reach: ((value: Double, error: Double)) -> Double) -> FitFigure.Band {
      FitFigure.Band(
        lower: values.map { inUnit($0.value - quantile * reach($0)) },
        upper: values.map { inUnit($0.value + quantile * reach($0)) })
    }
    curve.confidence = ribbon(\.error)
    let own = fit.residualStandardError
    // The weight of a new row is not known.
    if !task.rows.areWeighted, own.isFinite {
      curve.prediction = ribbon { ($0.error * $0.error + own * own).squareRoot() }
    }
    return curve
  }

  /// What the curve gives in the unit of the response: of counts it is the logarithm.
  fileprivate func inUnit(_ value: Double) -> Double {
    plan.loss.loss == .poisson ? exp(value) : value
  }

  fileprivate func predictions(_ shown: ShownRows, _ options: FitPictureOptions) -> Figure {
    let name = task.model.responseName
    var figure = Figure(
      observed: shown.observed,
      predicted: zip(shown.groups, shown.predicted).flatMap { rows, predicted in
        predicted ?? [Double](repeating: .nan, count: rows.count)
      }, xTitle: options.xTitle ?? "observed \(name)",
      yTitle: options.yTitle ?? "predicted \(name)")
    if let size = options.size { figure.size = size }
    if let scale = options.look.scale { figure.scale = scale }
    if let theme = options.look.theme { figure.theme = theme }
    figure.title = options.look.title
    return figure
  }
}

extension Fit {
  /// How many standard errors an interval of some confidence reaches to both sides.
  func quantile(level: Double, _ settings: FitSettings) -> Double {
    Quantile.ofInterval(
      level: level, degreesOfFreedom: settings.knowsErrors ? nil : max(1, degreesOfFreedom))
  }
}
