import Glibc
import Synchronization

/// The files that are to be removed if the program ends before they have taken their names.
///
/// A signal handler removes them too, so that the list is one of atomic links that only ever grows; a run has
/// a few files, and an entry is used again.
enum TemporaryFiles {
  /// A file's name, which `mkstemp` completes.
  struct Name {
    fileprivate let entry: UnsafeMutablePointer<Entry>
    let pointer: UnsafeMutablePointer<CChar>
  }

  fileprivate struct Entry: ~Copyable {
    /// The address of the name, or 0 where there is no file.
    let name = Atomic<UInt>(0)
    /// The address of the next entry, or 0.
    let next: UInt
  }

  /// The address of the first entry, or 0.
  private static let first = Atomic<UInt>(0)

  /// Makes what a signal handler reads, so that it is not its first use.
  static func prepare() { _ = first.load(ordering: .relaxed) }

  /// Notes a file down before it is there.
  static func register(_ path: String) -> Name {
    let characters = path.utf8CString
    let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
    for (index, character) in characters.enumerated() { pointer[index] = character }
    let entry = freeEntry ?? addedEntry()
    entry.pointee.name.store(UInt(bitPattern: pointer), ordering: .sequentiallyConsistent)
    return Name(entry: entry, pointer: pointer)
  }

  /// Forgets a file, which is not there or has its own name now.
  static func forget(_ name: Name) {
    name.entry.pointee.name.store(0, ordering: .sequentiallyConsistent)
    name.pointer.deallocate()
  }

  /// Removes a file.
  static func remove(_ name: Name) {
    unlink(name.pointer)
    forget(name)
  }

  /// Removes all files; a signal handler may do so.
  static func removeAll() {
    forEachEntry { entry in
      let address = entry.pointee.name.load(ordering: .sequentiallyConsistent)
      if let name = UnsafePointer<CChar>(bitPattern: address) { unlink(name) }
      return false
    }
  }

  private static var freeEntry: UnsafeMutablePointer<Entry>? {
    forEachEntry { $0.pointee.name.load(ordering: .relaxed) == 0 }
  }

  private static func addedEntry() -> UnsafeMutablePointer<Entry> {
    let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    entry.initialize(to: Entry(next: first.load(ordering: .relaxed)))
    first.store(UInt(bitPattern: entry), ordering: .sequentiallyConsistent)
    return entry
  }

  /// Visits entries until `body` is true, and returns the one for which it is.
  @discardableResult
  private static func forEachEntry(
    _ body: (UnsafeMutablePointer<Entry>) -> Bool
  ) -> UnsafeMutablePointer<Entry>? {
    var address = first.load(ordering: .sequentiallyConsistent)
    while let entry = UnsafeMutablePointer<Entry>(bitPattern: address) {
      if body(entry) { return entry }
      address = entry.pointee.next
    }
    return nil
  }
}
