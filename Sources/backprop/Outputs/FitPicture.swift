import Fitting
import Models
import Plotting

/// The picture of a fit: predicted over observed values.
struct FitPicture {
  /// More groups than this would be too small to be seen.
  static let mostGroups = 24

  private let figure: Figure

  /// Nil where there is nothing to draw, as no values were found.
  init(of result: FitResult, _ options: FitPictureOptions) {
    let task = result.task
    let name = task.model.responseName
    var figure = Figure(
      observed: task.response,
      predicted: zip(task.groups, result.fits).flatMap { group, fit in
        result.fitter.predictions(of: fit, in: group.rows)
      }, xTitle: "observed \(name)", yTitle: "predicted \(name)")
    if let size = options.size { figure.size = size }
    if let scale = options.look.scale { figure.scale = scale }
    if let theme = options.look.theme { figure.theme = theme }
    figure.title = options.look.title
    if let title = options.xTitle { figure.xTitle = title }
    self.figure = figure
  }

  func picture(as format: PictureFormat) throws(PlotError) -> Picture {
    try figure.picture(as: format, creator: Backprop.creator)
  }
}
