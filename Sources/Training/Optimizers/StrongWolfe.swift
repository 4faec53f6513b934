import Autograd

/// A search along a line for a step that lowers the loss enough and ends where it is flat enough.
///
/// The two conditions, and the way to bracket such a step and to narrow the bracket, are those of Nocedal
/// and Wright (2006), algorithms 3.5 and 3.6, with 1e-4 and 0.9 for constants and cubic interpolation; the
/// safeguards are PyTorch's. A loss that is not a number counts as infinite.
struct StrongWolfe<Scalar: Precision> {
  typealias Objective = (_ parameters: [Scalar], _ gradients: inout [Scalar]) throws(SearchStopped)
    -> Scalar

  /// What the objective is at some step along the line.
  struct Point {
    let step: Double
    let loss: Double
    let gradient: [Scalar]
    /// The derivative of the loss along the line.
    let slope: Double
  }

  private let origin: [Scalar]
  private let direction: [Scalar]
  private let start: Point
  private let toleranceChange: Double
  /// How many points may be tried after the first.
  private let maxTrials: Int
  private(set) var evaluations = 0
  private var trials = 0

  init(
    from origin: [Scalar], along direction: [Scalar], loss: Double, gradient: [Scalar],
    slope: Double, toleranceChange: Double, maxTrials: Int
  ) {
    self.origin = origin
    self.direction = direction
    start = Point(step: 0, loss: loss, gradient: gradient, slope: slope)
    self.toleranceChange = toleranceChange
    self.maxTrials = max(0, maxTrials)
  }

  /// The point to go to: the best found when trials run out.
  mutating func run(firstStep: Double, evaluate: Objective) throws(SearchStopped) -> Point {
    var previous = start
    var point = try self.point(at: firstStep, evaluate)
    while trials < maxTrials {
      if isTooHigh(point) || (trials > 1 && point.loss >= previous.loss) {
        return try narrow((previous, point), evaluate)
      }
      if isFlat(point) { return point }
      if point.slope >= 0 { return try narrow((previous, point), evaluate) }
      let further = Self.minimum(
        of: (previous, point),
        within: (point.step + 0.01 * (point.step - previous.step), point.step * 10))
      previous = point
      point = try self.point(at: further, evaluate)
      trials += 1
    }
    return start.loss <= point.loss ? start : point
  }

  /// Narrows a bracket around a suitable step until it is found, or the bracket is as good as a point.
  private mutating func narrow(
    _ bracket: (Point, Point), _ evaluate: Objective
  ) throws(SearchStopped) -> Point {
    var (low, high) =
      bracket.0.loss <= bracket.1.loss ? (bracket.0, bracket.1) : (bracket.1, bracket.0)
    let longest = Double(Summation.largestMagnitude(direction.span))
    var wasSlow = false
    while trials < maxTrials {
      let (least, most) = (min(low.step, high.step), max(low.step, high.step))
      if (most - least) * longest < toleranceChange { break }
      var step = Self.minimum(of: (low, high), within: (least, most))
      // Close to an end twice in a row, or on it: a tenth of the bracket's length away from it instead.
      let tenth = 0.1 * (most - least)
      let isSlow = min(most - step, step - least) < tenth
      if isSlow, wasSlow || step >= most || step <= least {
        step = abs(step - most) < abs(step - least) ? most - tenth : least + tenth
        wasSlow = false
      } else {
        wasSlow = isSlow
      }
      let point = try self.point(at: step, evaluate)
      trials += 1
      if isTooHigh(point) || point.loss >= low.loss {
        high = point
        if high.loss < low.loss { swap(&low, &high) }
        continue
      }
      if isFlat(point) { return point }
      if point.slope * (high.step - low.step) >= 0 { high = low }
      low = point
    }
    return low
  }

  /// Whether a point is not low enough for its distance.
  private func isTooHigh(_ point: Point) -> Bool {
    point.loss > start.loss + 1e-4 * point.step * start.slope
  }

  /// Whether a point's slope is small enough.
  private func isFlat(_ point: Point) -> Bool { abs(point.slope) <= -0.9 * start.slope }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func point(
    at step: Double, _ evaluate: Objective
  ) throws(SearchStopped) -> Point {
    evaluations += 1
    var parameters = origin
    parameters.move(along: direction, by: step)
    var gradient = [Scalar](repeating: 0, count: origin.count)
    let loss = Double(try evaluate(parameters, &gradient))
    return Point(
      step: step, loss: loss.isNaN ? .infinity : loss, gradient: gradient,
      slope: Summation.product(gradient.span, direction.span))
  }

  /// The minimum of the cubic through two points with their slopes, kept within bounds; their middle if
  /// there is none.
  private static func minimum(of ends: (Point, Point), within bounds: (Double, Double)) -> Double {
    let (a, b) = ends.0.step <= ends.1.step ? ends : (ends.1, ends.0)
    let (x, y) = ends
    let d1 = x.slope + y.slope - 3 * (x.loss - y.loss) / (x.step - y.step)
    let square = d1 * d1 - x.slope * y.slope
    let d2 = square.squareRoot()
    let fraction = (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)
    let step = b.step - (b.step - a.step) * fraction
    guard square >= 0, step.isFinite else { return (bounds.0 + bounds.1) / 2 }
    return min(max(step, bounds.0), bounds.1)
  }
}
