/// The stretches of a fitted curve that lie in a frame, in px.
///
/// Places where it is not defined are gaps, as are poles, where it leaves the frame at one edge and comes
/// back from another.
func fittedStretches(of series: Series, xView: View, yView: View, frame: Frame) -> [[Point]] {
  var stretches: [[Point]] = []
  var isOpen = false
  let points = zip(series.x, series.y).map { x, y in
    position(x, y, xView: xView, yView: yView, frame: frame)
  }
  for index in points.indices.dropLast() {
    guard let a = points[index], let b = points[index + 1],
      !isPole(after: index, of: points, frame: frame), let piece = frame.clipped(from: a, to: b)
    else {
      isOpen = false
      continue
    }
    if isOpen && piece.start == a {
      stretches[stretches.count - 1].append(piece.end)
    } else {
      stretches.append([piece.start, piece.end])
    }
    isOpen = piece.end == b
  }
  return stretches.map { simplified($0) }
}

/// Where a sample lies, which may be outside the frame; nil if the axes have no such place.
private func position(_ x: Double, _ y: Double, xView: View, yView: View, frame: Frame) -> Point? {
  guard x.isFinite, y.isFinite, x > 0 || !xView.isLogarithmic, y > 0 || !yView.isLogarithmic
  else { return nil }
  // Farther away only the direction is seen.
  func near(_ fraction: Double) -> Double { min(max(fraction, -1e4), 1e4) }
  return Point(
    x: frame.left + near(xView.fraction(of: x)) * frame.width,
    y: frame.bottom - near(yView.fraction(of: y)) * frame.height)
}

/// Whether the step to the next sample goes out of the frame or comes into it, against the curve's direction
/// on both sides.
private func isPole(after index: Int, of points: [Point?], frame: Frame) -> Bool {
  guard let a = points[index], let b = points[index + 1] else { return false }
  let jump = b.y - a.y
  let isInside = frame.contains(a) && frame.contains(b)
  guard !isInside, jump.magnitude > frame.height / 2 else { return false }
  func rise(from index: Int) -> Double {
    guard points.indices.contains(index), points.indices.contains(index + 1),
      let a = points[index], let b = points[index + 1]
    else { return 0 }
    return b.y - a.y
  }
  return rise(from: index - 1) * jump <= 0 && rise(from: index + 1) * jump <= 0
}

/// A polyline without the points that lie within a twentieth of a px of the line between those kept (Douglas and
/// Peucker 1973).
func simplified(_ points: [Point]) -> [Point] {
  guard points.count > 2 else { return points }
  var isKept = [Bool](repeating: false, count: points.count)
  isKept[0] = true
  isKept[points.count - 1] = true
  var pending = [(0, points.count - 1)]
  while let (first, last) = pending.popLast() {
    let (a, b) = (points[first], points[last])
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let length = (dx * dx + dy * dy).squareRoot()
    var (farthest, distance) = (first, 0.05)
    for index in first + 1..<max(last, first + 1) {
      let (x, y) = (points[index].x - a.x, points[index].y - a.y)
      let own = length > 0 ? (x * dy - y * dx).magnitude / length : (x * x + y * y).squareRoot()
      if own > distance { (farthest, distance) = (index, own) }
    }
    if farthest == first { continue }
    isKept[farthest] = true
    pending += [(first, farthest), (farthest, last)]
  }
  return zip(points, isKept).filter(\.1).map(\.0)
}
