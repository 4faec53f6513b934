/// The shape of a value or a parameter: a scalar, a vector or a matrix.
public enum Shape: Hashable, Sendable {
  case scalar
  /// A vector with this many elements.
  case vector(Int)
  /// A matrix, whose elements are held row by row.
  case matrix(rows: Int, columns: Int)

  /// How many elements a value of this shape has.
  public var count: Int {
    switch self {
    case .scalar: 1
    case .vector(let count): count
    case .matrix(let rows, let columns): rows * columns
    }
  }

  /// How many elements it has in each direction: none, one or two numbers.
  public var sides: [Int] {
    switch self {
    case .scalar: []
    case .vector(let count): [count]
    case .matrix(let rows, let columns): [rows, columns]
    }
  }

  /// The number of elements along a value that is a vector, or a scalar taken for one.
  var length: Int? {
    if case .matrix = self { nil } else { count }
  }
}

extension Shape: CustomStringConvertible {
  /// As in `a scalar`, `a vector of 3`, `a 2x3 matrix`.
  public var description: String {
    switch self {
    case .scalar: "a scalar"
    case .vector(let count): "a vector of \(count)"
    case .matrix(let rows, let columns):
      "\(rows == 11 || rows == 18 || "\(rows)".hasPrefix("8") ? "an" : "a") \(rows)x\(columns) matrix"
    }
  }
}

/// An operation was applied to values whose shapes do not fit it.
public struct ShapeError: Error, Hashable, CustomStringConvertible {
  /// What formulas call the operation.
  public let operation: String
  /// What the operation takes, in words.
  public let expected: String
  /// The shapes that it was given.
  public let shapes: [Shape]

  /// An error about what an operation was given.
  public init(operation: String, expected: String, shapes: [Shape]) {
    self.operation = operation
    self.expected = expected
    self.shapes = shapes
  }

  /// One sentence, as in `'dot' takes two vectors of one length, not a vector of 3 and a vector of 4`.
  public var description: String {
    let found = shapes.map(\.description).joined(separator: " and ")
    return "'\(operation)' takes \(expected), not \(found)"
  }
}
