/// The epochs of a run in order, each field of theirs kept only where a run has it.
public struct History: RandomAccessCollection, Sendable {
  private var losses: [Double] = []
  private var validationLosses: [Double] = []
  private var accuracies: [Double] = []
  private var validationAccuracies: [Double] = []
  private var learningRates: [Double] = []
  private var gradientNorms: [Double] = []
  private var parameterNorms: [Double] = []
  /// The elements of one epoch after those of the other.
  private var elements: [Double] = []
  private let settings: Settings

  /// No epoch yet of a run with the given settings.
  init(_ settings: Settings) { self.settings = settings }

  /// The first epoch's number.
  public var startIndex: Int { 0 }
  /// How many epochs there are.
  public var endIndex: Int { losses.count }

  /// The epoch of a number.
  public subscript(number: Int) -> Epoch {
    let recording = settings.recording
    let width = recording.elements.count
    return Epoch(
      number: number, loss: losses[number],
      validationLoss: validationLosses.isEmpty ? nil : validationLosses[number],
      accuracy: recording.accuracy ? accuracies[number] : nil,
      validationAccuracy: recording.validationAccuracy ? validationAccuracies[number] : nil,
      learningRate: learningRates.isEmpty ? settings.learningRate : learningRates[number],
      gradientNorm: recording.gradientNorm ? gradientNorms[number] : .nan,
      parameterNorm: recording.parameterNorm ? parameterNorms[number] : .nan,
      elements: Array(elements[number * width..<(number + 1) * width]))
  }

  /// Adds the next epoch; all epochs have a validation loss or none has.
  mutating func append(_ epoch: Epoch) {
    losses.append(epoch.loss)
    if let loss = epoch.validationLoss { validationLosses.append(loss) }
    if let accuracy = epoch.accuracy { accuracies.append(accuracy) }
    if let accuracy = epoch.validationAccuracy { validationAccuracies.append(accuracy) }
    if settings.schedule != nil { learningRates.append(epoch.learningRate) }
    if settings.recording.gradientNorm { gradientNorms.append(epoch.gradientNorm) }
    if settings.recording.parameterNorm { parameterNorms.append(epoch.parameterNorm) }
    elements += epoch.elements
  }
}
