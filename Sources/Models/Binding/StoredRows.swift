public import Autograd
internal import Formula
public import Tables

/// The rows that count of a table that stays in its files.
public final class StoredRows: Sendable {
  let table: StoredTable
  private let selection: RowSelection
  /// How many rows in use are before each block, and how many there are.
  private let firstRows: [Int]

  init(_ table: StoredTable, _ selection: RowSelection, firstRows: [Int]) {
    self.table = table
    self.selection = selection
    self.firstRows = firstRows
  }

  /// The number of rows, at least 1.
  public var rowCount: Int { firstRows[firstRows.count - 1] }

  /// The same rows with missing numbers replaced by these means.
  func filled(with means: [String: Double]) -> StoredRows {
    var selection = selection
    selection.means = means
    return StoredRows(table, selection, firstRows: firstRows)
  }

  /// The rows that stay by a further choice, which is made in a pass over all.
  ///
  /// `choose` gives the rows of a part of the table that stay, nil for all of them, and the same for the same rows
  /// whenever it is asked. Processes that share the table choose in parts of it. Nil if no row stays.
  public func keeping<Failure: TableFailure>(
    _ choose: @escaping @Sendable (Table) throws(Failure) -> [Int]?
  ) throws(Failure) -> StoredRows? {
    let known = selection
    let counts = try table.inParts { blocks throws(Failure) in
      var counts: [Int] = []
      try table.forEachBlock(
        known, of: blocks,
        making: { rows throws(Failure) in try choose(rows)?.count ?? rows.rowCount },
        { _, count throws(Failure) in counts.append(count ?? 0) })
      return counts
    }.flatMap(\.self)
    let firstRows = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    if firstRows == self.firstRows { return self }
    precondition(known.choose == nil, "rows are chosen once")
    var selection = known
    // What failed before fails where the rows are counted.
    selection.choose = { rows in do { return try choose(rows) } catch { return [] } }
    return firstRows[counts.count] == 0
      ? nil : StoredRows(table, selection, firstRows: firstRows)
  }

  /// The file and the line that a row is on; nil if it cannot be read any more.
  public func place(ofRow row: Int) -> (file: String, line: Int)? {
    let block = block(ofRow: row)
    guard let whole = try? table.table(ofBlock: block),
      let rows = try? selection.rows(of: whole)
    else { return nil }
    let own = row - firstRows[block]
    return (rows.file(ofRow: own), rows.line(ofRow: own))
  }

  /// As many rows as are wanted, or all of fewer, evenly spread over the table.
  public func spread(over count: Int) throws(TableError) -> Table {
    let step = max(1, (rowCount + count - 1) / count)
    var parts: [Table] = []
    try forEachBlock { table, firstRow throws(TableError) in
      let first = (step - firstRow % step) % step
      let rows = Array(stride(from: first, to: table.rowCount, by: step))
      if !rows.isEmpty { parts.append(table.keeping(rows: rows)) }
    }
    return Table(joining: parts)
  }

  /// The block that a row is in.
  private func block(ofRow row: Int) -> Int {
    var (low, high) = (0, firstRows.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if firstRows[middle] <= row { low = middle } else { high = middle }
    }
    return low
  }

  /// The rows of all blocks that have some, or of those with some of the given rows, with the number of each one's
  /// first row.
  func forEachBlock<Failure: TableFailure>(
    of rows: Range<Int>? = nil, _ body: (Table, _ firstRow: Int) throws(Failure) -> Void
  ) throws(Failure) {
    let blocks = rows.map { rows in
      rows.isEmpty ? 0..<0 : block(ofRow: rows.lowerBound)..<block(ofRow: rows.upperBound - 1) + 1
    }
    try table.forEachBlock(selection, of: blocks) { block, rows throws(Failure) in
      if let rows { try body(rows, firstRows[block]) }
    }
  }

  /// Reads rows side by side and gives what `part` makes of those of each block, in order, which of that block's rows
  /// they are.
  fileprivate func read<Part: Sendable>(
    _ rows: Range<Int>,
    _ part: @escaping @Sendable (Table, _ firstRow: Int) throws(TableError) -> Part
  ) throws(TableError) -> [(part: Part, rows: Range<Int>)] {
    let first = block(ofRow: rows.lowerBound)
    let last = block(ofRow: rows.upperBound - 1)
    let (selection, firstRows) = (selection, firstRows)
    let parts = try table.read(first..<last + 1) {
      block, whole throws(TableError) -> Part? in
      if firstRows[block] == firstRows[block + 1] { return nil }
      guard let own = try selection.rows(of: whole),
        own.rowCount == firstRows[block + 1] - firstRows[block]
      else { throw .changed(whole) }
      return try part(own, firstRows[block])
    }
    return zip(first...last, parts).compactMap { block, part in
      part.map { part in
        (
          part,
          max(rows.lowerBound, firstRows[block]) - firstRows[block]..<min(
            rows.upperBound, firstRows[block + 1]) - firstRows[block]
        )
      }
    }
  }
}

/// Which rows of a table count, and what becomes of missing values in them.
struct RowSelection: Sendable {
  var condition: Condition?
  /// The columns that the condition reads.
  var conditionColumns: [String] = []
  /// The means that stand for missing numbers in these, where they do.
  var conditionMeans: [String: Double] = [:]
  var missing: MissingPolicy
  /// The columns in which no value may be missing.
  var needed: [String]
  /// The columns of which a missing value is never filled.
  var responseColumns: Set<String>
  /// The means that stand for missing numbers; nil as long as they are not known.
  var means: [String: Double]?
  /// The columns whose words all spell numbers in the rows that count.
  var numbers: Set<String> = []
  /// Which of the rows of a part stay in the end, nil for all of them; if they are chosen.
  var choose: (@Sendable (Table) -> [Int]?)?

  /// The rows of a part of the table that count; nil if none does.
  func rows(of part: Table) throws(TableError) -> Table? {
    guard let table = try complete(part) else { return nil }
    guard let chosen = choose?(table) else { return table }
    return chosen.isEmpty ? nil : table.keeping(rows: chosen)
  }

  /// The rows of a part of the table that are not left out by what they hold; nil if all are.
  private func complete(_ part: Table) throws(TableError) -> Table? {
    var table = part
    do throws(TableError) {
      if let condition {
        if missing != .mean {
          table = try table.handling(missing, in: conditionColumns)
        } else if !responseColumns.isDisjoint(with: conditionColumns) {
          table = try table.keepingKnown(responseColumns)
        }
        let complete = try table.filling(
          conditionColumns, by: missing, neverFilled: responseColumns, conditionMeans)
        let rows = try condition.rows(of: complete)
        if rows.isEmpty { return nil }
        table = table.keeping(rows: rows)
      }
      table =
        missing == .mean
        ? try table.keepingKnown(responseColumns).readingUsualWords(in: needed)
        : try table.filling(needed, by: missing, neverFilled: responseColumns, [:])
    } catch  where error.reason == .everyRowDropped {
      return nil
    }
    table = table.readingNumbers(in: numbers)
    guard let means else { return table }
    return try table.filling(needed, by: missing, neverFilled: responseColumns, means)
  }
}

extension StoredTable {
  /// The rows of each block that count, nil if none does, one block after the other; of all blocks unless some are
  /// given.
  func forEachBlock<Failure: TableFailure>(
    _ selection: RowSelection, of blocks: Range<Int>? = nil,
    _ body: (Int, Table?) throws(Failure) -> Void
  ) throws(Failure) {
    try forEachBlock(selection, of: blocks, making: { rows throws(Failure) in rows }, body)
  }

  /// What `part` makes of the rows of each block that count, nil if none does, one block after the other.
  ///
  /// `part` sees several blocks at a time, each on a thread of its own.
  func forEachBlock<Part: Sendable, Failure: TableFailure>(
    _ selection: RowSelection, of blocks: Range<Int>? = nil,
    making part: @escaping @Sendable (Table) throws(Failure) -> Part,
    _ body: (Int, Part?) throws(Failure) -> Void
  ) throws(Failure) {
    // How many are in memory at a time.
    let most = 8
    let blocks = blocks ?? 0..<blockCount
    for first in stride(from: blocks.lowerBound, to: blocks.upperBound, by: most) {
      let some = first..<min(first + most, blocks.upperBound)
      let parts = try read(some) { _, whole throws(Failure) -> Part? in
        let rows: Table?
        do throws(TableError) { rows = try selection.rows(of: whole) } catch {
          throw Failure(error)
        }
        guard let rows else { return nil }
        return try part(rows)
      }
      for (block, part) in zip(some, parts) { try body(block, part) }
    }
  }
}

/// A function that gives a number for each row of a part of a table.
public typealias RowNumbers = @Sendable (Table) throws(TableError) -> [Double]

/// The rows that count of a table that stays in its files, as a model reads them in the precision of a run.
public final class StoredColumns<Scalar: Precision>: Sendable {
  private let rows: StoredRows
  private let columns: [DataColumn]
  private let scalings: [String: Scaling]
  private let levels: [String: [String]]

  /// The numbers that the model's programs read.
  public init(_ rows: StoredRows, of model: Model) {
    self.rows = rows
    columns = model.columns
    scalings = model.scalings
    levels = model.schema.allLevels
  }

  /// How many rows there are.
  public var rowCount: Int { rows.rowCount }
  /// The number of columns.
  public var columnCount: Int { columns.count }

  /// How many rows are worth having in memory at a time: a power of two of chunks.
  public var windowRows: Int {
    var rows = 1 << 16
    while rows > 1024, rows * columnCount > 4 << 20 { rows /= 2 }
    return rows
  }

  /// Calls `body` with some rows after the others, in the table's order, and where they are in some columns.
  public func forEachWindow(
    _ body: (borrowing Columns<Scalar>, Range<Int>) -> Void
  ) throws(TableError) {
    try forEachWindow(of: 0..<rowCount) { columns, rows, _ in body(columns, rows) }
  }

  /// Calls `body` with some rows of a range after the others, where they are in some columns, and what `others` find in
  /// them: see ``read(_:into:at:others:)``.
  func forEachWindow(
    of range: Range<Int>, others: [RowNumbers] = [],
    _ body: (borrowing Columns<Scalar>, Range<Int>, _ others: [[Double]]) -> Void
  ) throws(TableError) {
    var window = Columns<Scalar>.zeros(
      rowCount: min(windowRows, range.count), columnCount: columnCount)
    for first in stride(from: range.lowerBound, to: range.upperBound, by: windowRows) {
      let rows = first..<min(first + windowRows, range.upperBound)
      let found = try read(rows, into: &window, at: 0, others: others)
      body(window, 0..<rows.count, found)
    }
  }

  /// Columns of a block, made on one thread and copied on another.
  private final class Block: @unchecked Sendable {
    let columns: Columns<Scalar>
    let others: [[Double]]

    init(_ columns: consuming Columns<Scalar>, _ others: [[Double]]) {
      self.columns = columns
      self.others = others
    }
  }

  /// Copies rows, in the table's order, into columns from a place on: see ``read(_:into:at:others:)``.
  public func read(
    _ range: Range<Int>, into target: inout Columns<Scalar>, at place: Int
  ) throws(TableError) {
    _ = try read(range, into: &target, at: place, others: [])
  }

  /// Copies rows, in the table's order, into columns from a place on, and gives what `others` find in these rows.
  ///
  /// Each of the others is given some rows after the others, and has a number for each. Throws if the files have
  /// changed, cannot be read, or have a number that is beyond the precision.
  public func read(
    _ range: Range<Int>, into target: inout Columns<Scalar>, at place: Int, others: [RowNumbers]
  ) throws(TableError) -> [[Double]] {
    let (columns, scalings, levels) = (columns, scalings, levels)
    let parts = try rows.read(range) { table, firstRow throws(TableError) in
      Block(
        try table.columns(columns, scalings: scalings, firstRow: firstRow) { levels[$0] ?? [] },
        try others.map { other throws(TableError) in try other(table) })
    }
    var found = others.map { _ in [Double]() }
    var place = place
    for (block, rows) in parts {
      target.copy(rows, of: block.columns, to: place)
      place += rows.count
      for (index, numbers) in block.others.enumerated() { found[index] += numbers[rows] }
    }
    return found
  }
}
