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

  /// The factor of the gradient in an update.
  public var learningRate: Double
  /// How many times all rows are seen.
  public var epochs: Int
  /// How many rows make one step; the last step of an epoch may have fewer.
  public var batchSize: BatchSize
  /// What the loss of an epoch is; nil for the choice of ``usedEpochLoss``.
  public var epochLoss: EpochLoss?
  /// The rule of the updates.
  public var optimizer: any OptimizerRule = SGD()
  /// How the learning rate changes from epoch to epoch; nil for a constant one.
  public var schedule: Schedule?
  /// The limit on gradients.
  public var clipping: Clipping?
  /// The order in which an epoch takes the rows.
  public var order = RowOrder.table
  /// After how many epochs without a lower validation loss the run ends; nil for never.
  ///
  /// With patience, the parameters of the best epoch are kept.
  public var patience: Int?
  /// What is recorded of each epoch besides its losses.
  public var recording = Recording()
  /// The factor of the L1 penalty: the sum of the magnitudes of all parameters, which is added to the loss.
  public var l1 = 0.0
  /// The factor of the L2 penalty: the sum of the squares of all parameters, which is added to the loss.
  public var l2 = 0.0
  /// The seed of all random numbers.
  public var seed: UInt64 = 0
  /// How many threads share large batches; results do not change with it.
  public var threads: Int

  /// What the loss of an epoch is: unless ``epochLoss`` says so, the last step's loss for single rows in the
  /// table's order, and else the mean.
  public var usedEpochLoss: EpochLoss {
    epochLoss ?? (batchSize == .rows(1) && order == .table ? .last : .mean)
  }

  /// Settings whose defaults are those of the lesson.
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
  /// All settings that affect the numbers of the run, under the names of their flags.
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
