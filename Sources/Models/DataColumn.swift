/// One column of numbers that a model's program reads, and what it is made of.
public enum DataColumn: Hashable, Sendable {
  /// A column of numbers.
  case number(String)
  /// 1 where a column of texts holds a level, else 0.
  case indicator(String, level: Int)
  /// The place of each text of a column among its levels.
  case code(String)
  /// The rows' numbers, from 0.
  case rowNumber

  /// The table's column.
  public var name: String? {
    switch self {
    case .number(let name), .indicator(let name, _), .code(let name): name
    case .rowNumber: nil
    }
  }
}

/// A shift and a scale that bring a column's mean to 0 and its standard deviation to 1.
public struct Scaling: Hashable, Sendable {
  /// The mean.
  public let center: Double
  /// The standard deviation, with divisor n; 1 where it would be 0.
  public let scale: Double

  /// The scaling of the given mean and standard deviation.
  public init(center: Double, scale: Double) {
    self.center = center
    self.scale = scale
  }

  /// The standardised value.
  public func callAsFunction(_ value: Double) -> Double { (value - center) / scale }
  /// The value that has the given standardised one.
  public func inverse(_ value: Double) -> Double { value * scale + center }
}
