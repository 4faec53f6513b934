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

extension Model {
  /// Compares predictions with a table, whose numbers as the model reads them are `data`.
  ///
  /// Rows count by their weights, if they have some. Sums are ordered as those of batches, in double. Throws
  /// if the target holds anything but what the model takes.
  public func evaluate<Scalar: Precision>(
    _ table: Table, _ data: borrowing Columns<Scalar>, parameters: [Scalar]
  ) throws(TableError) -> Evaluation {
    let count = table.rowCount
    let weights = try specification.weights.map { name throws(TableError) in
      try table.numbers(of: name)
    }
    let total = weights.map { weights in orderedSum(count: count) { weights[$0] } } ?? Double(count)
    func weight(_ row: Int) -> Double { weights?[row] ?? 1 }
    let values = parameters + [Scalar](repeating: 0, count: noiseKeyCount * NoiseKey.count)
    var losses = Executor<Scalar>(validationProgram, batchRows: count)
    var loss: [Scalar] = [0]
    losses.means(of: 0..<count, in: data, parameters: values, divisor: total, into: &loss)

    if isOfClasses {
      var predictor = TablePredictor<Scalar>(self, mostRows: count)
      return Evaluation(
        loss: Double(loss[0]), accuracy: predictor.accuracy(of: parameters, on: data), mae: nil,
        rmse: nil, r2: nil)
    }
    let found = predictions(of: parameters, on: data)
    let targets =
      specification.response == nil
      ? try table.numbers(of: target) : try response(of: table)
    let center = orderedMean(of: count, weight: weight, total: total) { targets[$0] }
    let error = MeanSquare(of: count, weight: weight, total: total) { found[$0] - targets[$0] }
    let variance = MeanSquare(of: count, weight: weight, total: total) { targets[$0] - center }
    return Evaluation(
      loss: Double(loss[0]), accuracy: nil,
      mae: orderedMean(of: count, weight: weight, total: total) {
        (found[$0] - targets[$0]).magnitude
      }, rmse: error.root,
      r2: variance.value > 0 ? 1 - error.divided(by: variance) : .nan)
  }

  /// Whether what is predicted is a class.
  public var isOfClasses: Bool {
    switch estimator.estimate {
    case .upper, .highest: true
    case .value, .logarithm: holdsText(target)
    }
  }

  /// What each row's prediction says of the target: see ``TablePredictor/predictions(of:on:)``.
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
  /// `data` are the model's columns, and `parameters` has a value for each element.
  public mutating func predictions(
    of parameters: [Scalar], on data: borrowing Columns<Scalar>
  ) -> [Double] {
    let estimator = estimator
    var found = [Double](repeating: 0, count: data.rowCount)
    executor.forEachBlock(
      of: 0..<data.rowCount, in: data, parameters: parameters + noise
    ) { rows, elements in
      for (lane, row) in rows.enumerated() { found[row] = estimator(elements, lane: lane) }
    }
    return found
  }

  /// The part of the rows whose class is predicted, which count by their weights; nan if these are all 0.
  ///
  /// The model must be one of classes.
  public mutating func accuracy(
    of parameters: [Scalar], on data: borrowing Columns<Scalar>
  ) -> Double {
    guard let targetColumn else { preconditionFailure("a loss of classes has their column") }
    let found = predictions(of: parameters, on: data)
    let weightColumn = weightColumn
    func weight(_ row: Int) -> Double { weightColumn.map { Double(data[$0, row]) } ?? 1 }
    let total = orderedSum(count: data.rowCount) { weight($0) }
    return orderedSum(count: data.rowCount) {
      found[$0] == Double(data[targetColumn, $0]) ? weight($0) : 0
    } / total
  }
}
