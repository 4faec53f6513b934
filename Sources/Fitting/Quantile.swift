/// How many standard errors an interval reaches to each side.
public enum Quantile {
  /// Of an interval that holds the true value in this part of repetitions, above 0 and below 1; with so many degrees
  /// of freedom by Student's t, with nil, where errors are known, by the normal distribution.
  public static func ofInterval(level: Double, degreesOfFreedom: Int?) -> Double {
    let probability = 0.5 + level / 2
    guard let degreesOfFreedom else { return normalQuantile(probability) }
    return studentQuantile(probability, degreesOfFreedom: Double(degreesOfFreedom))
  }
}
