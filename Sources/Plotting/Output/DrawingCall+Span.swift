extension DrawingCall {
  /// From the highest to the lowest coordinate that the call may draw at.
  func verticalSpan(_ fonts: FontBook) -> ClosedRange<Double> {
    switch self {
    case .fill(let origin, _, let height, _, _):
      origin.y...origin.y + height
    case .polyline(let points, let stroke):
      span(of: points.map(\.y), grownBy: stroke.width / 2)
    case .disc(let center, let radius, _, _):
      span(of: [center.y], grownBy: radius)
    case .dots(let centers, let radius, _, _):
      span(of: centers.map(\.y), grownBy: radius)
    case .polygon(let points, _, _):
      span(of: points.map(\.y))
    case .text(let runs, let origin, _, _, let isRotated):
      span(
        of: fonts.ink(of: runs).flatMap { ink in
          isRotated
            ? [origin.y - ink.left, origin.y - ink.right]
            : [origin.y + ink.top, origin.y + ink.bottom]
        })
    }
  }
}

private func span(of values: [Double], grownBy margin: Double = 0) -> ClosedRange<Double> {
  (values.min() ?? 0) - margin...(values.max() ?? 0) + margin
}
