public import Autograd

/// How often rows of each class were taken for rows of each other one.
public struct Confusion: Hashable, Sendable {
  /// The classes in order of value.
  public let classes: [String]
  /// For each class that was observed how many rows were predicted to be of each: by their weights, where they have
  /// some.
  public let counts: [[Double]]

  /// The part of a class among the rows predicted to be of it; nan if none was.
  public func precision(of index: Int) -> Double {
    counts[index][index] / orderedSum(count: classes.count) { counts[$0][index] }
  }

  /// The part that was found of the rows of a class; nan if there were none.
  public func recall(of index: Int) -> Double {
    counts[index][index] / rows(of: index)
  }

  /// The harmonic mean of precision and recall; nan if there were neither rows of the class nor predictions of it.
  public func f1(of index: Int) -> Double {
    let predicted = orderedSum(count: classes.count) { counts[$0][index] }
    return 2 * counts[index][index] / (rows(of: index) + predicted)
  }

  /// How many rows were of a class.
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
    let classes = classNames
    guard !classes.isEmpty, let targetColumn = columns.firstIndex(where: { $0.name == target })
    else { return nil }
    func index(_ value: Double) -> Int? {
      if value == classValue(0) { return 0 }
      return Int(exactly: value).flatMap { classes.indices.contains($0) && $0 > 0 ? $0 : nil }
    }
    let found = predictions(of: parameters, on: data)
    var rows = [[Int]](repeating: [], count: classes.count * classes.count)
    for row in 0..<data.rowCount {
      guard let observed = index(Double(data[targetColumn, row])), let predicted = index(found[row])
      else { return nil }
      rows[observed * classes.count + predicted].append(row)
    }
    let weightColumn = weightColumn
    let counts = rows.map { rows in
      guard let weightColumn else { return Double(rows.count) }
      return orderedSum(count: rows.count) { Double(data[weightColumn, rows[$0]]) }
    }
    return Confusion(
      classes: classes,
      counts: classes.indices.map { observed in
        Array(counts[observed * classes.count..<(observed + 1) * classes.count])
      })
  }
}
