import Foundation

@testable import Plotting

extension FitFigure {
  /// A figure whose curves and bands come from functions of the place.
  ///
  /// `half` is half the width of the prediction band; the confidence band is half as wide.
  init(
    _ points: [(title: String, x: [Double], y: [Double])], xTitle: String = "conc (µM)",
    yTitle: String = "rate", half: Double? = nil, sampled curve: (Double) -> Double,
    change: (inout FitFigure) -> Void = { _ in }
  ) {
    self.init(
      panels: points.map { group in
        Panel(
          title: group.title, x: group.x, y: group.y,
          residuals: zip(group.x, group.y).map { $1 - curve($0) })
      }, xTitle: xTitle, yTitle: yTitle)
    change(&self)
    for index in panels.indices {
      let x = curvePlaces(ofPanel: index)
      let y = x.map(curve)
      func band(_ half: Double) -> Band {
        Band(lower: y.map { $0 - half }, upper: y.map { $0 + half })
      }
      panels[index].curve = Curve(
        x: x, y: y, confidence: half.map { band($0 / 2) }, prediction: half.map(band))
    }
  }

  /// A figure of one panel.
  init(
    x: [Double], y: [Double], half: Double? = nil, sampled curve: (Double) -> Double,
    change: (inout FitFigure) -> Void = { _ in }
  ) {
    self.init([("", x, y)], half: half, sampled: curve, change: change)
  }

  /// The figure as a test sees it.
  func recorded(vector: Bool = false) throws -> Drawing {
    try drawing(vector: vector, measuring: FakeMeasurer())
  }

  /// Saturating rates in so many groups, with points that miss the curve.
  static func plates(_ count: Int, factor: (Int) -> Double = { _ in 1 }) -> FitFigure {
    FitFigure(
      (0..<count).map { group in
        let x = (0..<12).map { 0.4 * Double($0 + 1) }
        let y = x.enumerated().map { index, x in
          factor(group) * (saturation(x) + 4 * sin(Double(7 * index + 3 * group)))
        }
        return ("plate \(group + 1)", x, y)
      }, half: 12, sampled: saturation)
  }

  static func saturation(_ x: Double) -> Double { 160 * x / (0.7 + x) }
}

extension Drawing {
  /// The frames of all panels, from their left and bottom edges.
  var frames: [Frame] {
    let lines = polylines(in: Palette.light.frame) + polylines(in: Palette.dark.frame)
    let edges = lines.map(\.points).filter { points in
      let (a, b) = (points[0], points[1])
      return abs(a.x - b.x) > 5 || abs(a.y - b.y) > 5
    }
    return zip(edges, edges.dropFirst()).compactMap { (left: [Point], bottom: [Point]) -> Frame? in
      guard left[0].x == left[1].x, bottom[0] == left[1] else { return nil }
      return Frame(left: left[0].x, top: left[0].y, right: bottom[1].x, bottom: left[1].y)
    }
  }

  /// The bands, in order.
  var bands: [(points: [Point], opacity: Double)] {
    calls.compactMap {
      guard case .polygon(let points, let color, let opacity) = $0,
        color == Palette.light.curves[0]
      else { return nil }
      return (points, opacity)
    }
  }
}
