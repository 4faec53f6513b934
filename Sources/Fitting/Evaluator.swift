internal import Autograd
internal import CThreads
internal import Synchronization

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
  }

  let rows: Rows
  let range: Range<Int>
  let loss: FitLoss
  let programs: Programs
  private let workers: Workers
  /// For each worker the engines by what they compute.
  private var engines: [[[Int]: Engine]]
  private var curvatureEngine: Engine?

  init(
    _ rows: Rows, _ range: Range<Int>, loss: FitLoss, programs: Programs, threads: Int = 1
  ) {
    self.rows = rows
    self.range = range
    self.loss = loss
    self.programs = programs
    let segments = (range.count + Self.segmentRows - 1) / Self.segmentRows
    workers = Workers(min(threads, segments))
    engines = Array(repeating: [:], count: workers.count)
  }

  private static var segmentRows: Int { 16 * 1024 }

  /// The triangle of all rows at a point, with the slopes by some parameters; nil if a row is not finite.
  func point(_ parameters: [Double], slopes: [Int]) -> Point? {
    let program = programs.slopes(by: slopes)
    for worker in 0..<workers.count where engines[worker][slopes] == nil {
      engines[worker][slopes] = Engine(program, rows: min(range.count, Self.segmentRows))
    }
    let segments = Array(stride(from: range.lowerBound, to: range.upperBound, by: Self.segmentRows))
    let found = Found(count: segments.count)
    let engines = Engines(of: engines.compactMap { $0[slopes] })
    workers.run(segments.count) { [rows, range, loss] worker, number in
      let first = segments[number]
      let segment = first..<min(first + Self.segmentRows, range.upperBound)
      found[number] = Self.point(
        of: segment, in: rows, parameters, width: slopes.count + 1, loss, engines[worker])
    }
    guard var point = found[0] else { return nil }
    for number in segments.indices.dropFirst() {
      guard let other = found[number] else { return nil }
      point.triangle.add(other.triangle)
      point.objective += other.objective
    }
    if loss.isLeastSquares {
      point.objective = point.triangle.square(ofRightSide: 0..<slopes.count + 1)
    }
    return point.triangle.isFinite && point.objective.isFinite ? point : nil
  }

  private static func point(
    of segment: Range<Int>, in rows: Rows, _ parameters: [Double], width: Int, _ loss: FitLoss,
    _ engine: Engine
  ) -> Point? {
    var triangle = Triangle(width: width)
    var objective = 0.0
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
          if loss.isLeastSquares {
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
    return triangle.isFinite ? Point(triangle: triangle, objective: objective) : nil
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
    let (pairs, program) = programs.curvature
    let count = parameters.count
    let engine = curvatureEngine ?? Engine(program, rows: range.count)
    curvatureEngine = engine
    var correction = SymmetricMatrix(zeros: count)
    var scatter = SymmetricMatrix(zeros: count)
    var isComplete = true
    let needsSlopes = !loss.isLeastSquares
    engine.executor.forEachBlock(of: range, in: rows.shared.columns, parameters: parameters) {
      lines, values in
      var second = [Double](repeating: 0, count: pairs.count)
      for (lane, row) in lines.enumerated() {
        let weight = rows.weight(row)
        if weight == 0 { continue }
        let part = loss.row(values[0][lane], rows.response[row])
        let pull = weight * part.pull
        for index in pairs.indices {
          let part = pull * values[1 + count + index][lane]
          if part.isFinite { second[index] += part } else { isComplete = false }
        }
        guard needsSlopes else { continue }
        for i in 0..<count {
          let slope = values[1 + i][lane]
          for j in 0...i {
            let product = slope * values[1 + j][lane]
            correction[i, j] += weight * part.excess * product
            scatter[i, j] += pull * pull * product
          }
        }
      }
      for (index, pair) in pairs.enumerated() { correction[pair.0, pair.1] += second[index] }
    }
    return Curvature(correction: correction, scatter: scatter, isComplete: isComplete)
  }

  /// The size of what rounding leaves in the residuals at least, as the root of the sum of squares: half the last
  /// digit of the largest term in each row.
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
  /// It is found by a step that moves the values by so little that the slopes tell all of it: what they do not tell
  /// is rounding. Where a formula loses digits, as 1 − exp(−b·x) does for a small b, it is far above a last digit.
  func noise(_ parameters: [Double]) -> Double {
    let some = range.prefix(Self.mostNoisyRows)
    let all = Array(parameters.indices)
    var moved = parameters
    for index in moved.indices { moved[index] *= index % 2 == 0 ? 1 + 0x1p-40 : 1 - 0x1p-40 }
    let engine = Engine(programs.slopes(by: all), rows: max(1, some.count))
    var expected: [Double] = []
    engine.executor.forEachBlock(of: some, in: rows.shared.columns, parameters: parameters) {
      lines, values in
      for lane in 0..<lines.count {
        expected.append(
          all.reduce(values[0][lane]) {
            $0 + values[$1 + 1][lane] * (moved[$1] - parameters[$1])
          })
      }
    }
    var square = 0.0
    for (index, height) in rows.heights(programs, moved, in: some).enumerated() {
      let rest = (rows.rootWeights?[some.lowerBound + index] ?? 1) * (height - expected[index])
      if rest.isFinite { square += rest * rest }
    }
    return (square * Double(range.count) / Double(max(1, some.count))).squareRoot()
  }

  private static var mostNoisyRows: Int { 4096 }

  /// The first row in which the formula is not finite at any of some points; nil if there is none.
  func rowNeverFinite(at points: [[Double]]) -> Int? {
    var isFinite = [Bool](repeating: false, count: range.count)
    for point in points {
      for (index, height) in rows.heights(programs, point, in: range).enumerated()
      where height.isFinite {
        isFinite[index] = true
      }
    }
    return isFinite.firstIndex(of: false).map { range.lowerBound + $0 }
  }

  /// The sum of the weighted squares of the residuals, whatever the loss.
  func residualSquare(_ parameters: [Double]) -> Double {
    var sum = 0.0
    for (index, height) in rows.heights(programs, parameters, in: range).enumerated() {
      let row = range.lowerBound + index
      let weight = rows.weight(row)
      let residual = rows.response[row] - height
      if weight > 0 { sum += weight * residual * residual }
    }
    return sum
  }
}

/// What segments of rows give, filled side by side.
///
/// Unchecked, as each number is written by one thread, and read after all have ended.
private final class Found: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Evaluator.Point?>

  init(count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: nil)
  }

  deinit {
    values.deinitialize()
    values.deallocate()
  }

  subscript(_ number: Int) -> Evaluator.Point? {
    get { values[number] }
    set { values[number] = newValue }
  }
}

/// The engines of a job, one for each worker.
///
/// Unchecked, as each worker uses its own.
private final class Engines: @unchecked Sendable {
  private let engines: [Engine]
  init(of engines: [Engine]) { self.engines = engines }
  subscript(_ worker: Int) -> Engine { engines[worker] }
}

/// Threads that take numbers one after the other.
final class Workers {
  let count: Int
  private let pool: OpaquePointer?

  init(_ count: Int) {
    self.count = max(1, count)
    pool = self.count > 1 ? bp_pool_create(self.count) : nil
  }

  deinit { bp_pool_destroy(pool) }

  /// Calls `body` with a worker and each number below `count`, in any order.
  func run(_ count: Int, _ body: @escaping @Sendable (_ worker: Int, _ number: Int) -> Void) {
    guard let pool, count > 1 else {
      for number in 0..<count { body(0, number) }
      return
    }
    let job = Job(count, body)
    withExtendedLifetime(job) {
      bp_pool_run(
        pool,
        { context, worker in
          guard let context else { return }
          Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().work(as: worker)
        }, Unmanaged.passUnretained(job).toOpaque())
    }
  }

  private final class Job: Sendable {
    private let count: Int
    private let body: @Sendable (Int, Int) -> Void
    private let next = Atomic(0)

    init(_ count: Int, _ body: @escaping @Sendable (Int, Int) -> Void) {
      self.count = count
      self.body = body
    }

    func work(as worker: Int) {
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        if number >= count { return }
        body(worker, number)
      }
    }
  }
}
