import Autograd

/// The rows of a data set in the order in which an epoch takes them.
///
/// In an order other than the table's, rows are copied some thousand at a time to where the kernels read them.
struct TrainingRows<Scalar: Precision>: ~Copyable {
  /// What the kernels read: the data set itself, or the part of it that was copied last.
  private(set) var visible: Columns<Scalar>
  /// How many rows there are.
  let count: Int
  /// The data set, where rows are copied; else nothing.
  private let source: Columns<Scalar>
  private let order: Settings.RowOrder
  private let random: RandomNumbers
  /// The rows in the epoch's order; empty for the table's.
  private var orderedRows: [Int] = []
  /// The positions in the order whose rows were copied last.
  private var copied = 0..<0

  /// The rows of `data`, for batches of up to `batchRows`.
  init(
    _ data: consuming Columns<Scalar>, order: Settings.RowOrder, random: RandomNumbers,
    batchRows: Int
  ) {
    count = data.rowCount
    self.order = order
    self.random = random
    if order == .table {
      visible = data
      source = .zeros(rowCount: 0, columnCount: 0)
    } else {
      let wholeBatches = max(1, 4096 / batchRows) * batchRows
      visible = .zeros(rowCount: min(wholeBatches, count), columnCount: data.columnCount)
      source = data
    }
  }

  /// Calls `body` with the data set, in the table's order.
  func withAll<Result>(_ body: (borrowing Columns<Scalar>) -> Result) -> Result {
    order == .table ? body(visible) : body(source)
  }

  /// Makes the order of an epoch.
  mutating func begin(epoch: Int) {
    switch order {
    case .table: return
    case .shuffled: orderedRows = random.permutation(of: count, series: epoch)
    case .shuffledInBlocks: orderedRows = random.blockPermutation(of: count, series: epoch)
    }
    copied = 0..<0
  }

  /// Where the kernels find a batch, given by its positions in the order.
  mutating func find(_ batch: Range<Int>) -> Range<Int> {
    if order == .table { return batch }
    if batch.lowerBound < copied.lowerBound || batch.upperBound > copied.upperBound {
      copied = batch.lowerBound..<min(batch.lowerBound + visible.rowCount, count)
      visible.copy(orderedRows[copied], of: source)
    }
    return batch.lowerBound - copied.lowerBound..<batch.upperBound - copied.lowerBound
  }

  /// How many rows from a position on can be found at once.
  func reach(from position: Int) -> Int {
    order == .table ? count - position : min(visible.rowCount, count - position)
  }

  /// The row of the table at a position in the order.
  func row(at position: Int) -> Int { order == .table ? position : orderedRows[position] }
}

extension Columns {
  /// What a sum over rows is divided by: how many they are, or the sum of their weights where a column has them.
  func weightSum(of rows: Range<Int>, column: Int?) -> Double {
    guard let column else { return Double(rows.count) }
    return orderedSum(count: rows.count) { self[column, rows.lowerBound + $0] }
  }
}
