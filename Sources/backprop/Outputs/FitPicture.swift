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
    if let predictor = result.task.onlyPredictor {
      let places: [Double]
      do throws(TableError) { places = try result.task.table.numbers(of: predictor) } catch {
        throw Failure(error)
      }
      content = .curve(result.curves(over: predictor, at: places, options))
    } else {
      content = .predictions(result.predictions(options))
    }
  }

  func picture(as format: PictureFormat) throws(PlotError) -> Picture {
    switch content {
    case .curve(let figure): try figure.picture(as: format, creator: Backprop.creator)
    case .predictions(let figure): try figure.picture(as: format, creator: Backprop.creator)
    }
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
    over predictor: String, at places: [Double], _ options: FitPictureOptions
  ) -> FitFigure {
    let panels = zip(task.groups, fits).map { group, fit in
      let observed = Array(task.response[group.rows])
      let predicted =
        fit.verdict == .notFinite ? nil : predictions(of: fit, in: group.rows)
      return FitFigure.Panel(
        title: group.name, x: Array(places[group.rows]), y: observed,
        residuals: predicted.map { zip(observed, $0).map(-) })
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
    if task.weights == nil, own.isFinite {
      curve.prediction = ribbon { ($0.error * $0.error + own * own).squareRoot() }
    }
    return curve
  }

  /// What the curve gives in the unit of the response: of counts it is the logarithm.
  private func inUnit(_ value: Double) -> Double {
    plan.loss.loss == .poisson ? exp(value) : value
  }

  private func predictions(of fit: Fit, in rows: Range<Int>) -> [Double] {
    fitter.predictions(of: fit, in: rows).map(inUnit)
  }

  fileprivate func predictions(_ options: FitPictureOptions) -> Figure {
    let name = task.model.responseName
    var figure = Figure(
      observed: task.response,
      predicted: zip(task.groups, fits).flatMap { group, fit in
        predictions(of: fit, in: group.rows)
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
