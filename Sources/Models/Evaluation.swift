public import Autograd
public import Tables

/// How well a model predicts the rows of a table.
public struct Evaluation: Hashable, Sendable {
  /// The mean loss, without penalties or dropout.
  public let loss: Double
  /// The part of the rows whose class is predicted; nil where the target is a number.
  public let accuracy: Double?
  /// The mean absolute error, in the unit of the target or the formula of it; nil where the target is a class.
  public let mae: Double?
  /// The root of the mean squared error, in that unit; nil where the target is a class.
  public let rmse: Double?
  /// 1 minus the sum of squared errors divided by that of squared deviations from the mean; nil where the target is a class.
  ///
  /// It is nan where the target does not vary.
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

  /// Measures errors of rows that count `weightSum` together; `forEachPart` gives them all, in order, some at a time.
  fileprivate init(
    loss: Double, weightSum: Double,
    _ forEachPart: ((ComparedRows) -> Void) throws(TableError) -> Void
  ) throws(TableError) {
    var (lowest, highest, error) = (Double.infinity, -Double.infinity, LargestMagnitude())
    var target = LargestMagnitude()
    try forEachPart { rows in
      rows.visit { observed, difference, _ in
        target.add(observed)
        error.add(difference)
        (lowest, highest) = (min(lowest, observed), max(highest, observed))
      }
    }
    let (targetUnit, errorUnit) = (
      MeanSquare.unit(of: target.value), MeanSquare.unit(of: error.value)
    )
    var (targets, errors, squares) = (
      RunningSum<Double>(), RunningSum<Double>(), RunningSum<Double>()
    )
    try forEachPart { rows in
      rows.visit { observed, difference, weight in
        targets.add(weight * (observed / targetUnit))
        errors.add(weight * (difference.magnitude / errorUnit))
        squares.add(weight * (difference / errorUnit * (difference / errorUnit)))
      }
    }
    let center = targets.total / weightSum * targetUnit
    // Rounding keeps the order, so that one of the ends is furthest from the middle.
    let spread =
      target.value.isFinite ? max((lowest - center).magnitude, (highest - center).magnitude) : .nan
    let spreadUnit = MeanSquare.unit(of: spread)
    var deviations = RunningSum<Double>()
    try forEachPart { rows in
      rows.visit { observed, _, weight in
        let part = (observed - center) / spreadUnit
        deviations.add(weight * (part * part))
      }
    }
    func meanSquare(_ sum: RunningSum<Double>, _ unit: Double, _ largest: Double) -> MeanSquare {
      MeanSquare(value: largest.isFinite ? sum.total / weightSum : largest, unit: unit)
    }
    let (square, variance) = (
      meanSquare(squares, errorUnit, error.value), meanSquare(deviations, spreadUnit, spread)
    )
    self.init(
      loss: loss, accuracy: nil, mae: errors.total / weightSum * errorUnit, rmse: square.root,
      r2: variance.value > 0 ? 1 - square.divided(by: variance) : .nan)
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
    return try Evaluation(loss: Double(loss[0]), weightSum: weightSum) { $0(rows) }
  }

  /// Compares predictions with the rows of a table that stays in its files: see
  /// ``evaluate(_:_:parameters:)``.
  public func evaluate<Scalar: Precision>(
    _ rows: StoredRows, parameters: [Scalar]
  ) throws(TableError) -> Evaluation {
    let columns = StoredColumns<Scalar>(rows, of: self)
    let values = parameters + [Scalar](repeating: 0, count: noiseKeyCount * NoiseKey.count)
    var losses = Executor<Scalar>(
      validationProgram, batchRows: rows.rowCount, mostWaveRows: columns.windowRows)
    var weightSum = Double(rows.rowCount)
    if let name = specification.weights {
      var sum = RunningSum<Double>()
      try rows.forEachBlock { table, _ throws(TableError) in
        for weight in try table.numbers(of: name) { sum.add(weight) }
      }
      weightSum = sum.total
    }
    var lossSum = [0.0]
    var span = lossSum.mutableSpan
    var failure: TableError?
    var window = Columns<Scalar>.zeros(
      rowCount: min(losses.waveRows, rows.rowCount), columnCount: columns.columnCount)
    _ = losses.sums(ofRows: rows.rowCount, parameters: values, into: &span) { wave, use in
      do throws(TableError) {
        try columns.read(wave, into: &window, at: 0)
        use(window, 0..<wave.count)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    let loss = Double(Scalar(lossSum[0] / weightSum))
    var predictor = TablePredictor<Scalar>(self, mostRows: rows.rowCount)
    if isOfClasses {
      var sums = AccuracySums()
      try columns.forEachWindow { data, rows in
        predictor.add(to: &sums, of: parameters, on: data, rows: rows)
      }
      return Evaluation(loss: loss, accuracy: sums.accuracy)
    }
    return try Evaluation(loss: loss, weightSum: weightSum) { body throws(TableError) in
      try rows.forEachBlock { table, firstRow throws(TableError) in
        let data: Columns<Scalar> = try table.columns(
          self.columns, scalings: scalings, firstRow: firstRow, levels: levels)
        body(
          ComparedRows(
            observed: try response(of: table),
            predicted: predictor.predictions(of: parameters, on: data),
            weights: try specification.weights.map { name throws(TableError) in
              try table.numbers(of: name)
            }))
      }
    }
  }

  /// Whether what is predicted is a class.
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

/// Predicts all rows of a table by one set of parameters after the other.
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

/// What the part of rows whose class is predicted is made of, as they come one after the other.
public struct AccuracySums {
  fileprivate var weights = RunningSum<Double>()
  fileprivate var hits = RunningSum<Double>()

  /// No rows yet.
  public init() {}

  /// The part of the rows so far; nan if their weights are all 0.
  public var accuracy: Double { hits.total / weights.total }
}
