import Glibc
import Synchronization
import Tables

/// The files that are to be removed if the program ends before they have taken their names.
///
/// A signal handler removes them too, so that the list is one of atomic links that only ever grows; a run has
/// a few files, and an entry is used again.
enum TemporaryFiles {
  /// A file that has been noted down.
  struct Note {
    fileprivate let entry: UnsafeMutablePointer<Entry>
    fileprivate let file: UnsafeMutablePointer<File>
  }

  /// A name in an open folder.
  fileprivate struct File {
    let folder: Int32
    let name: UnsafeMutablePointer<CChar>
  }

  fileprivate struct Entry: ~Copyable {
    /// The address of a `File`, or 0 where there is none.
    let file = Atomic<UInt>(0)
    /// The address of the next entry, or 0.
    let next: UInt
  }

  /// The address of the first entry, or 0.
  private static let first = Atomic<UInt>(0)

  /// The files that were forgotten last, the newest at the end; only the main thread forgets.
  nonisolated(unsafe) private static var forgotten: [UnsafeMutablePointer<File>] = []

  /// Makes what a signal handler reads, so that it is not its first use.
  static func prepare() { _ = first.load(ordering: .relaxed) }

  /// Notes a file down before it is there, by its name in a folder that stays open.
  static func register(_ name: Path, in folder: Int32) -> Note {
    let characters = UnsafeMutablePointer<CChar>.allocate(capacity: name.bytes.count + 1)
    for (index, byte) in (name.bytes + [0]).enumerated() {
      characters[index] = CChar(bitPattern: byte)
    }
    let file = UnsafeMutablePointer<File>.allocate(capacity: 1)
    file.initialize(to: File(folder: folder, name: characters))
    let entry = freeEntry ?? addedEntry()
    entry.pointee.file.store(UInt(bitPattern: file), ordering: .sequentiallyConsistent)
    return Note(entry: entry, file: file)
  }

  /// Forgets a file, which is not there or has its own name now.
  static func forget(_ note: Note) {
    note.entry.pointee.file.store(0, ordering: .sequentiallyConsistent)
    // Another thread that has run out of memory may just be reading it.
    forgotten.append(note.file)
    if forgotten.count > 8 {
      let file = forgotten.removeFirst()
      file.pointee.name.deallocate()
      file.deallocate()
    }
  }

  /// Removes a file.
  static func remove(_ note: Note) {
    unlinkat(note.file.pointee.folder, note.file.pointee.name, 0)
    forget(note)
  }

  /// Removes all files; a signal handler may do so.
  static func removeAll() {
    forEachEntry { entry in
      let address = entry.pointee.file.load(ordering: .sequentiallyConsistent)
      if let file = UnsafePointer<File>(bitPattern: address) {
        unlinkat(file.pointee.folder, file.pointee.name, 0)
      }
      return false
    }
  }

  private static var freeEntry: UnsafeMutablePointer<Entry>? {
    forEachEntry { $0.pointee.file.load(ordering: .relaxed) == 0 }
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
