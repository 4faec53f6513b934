public import Autograd
public import Models

/// One step of training, as its observer sees it: after the gradients, before the update.
public struct Step<Scalar: Precision> {
  /// The rows of the batch, counted from 0.
  public let rows: Range<Int>
  /// The mean loss over the batch.
  public let loss: Scalar
  /// The gradients of that loss, in the order of the model's parameters.
  public let gradients: ArraySlice<Scalar>
}

/// How a training run ended.
public enum Outcome: Sendable {
  case finished
  /// It was asked to stop, after so many whole epochs.
  case interrupted
  case diverged(Divergence)
}

/// Runs a model's program over a data set, step by step, and keeps parameters and losses.
public struct Trainer<Scalar: Precision>: ~Copyable {
  /// The parameters' values as training has left them.
  public private(set) var parameters: [Scalar]
  /// The loss of each epoch that has ended, and of the one that diverged.
  public private(set) var history: [Double] = []

  /// How many single rows are trained on between two looks at `shouldStop`.
  private static var rowsAtOnce: Int { 4096 }

  private let model: Model
  private let penalty: Penalty<Scalar>
  /// The place of the rows' weights among the columns.
  private let weightColumn: Int?
  /// The keys of the random numbers of the step.
  private var noise: [Scalar] = []
  private var step = 0
  private let data: Columns<Scalar>
  private let settings: Settings
  private let batchRows: Int
  private var executor: Executor<Scalar>
  private var optimizer: SGD<Scalar>
  /// The loss and its gradients.
  private var results: [Scalar]
  /// Where the next parameters are made, to be taken over if all are finite.
  private var candidate: [Scalar]

  /// A run of `model` over `data`, whose columns are the model's, in order.
  ///
  /// `initial` has a value for each element of the model's parameters.
  public init(
    _ model: Model, data: consuming Columns<Scalar>, initial: [Double], settings: Settings
  ) {
    precondition(data.rowCount > 0, "training needs at least one row")
    precondition(initial.count == model.parameterCount, "one initial value an element")
    self.model = model
    penalty = Penalty(l1: settings.l1, l2: settings.l2)
    weightColumn = model.specification.weights.flatMap { model.columns.firstIndex(of: .number($0)) }
    self.settings = settings
    batchRows =
      switch settings.batchSize {
      case .rows(let count): min(count, data.rowCount)
      case .full: data.rowCount
      }
    self.data = data
    parameters = initial.map { Scalar($0) }
    candidate = parameters
    executor = Executor(
      model.stepProgram, batchRows: batchRows, threads: settings.threads)
    optimizer = SGD(learningRate: settings.learningRate)
    results = [Scalar](repeating: 0, count: 1 + initial.count)
  }

  /// Trains until all epochs are done, the run diverges, or `shouldStop` says so after a step.
  ///
  /// `observe` is called for every step where it is given, `epochEnded` with each epoch's number and
  /// loss; what they throw ends the run. An epoch that is cut short by `shouldStop` has no loss.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func run(
    observe: ((Step<Scalar>) throws -> Void)? = nil,
    epochEnded: (_ epoch: Int, _ loss: Double) throws -> Void = { _, _ in },
    shouldStop: () throws -> Bool = { false }
  ) rethrows -> Outcome {
    for epoch in 0..<settings.epochs {
      var (total, weight) = (0.0, 0.0)
      var first = 0
      while first < data.rowCount {
        if canDescend, observe == nil {
          first += descend(from: first, total: &total)
          weight = Double(first)
          if first == data.rowCount { break }
          if try shouldStop() { return .interrupted }
        }
        // A step that failed above is taken again here, where it can be explained.
        let rows = first..<min(first + batchRows, data.rowCount)
        let divisor = weightSum(of: rows)
        first = rows.upperBound
        if divisor == 0 { continue }
        findGradients(of: rows, divisor: divisor)
        let loss = results[0]
        try observe?(Step(rows: rows, loss: loss, gradients: results[1...]))
        guard update() else {
          history.append(Double(loss))
          try epochEnded(epoch, Double(loss))
          return .diverged(explainDivergence(epoch: epoch, rows: rows))
        }
        total += divisor * Double(loss)
        weight += divisor
        if try shouldStop(), first < data.rowCount { return .interrupted }
      }
      let loss = settings.epochLoss == .last ? Double(results[0]) : total / weight
      history.append(loss)
      try epochEnded(epoch, loss)
      if try shouldStop(), epoch + 1 < settings.epochs { return .interrupted }
    }
    return .finished
  }

  /// Whether steps of one row need nothing but the row and the parameters.
  private var canDescend: Bool {
    batchRows == 1 && weightColumn == nil && penalty.isNone && model.noiseKeyCount == 0
  }

  /// What the sum over a batch is divided by: the number of its rows, or the sum of their weights.
  private func weightSum(of rows: Range<Int>) -> Double {
    guard let weightColumn else { return Double(rows.count) }
    return orderedSum(count: rows.count) { data[weightColumn, rows.lowerBound + $0] }
  }

  /// Puts the mean loss of a batch and its gradients, penalties included, into the results.
  private mutating func findGradients(of rows: Range<Int>, divisor: Double) {
    if model.noiseKeyCount > 0 {
      noise = (0..<model.noiseKeyCount).flatMap {
        NoiseKey.values(seed: settings.seed, step: step, draw: $0)
      }
      step += 1
    }
    executor.means(
      of: rows, in: data, parameters: parameters, noise: noise, divisor: divisor, into: &results)
    penalty.add(to: &results, of: parameters)
  }

  /// Takes steps of one row, many at once, up to one that fails; returns how many.
  private mutating func descend(from first: Int, total: inout Double) -> Int {
    let rows = first..<min(first + Self.rowsAtOnce, data.rowCount)
    return executor.descend(
      over: rows, in: data, parameters: &parameters, learningRate: settings.learningRate,
      total: &total, results: &results)
  }

  /// Updates the parameters, unless the loss or one of them would not be finite.
  private mutating func update() -> Bool {
    guard results[0].isFinite else { return false }
    for index in candidate.indices { candidate[index] = parameters[index] }
    optimizer.step(&candidate, along: results[1...])
    guard candidate.allSatisfy(\.isFinite) else { return false }
    swap(&parameters, &candidate)
    return true
  }

  /// Finds what overflowed in the step whose results are at hand.
  private mutating func explainDivergence(epoch: Int, rows: Range<Int>) -> Divergence {
    func divergence(row: Int, _ cause: Divergence.Cause) -> Divergence {
      let isFirstStep = epoch == 0 && rows.lowerBound == 0
      return Divergence(epoch: epoch, row: row, cause: cause, isFirstStep: isFirstStep)
    }
    if let (row, fault) = NonFinite.first(
      in: model.stepOutputs, columns: model.columnNodes, parameters: model.parameterNodes,
      rows: rows, of: data, values: parameters + noise)
    {
      return divergence(row: row, .operation(fault))
    }
    executor.means(
      of: rows, in: data, parameters: parameters, noise: noise, divisor: weightSum(of: rows),
      into: &results)
    guard results[0].isFinite else { return divergence(row: rows.lowerBound, .lossSum) }
    if let place = results[1...].firstIndex(where: { !$0.isFinite }) {
      let name = model.parameterElement(place - 1)
      return divergence(row: rows.lowerBound, .gradientSum(parameter: name))
    }
    penalty.add(to: &results, of: parameters)
    if !results.allSatisfy(\.isFinite) { return divergence(row: rows.lowerBound, .penalty) }
    let name = model.parameterElement(candidate.firstIndex { !$0.isFinite } ?? 0)
    return divergence(row: rows.lowerBound, .update(parameter: name))
  }
}
