public import Models

/// The settings of a training run.
public struct Settings: Sendable {
  /// How many rows make one step.
  public enum BatchSize: Hashable, Sendable {
    case rows(Int)
    /// All rows of the table.
    case full

    /// Whether one step has all rows of a table of so many.
    public func includes(_ rowCount: Int) -> Bool {
      if case .rows(let count) = self { count >= rowCount } else { true }
    }
  }

  /// Which number stands for a whole epoch.
  public enum EpochLoss: String, CaseIterable, Sendable {
    /// The loss of the epoch's last step.
    case last
    /// The mean over all rows of the losses as each step saw them.
    case mean
  }

  /// The order in which an epoch takes the rows.
  public enum RowOrder: Sendable {
    /// The table's.
    case table
    /// Another random order each epoch.
    case shuffled
    /// Another each epoch, by blocks of rows, as `RandomNumbers.blockPermutation(of:series:)` in `Autograd` makes it.
    case shuffledInBlocks
  }

  /// The step's length along the gradient.
  public var learningRate: Double
  /// How many times all rows are seen.
  public var epochs: Int
  /// How many rows make one step; the last step of an epoch may have fewer.
  public var batchSize: BatchSize
  /// What an epoch's loss is, if not what ``usedEpochLoss`` takes for itself.
  public var epochLoss: EpochLoss?
  /// The rule of the updates.
  public var optimizer: any OptimizerRule = SGD()
  /// How the learning rate goes from epoch to epoch; nil for a constant one.
  public var schedule: Schedule?
  /// The limit on gradients.
  public var clipping: Clipping?
  /// The order in which an epoch takes the rows.
  public var order = RowOrder.table
  /// How many epochs in a row may have no lower validation loss than the best; nil for any number.
  ///
  /// Where it is given, the parameters of the best epoch are those that are kept.
  public var patience: Int?
  /// What is noted of each epoch besides its losses.
  public var recording = Recording()
  /// The factor of the sum of all parameters' magnitudes that is added to the loss.
  public var l1 = 0.0
  /// The factor of the sum of all parameters' squares that is added to the loss.
  public var l2 = 0.0
  /// What random numbers come from: the same seed gives the same ones.
  public var seed: UInt64 = 0
  /// How many threads share large batches; results do not change with it.
  public var threads: Int

  /// What an epoch's loss is: of rows one by one in the table's order the last step's, else the mean, unless
  /// the settings say otherwise.
  public var usedEpochLoss: EpochLoss {
    epochLoss ?? (batchSize == .rows(1) && order == .table ? .last : .mean)
  }

  /// Settings with the defaults of the lesson.
  public init(
    learningRate: Double = 0.01, epochs: Int = 100, batchSize: BatchSize = .rows(1),
    epochLoss: EpochLoss? = nil, threads: Int = 1
  ) {
    self.learningRate = learningRate
    self.epochs = epochs
    self.batchSize = batchSize
    self.threads = threads
    self.epochLoss = epochLoss
  }
}

extension Settings {
  /// All settings on which a number of the run depends, by the names of their flags.
  public var json: [String: JSON] {
    var all = optimizer.json
    all["optimizer"] = .text(optimizer.name)
    if let course = schedule?.course {
      all.merge(course.json) { own, _ in own }
      all["schedule"] = .text(course.name)
    }
    if let warmup = schedule?.warmup {
      all["warmup"] = .count(warmup.epochs)
      all["warmup_start"] = .number(warmup.start)
    }
    all["lr"] = .number(learningRate)
    all["epochs"] = .count(epochs)
    all["batch_size"] =
      switch batchSize {
      case .rows(let count): .count(count)
      case .full: .text("full")
      }
    all["epoch_loss"] = .text(usedEpochLoss.rawValue)
    all["l1"] = .number(l1)
    all["l2"] = .number(l2)
    // As a text, since a number of JSON holds 53 bits.
    all["seed"] = .text("\(seed)")
    all["shuffle"] =
      switch order {
      case .table: .flag(false)
      case .shuffled: .flag(true)
      case .shuffledInBlocks: .text("block")
      }
    if let patience { all["patience"] = .count(patience) }
    switch clipping {
    case nil: break
    case .norm(let limit, _): all["clip_norm"] = .number(limit)
    case .value(let limit): all["clip_value"] = .number(limit)
    }
    return all
  }
}
