/// A column to read from a stream, and what it holds, which the rows to come cannot tell beforehand.
public struct StreamedColumn: Hashable, Sendable {
  /// What a column holds.
  public enum Kind: Hashable, Sendable {
    /// A finite number in each row.
    case number
    /// One of these texts in each row.
    case text(levels: [String])
  }

  /// The name in the header.
  public let name: String
  /// What the rows hold.
  public let kind: Kind

  /// A column of that name and kind.
  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// The columns that are read from the rows of a stream.
public struct StreamedColumns: Sendable {
  /// The columns in the order in which a ``RowTile`` has them.
  public let columns: [StreamedColumn]
  /// Whether a row may lack a value; else the first that does is an error.
  public var allowsMissing = false
  /// Whether a column of texts may hold others than its levels; else the first that does is an error.
  public var allowsUnknown = false

  /// The columns, each of which has a value of its kind in every row.
  public init(_ columns: [StreamedColumn]) { self.columns = columns }
}
