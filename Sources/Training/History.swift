/// The records of a run's epochs in order; only the fields that the run records take memory.
public struct History: RandomAccessCollection, Sendable {
  private(set) var losses: [Double] = []
  private(set) var validationLosses: [Double] = []
  private(set) var accuracies: [Double] = []
  private(set) var validationAccuracies: [Double] = []
  private(set) var gradientNorms: [Double] = []
  private(set) var parameterNorms: [Double] = []
  /// For each element of the parameters that is noted its value after every epoch.
  private(set) var elements: [[Double]]
  /// The learning rates, unless they are all the same.
  private var variedRates: [Double] = []
  private let constantRate: Double?
  private let recording: Recording

  /// No epoch yet of a run that notes what `recording` says; `constantRate` is nil if the rate may vary.
  init(_ recording: Recording, constantRate: Double?) {
    self.recording = recording
    self.constantRate = constantRate
    elements = recording.elements.map { _ in [] }
  }

  /// The number of the first epoch.
  public var startIndex: Int { 0 }
  /// How many epochs there are.
  public var endIndex: Int { losses.count }

  /// The learning rate of every epoch.
  var learningRates: [Double] {
    constantRate.map { [Double](repeating: $0, count: count) } ?? variedRates
  }

  /// The epoch with a number.
  public subscript(number: Int) -> Epoch {
    Epoch(
      number: number, loss: losses[number],
      validationLoss: validationLosses.isEmpty ? nil : validationLosses[number],
      accuracy: recording.accuracy ? accuracies[number] : nil,
      validationAccuracy: recording.validationAccuracy ? validationAccuracies[number] : nil,
      learningRate: constantRate ?? variedRates[number],
      gradientNorm: recording.gradientNorm ? gradientNorms[number] : .nan,
      parameterNorm: recording.parameterNorm ? parameterNorms[number] : .nan,
      elements: elements.map { $0[number] })
  }

  /// Adds the next epoch; all epochs have a validation loss or none has.
  mutating func append(_ epoch: Epoch) {
    losses.append(epoch.loss)
    if let loss = epoch.validationLoss { validationLosses.append(loss) }
    if let accuracy = epoch.accuracy { accuracies.append(accuracy) }
    if let accuracy = epoch.validationAccuracy { validationAccuracies.append(accuracy) }
    if constantRate == nil { variedRates.append(epoch.learningRate) }
    if recording.gradientNorm { gradientNorms.append(epoch.gradientNorm) }
    if recording.parameterNorm { parameterNorms.append(epoch.parameterNorm) }
    for index in elements.indices { elements[index].append(epoch.elements[index]) }
  }
}
