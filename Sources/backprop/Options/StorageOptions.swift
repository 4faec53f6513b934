import Flags
import Tables

/// The flags that say where a table's rows are kept while a command works with them.
struct StorageOptions {
  /// Whether rows stay in their files.
  var isStreamed = false
  /// The file for the columns of the table.
  var cache: Path?

  static var flags: [Flag<Self>] {
    [
      Flag(
        "stream",
        """
        Keep the rows in their files and read them again when they are needed, for tables larger than memory. Results \
        do not change with it.
        """
      ) { $0.isStreamed = true },
      Flag(
        "cache", file: "file",
        """
        Keep the columns of --data in this file as numbers, and read them from there as long as the table is the same: \
        many times faster than from text.
        """
      ) { $0.cache = try fileName($1) },
    ]
  }

  /// The same of a table that has no cache: there is one, for --data.
  var withoutCache: StorageOptions {
    var options = self
    options.cache = nil
    return options
  }

  /// What the flags say of the table of a source; throws if they cannot be meant.
  func check(_ source: Source) throws(Failure) {
    guard source == .lesson, isStreamed || cache != nil else { return }
    throw Failure(
      .usage, "--\(isStreamed ? "stream" : "cache") needs a table: give one by --data")
  }

  /// The file that is written, with its flag.
  var destinations: [FlaggedDestination] {
    cache.map { [FlaggedDestination(flag: "--cache", destination: Destination($0))] } ?? []
  }
}
