internal import Autograd
internal import Ranks
internal import Tables

/// The rows of a fit gone through: residuals and slopes brought to a triangle.
///
/// Segments of rows of a fixed size are brought to triangles by themselves and joined by a binary tree, so that neither
/// the number of threads nor that of processes changes a bit.
final class Evaluator {
  /// What a point of the parameters gives.
  struct Point: Sendable {
    /// Of the slopes, in the order asked for, and the residuals, each row times the root of its weight and curvature.
    var triangle: Triangle
    /// The sum of the rows' objectives.
    var objective: Double
    /// The products of the slopes with the residuals, where these were found in twice the precision.
    var pulls: [DoubleDouble] = []
  }

  /// What the slopes are to explain.
  enum RightSide {
    /// What the loss makes of the response and the formula.
    case residuals
    /// The residuals at the parameters plus these offsets, one for each slope, of a formula that is linear in them; they
    /// are summed in twice the precision.
    case offset(by: [DoubleDouble])
    /// 1 in each row, for least squares alone.
    case ones

    fileprivate var offsets: [DoubleDouble]? {
      if case .offset(let offsets) = self { offsets } else { nil }
    }
  }

  let observations: Observations
  let loss: FitLoss
  private let workers: Workers
  /// Those of each worker.
  private let engines: [Engines]
  /// The processes that share the rows, if there are several.
  private let team: Team?

  /// `engines` may be shared with other evaluators of the same thread; they are for at least so many rows.
  init(
    _ observations: Observations, loss: FitLoss, engines: Engines, threads: Int = 1,
    team: Team? = nil
  ) {
    self.observations = observations
    self.loss = loss
    self.team = team
    workers = Workers(min(threads, observations.segmentCount))
    self.engines =
      [engines]
      + (1..<max(1, workers.count)).map { _ in
        Engines(engines.programs, mostRows: Observations.segmentRows)
      }
  }

  /// The engines of the first worker.
  private var ownEngines: Engines { engines[0] }

  /// The sum over all rows of what `part` makes of each segment, with the engines of its worker, at a point; nil if one
  /// gives nothing, or if rows cannot be read.
  func sum<Part: Summand>(
    at parameters: [Double], _ part: @escaping @Sendable (Rows, Range<Int>, Engines) -> Part?
  ) -> Part? {
    // A process that cannot read ends all once its fit has returned, and the others wait for it until then.
    if observations.failure != nil { return nil }
    if case .memory(let rows, let range) = observations, observations.segmentCount <= 1 {
      return part(rows, range, ownEngines)
    }
    let equipment = Equipment(engines)
    func sumOfOwn(_ segments: Range<Int>) throws(TableError) -> Part? {
      var tree = RunningTree<Part>()
      var isWhole = true
      try observations.forEachWindow(of: segments, threads: workers.count) { rows, segments in
        let found = Found<Part>(count: segments.count)
        workers.run(segments.count) { worker, number in
          found[number] = part(rows, segments[number], equipment[worker])
        }
        for number in segments.indices {
          guard let part = found[number] else {
            isWhole = false
            return false
          }
          tree.add(part)
        }
        return true
      }
      return isWhole ? tree.total : nil
    }
    let segments = observations.segmentCount
    do throws(TableError) {
      if let team { return try team.sum(chunks: segments, at: parameters, sumOfOwn) }
      return try sumOfOwn(0..<segments)
    } catch {
      return nil
    }
  }

  /// The sums of some numbers over all rows, to which `add` adds those of some; nil if rows cannot be read.
  func sums(
    _ count: Int, at parameters: [Double] = [],
    _ add: @escaping @Sendable (Rows, Range<Int>, Engines, _ sums: inout [Double]) -> Void
  ) -> [Double]? {
    sum(at: parameters) { rows, range, engines in
      var sums = Sums([Double](repeating: 0, count: count))
      add(rows, range, engines, &sums.values)
      return sums
    }?.values
  }

  /// The triangle of all rows at a point, with the slopes by some parameters; nil if a row is not finite.
  func point(
    _ parameters: [Double], slopes: [Int], rightSide: RightSide = .residuals
  ) -> Point? {
    let place = parameters + slopes.map { Double($0) } + (rightSide.offsets ?? []).map(\.value)
    let found = sum(at: place) { [loss] rows, segment, engines in
      Self.point(
        of: segment, in: rows, parameters, width: slopes.count + 1, rightSide, loss,
        engines[slopes])
    }
    guard var point = found else { return nil }
    if loss.isLeastSquares {
      point.objective = point.triangle.square(ofRightSide: 0..<point.triangle.width)
    }
    return point.triangle.isFinite && point.objective.isFinite ? point : nil
  }

  private static func point(
    of segment: Range<Int>, in rows: Rows, _ parameters: [Double], width: Int,
    _ rightSide: RightSide, _ loss: FitLoss, _ engine: Engine
  ) -> Point? {
    let offsets = rightSide.offsets
    if case .ones = rightSide { precondition(loss.isLeastSquares, "ones have no loss") }
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
          if case .ones = rightSide {
            for row in 0..<count { residuals[row] = 1 }
          } else if let offsets {
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
  struct Curvature: Sendable {
    /// S of half the objective's Hessian JᵀKJ − S, K the curvature that steps go by.
    var correction: SymmetricMatrix
    /// The sum of pull² ∇f ∇fᵀ over rows, weighted twice.
    var scatter: SymmetricMatrix
    /// Whether all second derivatives were finite; those that are not are left out.
    var isComplete: Bool
  }

  /// Sums over the rows of second derivatives.
  func curvature(_ parameters: [Double]) -> Curvature {
    let pairs = ownEngines.programs.curvature.pairs
    let found = sum(at: parameters) { [loss] rows, segment, engines in
      Self.curvature(of: segment, in: rows, parameters, pairs, loss, engines.curvature)
    }
    return found
      ?? Curvature(
        correction: SymmetricMatrix(zeros: parameters.count),
        scatter: SymmetricMatrix(zeros: parameters.count), isComplete: false)
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
    var square = response.square
    for (index, parameter) in slopes.enumerated() {
      let size = parameters[parameter] * triangle.length(ofColumn: index)
      square += size * size
    }
    return square.squareRoot() * 0x1p-53
  }

  /// What is known of the response; of nothing where rows cannot be read.
  private(set) lazy var response: Response = {
    let found = sum(at: []) { rows, range, _ in
      var sums = Response()
      for row in range {
        let (y, root) = (rows.response[row], rows.rootWeights?[row] ?? 1)
        sums.square += root * y * (root * y)
        sums.largest = max(sums.largest, root * y.magnitude)
        let weight = rows.weight(row)
        sums.weights += weight
        sums.sum += weight * y
      }
      return sums
    }
    return found ?? Response()
  }()

  /// The size of what rounding within the formula leaves in its values, as the root of the sum of squares.
  ///
  /// It is the larger of two estimates: sixth differences of the values along a line, in which nothing smooth is left
  /// (Moré and Wild 2011), and how far a much smaller step departs from what the slopes predict. Where a formula loses
  /// digits, as 1 − exp(−b·x) does for a small b, it is far above a last digit.
  func noise(_ parameters: [Double]) -> Double {
    guard let (rows, some) = firstRows else { return 0 }
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
    let engine = ownEngines[[]]
    let heights = rows.heights(engine, near, in: some)
    let signs = [1.0, -6, 15, -20, 15, -6, 1]
    let line = (-3...3).map { rows.heights(engine, moved(by: Double($0) * 0x1p-20), in: some) }
    var (byDifferences, bySlopes) = (0.0, 0.0)
    for index in heights.indices {
      let weight = rows.weight(some.lowerBound + index)
      let difference = zip(signs, line).reduce(0) { $0 + $1.0 * $1.1[index] }
      let rest = heights[index] - expected[index]
      // The sum of the squares of the signs is 924.
      if difference.isFinite { byDifferences += weight * difference * difference / 924 }
      if rest.isFinite { bySlopes += weight * rest * rest }
    }
    let scale = Double(observations.count) / Double(max(1, some.count))
    return (max(byDifferences, bySlopes) * scale).squareRoot()
  }

  /// The first rows, by which the noise is judged; nil if they cannot be read.
  private lazy var firstRows: (rows: Rows, range: Range<Int>)? = {
    let count = min(observations.count, 1024)
    if case .memory(let rows, let range) = observations { return (rows, range.prefix(count)) }
    return observations.taking(Array(0..<count)).map { ($0, 0..<count) }
  }()

  /// The first row in which the formula is not finite at any of some points; nil if there is none.
  func rowNeverFinite(at points: [[Double]]) -> Int? {
    var first = 0
    let engine = ownEngines[[]]
    try? observations.forEachWindow(of: 0..<observations.segmentCount) { rows, segments in
      for segment in segments {
        var isFinite = [Bool](repeating: false, count: segment.count)
        for point in points {
          for (index, height) in rows.heights(engine, point, in: segment).enumerated()
          where height.isFinite {
            isFinite[index] = true
          }
        }
        if let row = isFinite.firstIndex(of: false) {
          first += row
          return false
        }
        first += segment.count
      }
      return true
    }
    return first < observations.count ? first : nil
  }
}

/// The engines of a job, one for each worker.
///
/// Unchecked, as each worker uses its own.
private final class Equipment: @unchecked Sendable {
  private let engines: [Engines]
  init(_ engines: [Engines]) { self.engines = engines }
  subscript(_ worker: Int) -> Engines { engines[worker] }
}
