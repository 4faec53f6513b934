internal import Autograd
internal import Models
internal import Synchronization
internal import Tables

/// The rows that a fit counts, wherever they are kept.
enum Observations: Sendable {
  /// Some rows in memory that follow each other.
  case memory(Rows, Range<Int>)
  /// Rows that stay in their files.
  case stored(StoredObservations)

  /// How many there are.
  var count: Int {
    switch self {
    case .memory(_, let range): range.count
    case .stored(let stored): stored.count
    }
  }

  /// The number of the first row in the fitter.
  var firstRow: Int {
    switch self {
    case .memory(_, let range): range.lowerBound
    case .stored: 0
    }
  }

  /// The rows that have a weight above 0, and if these are not all, their numbers in the fitter.
  var counted: (observations: Observations, numbers: [Int]?) {
    guard case .memory(let rows, let range) = self, rows.rootWeights != nil else {
      return (self, nil)
    }
    let counted = range.filter { rows.weight($0) > 0 }
    if counted.count == range.count { return (self, nil) }
    return (.memory(rows.taking(counted), 0..<counted.count), counted)
  }

  /// Why rows could not be read, once it has happened.
  var failure: TableError? {
    switch self {
    case .memory: nil
    case .stored(let stored): stored.failure
    }
  }

  /// The number of rows in a segment, which is gone through by one thread.
  static var segmentRows: Int { 16 * 1024 }

  /// In how many segments they are gone through.
  var segmentCount: Int { (count + Self.segmentRows - 1) / Self.segmentRows }

  /// Calls `body` with some segments after the others until it returns false, as ranges of rows that are in memory then.
  ///
  /// Rows in files are read for a few segments at a time, and for as many as there are `threads`.
  func forEachWindow(
    of segments: Range<Int>, threads: Int = 1,
    _ body: (_ rows: Rows, _ segments: [Range<Int>]) -> Bool
  ) throws(TableError) {
    func ranges(_ segments: Range<Int>, from first: Int) -> [Range<Int>] {
      segments.map { number in
        let start = number * Self.segmentRows
        return first + start..<first + min(start + Self.segmentRows, count)
      }
    }
    switch self {
    case .memory(let rows, let range): _ = body(rows, ranges(segments, from: range.lowerBound))
    case .stored(let stored):
      let most = max(threads, StoredObservations.keptRows / Self.segmentRows)
      for first in stride(from: segments.lowerBound, to: segments.upperBound, by: most) {
        let some = first..<min(first + most, segments.upperBound)
        let start = first * Self.segmentRows
        let rows = try stored.read(start..<min(some.upperBound * Self.segmentRows, count))
        guard body(rows, ranges(some, from: -start)) else { return }
      }
    }
  }

  /// All rows in memory, and which of these they are; nil if they cannot be read.
  var inMemory: (rows: Rows, range: Range<Int>)? {
    switch self {
    case .memory(let rows, let range): return (rows, range)
    case .stored(let stored):
      guard let rows = try? stored.read(0..<count) else { return nil }
      return (rows, 0..<count)
    }
  }

  /// Copies of some rows, in ascending order of their numbers, their response changed; nil if they cannot be read.
  func taking(_ numbers: [Int], response change: (Double) -> Double = { $0 }) -> Rows? {
    switch self {
    case .memory(let rows, let range):
      return rows.taking(numbers.map { range.lowerBound + $0 }, response: change)
    case .stored(let stored): return try? stored.taking(numbers, response: change)
    }
  }
}

/// The rows of a fit that stay in their files, of which none has weight 0.
///
/// Once rows cannot be read, none are read any more.
final class StoredObservations: Sendable {
  private let rows: StoredRows
  private let columns: StoredColumns<Double>
  private let numbers: [RowNumbers]
  private let fault = Mutex<TableError?>(nil)
  /// All rows, if they are so few that they can be kept once they were read.
  private let kept = Mutex<Rows?>(nil)

  init(_ rows: StoredRows, of model: Model, weights: RowNumbers?) {
    self.rows = rows
    columns = StoredColumns(rows, of: model)
    let response = model.response
    let values: RowNumbers = { table throws(TableError) in try response.values(of: table) }
    numbers = weights.map { [values, $0] } ?? [values]
  }

  var count: Int { rows.rowCount }
  var areWeighted: Bool { numbers.count > 1 }
  var failure: TableError? { fault.withLock { $0 } }

  /// So few rows are kept in memory once they have been read.
  static var keptRows: Int { 4 * Observations.segmentRows }

  /// Some rows in memory.
  func read(_ range: Range<Int>) throws(TableError) -> Rows {
    if let failure { throw failure }
    if let kept = kept.withLock({ $0 }), range.count == count { return kept }
    var found = Columns<Double>.zeros(rowCount: range.count, columnCount: columns.columnCount)
    let others: [[Double]]
    do throws(TableError) {
      others = try columns.read(range, into: &found, at: 0, others: numbers)
    } catch {
      fault.withLock { $0 = error }
      throw error
    }
    let rows = Rows(
      Rows.Shared(found), response: others[0],
      rootWeights: areWeighted ? others[1].map { $0.squareRoot() } : nil)
    if range.count == count, count <= Self.keptRows { kept.withLock { $0 = rows } }
    return rows
  }

  /// Copies of some rows, in ascending order.
  func taking(
    _ numbers: [Int], response change: (Double) -> Double
  ) throws(TableError) -> Rows {
    if count <= Self.keptRows {
      return try read(0..<count).taking(numbers, response: change)
    }
    var parts: [Rows] = []
    var first = 0
    while first < numbers.count {
      // Neighbours are read together, unless much lies between them.
      var end = first + 1
      while end < numbers.count, numbers[end] - numbers[first] < Observations.segmentRows {
        end += 1
      }
      let start = numbers[first]
      let rows = try read(start..<numbers[end - 1] + 1)
      parts.append(rows.taking(numbers[first..<end].map { $0 - start }, response: change))
      first = end
    }
    return Rows(joining: parts)
  }
}
