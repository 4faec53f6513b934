import Glibc
import Models
import Tables

extension Source {
  /// Reads the table, or those of its columns that are wanted, and keeps it as flags say.
  func table(
    _ reading: TableReading, _ storage: StorageOptions,
    wanted: @escaping ([String]) -> Set<String>
  ) throws(Failure) -> KeptTable {
    if storage.isStreamed {
      return .files(try stored(reading, cache: storage.cache, wanted: wanted))
    }
    guard let cache = storage.cache else { return .memory(try table(reading, wanted: wanted)) }
    let stored = try stored(reading, cache: cache, wanted: wanted)
    do throws(TableError) { return .memory(try stored.whole()) } catch {
      throw Failure(error, advice: reading.advice)
    }
  }

  /// Finds the rows of the table, which stay in its files, or in a cache.
  ///
  /// What can be read only once is kept in the cache, or in a temporary file.
  private func stored(
    _ reading: TableReading, cache: Path?, wanted: @escaping ([String]) -> Set<String>
  ) throws(Failure) -> StoredTable {
    let paths: [Path] =
      switch self {
      case .lesson: preconditionFailure("the lesson is no file")
      case .standardInput: [Path("-")]
      case .file(let path): [path]
      case .files(let paths): paths
      }
    guard let cache else {
      let isPipe = parts.contains(where: \.canBeReadOnce)
      return try reading.stored(paths, in: isPipe ? .temporary() : nil, wanted: wanted)
    }
    // The first of several processes makes it.
    if !Job.isFirst { try Job.agree() }
    let stored = try stored(reading, in: cache, of: paths, wanted: wanted)
    if Job.isFirst { try Job.agree() }
    return stored.shared(by: Job.sharing)
  }

  /// Finds the rows in a cache, which is made if it is not there or of an older table.
  private func stored(
    _ reading: TableReading, in cache: Path, of paths: [Path],
    wanted: @escaping ([String]) -> Set<String>
  ) throws(Failure) -> StoredTable {
    let place = try Place(cache)
    if place.kind == .special {
      throw Failure(.usage, "--cache \(cache): a cache must be a regular file")
    }
    var wanted = wanted
    if let file = try CacheFile(opening: place) {
      do throws(TableError) {
        return try StoredTable(
          file, of: paths, format: reading.format, threads: reading.threads, wanted: wanted)
      } catch {
        guard case .staleCache = error.reason else { throw Failure(error) }
        Diagnostics.say("note: \(error), and is made again")
        // Runs that read different columns share it.
        let (kept, others) = (Set(file.columns), wanted)
        wanted = { names in others(names).union(kept.intersection(names)) }
      }
    }
    try place.checkCanWrite()
    place.removeLeftovers()
    let draft = try Draft(for: place)
    let stored: StoredTable
    do throws(Failure) {
      let file = CacheFile(descriptor: draft.duplicate(), name: "\(cache)")
      stored = try reading.stored(paths, in: file, wanted: wanted)
    } catch {
      draft.discard()
      throw error
    }
    try draft.commitFilled()
    return stored
  }

  /// Whether nothing of it can be read again.
  private var canBeReadOnce: Bool {
    guard let status else { return false }
    return !status.isRegular
  }
}

extension TableReading {
  /// Finds the rows of files, and keeps them in a cache if there is one.
  fileprivate func stored(
    _ paths: [Path], in cache: CacheFile?, wanted: @escaping ([String]) -> Set<String>
  ) throws(Failure) -> StoredTable {
    do throws(TableError) {
      return try StoredTable(
        readingCSV: paths, format: format, threads: threads, wanted: wanted, cache: cache,
        sharing: Job.sharing)
    } catch {
      throw Failure(error, advice: advice)
    }
  }
}

extension CacheFile {
  /// The file at a place; nil if nothing is there, or an empty file.
  fileprivate convenience init?(opening place: Place) throws(Failure) {
    let descriptor = place.name.withCString { openat(place.folder, $0, O_RDONLY | O_CLOEXEC) }
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else {
      throw Failure(.noInput, "--cache \(place.path): cannot open: \(reason(errno))")
    }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_size == 0 {
      Glibc.close(descriptor)
      return nil
    }
    self.init(descriptor: descriptor, name: "\(place.path)")
  }

  /// A file that is gone when it is closed, or with the process.
  fileprivate static func temporary() throws(Failure) -> CacheFile {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(folder)/backprop-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw .cannotCreate(Path(folder), errno) }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    return CacheFile(descriptor: descriptor, name: "a temporary file in \(folder)")
  }
}
