public import Autograd
public import Models
internal import Ranks
public import Tables

/// Rows in the precision of a run that are read when they are needed, such as those of a table in files.
public protocol RowSource<Scalar>: AnyObject {
  associatedtype Scalar: Precision
  /// How many rows there are, at least 1.
  var rowCount: Int { get }
  /// The number of columns.
  var columnCount: Int { get }
  /// How many rows to hold in memory at a time: a power of two, at least 64.
  var windowRows: Int { get }
  /// Copies rows, in the table's order, into columns from a place on.
  func read(
    _ rows: Range<Int>, into columns: inout Columns<Scalar>, at place: Int
  ) throws(TableError)
  /// Calls `body` with some rows after the others, in the table's order, and where they are in some columns.
  func forEachWindow(
    _ body: (borrowing Columns<Scalar>, Range<Int>) -> Void
  ) throws(TableError)
}

extension StoredColumns: RowSource {}

/// The rows that a run reads, in memory or from a source.
public enum RowSupply<Scalar: Precision>: ~Copyable {
  /// All of them in memory.
  case memory(Columns<Scalar>)
  /// Some at a time; if one cannot be read, the run ends.
  case stored(any RowSource<Scalar>)

  /// How many rows there are.
  public var rowCount: Int {
    switch self {
    case .memory(let columns): columns.rowCount
    case .stored(let source): source.rowCount
    }
  }

  /// A number that differs, almost surely, for other rows.
  public borrowing func fingerprint() throws(TableError) -> UInt64 {
    switch self {
    case .memory(let columns): return columns.fingerprint
    case .stored(let source):
      var fingerprint = Fingerprint(columnCount: source.columnCount)
      try source.forEachWindow { fingerprint.add($0, $1) }
      return fingerprint.value
    }
  }

  /// How many rows are summed at a time if not all are in memory.
  var mostWaveRows: Int? {
    switch self {
    case .memory: nil
    case .stored(let source): source.windowRows
    }
  }
}

/// The rows of a data set in the order in which an epoch takes them.
///
/// In an order other than the table's, or where they are not in memory, rows are copied some thousand at a time to
/// where the kernels read them.
struct TrainingRows<Scalar: Precision>: ~Copyable {
  /// How many rows there are.
  let count: Int
  /// Why rows could not be read, once they could not.
  private(set) var failure: TableError?
  /// What the kernels read: the data set itself, or the part of it that was copied last.
  private var visible: Columns<Scalar>
  /// The data set where rows in memory are copied, or the group of blocks that was read last; else nothing.
  private var source: Columns<Scalar>
  /// Where rows are read from that are not in memory.
  private let stored: (any RowSource<Scalar>)?
  private let order: Settings.RowOrder
  private let random: RandomNumbers
  /// The processes that share batches; nil where this one is alone.
  private let team: Team?
  /// The rows in the epoch's order, where they are in memory and have another than the table's.
  private var orderedRows: [Int] = []
  /// The epoch's order where rows are not in memory; nil for the table's.
  private var blockOrder: BlockOrder?
  /// The group that was read last, and its order.
  private var group: (number: Int, order: [Int])?
  /// The positions in the order whose rows were copied last.
  private var copied = 0..<0
  /// The sums of weights of batches that do not fit in what is visible, by the position of their first row.
  private var weightSums: [Int: Double] = [:]

  /// The rows of `data`, for batches of up to `batchRows`, of which an executor sums `waveRows` at a time.
  init(
    _ data: consuming RowSupply<Scalar>, order: Settings.RowOrder, random: RandomNumbers,
    batchRows: Int, waveRows: Int, team: Team?
  ) {
    self.team = team
    self.order = order
    self.random = random
    func wholeBatches(upTo rows: Int) -> Int { max(1, rows / batchRows) * batchRows }
    switch consume data {
    case .memory(let data):
      count = data.rowCount
      stored = nil
      if order == .table {
        visible = data
        source = .zeros(rowCount: 0, columnCount: 0)
      } else {
        visible = .zeros(
          rowCount: min(wholeBatches(upTo: 4096), count), columnCount: data.columnCount)
        source = data
      }
    case .stored(let stored):
      precondition(order != .shuffled, "rows that are read in blocks are shuffled in blocks")
      count = stored.rowCount
      self.stored = stored
      let most = stored.windowRows
      let rows = batchRows > most ? waveRows : wholeBatches(upTo: most)
      visible = .zeros(rowCount: min(rows, count), columnCount: stored.columnCount)
      source = .zeros(
        rowCount: order == .table ? 0 : min(BlockOrder.groupLength, count),
        columnCount: stored.columnCount)
    }
  }

  /// Whether all rows are in memory.
  var areInMemory: Bool { stored == nil }

  /// Whether a batch of so many rows can be found at once.
  func fits(_ rowCount: Int) -> Bool { stored == nil || rowCount <= visible.rowCount }

  /// Makes the order of an epoch.
  mutating func begin(epoch: Int) {
    switch order {
    case .table: return
    case .shuffled: orderedRows = random.permutation(of: count, series: epoch)
    case .shuffledInBlocks where stored == nil:
      orderedRows = random.blockPermutation(of: count, series: epoch)
    case .shuffledInBlocks: blockOrder = BlockOrder(of: count, from: random, series: epoch)
    }
    copied = 0..<0
    group = nil
    weightSums = [:]
  }

  /// Has `body` read a batch, given by its positions in the order; nil, and it is not called, if rows cannot be read.
  mutating func withBatch<Result>(
    _ batch: Range<Int>, _ body: (borrowing Columns<Scalar>, Range<Int>) -> Result
  ) -> Result? {
    guard let range = find(batch) else { return nil }
    return body(visible, range)
  }

  /// Where the kernels find a batch, given by its positions in the order; nil if it cannot be read.
  private mutating func find(_ batch: Range<Int>) -> Range<Int>? {
    if order == .table, stored == nil { return batch }
    if batch.lowerBound < copied.lowerBound || batch.upperBound > copied.upperBound {
      precondition(batch.count <= visible.rowCount, "the batch fits in what is visible")
      copied = batch.lowerBound..<min(batch.lowerBound + visible.rowCount, count)
      if let stored {
        do throws(TableError) { try copy(from: stored) } catch {
          copied = 0..<0
          failure = error
          return nil
        }
      } else {
        visible.copy(orderedRows[copied], of: source)
      }
    }
    return batch.lowerBound - copied.lowerBound..<batch.upperBound - copied.lowerBound
  }

  /// Reads the rows at the positions that are to be visible.
  private mutating func copy(from stored: any RowSource<Scalar>) throws(TableError) {
    guard let blockOrder else { return try stored.read(copied, into: &visible, at: 0) }
    var position = copied.lowerBound
    while position < copied.upperBound {
      let number = blockOrder.group(ofPlace: position)
      let places = blockOrder.places(ofGroup: number)
      let order = try readGroup(number, of: blockOrder, from: stored)
      let end = min(copied.upperBound, places.upperBound)
      visible.copy(
        order[position - places.lowerBound..<end - places.lowerBound], of: source,
        to: position - copied.lowerBound)
      position = end
    }
  }

  /// Reads the rows of a group's blocks, unless they are at hand, and gives the group's order of them.
  private mutating func readGroup(
    _ number: Int, of blockOrder: BlockOrder, from stored: any RowSource<Scalar>
  ) throws(TableError) -> [Int] {
    if let group, group.number == number { return group.order }
    group = nil
    var first = 0
    for rows in blockOrder.blocks(ofGroup: number) {
      try stored.read(rows, into: &source, at: first)
      first += rows.count
    }
    let order = blockOrder.order(ofGroup: number)
    group = (number, order)
    return order
  }

  /// How many rows from a position on can be found at once.
  func reach(from position: Int) -> Int {
    order == .table && stored == nil ? count - position : min(visible.rowCount, count - position)
  }

  /// The row of the table at a position in the order.
  func row(at position: Int) -> Int {
    if order == .table { return position }
    return blockOrder?.number(atPlace: position) ?? orderedRows[position]
  }

  /// Calls `body` with some rows after the others, all in the table's order, and where they are in some columns;
  /// false if some cannot be read.
  mutating func forEachWindow(_ body: (borrowing Columns<Scalar>, Range<Int>) -> Void) -> Bool {
    guard let stored else {
      withAllInMemory { body($0, 0..<count) }
      return true
    }
    if order == .table, fits(count) { return withBatch(0..<count, body) != nil }
    do throws(TableError) {
      try stored.forEachWindow(body)
    } catch {
      failure = error
      return false
    }
    return true
  }

  /// Calls `body` with the rows, which are in memory.
  func withAllInMemory<Result>(_ body: (borrowing Columns<Scalar>) -> Result) -> Result {
    order == .table ? body(visible) : body(source)
  }

  /// The means of a program's outputs over a batch; false if some rows cannot be read.
  mutating func means(
    of batch: Range<Int>, by executor: inout Executor<Scalar>, parameters: [Scalar],
    noise: [Scalar], divisor: Double, into results: inout [Scalar]
  ) -> Bool {
    if let team, isShared(batch.count, by: executor) {
      return means(
        of: batch, by: &executor, among: team, parameters: parameters, noise: noise,
        divisor: divisor, into: &results)
    }
    if fits(batch.count) {
      return withBatch(batch) { columns, rows in
        executor.means(
          of: rows, in: columns, parameters: parameters, noise: noise, divisor: divisor,
          into: &results)
      } != nil
    }
    var sums = [Double](repeating: 0, count: results.count)
    var span = sums.mutableSpan
    guard
      self.sums(of: batch, by: &executor, parameters: parameters, noise: noise, into: &span)
    else { return false }
    for index in results.indices { results[index] = Scalar(sums[index] / divisor) }
    return true
  }

  /// Whether the processes of a team share a batch of so many rows.
  func isShared(_ rowCount: Int, by executor: borrowing Executor<Scalar>) -> Bool {
    team != nil && executor.isWorthSharing(rowCount)
  }

  /// The means over a batch of which each process sums some chunks.
  private mutating func means(
    of batch: Range<Int>, by executor: inout Executor<Scalar>, among team: Team,
    parameters: [Scalar], noise: [Scalar], divisor: Double, into results: inout [Scalar]
  ) -> Bool {
    team.sum(
      chunks: (batch.count + 63) / 64, width: results.count,
      add: { chunks, sums in
        let first = batch.lowerBound + 64 * chunks.lowerBound
        let end = min(batch.lowerBound + 64 * chunks.upperBound, batch.upperBound)
        return self.sums(
          of: first..<end, by: &executor, parameters: parameters, noise: noise, into: &sums)
      },
      use: { sums in
        for index in results.indices { results[index] = Scalar(sums[index] / divisor) }
      })
  }

  /// The sums of a program's outputs over rows, given by their positions; false if some cannot be read.
  private mutating func sums(
    of rows: Range<Int>, by executor: inout Executor<Scalar>, parameters: [Scalar],
    noise: [Scalar], into sums: inout MutableSpan<Double>
  ) -> Bool {
    executor.sums(ofRows: rows.count, parameters: parameters, noise: noise, into: &sums) {
      wave, use in
      let some = rows.lowerBound + wave.lowerBound..<rows.lowerBound + wave.upperBound
      if let range = find(some) { use(visible, range) }
    }
  }

  /// A step along the means over a batch that fits in what is visible: see ``Executor``; false, with a ``failure``,
  /// if rows cannot be read too.
  mutating func step(
    along batch: Range<Int>, by executor: inout Executor<Scalar>, from parameters: [Scalar],
    noise: [Scalar], divisor: Double, _ update: Update, memory: inout UpdateMemory<Scalar>,
    to moved: inout [Scalar], results: inout [Scalar], keepsGradients: Bool
  ) -> Bool {
    withBatch(batch) { columns, rows in
      executor.step(
        along: rows, in: columns, from: parameters, noise: noise, divisor: divisor, by: update,
        memory: &memory, to: &moved, results: &results, keepsGradients: keepsGradients)
    } ?? false
  }

  /// Steps of one row each: see ``Executor``; nil if rows cannot be read.
  mutating func descend(
    over batch: Range<Int>, by executor: inout Executor<Scalar>, parameters: inout [Scalar],
    learningRate: Double, total: inout Double, results: inout [Scalar]
  ) -> Int? {
    withBatch(batch) { columns, rows in
      executor.descend(
        over: rows, in: columns, parameters: &parameters, learningRate: learningRate,
        total: &total, results: &results)
    }
  }

  /// The first value that is not finite of what a batch is computed from, and the position of its row in the order.
  mutating func firstNonFinite(
    in batch: Range<Int>,
    _ find: (borrowing Columns<Scalar>, Range<Int>) -> (row: Int, fault: NonFinite)?
  ) -> (position: Int, fault: NonFinite)? {
    let most = fits(batch.count) ? batch.count : visible.rowCount
    for first in stride(from: batch.lowerBound, to: batch.upperBound, by: most) {
      let found = withBatch(first..<min(first + most, batch.upperBound)) { columns, rows in
        find(columns, rows).map { ($0.row - rows.lowerBound + first, $0.fault) }
      }
      if case (let position, let fault)?? = found { return (position, fault) }
    }
    return nil
  }

  /// What the sum over a batch is divided by: how many rows it has, or the sum of their weights where a column has
  /// them; nil if some rows cannot be read.
  mutating func weightSum(of batch: Range<Int>, column: Int?) -> Double? {
    guard let column else { return Double(batch.count) }
    if fits(batch.count) {
      return withBatch(batch) { columns, rows in
        orderedSum(count: rows.count) { columns[column, rows.lowerBound + $0] }
      }
    }
    if let known = weightSums[batch.lowerBound] { return known }
    var sum = RunningSum<Scalar>()
    for first in stride(from: batch.lowerBound, to: batch.upperBound, by: visible.rowCount) {
      let found: Void? = withBatch(first..<min(first + visible.rowCount, batch.upperBound)) {
        columns, rows in
        for row in rows { sum.add(columns[column, row]) }
      }
      if found == nil { return nil }
    }
    weightSums[batch.lowerBound] = sum.total
    return sum.total
  }
}

extension TablePredictor {
  /// The part of all rows whose class is predicted; nil if some cannot be read.
  mutating func accuracy(
    of parameters: [Scalar], on rows: inout TrainingRows<Scalar>
  ) -> Double? {
    var sums = AccuracySums()
    let isWhole = rows.forEachWindow { columns, rows in
      add(to: &sums, of: parameters, on: columns, rows: rows)
    }
    return isWhole ? sums.accuracy : nil
  }
}
