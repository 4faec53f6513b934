/// How many standard errors an interval reaches to each side.
public enum Quantile {
  /// That of an interval with a confidence level above 0 and below 1: by Student's t with so many degrees of freedom,
  /// or, where errors are known (nil), by the normal distribution.
  public static func ofInterval(level: Double, degreesOfFreedom: Int?) -> Double {
    let tail = (1 - level) / 2
    guard let degreesOfFreedom else { return normalQuantile(tail: tail) }
    return studentQuantile(tail: tail, degreesOfFreedom: Double(degreesOfFreedom))
  }
}
