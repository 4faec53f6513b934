internal import Autograd

/// The rows of a fit gone through: residuals and slopes brought to a triangle.
///
/// Segments of rows of a fixed size are brought to triangles by themselves and joined in order, so that the number of
/// threads changes no bit.
final class Evaluator {
  /// What a point of the parameters gives.
  struct Point {
    /// Of the slopes, in the order asked for, and the residuals, each row times the root of its weight and curvature.
    var triangle: Triangle
    /// The sum of the rows' objectives.
    var objective: Double
    /// The products of the slopes with the residuals, where these were found in twice the precision.
    var pulls: [DoubleDouble] = []
  }

  let rows: Rows
  let range: Range<Int>
  let loss: FitLoss
  private let workers: Workers
  /// Those of each worker.
  private let engines: [Engines]

  /// `engines` may be shared with other evaluators of the same thread; they are for at least so many rows.
  init(
    _ rows: Rows, _ range: Range<Int>, loss: FitLoss, engines: Engines, threads: Int = 1
  ) {
    self.rows = rows
    self.range = range
    self.loss = loss
    let segments = (range.count + Self.segmentRows - 1) / Self.segmentRows
    workers = Workers(min(threads, segments))
    self.engines =
      [engines]
      + (1..<max(1, workers.count)).map { _ in
        Engines(engines.programs, mostRows: Self.segmentRows)
      }
  }

  static var segmentRows: Int { 16 * 1024 }

  /// The engines of the first worker.
  var ownEngines: Engines { engines[0] }

  /// The triangle of all rows at a point, with the slopes by some parameters; nil if a row is not finite.
  ///
  /// With `offsets`, one for each slope, the residuals are those at the parameters plus the offsets of a formula that
  /// is linear in them, summed in twice the precision.
  func point(
    _ parameters: [Double], slopes: [Int], offsets: [DoubleDouble]? = nil
  ) -> Point? {
    guard range.count > Self.segmentRows else {
      return finished(
        Self.point(
          of: range, in: rows, parameters, width: slopes.count + 1, offsets, loss,
          ownEngines[slopes]))
    }
    let segments = Array(stride(from: range.lowerBound, to: range.upperBound, by: Self.segmentRows))
    let found = Found<Point>(count: segments.count)
    let engines = Equipment(engines.map { $0[slopes] })
    workers.run(segments.count) { [rows, range, loss] worker, number in
      let first = segments[number]
      let segment = first..<min(first + Self.segmentRows, range.upperBound)
      found[number] = Self.point(
        of: segment, in: rows, parameters, width: slopes.count + 1, offsets, loss, engines[worker])
    }
    guard var point = found[0] else { return nil }
    for number in segments.indices.dropFirst() {
      guard let other = found[number] else { return nil }
      point.triangle.add(other.triangle)
      point.objective += other.objective
      for (index, pull) in other.pulls.enumerated() {
        point.pulls[index] = point.pulls[index] + pull
      }
    }
    return finished(point)
  }

  /// A point of all rows; nil if it is not finite.
  private func finished(_ point: Point?) -> Point? {
    guard var point else { return nil }
    if loss.isLeastSquares {
      point.objective = point.triangle.square(ofRightSide: 0..<point.triangle.width)
    }
    return point.triangle.isFinite && point.objective.isFinite ? point : nil
  }

  private static func point(
    of segment: Range<Int>, in rows: Rows, _ parameters: [Double], width: Int,
    _ offsets: [DoubleDouble]?, _ loss: FitLoss, _ engine: Engine
  ) -> Point? {
    var triangle = Triangle(width: width)
    var objective = 0.0
    var pulls = offsets?.map { _ in DoubleDouble(0) } ?? []
    let stride = Engine.blockRows
    withUnsafeTemporaryAllocation(of: Double.self, capacity: stride * (width + 1)) { memory in
      guard let block = memory.baseAddress else { return }
      let scales = block + stride * width
      engine.executor.forEachBlock(of: segment, in: rows.shared.columns, parameters: parameters) {
        lines, values in
        let count = lines.count
        let residuals = block + stride * (width - 1)
        let heights = values[0]
        rows.response.withUnsafeBufferPointer { response in
          let response = UnsafeBufferPointer(rebasing: response[lines])
          if let offsets {
            for row in 0..<count {
              var residual = DoubleDouble(response[row]) - heights[row]
              for (index, offset) in offsets.enumerated() {
                residual = residual.subtracting(offset, times: values[index + 1][row])
              }
              residuals[row] = residual.value
              let weighted = residual * rows.weight(lines.lowerBound + row)
              for index in pulls.indices {
                pulls[index] = pulls[index].adding(weighted, times: values[index + 1][row])
              }
            }
          } else if loss.isLeastSquares {
            for row in 0..<count { residuals[row] = response[row] - heights[row] }
          } else {
            for row in 0..<count {
              let weight = rows.weight(lines.lowerBound + row)
              if weight == 0 {
                (residuals[row], scales[row]) = (0, 0)
                continue
              }
              let part = loss.row(heights[row], response[row])
              objective += weight * part.objective
              let root = part.curvature.squareRoot()
              scales[row] = root
              residuals[row] = part.pull / root
            }
          }
        }
        for column in 0..<width - 1 {
          let target = block + stride * column
          let slopes = values[column + 1]
          if loss.isLeastSquares {
            target.update(from: slopes.baseAddress ?? UnsafePointer(target), count: count)
          } else {
            for row in 0..<count { target[row] = scales[row] == 0 ? 0 : scales[row] * slopes[row] }
          }
        }
        if let roots = rows.rootWeights {
          for column in 0..<width {
            let target = block + stride * column
            for row in 0..<count {
              let root = roots[lines.lowerBound + row]
              target[row] = root == 0 ? 0 : root * target[row]
            }
          }
        }
        for row in count..<(count + 7) / 8 * 8 {
          for column in 0..<width { block[stride * column + row] = 0 }
        }
        triangle.add(block, count: count, stride: stride)
      }
    }
    return triangle.isFinite
      ? Point(triangle: triangle, objective: objective, pulls: pulls) : nil
  }

  /// What the residuals' curvature adds to the Hessian, and what the rows' pulls vary.
  struct Curvature {
    /// S of half the objective's Hessian JᵀKJ − S, K the curvature that steps go by.
    var correction: SymmetricMatrix
    /// The sum of pull² ∇f ∇fᵀ over rows, weighted twice.
    var scatter: SymmetricMatrix
    /// Whether all second derivatives were finite; those that are not are left out.
    var isComplete: Bool
  }

  /// Sums over the rows of second derivatives.
  func curvature(_ parameters: [Double]) -> Curvature {
    let segments = Array(stride(from: range.lowerBound, to: range.upperBound, by: Self.segmentRows))
    let found = Found<Curvature>(count: segments.count)
    let pairs = ownEngines.programs.curvature.pairs
    let engines = Equipment(engines.map(\.curvature))
    workers.run(segments.count) { [rows, range, loss] worker, number in
      let first = segments[number]
      let segment = first..<min(first + Self.segmentRows, range.upperBound)
      found[number] = Self.curvature(
        of: segment, in: rows, parameters, pairs, loss, engines[worker])
    }
    let count = parameters.count
    var sum = Curvature(
      correction: SymmetricMatrix(zeros: count), scatter: SymmetricMatrix(zeros: count),
      isComplete: true)
    for number in segments.indices {
      guard let part = found[number] else { continue }
      sum.correction.add(part.correction)
      sum.scatter.add(part.scatter)
      if !part.isComplete { sum.isComplete = false }
    }
    return sum
  }

  private static func curvature(
    of segment: Range<Int>, in rows: Rows, _ parameters: [Double], _ pairs: [(Int, Int)],
    _ loss: FitLoss, _ engine: Engine
  ) -> Curvature {
    let count = parameters.count
    var correction = SymmetricMatrix(zeros: count)
    var scatter = SymmetricMatrix(zeros: count)
    var isComplete = true
    var pulls = [Double](repeating: 0, count: Engine.blockRows)
    var excesses = pulls
    engine.executor.forEachBlock(of: segment, in: rows.shared.columns, parameters: parameters) {
      lines, values in
      for (lane, row) in lines.enumerated() {
        let weight = rows.weight(row)
        let part = weight == 0 ? nil : loss.row(values[0][lane], rows.response[row])
        pulls[lane] = weight * (part?.pull ?? 0)
        excesses[lane] = weight * (part?.excess ?? 0)
      }
      for (index, pair) in pairs.enumerated() {
        let second = values[1 + count + index]
        var sum = 0.0
        for lane in 0..<lines.count where pulls[lane] != 0 { sum += pulls[lane] * second[lane] }
        if !sum.isFinite {
          sum = 0
          for lane in 0..<lines.count where pulls[lane] != 0 {
            let part = pulls[lane] * second[lane]
            if part.isFinite { sum += part } else { isComplete = false }
          }
        }
        correction[pair.0, pair.1] += sum
      }
      if loss.isLeastSquares { return }
      for i in 0..<count {
        let slopes = values[1 + i]
        for j in 0...i {
          let others = values[1 + j]
          for lane in 0..<lines.count where excesses[lane] != 0 || pulls[lane] != 0 {
            let product = slopes[lane] * others[lane]
            correction[i, j] += excesses[lane] * product
            scatter[i, j] += pulls[lane] * pulls[lane] * product
          }
        }
      }
    }
    return Curvature(correction: correction, scatter: scatter, isComplete: isComplete)
  }

  /// The least that rounding leaves in the residuals: half a unit in the last place of each term, as the root of the
  /// sum of squares.
  func roundingLevel(_ parameters: [Double], slopes: [Int], _ triangle: Triangle) -> Double {
    var square = responseSquare
    for (index, parameter) in slopes.enumerated() {
      let size = parameters[parameter] * triangle.length(ofColumn: index)
      square += size * size
    }
    return square.squareRoot() * 0x1p-53
  }

  /// The sum of the squares of the response.
  private(set) lazy var responseSquare: Double = range.reduce(0) {
    let value = (rows.rootWeights?[$1] ?? 1) * rows.response[$1]
    return $0 + value * value
  }

  /// The size of what rounding within the formula leaves in its values, as the root of the sum of squares.
  ///
  /// It is the larger of two estimates: sixth differences of the values along a line, in which nothing smooth is left
  /// (Moré and Wild 2011), and how far a much smaller step departs from what the slopes predict. Where a formula loses
  /// digits, as 1 − exp(−b·x) does for a small b, it is far above a last digit.
  func noise(_ parameters: [Double]) -> Double {
    let some = range.prefix(Self.mostNoisyRows)
    let all = Array(parameters.indices)
    func moved(by step: Double) -> [Double] {
      parameters.indices.map { parameters[$0] * (1 + ($0 % 2 == 0 ? step : -step)) }
    }
    var expected: [Double] = []
    let near = moved(by: 0x1p-40)
    ownEngines[all].executor.forEachBlock(
      of: some, in: rows.shared.columns, parameters: parameters
    ) { lines, values in
      for lane in 0..<lines.count {
        expected.append(
          all.reduce(values[0][lane]) {
            $0 + values[$1 + 1][lane] * (near[$1] - parameters[$1])
          })
      }
    }
    let heights = rows.heights(ownEngines, near, in: some)
    let signs = [1.0, -6, 15, -20, 15, -6, 1]
    let line = (-3...3).map { rows.heights(ownEngines, moved(by: Double($0) * 0x1p-20), in: some) }
    var (byDifferences, bySlopes) = (0.0, 0.0)
    for index in heights.indices {
      let weight = rows.weight(some.lowerBound + index)
      let difference = zip(signs, line).reduce(0) { $0 + $1.0 * $1.1[index] }
      let rest = heights[index] - expected[index]
      // The sum of the squares of the signs is 924.
      if difference.isFinite { byDifferences += weight * difference * difference / 924 }
      if rest.isFinite { bySlopes += weight * rest * rest }
    }
    let scale = Double(range.count) / Double(max(1, some.count))
    return (max(byDifferences, bySlopes) * scale).squareRoot()
  }

  private static var mostNoisyRows: Int { 1024 }

  /// The first row in which the formula is not finite at any of some points; nil if there is none.
  func rowNeverFinite(at points: [[Double]]) -> Int? {
    var isFinite = [Bool](repeating: false, count: range.count)
    for point in points {
      for (index, height) in rows.heights(ownEngines, point, in: range).enumerated()
      where height.isFinite {
        isFinite[index] = true
      }
    }
    return isFinite.firstIndex(of: false).map { range.lowerBound + $0 }
  }

  /// The sum of the weighted squares of the residuals, whatever the loss.
  func residualSquare(_ parameters: [Double]) -> Double {
    var sum = 0.0
    for (index, height) in rows.heights(ownEngines, parameters, in: range).enumerated() {
      let row = range.lowerBound + index
      let weight = rows.weight(row)
      let residual = rows.response[row] - height
      if weight > 0 { sum += weight * residual * residual }
    }
    return sum
  }
}

/// The engines of a job, one for each worker.
///
/// Unchecked, as each worker uses its own.
private final class Equipment: @unchecked Sendable {
  private let engines: [Engine]
  init(_ engines: [Engine]) { self.engines = engines }
  subscript(_ worker: Int) -> Engine { engines[worker] }
}
