internal import Autograd
internal import Tables

/// One of the parts into which the rows of a table are divided, so that each is held out once while a model learns from
/// the others.
///
/// The rows are brought into the random order of `seed`, as for ``Preparation/Validation/part(_:seed:)``, and dealt to
/// the folds in turn, so that the sizes of two folds differ by one row at most. Stratified rows are sorted by the
/// target's value before they are dealt, equal ones in the random order: then the numbers of rows of a class, too,
/// differ by one at most between two folds.
public struct Fold: Hashable, Sendable {
  /// Which of the folds is held out, counted from 0.
  public let number: Int
  /// How many folds there are, at least 2.
  public let count: Int
  /// What the random order comes from.
  public let seed: UInt64
  /// Whether every fold has about the same part of each class.
  public let isStratified: Bool

  /// A fold of `count`, of which there are at least 2.
  public init(_ number: Int, of count: Int, seed: UInt64, isStratified: Bool = false) {
    precondition(count >= 2 && (0..<count).contains(number), "a fold is one of two or more")
    self.number = number
    self.count = count
    self.seed = seed
    self.isStratified = isStratified
  }

  /// The rows that are held out, in ascending order, and the others; `classes` has a number for each row.
  func divide(_ classes: [Int]) -> (heldOut: [Int], others: [Int]) {
    var order = RandomNumbers(seed: seed, for: .split).permutation(of: classes.count)
    if isStratified {
      var places = [Int](repeating: 0, count: order.count)
      for (place, row) in order.enumerated() { places[row] = place }
      order.sort { (classes[$0], places[$0]) < (classes[$1], places[$1]) }
    }
    var isHeldOut = [Bool](repeating: false, count: order.count)
    for place in stride(from: number, to: order.count, by: count) { isHeldOut[order[place]] = true }
    let rows = Array(order.indices)
    return (rows.filter { isHeldOut[$0] }, rows.filter { !isHeldOut[$0] })
  }
}

extension BoundModel {
  /// Holds out the rows of a fold.
  ///
  /// Throws if there are fewer rows than folds, or if the rows of a stratified one have no classes.
  mutating func hold(out fold: Fold) throws(BindingError) {
    guard table.rowCount >= fold.count else {
      throw BindingError(.fewerRowsThanFolds(rows: table.rowCount, folds: fold.count), in: table)
    }
    var classes = [Int](repeating: 0, count: table.rowCount)
    if fold.isStratified {
      let (table, target) = (table, model.target)
      classes = try table.binding { () throws(TableError) in try table.classes(of: target) }
      let count = (classes.max() ?? 0) + 1
      guard 2 * count <= classes.count else {
        throw BindingError(
          .noClasses(column: target, values: count, rows: classes.count), in: table)
      }
    }
    let (heldOut, others) = fold.divide(classes)
    validation = table.keeping(rows: heldOut)
    table = table.keeping(rows: others)
  }
}

extension Table {
  /// For each row the number of its value among the different ones of a column, in the order of their appearance.
  fileprivate func classes(of name: String) throws(TableError) -> [Int] {
    if let column = column(named: name), column.isText {
      return try column.categories().codes.map { Int($0) }
    }
    var codes: [Double: Int] = [:]
    return try numbers(of: name).map { value in
      if let code = codes[value] { return code }
      codes[value] = codes.count
      return codes.count - 1
    }
  }
}
