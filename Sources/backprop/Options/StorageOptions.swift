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
        Leave the rows in their files and read them whenever they are needed, for tables larger than memory. This does \
        not affect results.
        """
      ) { $0.isStreamed = true },
      Flag(
        "cache", file: "file",
        """
        Store the columns of --data in this file in binary form. As long as the table does not change, they are read \
        from there, many times faster than from text.
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
