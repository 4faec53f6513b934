internal import CMPI

/// The processes of a job that a launcher, `mpirun` or `srun`, has started to work together.
///
/// Each has a rank. All of them make the same calls in the same order, from the thread that joined.
public final class Ranks {
  /// This process's number among those of the job.
  public let rank: Int
  /// The number of processes in the job.
  public let count: Int
  /// How many bytes of payload this rank has sent, counted once for each rank that gets them.
  public internal(set) var bytesSent = 0

  private init(rank: Int, count: Int) {
    (self.rank, self.count) = (rank, count)
  }

  /// Joins the job that a launcher has started this process for; `nil` where none has, or only this one.
  ///
  /// Alone, a process looks at its environment and no more: no library is loaded. To be called once.
  public static func joinIfLaunched() throws(RanksError) -> Ranks? {
    let launched = bp_mpi_launched()
    if launched == 0 || launched == 1 { return nil }
    var finding = BP_MPI_LOADED
    let text = self.text { finding = bp_mpi_load($0, $1) }
    switch finding {
    case BP_MPI_LOADED: break
    case BP_MPI_FOREIGN_LIBRARY: throw .foreignLibrary(text)
    default: throw .noLibrary(text)
    }
    var (rank, count): (Int32, Int32) = (0, 0)
    try check(bp_mpi_join(&rank, &count))
    if count == 1, launched > 1 {
      try check(bp_mpi_leave())
      throw .notConnected(processes: launched)
    }
    return Ranks(rank: Int(rank), count: Int(count))
  }

  /// The name and version of the MPI library.
  public var library: String { Self.text { bp_mpi_version($0, $1) } }

  /// Waits until every rank is here.
  public func barrier() throws(RanksError) { try Self.check(bp_mpi_barrier()) }

  /// Leaves the job, together with all others; no call may follow.
  ///
  /// A process of a job that ends without it takes the others with it.
  public func leave() throws(RanksError) { try Self.check(bp_mpi_leave()) }

  /// Ends all processes of the job at once; the launcher returns the code.
  public func abort(code: Int32) -> Never { bp_mpi_abort(code) }

  /// Gives every rank the bytes of one; they may differ in number before.
  public func broadcast(_ bytes: inout [UInt8], from root: Int) throws(RanksError) {
    precondition(0..<count ~= root, "The root is a rank of the job")
    var size = bytes.count
    try Self.check(bp_mpi_broadcast(&size, MemoryLayout<Int>.size, Int32(root)))
    if rank != root { bytes = [UInt8](repeating: 0, count: size) }
    let result = bytes.withUnsafeMutableBytes {
      bp_mpi_broadcast($0.baseAddress, size, Int32(root))
    }
    try Self.check(result)
    if rank == root { bytesSent += size * (count - 1) }
  }

  /// Gives every rank the bytes of all, in the order of ranks; each may have another number of them.
  public func allGather(_ bytes: [UInt8]) throws(RanksError) -> [[UInt8]] {
    var sizes = [Int](repeating: 0, count: count)
    sizes[rank] = bytes.count
    let sized = sizes.withUnsafeMutableBytes {
      bp_mpi_all_gather_equal($0.baseAddress, MemoryLayout<Int>.size)
    }
    try Self.check(sized)
    var offsets = [0]
    for size in sizes { offsets.append(offsets[offsets.count - 1] + size) }
    var all = [UInt8](repeating: 0, count: offsets[count])
    all.replaceSubrange(offsets[rank]..<offsets[rank + 1], with: bytes)
    let result = all.withUnsafeMutableBytes { bp_mpi_all_gather($0.baseAddress, offsets) }
    try Self.check(result)
    bytesSent += bytes.count * (count - 1)
    return zip(offsets, offsets.dropFirst()).map { Array(all[$0..<$1]) }
  }

  /// Gives every rank the values of all, in the order of ranks; each has the same number of them.
  ///
  /// Allocates nothing. The result must have room for all of them.
  public func allGather<Value: BitwiseCopyable>(
    _ values: Span<Value>, into all: inout MutableSpan<Value>
  ) throws(RanksError) {
    precondition(all.count == count * values.count, "There is room for the values of every rank")
    let size = values.count * MemoryLayout<Value>.stride
    let result = values.withUnsafeBytes { own in
      all.withUnsafeMutableBytes { all in
        if let start = all.baseAddress, let own = own.baseAddress {
          (start + rank * size).copyMemory(from: own, byteCount: size)
        }
        return bp_mpi_all_gather_equal(all.baseAddress, size)
      }
    }
    try Self.check(result)
    bytesSent += size * (count - 1)
  }

  /// Throws what a call to MPI returned, unless it went well.
  static func check(_ result: bp_mpi_result) throws(RanksError) {
    guard result.code != 0 else { return }
    throw .failed(
      call: String(cString: result.call), code: Int(result.code),
      message: text { bp_mpi_describe(result.code, $0, $1) })
  }

  /// A text that C writes into a buffer.
  private static func text(_ write: (UnsafeMutablePointer<CChar>?, Int) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
      buffer.initialize(repeating: 0)
      write(buffer.baseAddress, buffer.count)
      return buffer.baseAddress.map { String(cString: $0) } ?? ""
    }
  }
}
