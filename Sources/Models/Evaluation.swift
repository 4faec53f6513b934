public import Autograd
public import Ranks
public import Tables

/// How well a model predicts the rows of a table.
public struct Evaluation: Hashable, Sendable {
  /// The mean loss, without penalties or dropout.
  public let loss: Double
  /// The fraction of rows, by weight, whose class is predicted correctly; nil where the target is a number.
  public let accuracy: Double?
  /// The mean absolute error, in the unit of the target or the formula of it; nil where the target is a class.
  public let mae: Double?
  /// The root of the mean squared error, in that unit; nil where the target is a class.
  public let rmse: Double?
  /// 1 minus the sum of squared errors divided by the sum of squared deviations from the mean; nil where the target
  /// is a class.
  ///
  /// It is nan where the target does not vary, and negative where the mean would predict better.
  public let r2: Double?
}

/// What was observed in some rows, what is predicted, and how they count.
private struct ComparedRows {
  let observed: [Double]
  let predicted: [Double]
  let weights: [Double]?

  func visit(_ body: (_ observed: Double, _ error: Double, _ weight: Double) -> Void) {
    for row in observed.indices {
      body(observed[row], predicted[row] - observed[row], weights?[row] ?? 1)
    }
  }
}

extension Evaluation {
  fileprivate init(loss: Double, accuracy: Double) {
    self.init(loss: loss, accuracy: accuracy, mae: nil, rmse: nil, r2: nil)
  }

  /// Measures errors of rows that count `weightSum` together; `visit` gives those of a range, in order, some at a
  /// time.
  fileprivate init(
    loss: Double, weightSum: Double, _ rows: SharedRows,
    _ visit: (Range<Int>, (ComparedRows) -> Void) throws(TableError) -> Void
  ) throws(TableError) {
    let extremes = try rows.sum { range throws(TableError) in
      var found = Extremes()
      try visit(range) { rows in
        rows.visit { observed, difference, _ in
          found.target.add(observed)
          found.error.add(difference)
          found.lowest = min(found.lowest, observed)
          found.highest = max(found.highest, observed)
        }
      }
      return found
    }
    let (target, error) = (extremes.target.value, extremes.error.value)
    let (targetUnit, errorUnit) = (MeanSquare.unit(of: target), MeanSquare.unit(of: error))
    let sums = try rows.sum { range throws(TableError) in
      var (targets, errors, squares) = (
        RunningSum<Double>(), RunningSum<Double>(), RunningSum<Double>()
      )
      try visit(range) { rows in
        rows.visit { observed, difference, weight in
          targets.add(weight * (observed / targetUnit))
          errors.add(weight * (difference.magnitude / errorUnit))
          squares.add(weight * (difference / errorUnit * (difference / errorUnit)))
        }
      }
      return Sums([targets.total, errors.total, squares.total])
    }.values
    let center = sums[0] / weightSum * targetUnit
    // Rounding keeps the order, so that one of the ends is furthest from the middle.
    let spread =
      target.isFinite
      ? max((extremes.lowest - center).magnitude, (extremes.highest - center).magnitude) : .nan
    let spreadUnit = MeanSquare.unit(of: spread)
    let deviations = try rows.sum { range throws(TableError) in
      var deviations = RunningSum<Double>()
      try visit(range) { rows in
        rows.visit { observed, _, weight in
          let part = (observed - center) / spreadUnit
          deviations.add(weight * (part * part))
        }
      }
      return Sums([deviations.total])
    }.values
    func meanSquare(_ sum: Double, _ unit: Double, _ largest: Double) -> MeanSquare {
      MeanSquare(value: largest.isFinite ? sum / weightSum : largest, unit: unit)
    }
    let (square, variance) = (
      meanSquare(sums[2], errorUnit, error), meanSquare(deviations[0], spreadUnit, spread)
    )
    self.init(
      loss: loss, accuracy: nil, mae: sums[1] / weightSum * errorUnit, rmse: square.root,
      r2: variance.value > 0 ? 1 - square.divided(by: variance) : .nan)
  }
}

/// Rows that are gone through in order, by several processes if there are some, each its own.
struct SharedRows {
  let count: Int
  let team: Team?

  /// The sum over all rows, `part` being that of a range of them.
  ///
  /// Each range is a subtree: 64 · 2ᵏ rows from a multiple of that many on, or what is left of them; without a team
  /// it is all rows.
  func sum<Part: Summand>(
    _ part: (Range<Int>) throws(TableError) -> Part
  ) throws(TableError) -> Part {
    guard let team else { return try part(0..<count) }
    let sum = try team.sum(chunks: (count + 63) / 64, at: []) {
      chunks throws(TableError) -> Part? in
      try part(64 * chunks.lowerBound..<min(64 * chunks.upperBound, count))
    }
    guard let sum else { preconditionFailure("each part has a sum") }
    return sum
  }
}

/// The ends of what was observed, and the largest magnitudes.
private struct Extremes: Summand {
  var (lowest, highest) = (Double.infinity, -Double.infinity)
  var target = LargestMagnitude()
  var error = LargestMagnitude()

  init() {}

  mutating func add(_ other: Extremes) {
    (lowest, highest) = (min(lowest, other.lowest), max(highest, other.highest))
    target.add(other.target.value)
    error.add(other.error.value)
  }

  func write(to numbers: inout [Double]) {
    numbers += [lowest, highest, target.value, error.value]
  }

  init(from numbers: inout ArraySlice<Double>) {
    lowest = numbers.removeFirst()
    highest = numbers.removeFirst()
    target.add(numbers.removeFirst())
    error.add(numbers.removeFirst())
  }
}

extension Model {
  /// Compares predictions with a table, whose numbers as the model reads them are `data`.
  ///
  /// Rows count by their weights, if they have some. Sums are ordered as those of batches, in double. Throws
  /// if the target holds anything but what the model takes.
  public func evaluate<Scalar: Precision>(
    _ table: Table, _ data: borrowing Columns<Scalar>, parameters: [Scalar]
  ) throws(TableError) -> Evaluation {
    let weights = try specification.weights.map { name throws(TableError) in
      try table.numbers(of: name)
    }
    let weightSum =
      weights.map { weights in orderedSum(count: weights.count) { weights[$0] } }
      ?? Double(table.rowCount)
    let values = parameters + [Scalar](repeating: 0, count: noiseKeyCount * NoiseKey.count)
    var losses = Executor<Scalar>(validationProgram, batchRows: table.rowCount)
    var loss: [Scalar] = [0]
    losses.means(
      of: 0..<table.rowCount, in: data, parameters: values, divisor: weightSum, into: &loss)
    if isOfClasses {
      var predictor = TablePredictor<Scalar>(self, mostRows: table.rowCount)
      return Evaluation(
        loss: Double(loss[0]), accuracy: predictor.accuracy(of: parameters, on: data))
    }
    let rows = ComparedRows(
      observed: try response(of: table), predicted: predictions(of: parameters, on: data),
      weights: weights)
    return try Evaluation(
      loss: Double(loss[0]), weightSum: weightSum, SharedRows(count: table.rowCount, team: nil)
    ) { $1(rows) }
  }

  /// Compares predictions with the rows of a table that stays in its files: see
  /// ``evaluate(_:_:parameters:)``.
  ///
  /// The processes of a `team` ask for the same, and share the rows.
  public func evaluate<Scalar: Precision>(
    _ rows: StoredRows, parameters: [Scalar], team: Team? = nil
  ) throws(TableError) -> Evaluation {
    let shared = SharedRows(count: rows.rowCount, team: team)
    let columns = StoredColumns<Scalar>(rows, of: self)
    let values = parameters + [Scalar](repeating: 0, count: noiseKeyCount * NoiseKey.count)
    var losses = Executor<Scalar>(
      validationProgram, batchRows: rows.rowCount, mostWaveRows: columns.windowRows)
    let response = response
    let observed: RowNumbers = { table throws(TableError) in try response.values(of: table) }
    var weights: [RowNumbers] = []
    if let name = specification.weights {
      let weight: RowNumbers = { table throws(TableError) in try table.numbers(of: name) }
      weights = [weight]
    }
    var window = Columns<Scalar>.zeros(
      rowCount: min(losses.waveRows, rows.rowCount), columnCount: columns.columnCount)
    let sums = try shared.sum { range throws(TableError) in
      var sum = [0.0]
      var weightSum = RunningSum<Double>()
      var span = sum.mutableSpan
      var failure: TableError?
      _ = losses.sums(ofRows: range.count, parameters: values, into: &span) { wave, use in
        do throws(TableError) {
          let some = range.lowerBound + wave.lowerBound..<range.lowerBound + wave.upperBound
          let found = try columns.read(some, into: &window, at: 0, others: weights)
          for weight in found.joined() { weightSum.add(weight) }
          use(window, 0..<wave.count)
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      return Sums(sum + [weightSum.total])
    }.values
    let weightSum = weights.isEmpty ? Double(rows.rowCount) : sums[1]
    let loss = Double(Scalar(sums[0] / weightSum))
    var predictor = TablePredictor<Scalar>(self, mostRows: rows.rowCount)
    if isOfClasses {
      let sums = try shared.sum { range throws(TableError) in
        var sums = AccuracySums()
        try columns.forEachWindow(of: range) { data, rows, _ in
          predictor.add(to: &sums, of: parameters, on: data, rows: rows)
        }
        return Sums(sums.totals)
      }
      return Evaluation(loss: loss, accuracy: AccuracySums.accuracy(of: sums.values))
    }
    return try Evaluation(loss: loss, weightSum: weightSum, shared) {
      range, body throws(TableError) in
      try columns.forEachWindow(of: range, others: [observed] + weights) { data, rows, found in
        body(
          ComparedRows(
            observed: found[0],
            predicted: predictor.predictions(of: parameters, on: data, rows: rows),
            weights: found.count > 1 ? found[1] : nil))
      }
    }
  }

  /// Whether the model predicts a class.
  public var isOfClasses: Bool {
    switch estimator.estimate {
    case .upper, .highest: true
    case .value, .logarithm: holdsText(target)
    }
  }

  /// What each row's prediction says of the target: see ``TablePredictor/predictions(of:on:rows:)``.
  public func predictions<Scalar: Precision>(
    of parameters: [Scalar], on data: borrowing Columns<Scalar>
  ) -> [Double] {
    var predictor = TablePredictor<Scalar>(self, mostRows: data.rowCount)
    return predictor.predictions(of: parameters, on: data)
  }
}

/// Predictions of all rows of a table by different parameters in turn.
public struct TablePredictor<Scalar: Precision>: ~Copyable {
  private let estimator: Estimator
  private let targetColumn: Int?
  private let weightColumn: Int?
  private let noise: [Scalar]
  private var executor: Executor<Scalar>

  /// A predictor of tables of up to `mostRows` rows.
  public init(_ model: Model, mostRows: Int) {
    estimator = model.estimator
    targetColumn = model.columns.firstIndex { $0.name == model.target }
    weightColumn = model.weightColumn
    noise = [Scalar](repeating: 0, count: model.noiseKeyCount * NoiseKey.count)
    executor = Executor(
      model.binding.program(of: [model.estimateNode]), batchRows: min(mostRows, 4096),
      sumsRows: false)
  }

  /// What each row's prediction says of the target: its value in its own unit, or the number of its class.
  ///
  /// `data` are the model's columns, of which `rows` count, and `parameters` has a value for each element.
  public mutating func predictions(
    of parameters: [Scalar], on data: borrowing Columns<Scalar>, rows: Range<Int>? = nil
  ) -> [Double] {
    let estimator = estimator
    let rows = rows ?? 0..<data.rowCount
    var found = [Double](repeating: 0, count: rows.count)
    executor.forEachBlock(of: rows, in: data, parameters: parameters + noise) { block, elements in
      for (lane, row) in block.enumerated() {
        found[row - rows.lowerBound] = estimator(elements, lane: lane)
      }
    }
    return found
  }

  /// The part of the rows whose class is predicted, which count by their weights; nan if these are all 0.
  ///
  /// The model must be one of classes.
  public mutating func accuracy(
    of parameters: [Scalar], on data: borrowing Columns<Scalar>
  ) -> Double {
    var sums = AccuracySums()
    add(to: &sums, of: parameters, on: data, rows: 0..<data.rowCount)
    return sums.accuracy
  }

  /// Takes rows that follow those before into account.
  public mutating func add(
    to sums: inout AccuracySums, of parameters: [Scalar], on data: borrowing Columns<Scalar>,
    rows: Range<Int>
  ) {
    guard let targetColumn else { preconditionFailure("a loss of classes has their column") }
    let found = predictions(of: parameters, on: data, rows: rows)
    for (row, found) in zip(rows, found) {
      let weight = weightColumn.map { Double(data[$0, row]) } ?? 1
      sums.weights.add(weight)
      sums.hits.add(found == Double(data[targetColumn, row]) ? weight : 0)
    }
  }
}

/// The sums from which an accuracy is computed, for rows that arrive in parts.
public struct AccuracySums {
  fileprivate var weights = RunningSum<Double>()
  fileprivate var hits = RunningSum<Double>()

  /// No rows yet.
  public init() {}

  /// The part of the rows so far; nan if their weights are all 0.
  public var accuracy: Double { Self.accuracy(of: totals) }

  /// What the rows so far weigh, and those of them whose class is predicted.
  fileprivate var totals: [Double] { [weights.total, hits.total] }

  fileprivate static func accuracy(of totals: [Double]) -> Double { totals[1] / totals[0] }
}
