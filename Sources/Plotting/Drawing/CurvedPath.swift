internal import Glibc

/// Curves as polylines: so fine that no point is farther than this from the curve, in px.
private let tolerance = 0.1

/// A curve from `a` to `b` that is level at both ends.
func levelCurve(from a: Point, to b: Point) -> [Point] {
  let middle = (a.x + b.x) / 2
  // A cubic is within |B″|/8n² of n chords, and B″ is at most six second differences.
  let bend = hypot(middle - a.x, b.y - a.y)
  guard a.y != b.y else { return [a, b] }
  let count = max(2, Int((0.75 * bend / tolerance).squareRoot().rounded(.up)))
  return (0...count).map { step in
    let t = Double(step) / Double(count)
    let s = 1 - t
    let (early, late) = (s * s * s + 3 * s * s * t, t * t * t + 3 * s * t * t)
    let x = s * s * s * a.x + 3 * s * t * middle + t * t * t * b.x
    return Point(x: x, y: early * a.y + late * b.y)
  }
}

/// A rectangle with round corners, closed: the last point is the first.
func roundedRectangle(_ frame: Frame, radius: Double) -> [Point] {
  let corners = [
    (Point(x: frame.right, y: frame.top), -Double.pi / 2),
    (Point(x: frame.right, y: frame.bottom), 0),
    (Point(x: frame.left, y: frame.bottom), Double.pi / 2),
    (Point(x: frame.left, y: frame.top), Double.pi),
  ]
  let step = radius > 0 ? 2 * acos(1 - min(1, tolerance / radius)) : .infinity
  let count = max(1, Int((Double.pi / 2 / step).rounded(.up)))
  var points: [Point] = corners.flatMap { corner, start -> [Point] in
    guard radius > 0 else { return [corner] }
    let center = Point(
      x: corner.x == frame.right ? corner.x - radius : corner.x + radius,
      y: corner.y == frame.bottom ? corner.y - radius : corner.y + radius)
    return (0...count).map { step in
      let angle = start + Double.pi / 2 * Double(step) / Double(count)
      return Point(x: center.x + radius * cos(angle), y: center.y + radius * sin(angle))
    }
  }
  points.append(points[0])
  return points
}
