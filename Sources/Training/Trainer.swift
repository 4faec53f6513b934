public import Autograd
public import Models
public import Ranks
public import Tables

/// One step of training as its observer sees it, between the gradients and the update.
public struct Step<Scalar: Precision> {
  /// The first row of the batch, counted from 0 in the table.
  public let row: Int
  /// How many rows the batch has.
  public let rowCount: Int
  /// The mean loss over the batch.
  public let loss: Scalar
  /// The gradients of that loss, in the order of the model's parameters.
  public let gradients: ArraySlice<Scalar>
}

/// How a training run ended.
public enum Outcome: Sendable {
  /// All epochs are done.
  case finished
  /// The validation loss has not fallen for as many epochs as there was patience for.
  case outOfPatience
  /// `shouldStop` returned true.
  case interrupted
  /// The loss or a parameter would not have been finite; the parameters are those before that step.
  case diverged(Divergence)
  /// Rows could not be read; the parameters are those before the step that needed them.
  case unreadable(TableError)
}

/// Trains a model on a data set, step by step, and keeps its parameters and losses.
public struct Trainer<Scalar: Precision>: ~Copyable {
  /// The records of the epochs that have ended, the one that diverged included.
  public internal(set) var epochs: History
  /// The epoch with the lowest validation loss, or without validation the lowest loss: the first of several that
  /// tie, and nil before any has ended.
  public private(set) var bestEpoch: Epoch?
  /// Whether the last epoch is the one that diverged.
  public private(set) var hasDiverged = false
  /// How many steps have been taken.
  public internal(set) var stepCount = 0
  /// How many rows of the current epoch have been trained on.
  public internal(set) var rowsDone = 0

  /// How many single rows are trained on between two looks at `shouldStop`.
  private static var rowsAtOnce: Int { 4096 }

  let model: Model
  let settings: Settings
  private let penalty: Penalty<Scalar>
  /// The index of the rows' weights among the columns.
  private let weightColumn: Int?
  private let batchRows: Int
  var rows: TrainingRows<Scalar>
  private var validation: TrainingRows<Scalar>?
  private var executor: Executor<Scalar>
  private var validationExecutor: Executor<Scalar>?
  /// Where accuracies are recorded.
  private var classifier: TablePredictor<Scalar>?
  /// Taken out while it looks at the objective.
  var optimizer: (any Optimizer<Scalar>)?
  var schedule: ScheduleRun
  /// The parameters as the last step left them.
  var current: [Scalar]
  /// The parameters after the epoch of the lowest validation loss, where those are kept.
  var best: [Scalar]?
  /// What a step that was stopped while it searched lines had reached.
  ///
  /// The step is taken anew when the run goes on.
  private var reached: [Scalar]?
  /// Where the next parameters are made, to be taken over if all are finite.
  private var candidate: [Scalar]
  /// The loss of the last step and its gradients.
  var results: [Scalar]
  /// Where gradients are clipped; empty unless they are.
  private var clipped: [Scalar] = []
  /// The keys of the random numbers of the step.
  private var noise: [Scalar] = []
  /// The sum of the losses of the epoch in work, each times its divisor, and the sum of the divisors.
  var lossSum = 0.0
  var divisorSum = 0.0

  /// A run of `model` over `data`, whose columns are the model's columns in order.
  ///
  /// The loss is measured on the rows of `validation` after each epoch. `initial` has a value for each element of
  /// the model's parameters. There must be at least one row, and `validation` must have rows if the settings have
  /// patience.
  public init(
    _ model: Model, data: consuming Columns<Scalar>,
    validation: consuming Columns<Scalar> = .zeros(rowCount: 0, columnCount: 0),
    initial: [Double], settings: Settings
  ) {
    let isValidated = validation.rowCount > 0
    self.init(
      model, rows: .memory(data), validation: isValidated ? .memory(validation) : nil,
      initial: initial, settings: settings)
  }

  /// A run over rows that may be read some at a time, with the same results as if all were in memory.
  ///
  /// Rows that are not in memory are taken in the table's order or shuffled in blocks. The processes of a team
  /// share large batches.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public init(
    _ model: Model, rows: consuming RowSupply<Scalar>,
    validation: consuming RowSupply<Scalar>? = nil, initial: [Double], settings: Settings,
    team: Team? = nil
  ) {
    let rowCount = rows.rowCount
    let validationCount = validation?.rowCount ?? 0
    precondition(rowCount > 0, "training needs at least one row")
    precondition(initial.count == model.parameterCount, "one initial value per element")
    precondition(
      settings.patience == nil || validationCount > 0, "patience is about a validation loss")
    self.model = model
    self.settings = settings
    epochs = History(
      settings.recording, constantRate: settings.schedule == nil ? settings.learningRate : nil)
    penalty = Penalty(l1: settings.l1, l2: settings.l2)
    weightColumn = model.weightColumn
    batchRows =
      switch settings.batchSize {
      case .rows(let count): min(count, rowCount)
      case .full: rowCount
      }
    let random = RandomNumbers(seed: settings.seed, for: .shuffle)
    executor = Executor(
      model.stepProgram, batchRows: batchRows, threads: settings.threads,
      mostWaveRows: rows.mostWaveRows)
    self.rows = TrainingRows(
      rows, order: settings.order, random: random, batchRows: batchRows,
      waveRows: executor.waveRows, team: team)
    if let validation {
      let measuring = Executor<Scalar>(
        model.validationProgram, batchRows: validationCount, threads: settings.threads,
        mostWaveRows: validation.mostWaveRows)
      self.validation = TrainingRows(
        validation, order: .table, random: random, batchRows: validationCount,
        waveRows: measuring.waveRows, team: team)
      validationExecutor = consume measuring
    } else {
      self.validation = nil
      validationExecutor = nil
    }
    classifier =
      settings.recording.accuracy || settings.recording.validationAccuracy
      ? TablePredictor(model, mostRows: max(rowCount, validationCount)) : nil
    optimizer = settings.optimizer.makeOptimizer(as: Scalar.self, parameterCount: initial.count)
    schedule = ScheduleRun(settings.schedule, base: settings.learningRate)
    current = initial.map { Scalar($0) }
    candidate = current
    results = [Scalar](repeating: 0, count: 1 + initial.count)
    if settings.clipping != nil { clipped = results }
  }

  /// The values of the parameters: those of the best epoch if the settings have patience, else the optimizer's
  /// result.
  public var parameters: [Scalar] { best ?? result }

  /// The epoch that left ``parameters``: the last one, or the best if the settings have patience.
  public var keptEpoch: Epoch? { best == nil ? epochs.last : bestEpoch }

  /// What the optimizer has made so far: the parameters as the last step left them, a stopped one too, or an
  /// average.
  private var result: [Scalar] { reached ?? optimizer?.result ?? current }

  /// The current learning rate.
  public var learningRate: Double { schedule.learningRate }

  /// The loss of each epoch.
  public var history: [Double] { epochs.map(\.loss) }

  /// Trains until all epochs are done, the run diverges, patience runs out, or `shouldStop` returns true.
  ///
  /// `observe` is called in every step, between the gradients and the update, and `epochEnded` after every epoch;
  /// an error that a closure throws ends the run. Without `observe`, single rows can be trained on many at a time,
  /// which is faster.
  ///
  /// `shouldStop` is asked between steps. An epoch that it interrupts has no loss yet; the next call continues it.
  /// An optimizer that searches lines also asks before each evaluation: a step that is stopped there shows in
  /// ``parameters`` alone, and the next call repeats it from its start, `observe` included.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func run(
    observe: ((Step<Scalar>) throws -> Void)? = nil,
    epochEnded: ((_ trainer: borrowing Trainer, Epoch) throws -> Void)? = nil,
    shouldStop: ((_ rowsDone: Int) throws -> Bool)? = nil
  ) rethrows -> Outcome {
    reached = nil
    while epochs.count < settings.epochs {
      if hasLostPatience { return .outOfPatience }
      let epoch = epochs.count
      rows.begin(epoch: epoch)
      if let momentum = schedule.momentum { optimizer?.setMomentum(momentum) }
      let rate = schedule.learningRate
      while rowsDone < rows.count {
        if canDescend, observe == nil {
          descend(rate: rate)
          if let failure = rows.failure { return .unreadable(failure) }
          if rowsDone == rows.count { break }
          if try shouldStop?(rowsDone) == true { return .interrupted }
        }
        // A step that failed above is taken again here, where it can be explained.
        let batch = rowsDone..<min(rowsDone + batchRows, rows.count)
        let divisor = rows.weightSum(of: batch, column: weightColumn) ?? 0
        if divisor > 0 {
          var end = observe == nil ? step(along: batch, divisor: divisor, rate: rate) : nil
          if end == nil, findGradients(of: batch, divisor: divisor) {
            try observe?(
              Step(
                row: rows.row(at: batch.lowerBound), rowCount: batch.count, loss: results[0],
                gradients: results[1...]))
            let done = rowsDone
            // What throws while a line is searched throws again below, unless it has passed.
            end = update(along: batch, divisor: divisor, rate: rate) {
              do { return try shouldStop?(done) == true } catch { return true }
            }
          }
          if let failure = rows.failure { return .unreadable(failure) }
          let loss = results[0]
          switch end {
          case .done, nil: break
          case .stopped:
            if try shouldStop?(rowsDone) == true { return .interrupted }
            reached = nil
            continue
          case .failed:
            let divergence = explainDivergence(epoch: epoch, batch: batch)
            epochs.append(note(loss: Double(loss), rate: rate))
            hasDiverged = true
            try epochEnded?(self, epochs[epoch])
            return .diverged(divergence)
          }
          lossSum += divisor * Double(loss)
          divisorSum += divisor
          stepCount += 1
        }
        if let failure = rows.failure { return .unreadable(failure) }
        rowsDone = batch.upperBound
        if try shouldStop?(rowsDone) == true, rowsDone < rows.count { return .interrupted }
      }
      guard epochLoss.isFinite else {
        epochs.append(note(loss: epochLoss, rate: rate))
        hasDiverged = true
        try epochEnded?(self, epochs[epoch])
        return .diverged(
          Divergence(epoch: epoch, row: nil, cause: .epochLoss, isFirstStep: false))
      }
      let ended = note(loss: epochLoss, rate: rate)
      if let failure = rows.failure ?? validationFailure { return .unreadable(failure) }
      end(ended)
      try epochEnded?(self, epochs[epoch])
      if try shouldStop?(0) == true, epochs.count < settings.epochs { return .interrupted }
    }
    return .finished
  }

  /// The loss of the epoch in work, whose rows are all done.
  private var epochLoss: Double {
    settings.usedEpochLoss == .last ? Double(results[0]) : lossSum / divisorSum
  }

  private mutating func end(_ epoch: Epoch) {
    if append(epoch), settings.patience != nil { best = result }
    schedule.observe(metric: epoch.comparedLoss)
    (rowsDone, lossSum, divisorSum) = (0, 0, 0)
  }

  /// Adds an epoch to those that have ended; true if it is the best so far.
  mutating func append(_ epoch: Epoch) -> Bool {
    epochs.append(epoch)
    if let best = bestEpoch?.comparedLoss, !best.isNaN, !(epoch.comparedLoss < best) {
      return false
    }
    bestEpoch = epoch
    return true
  }

  private mutating func note(loss: Double, rate: Double) -> Epoch {
    let recording = settings.recording
    let parameters = result
    let accuracies = accuracies(of: parameters)
    return Epoch(
      number: epochs.count, loss: loss, validationLoss: validationLoss(of: parameters),
      accuracy: accuracies.training, validationAccuracy: accuracies.validation,
      learningRate: rate,
      gradientNorm: recording.gradientNorm ? norm(of: results[1...]) : .nan,
      parameterNorm: recording.parameterNorm ? norm(of: parameters[...]) : .nan,
      elements: recording.elements.map { Double(parameters[$0]) })
  }

  /// The parts of the rows whose class is predicted, as far as they are recorded.
  private mutating func accuracies(
    of parameters: [Scalar]
  ) -> (training: Double?, validation: Double?) {
    // Taken out while the rows are looked at.
    guard var classifier = classifier.take() else { return (nil, nil) }
    let recording = settings.recording
    let training = recording.accuracy ? classifier.accuracy(of: parameters, on: &rows) : nil
    var validationAccuracy: Double?
    if recording.validationAccuracy, var validation = validation.take() {
      validationAccuracy = classifier.accuracy(of: parameters, on: &validation)
      self.validation = consume validation
    }
    self.classifier = consume classifier
    return (training, validationAccuracy)
  }

  /// Euclid's norm; its largest exponent is taken out first where squares overflow or vanish.
  private func norm(of values: ArraySlice<Scalar>) -> Double {
    let norm = Clipping.norm(of: values.span)
    let largest = Double(Clipping.norm(of: values.span, order: .infinity))
    if norm.isNormal || largest == 0 || !largest.isFinite { return Double(norm) }
    let unit = largest.binade
    let scaled = orderedSum(count: values.count) { index in
      let value = Double(values[values.startIndex + index]) / unit
      return value * value
    }
    return scaled.squareRoot() * unit
  }

  /// Whether there are rows on which the loss is measured.
  var isValidated: Bool { validationExecutor != nil }

  /// Why the rows that the loss is measured on could not be read, if they could not.
  private var validationFailure: TableError? {
    switch validation {
    case .some(let validation): validation.failure
    case nil: nil
    }
  }

  /// The first validation row in which a value is not finite, and that value; nil if there is none or the rows are
  /// not in memory.
  public var validationFault: (row: Int, fault: NonFinite)? {
    let keys = [Scalar](repeating: 0, count: model.noiseKeyCount * NoiseKey.count)
    let values = result + keys
    switch validation {
    case .some(let validation) where validation.areInMemory:
      return validation.withAllInMemory { data in
        NonFinite.first(
          in: [model.validationLoss], columns: model.columnNodes, parameters: model.parameterNodes,
          rows: 0..<data.rowCount, of: data, values: values)
      }
    default: return nil
    }
  }

  private mutating func validationLoss(of parameters: [Scalar]) -> Double? {
    // Taken out while they are used.
    guard var rows = validation.take(), var executor = validationExecutor.take() else { return nil }
    var loss: [Scalar] = [0]
    let keys = [Scalar](repeating: 0, count: model.noiseKeyCount * NoiseKey.count)
    let all = 0..<rows.count
    let divisor = rows.weightSum(of: all, column: weightColumn)
    let isDone =
      divisor.map {
        rows.means(
          of: all, by: &executor, parameters: parameters, noise: keys, divisor: $0, into: &loss)
      } ?? false
    validation = consume rows
    validationExecutor = consume executor
    return isDone ? Double(loss[0]) : nil
  }

  private var hasLostPatience: Bool {
    guard let patience = settings.patience, let bestEpoch else { return false }
    return epochs.count - 1 - bestEpoch.number >= patience
  }

  /// Whether steps of one row need nothing but the row and the parameters.
  private var canDescend: Bool {
    batchRows == 1 && weightColumn == nil && penalty.isNone && model.noiseKeyCount == 0
      && settings.optimizer.isPlainDescent && settings.clipping == nil
  }

  /// Takes steps of one row, many at once, up to one that fails.
  private mutating func descend(rate: Double) {
    // A gradient that is asked for is found in a step by itself.
    let most = settings.recording.gradientNorm ? rows.count - 1 - rowsDone : rows.count - rowsDone
    let batch = rowsDone..<rowsDone + min(Self.rowsAtOnce, rows.reach(from: rowsDone), most)
    if batch.isEmpty { return }
    let done =
      rows.descend(
        over: batch, by: &executor, parameters: &current, learningRate: rate, total: &lossSum,
        results: &results) ?? 0
    rowsDone += done
    stepCount += done
    divisorSum += Double(done)
  }

  /// Puts the mean loss of a batch and its gradients, penalties included, into the results; false if its rows cannot
  /// be read.
  private mutating func findGradients(of batch: Range<Int>, divisor: Double) -> Bool {
    drawNoise()
    let isDone = rows.means(
      of: batch, by: &executor, parameters: current, noise: noise, divisor: divisor,
      into: &results)
    if isDone { penalty.add(to: &results, of: current) }
    return isDone
  }

  /// Makes the keys of the step's random numbers.
  private mutating func drawNoise() {
    if model.noiseKeyCount > 0 {
      noise = (0..<model.noiseKeyCount).flatMap {
        NoiseKey.values(seed: settings.seed, step: stepCount, draw: $0)
      }
    }
  }

  /// Sums gradients and updates the parameters in one pass; nil, and nothing is done, where that cannot be: where
  /// gradients are changed as a whole before the step, or it needs more than them, or not all rows are at hand.
  private mutating func step(
    along batch: Range<Int>, divisor: Double, rate: Double
  ) -> UpdateEnd? {
    guard penalty.isNone, settings.clipping == nil, rows.fits(batch.count),
      !rows.isShared(batch.count, by: executor)
    else { return nil }
    // Taken out while the others are used.
    guard var optimizer = optimizer.take() else { return nil }
    defer { self.optimizer = optimizer }
    let isDone = optimizer.step(learningRate: rate) { update, memory in
      drawNoise()
      return rows.step(
        along: batch, by: &executor, from: current, noise: noise, divisor: divisor, update,
        memory: &memory, to: &candidate, results: &results,
        keepsGradients: settings.recording.gradientNorm)
    }
    guard let isDone else { return nil }
    if isDone { swap(&current, &candidate) }
    return isDone ? .done : .failed
  }

  /// How an update has ended.
  private enum UpdateEnd {
    case done
    /// It was asked to stop, and nothing is updated.
    case stopped
    /// The loss or a parameter would not be finite, and nothing is updated.
    case failed
  }

  /// Updates the parameters, unless it is asked to stop while a line is searched.
  private mutating func update(
    along batch: Range<Int>, divisor: Double, rate: Double, shouldStop: () -> Bool
  ) -> UpdateEnd {
    guard results[0].isFinite else { return .failed }
    if settings.optimizer.searchesLines {
      candidate.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: current) }
      do throws(SearchStopped) {
        try search(along: batch, divisor: divisor, rate: rate, shouldStop: shouldStop)
      } catch {
        reached = candidate.areFinite ? candidate : nil
        return .stopped
      }
      guard candidate.areFinite else { return .failed }
    } else {
      if let clipping = settings.clipping {
        clipped.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: results) }
        clipping.apply(to: &clipped, from: 1)
      }
      let gradients = settings.clipping == nil ? results[1...] : clipped[1...]
      guard move(along: gradients, rate: rate) else { return .failed }
    }
    swap(&current, &candidate)
    return .done
  }

  /// Moves the parameters along gradients; whether all end up finite.
  private mutating func move(along gradients: ArraySlice<Scalar>, rate: Double) -> Bool {
    guard var optimizer = optimizer.take() else { return false }
    defer { self.optimizer = optimizer }
    let isDone = optimizer.step(learningRate: rate) { update, memory in
      executor.move(current, along: gradients, by: update, memory: &memory, to: &candidate)
    }
    if let isDone { return isDone }
    candidate.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: current) }
    optimizer.step(&candidate, along: gradients, learningRate: rate)
    return candidate.areFinite
  }

  /// A step of an optimizer that looks at the objective, on the rows of the batch; one that is stopped leaves the
  /// optimizer as it was.
  private mutating func search(
    along batch: Range<Int>, divisor: Double, rate: Double, shouldStop: () -> Bool
  ) throws(SearchStopped) {
    guard let before = optimizer else { return }
    var searcher = before
    optimizer = nil
    defer { optimizer = optimizer ?? before }
    var trial = results
    try searcher.step(
      &candidate, along: results[1...], loss: results[0], learningRate: rate
    ) { (parameters: [Scalar], gradients: inout [Scalar]) throws(SearchStopped) -> Scalar in
      if shouldStop() { throw SearchStopped() }
      // A batch that cannot be read ends the search.
      guard
        rows.means(
          of: batch, by: &executor, parameters: parameters, noise: noise, divisor: divisor,
          into: &trial)
      else { throw SearchStopped() }
      penalty.add(to: &trial, of: parameters)
      for index in gradients.indices { gradients[index] = trial[1 + index] }
      return trial[0]
    }
    optimizer = searcher
  }

  /// Finds what overflowed in the step whose results are at hand.
  private mutating func explainDivergence(epoch: Int, batch: Range<Int>) -> Divergence {
    let isFirstStep = stepCount == 0
    func divergence(row: Int, _ cause: Divergence.Cause) -> Divergence {
      Divergence(epoch: epoch, row: row, cause: cause, isFirstStep: isFirstStep)
    }
    let (model, values) = (model, current + noise)
    let found = rows.firstNonFinite(in: batch) { columns, rows in
      NonFinite.first(
        in: model.stepOutputs, columns: model.columnNodes, parameters: model.parameterNodes,
        rows: rows, of: columns, values: values)
    }
    if let (position, fault) = found {
      return divergence(row: rows.row(at: position), .operation(fault))
    }
    let divisor = rows.weightSum(of: batch, column: weightColumn) ?? 1
    _ = rows.means(
      of: batch, by: &executor, parameters: current, noise: noise, divisor: divisor,
      into: &results)
    let row = rows.row(at: batch.lowerBound)
    func divergence(_ cause: Divergence.Cause) -> Divergence { divergence(row: row, cause) }
    guard results[0].isFinite else { return divergence(.lossSum) }
    if let element = results[1...].firstIndex(where: { !$0.isFinite }) {
      return divergence(.gradientSum(parameter: model.parameterElement(element - 1)))
    }
    penalty.add(to: &results, of: current)
    if !results.allSatisfy(\.isFinite) { return divergence(.penalty) }
    let name = model.parameterElement(candidate.firstIndex { !$0.isFinite } ?? 0)
    return divergence(.update(parameter: name))
  }
}
