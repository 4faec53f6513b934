internal import Tables

/// Where a row of a table is that stays in its files: its block, and its number among the rows of that in use.
struct RowPlace: Hashable, ByteCodable {
  let block, row: Int

  init(block: Int, row: Int) { (self.block, self.row) = (block, row) }

  init(from bytes: inout ByteReader) throws(BytesEnd) {
    (block, row) = (try bytes.integer(), try bytes.integer())
  }

  func write(to bytes: inout ByteWriter) {
    bytes.put(block)
    bytes.put(row)
  }
}

/// The different texts of a column, as they come, and where each is first.
struct Levels: ByteCodable {
  private(set) var texts: [String] = []
  private(set) var places: [RowPlace] = []
  private var known: Set<[UInt8]> = []

  init() {}

  /// Takes the next block into account, and gives its first rows with a text that none before had.
  mutating func add(
    _ rows: Table, ofBlock block: Int, _ name: String
  ) throws(BindingError) -> [Int] {
    let categories = try rows.binding { () throws(TableError) in
      try rows.column(named: name)?.categories()
    }
    guard let categories else { return [] }
    var isNew = categories.levels.map { known.insert(Array($0.utf8)).inserted }
    texts += zip(categories.levels, isNew).filter(\.1).map(\.0)
    if !isNew.contains(true) { return [] }
    let found = categories.codes.indices.filter { row in
      let code = Int(categories.codes[row])
      defer { isNew[code] = false }
      return isNew[code]
    }
    places += found.map { RowPlace(block: block, row: $0) }
    return found
  }

  /// Takes what was found in later blocks into account.
  mutating func add(_ later: Levels) {
    for (text, place) in zip(later.texts, later.places)
    where known.insert(Array(text.utf8)).inserted {
      texts.append(text)
      places.append(place)
    }
  }

  init(from bytes: inout ByteReader) throws(BytesEnd) {
    places = try [RowPlace](from: &bytes)
    for _ in places { texts.append(try bytes.text()) }
    known = Set(texts.map { Array($0.utf8) })
  }

  func write(to bytes: inout ByteWriter) {
    places.write(to: &bytes)
    for text in texts { bytes.put(text: text.utf8) }
  }
}

/// Rows that stand for all of a table that stays in its files, as they are found: see ``BoundModel/table``.
struct SampleRows {
  /// How many of the first rows are kept.
  private static let firstRows = 4096

  /// How many rows are in use of each block so far.
  private(set) var rowCounts: [Int] = []
  /// How many of the first rows are still to come.
  private var firstRowsLeft = Self.firstRows
  private var names: [String] = []
  /// The target, if each of its values is a class.
  private var classes: String?
  private var weights: String?
  private var columns: [Column] = []
  /// The first weight that counts, and the first of those that is not 1.
  private var weight, otherWeight: RowPlace?
  /// Rows that may be kept, by their blocks.
  private var kept: [Int: Kept] = [:]

  /// What is kept of a column.
  fileprivate struct Column {
    var levels = Levels()
    /// A row without a value: what fills gaps may be another number than all the others are.
    var gap: RowPlace?
    /// The rows with the smallest and the largest number.
    var lowest, highest: End?
  }

  fileprivate struct End {
    let value: Double
    let place: RowPlace
  }

  /// Some rows of a block, which ascend.
  fileprivate struct Kept {
    let rows: [Int]
    let table: Table
  }

  init(_ names: [String], classes: String?, weights: String?) {
    self.names = names
    self.classes = classes
    self.weights = weights
    columns = names.map { _ in Column() }
  }

  /// Takes the rows in use of a block into account, of which nil has none; blocks follow each other.
  mutating func add(_ rows: Table?, ofBlock block: Int) throws(BindingError) {
    rowCounts.append(rows?.rowCount ?? 0)
    guard let rows else { return }
    var found = Set(0..<min(rows.rowCount, firstRowsLeft))
    firstRowsLeft -= found.count
    func place(_ row: Int) -> RowPlace {
      found.insert(row)
      return RowPlace(block: block, row: row)
    }
    for (index, name) in names.enumerated() {
      guard let column = rows.column(named: name) else { continue }
      if column.isText || name == classes {
        found.formUnion(try columns[index].levels.add(rows, ofBlock: block, name))
      }
      guard !column.isText, let numbers = try? rows.numbersOrNaN(of: name) else { continue }
      if columns[index].gap == nil {
        columns[index].gap = numbers.firstIndex(where: \.isNaN).map(place)
      }
      let (low, high) = numbers.ends
      if let low, numbers[low] < columns[index].lowest?.value ?? .infinity {
        columns[index].lowest = End(value: numbers[low], place: place(low))
      }
      if let high, numbers[high] > columns[index].highest?.value ?? -.infinity {
        columns[index].highest = End(value: numbers[high], place: place(high))
      }
      guard name == weights else { continue }
      weight = weight ?? numbers.firstIndex { $0 > 0 }.map(place)
      otherWeight = otherWeight ?? numbers.firstIndex { $0 > 0 && $0 != 1 }.map(place)
    }
    if !found.isEmpty { kept[block] = Kept(found, of: rows) }
  }

  /// Takes what was found in later blocks into account.
  mutating func add(_ later: SampleRows) {
    rowCounts += later.rowCounts
    for (index, column) in later.columns.enumerated() {
      columns[index].levels.add(column.levels)
      columns[index].gap = columns[index].gap ?? column.gap
      if let end = column.lowest, end.value < columns[index].lowest?.value ?? .infinity {
        columns[index].lowest = end
      }
      if let end = column.highest, end.value > columns[index].highest?.value ?? -.infinity {
        columns[index].highest = end
      }
    }
    weight = weight ?? later.weight
    otherWeight = otherWeight ?? later.otherWeight
    kept.merge(later.kept) { own, _ in own }
  }

  /// The rows that stand for all, of which those that another process found are read; nil if there are none.
  func table(of stored: StoredTable, _ selection: RowSelection) throws(TableError) -> Table? {
    var rows: [Int: Set<Int>] = [:]
    var rest = Self.firstRows
    for (block, count) in rowCounts.enumerated() where min(rest, count) > 0 {
      rows[block] = Set(0..<min(rest, count))
      rest -= min(rest, count)
    }
    if rows.isEmpty { return nil }
    let firsts =
      columns.flatMap { $0.levels.places + [$0.gap].compactMap(\.self) }
      + [weight, otherWeight].compactMap(\.self)
    for place in firsts { rows[place.block, default: []].insert(place.row) }
    let ends = columns.flatMap { [$0.lowest?.place, $0.highest?.place].compactMap(\.self) }
    let all = ends.reduce(into: rows) { $0[$1.block, default: []].insert($1.row) }

    let lacking = all.keys.filter { kept[$0] == nil }.sorted()
    let counts = rowCounts
    let read = try stored.read(lacking) { block, whole throws(TableError) in
      guard let own = try selection.rows(of: whole), own.rowCount == counts[block] else {
        throw .changed(whole)
      }
      return Kept(all[block] ?? [], of: own)
    }
    let found = kept.merging(zip(lacking, read)) { own, _ in own }
    var parts: [Table?] = rows.keys.sorted().map { found[$0]?.table(of: rows[$0] ?? []) }
    parts += ends.map { found[$0.block]?.table(of: [$0.row]) }
    return Table(joining: parts.compactMap(\.self)).readingNumbers(in: Set(names))
  }
}

extension SampleRows: ByteCodable {
  init(from bytes: inout ByteReader) throws(BytesEnd) {
    rowCounts = try [Int](from: &bytes)
    columns = try [Column](from: &bytes)
    weight = try RowPlace?(from: &bytes)
    otherWeight = try RowPlace?(from: &bytes)
  }

  func write(to bytes: inout ByteWriter) {
    rowCounts.write(to: &bytes)
    columns.write(to: &bytes)
    weight.write(to: &bytes)
    otherWeight.write(to: &bytes)
  }
}

extension SampleRows.Column: ByteCodable {
  init(from bytes: inout ByteReader) throws(BytesEnd) {
    levels = try Levels(from: &bytes)
    gap = try RowPlace?(from: &bytes)
    lowest = try SampleRows.End?(from: &bytes)
    highest = try SampleRows.End?(from: &bytes)
  }

  func write(to bytes: inout ByteWriter) {
    levels.write(to: &bytes)
    gap.write(to: &bytes)
    lowest.write(to: &bytes)
    highest.write(to: &bytes)
  }
}

extension SampleRows.End: ByteCodable {
  init(from bytes: inout ByteReader) throws(BytesEnd) {
    value = try Double(from: &bytes)
    place = try RowPlace(from: &bytes)
  }

  func write(to bytes: inout ByteWriter) {
    value.write(to: &bytes)
    place.write(to: &bytes)
  }
}

extension SampleRows.Kept {
  init(_ rows: Set<Int>, of table: Table) {
    self.rows = rows.sorted()
    self.table = table.keeping(rows: self.rows)
  }

  /// Some of the rows.
  func table(of some: Set<Int>) -> Table {
    if some.count == rows.count { return table }
    return table.keeping(rows: rows.indices.filter { some.contains(rows[$0]) })
  }
}

extension [Double] {
  /// The first rows of the smallest and of the largest number; nil if all are nan.
  fileprivate var ends: (low: Int?, high: Int?) {
    var (low, high): (Int?, Int?) = (nil, nil)
    var (lowest, highest) = (Double.infinity, -Double.infinity)
    for row in indices {
      let number = self[row]
      if number < lowest { (low, lowest) = (row, number) }
      if number > highest { (high, highest) = (row, number) }
    }
    return (low, high)
  }
}
