internal import Autograd
public import Tables

/// What the columns of a table hold, as far as a model needs to know.
public struct Schema: Sendable {
  /// What a column holds.
  public enum Kind: Hashable, Sendable {
    case numbers
    /// Texts, each one of the levels, which are in order of first appearance; those of the target in
    /// order of value. Numbers are such texts where they are classes.
    case text(levels: [String])
  }

  /// The names of all columns, in the table's order.
  public let names: [String]
  private let isName: Set<String>
  private let kinds: [String: Kind]

  /// A schema in which columns that are not in `kinds` hold numbers.
  public init(names: [String], kinds: [String: Kind] = [:]) {
    self.names = names
    isName = Set(names)
    self.kinds = kinds
  }

  /// The schema of a table; of the columns that are `needed` the levels are looked up.
  ///
  /// The different values of the `target` are classes if they are texts, or if it `hasClasses`. Throws if
  /// a value is missing in a needed column of texts or classes.
  public init(
    _ table: Table, needed: Set<String>, target: String? = nil, hasClasses: Bool = false
  ) throws(TableError) {
    var kinds: [String: Kind] = [:]
    for column in table.columns where needed.contains(column.name) {
      let isTarget = column.name == target
      guard column.isText || isTarget && hasClasses else { continue }
      let levels = try column.categories().levels
      kinds[column.name] = .text(
        levels: !isTarget
          ? levels
          : column.isText
            ? levels.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            : levels.sorted { Double($0) ?? 0 < Double($1) ?? 0 })
    }
    self.init(names: table.columnNames, kinds: kinds)
  }

  /// Whether a column has that name.
  public func contains(_ name: String) -> Bool { isName.contains(name) }

  /// What a column holds.
  public func kind(of name: String) -> Kind { kinds[name] ?? .numbers }

  /// The levels of every column of texts whose levels are known.
  var allLevels: [String: [String]] {
    kinds.compactMapValues { if case .text(let levels) = $0 { levels } else { nil } }
  }

  /// The levels of a column of texts, nil if it holds numbers.
  public func levels(of name: String) -> [String]? {
    if case .text(let levels) = kind(of: name) { levels } else { nil }
  }
}
