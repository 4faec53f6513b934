/// One rise of the learning rate and one long fall, with the momentum the other way (Smith and Topin 2017).
///
/// The rate begins at `maxLearningRate/divFactor` and ends at that divided by `finalDivFactor`. The
/// turning point, `pctStart·totalSteps − 1`, need not be a whole number; after the last step the rate
/// stays.
public struct OneCycle: Sendable, Hashable {
  /// The form of rise and fall.
  public enum Annealing: String, CaseIterable, Sendable {
    /// Half a cosine.
    case cosine = "cos"
    /// A straight line.
    case linear
  }

  /// The highest rate.
  public var maxLearningRate: Double
  /// How many epochs the cycle has.
  public var totalSteps: Int
  /// The part of the cycle in which the rate rises, 0 to 1.
  public var pctStart = 0.3
  /// The form of rise and fall.
  public var annealing = Annealing.cosine
  /// The highest rate by the first.
  public var divFactor = 25.0
  /// The first rate by the last.
  public var finalDivFactor = 1e4
  /// Whether the rate falls as far as it rose, as fast, before it falls to the last.
  public var threePhase = false
  /// The momentum where the rate is highest.
  public var baseMomentum = 0.85
  /// The momentum at both ends.
  public var maxMomentum = 0.95

  /// A cycle with PyTorch's defaults.
  public init(maxLearningRate: Double, totalSteps: Int) {
    self.maxLearningRate = maxLearningRate
    self.totalSteps = totalSteps
  }

  /// The first rate.
  var initialLearningRate: Double { maxLearningRate / divFactor }

  /// The rate of an epoch of the cycle.
  func learningRate(epoch: Int) -> Double {
    let first = initialLearningRate
    let last = first / finalDivFactor
    return value(
      epoch: epoch,
      turns: threePhase
        ? [first, maxLearningRate, first, last]
        : [
          first, maxLearningRate, last,
        ])
  }

  /// The momentum of an epoch of the cycle.
  func momentum(epoch: Int) -> Double {
    value(
      epoch: epoch,
      turns: [maxMomentum, baseMomentum, maxMomentum] + (threePhase ? [maxMomentum] : []))
  }

  /// What is between two neighbours of `turns`, which are reached one after the other.
  private func value(epoch: Int, turns: [Double]) -> Double {
    let rise = pctStart * Double(totalSteps)
    let ends = (threePhase ? [rise - 1, 2 * rise - 2] : [rise - 1]) + [Double(totalSteps - 1)]
    let step = Double(min(epoch, totalSteps - 1))
    var start = 0.0
    for (phase, end) in ends.enumerated() {
      if step <= end || phase == ends.count - 1 {
        // A phase may have no length.
        let place = end == start ? 1 : (step - start) / (end - start)
        let (from, to) = (turns[phase], turns[phase + 1])
        switch annealing {
        case .cosine: return halfCosine(from: from, to: to, at: place)
        case .linear: return from + (to - from) * place
        }
      }
      start = end
    }
    return turns[turns.count - 1]
  }
}
