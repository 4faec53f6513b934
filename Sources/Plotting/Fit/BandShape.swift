/// A band in px.
struct BandShape {
  /// Its pieces between gaps: the upper edge from left to right, then the lower one back.
  let polygons: [[Point]]
  let opacity: Double
  /// The edges at each place that has any.
  private let slices: [(x: Double, top: Double, bottom: Double)]

  /// Follows a band and cuts it at the frame.
  init(_ band: Band, xView: View, yView: View, frame: Frame) {
    func y(_ value: Double) -> Double {
      frame.y(yView.isLogarithmic && value <= 0 ? 0 : yView.fraction(of: value))
    }
    var pieces: [[(x: Double, top: Double, bottom: Double)]] = [[]]
    for index in band.x.indices {
      let (x, lower, upper) = (band.x[index], band.lower[index], band.upper[index])
      if x.isFinite, !lower.isNaN, !upper.isNaN, x > 0 || !xView.isLogarithmic {
        pieces[pieces.count - 1].append((frame.x(xView.fraction(of: x)), y(upper), y(lower)))
      } else {
        pieces.append([])
      }
    }
    pieces.removeAll { $0.count < 2 }
    polygons = pieces.map { piece in
      simplified(piece.map { Point(x: $0.x, y: $0.top) })
        + simplified(piece.map { Point(x: $0.x, y: $0.bottom) }).reversed()
    }
    slices = pieces.flatMap(\.self)
    opacity = band.opacity
  }

  /// Whether the band covers a part of `box`.
  func touches(_ box: Frame) -> Bool {
    zip(slices, slices.dropFirst()).contains { a, b in
      a.x <= box.right && b.x >= box.left && min(a.top, b.top) <= box.bottom
        && max(a.bottom, b.bottom) >= box.top
    }
  }
}
