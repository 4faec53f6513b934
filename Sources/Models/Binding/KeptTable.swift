public import Tables

/// A table in memory or in its files.
public enum KeptTable {
  /// In memory.
  case memory(Table)
  /// In its files.
  case files(StoredTable)

  /// The different names of all columns in the file's order; that of nameless ones is empty.
  public var columnNames: [String] {
    switch self {
    case .memory(let table): table.columnNames
    case .files(let table): table.columnNames
    }
  }

  /// What the table is called in messages.
  public var file: String {
    switch self {
    case .memory(let table): table.file
    case .files(let table): table.file
    }
  }
}

extension Preparation {
  /// Binds the model to a table, of which the columns that are read must be there; what the loss is measured on is
  /// kept as the table is.
  public func bind(to table: KeptTable) throws(BindingError) -> BoundModel {
    switch table {
    case .memory(let table): try bind(to: table)
    case .files(let table): try bind(to: table)
    }
  }
}

extension Preparation.Validation {
  /// Another table.
  public init(_ table: KeptTable) {
    self =
      switch table {
      case .memory(let table): .table(table)
      case .files(let table): .stored(table)
      }
  }
}

extension NewTable {
  /// Checks a table, which must have the columns: see ``init(_:for:missing:allowsUnknown:)-(Table,_,_,_)``.
  public init(
    kept table: KeptTable, for model: Model, missing: MissingPolicy, allowsUnknown: Bool
  ) throws(BindingError) {
    switch table {
    case .memory(let table):
      try self.init(table, for: model, missing: missing, allowsUnknown: allowsUnknown)
    case .files(let table):
      try self.init(table, for: model, missing: missing, allowsUnknown: allowsUnknown)
    }
  }
}
