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
    let checksum: UInt32
  }

  private let entries = Mutex<[Key: Entry]>([:])

  /// The table of a source.
  func table(
    of source: Source, _ reading: TableReading, _ storage: StorageOptions
  ) throws(Failure) -> Table {
    try entry(of: source, reading, storage).table
  }

  /// What tells the table of a source from another.
  func checksum(
    of source: Source, _ reading: TableReading, _ storage: StorageOptions
  ) throws(Failure) -> UInt32 {
    try entry(of: source, reading, storage).checksum
  }

  private func entry(
    of source: Source, _ reading: TableReading, _ storage: StorageOptions
  ) throws(Failure) -> Entry {
    // Whoever else wants a table waits until it is there.
    try entries.withLock { entries throws(Failure) in
      let key = Key(source: source, format: reading.format)
      if let entry = entries[key] { return entry }
      let kept = try source.table(reading, storage) { Set($0) }
      guard case .memory(let table) = kept else {
        preconditionFailure("tables that several runs read are in memory")
      }
      let entry = Entry(table: table, checksum: table.checksum)
      entries[key] = entry
      return entry
    }
  }
}
