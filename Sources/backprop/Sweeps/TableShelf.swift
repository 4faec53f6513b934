import Models
import Synchronization
import Tables

/// Tables that several runs read, of which each is read once, with all its columns.
final class TableShelf: Sendable {
  private struct Key: Hashable {
    let source: Source
    let format: TableFormat
  }

  private struct Entry {
    let table: Table
    /// Made when somebody asks.
    lazy var checksum = table.checksum
  }

  private let entries = Mutex<[Key: Entry]>([:])

  /// The table of a source.
  func table(
    of source: Source, _ reading: TableReading, _ storage: StorageOptions
  ) throws(Failure) -> Table {
    try withEntry(of: source, reading, storage) { $0.table }
  }

  /// What tells the table of a source from another.
  func checksum(
    of source: Source, _ reading: TableReading, _ storage: StorageOptions
  ) throws(Failure) -> Checksum {
    try withEntry(of: source, reading, storage) { $0.checksum }
  }

  private func withEntry<Result: Sendable>(
    of source: Source, _ reading: TableReading, _ storage: StorageOptions,
    _ body: (inout Entry) -> Result
  ) throws(Failure) -> Result {
    // Whoever else wants a table waits until it is there.
    try entries.withLock { entries throws(Failure) in
      let key = Key(source: source, format: reading.format)
      var entry: Entry
      if let former = entries[key] {
        entry = former
      } else {
        guard case .memory(let table) = try source.table(reading, storage, wanted: { Set($0) })
        else { preconditionFailure("tables that several runs read are in memory") }
        entry = Entry(table: table)
      }
      let result = body(&entry)
      entries[key] = entry
      return result
    }
  }
}
