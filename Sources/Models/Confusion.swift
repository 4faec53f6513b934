public import Autograd
public import Ranks
public import Tables

/// How many rows of each class were predicted to be of each class.
public struct Confusion: Hashable, Sendable {
  /// The classes in order of value.
  public let classes: [String]
  /// A row for each observed class, with the number of rows predicted to be of each class, or the sum of their
  /// weights.
  public let counts: [[Double]]

  /// The fraction of the rows predicted to be of a class that are of it; nan if no row was.
  public func precision(of index: Int) -> Double {
    counts[index][index] / orderedSum(count: classes.count) { counts[$0][index] }
  }

  /// The fraction of the rows of a class that were predicted to be of it; nan if the class has no rows.
  public func recall(of index: Int) -> Double {
    counts[index][index] / rows(of: index)
  }

  /// The harmonic mean of precision and recall; nan if the class has neither rows nor predictions, 0 if it has only
  /// one of them.
  public func f1(of index: Int) -> Double {
    let predicted = orderedSum(count: classes.count) { counts[$0][index] }
    return 2 * counts[index][index] / (rows(of: index) + predicted)
  }

  /// The number of rows of a class, or the sum of their weights.
  public func rows(of index: Int) -> Double {
    orderedSum(count: classes.count) { counts[index][$0] }
  }
}

extension Model {
  /// Compares predicted classes with those of a table, whose numbers as the model reads them are `data`.
  ///
  /// Weights are added as those of a batch are. Nil for a model of numbers, or where a target lies
  /// between two classes, as a probability does.
  public func confusion<Scalar: Precision>(
    of parameters: [Scalar], on data: borrowing Columns<Scalar>
  ) -> Confusion? {
    guard var sums = ConfusionSums(self) else { return nil }
    var predictor = TablePredictor<Scalar>(self, mostRows: data.rowCount)
    sums.add(&predictor, of: parameters, on: data, rows: 0..<data.rowCount)
    return sums.confusion(of: sums.totals)
  }

  /// Compares predicted classes with those of a table that stays in its files.
  ///
  /// The processes of a `team` ask for the same, and share rows without weights: counts do not depend on their order.
  public func confusion<Scalar: Precision>(
    of parameters: [Scalar], on rows: StoredRows, team: Team? = nil
  ) throws(TableError) -> Confusion? {
    guard let none = ConfusionSums(self) else { return nil }
    let columns = StoredColumns<Scalar>(rows, of: self)
    var predictor = TablePredictor<Scalar>(self, mostRows: rows.rowCount)
    let shared = SharedRows(count: rows.rowCount, team: weightColumn == nil ? team : nil)
    let counts = try shared.sum { range throws(TableError) in
      var sums = none
      try columns.forEachWindow(of: range) { data, rows, _ in
        sums.add(&predictor, of: parameters, on: data, rows: rows)
      }
      return Sums(sums.totals)
    }
    return none.confusion(of: counts.values)
  }
}

/// What a confusion matrix is made of, as rows come one after the other.
private struct ConfusionSums {
  private let classes: [String]
  private let targetColumn: Int
  private let weightColumn: Int?
  /// The number that stands for the first class.
  private let first: Double
  private var counts: [RunningSum<Double>]
  /// Whether every target so far is a class.
  private var areClasses = true

  /// Nil for a model of numbers.
  init?(_ model: Model) {
    classes = model.classNames
    guard !classes.isEmpty,
      let column = model.columns.firstIndex(where: { $0.name == model.target })
    else { return nil }
    targetColumn = column
    weightColumn = model.weightColumn
    first = model.classValue(0)
    counts = [RunningSum<Double>](repeating: RunningSum(), count: classes.count * classes.count)
  }

  private func index(_ value: Double) -> Int? {
    if value == first { return 0 }
    return Int(exactly: value).flatMap { classes.indices.contains($0) && $0 > 0 ? $0 : nil }
  }

  mutating func add<Scalar: Precision>(
    _ predictor: inout TablePredictor<Scalar>, of parameters: [Scalar],
    on data: borrowing Columns<Scalar>, rows: Range<Int>
  ) {
    let found = predictor.predictions(of: parameters, on: data, rows: rows)
    for (row, found) in zip(rows, found) {
      guard let observed = index(Double(data[targetColumn, row])), let predicted = index(found)
      else {
        areClasses = false
        return
      }
      counts[observed * classes.count + predicted].add(
        weightColumn.map { Double(data[$0, row]) } ?? 1)
    }
  }

  /// The matrix row by row; all nan where a target lies between two classes.
  var totals: [Double] { counts.map { areClasses ? $0.total + 0 : .nan } }

  /// The matrix of totals; nil where a target lies between two classes.
  func confusion(of totals: [Double]) -> Confusion? {
    if totals.contains(where: \.isNaN) { return nil }
    return Confusion(
      classes: classes,
      counts: classes.indices.map { observed in
        Array(totals[observed * classes.count..<(observed + 1) * classes.count])
      })
  }
}
