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

  /// Waits until every rank is here.
  public func barrier() throws(RanksError) { try Self.check(bp_mpi_barrier()) }

  /// Leaves the job, together with all others; no call may follow.
  ///
  /// A process of a job that ends without it takes the others with it.
  public func leave() throws(RanksError) { try Self.check(bp_mpi_leave()) }

  /// Ends all processes of the job at once; the launcher returns the code.
  public func abort(code: Int32) -> Never { bp_mpi_abort(code) }

  /// Gives every rank the bytes of all, in the order of ranks; each may have another number of them.
  public func allGather(_ bytes: [UInt8]) throws(RanksError) -> [[UInt8]] {
    var offsets = [0]
    for size in try allGather(bytes.count) { offsets.append(offsets[offsets.count - 1] + size) }
    var all = [UInt8](repeating: 0, count: offsets[count])
    all.replaceSubrange(offsets[rank]..<offsets[rank + 1], with: bytes)
    let result = all.withUnsafeMutableBytes { bp_mpi_all_gather($0.baseAddress, offsets) }
    try Self.check(result)
    bytesSent += bytes.count * (count - 1)
    return zip(offsets, offsets.dropFirst()).map { Array(all[$0..<$1]) }
  }

  /// Gives every rank the numbers of all, in the order of ranks.
  public func allGather<Number: FixedWidthInteger & BitwiseCopyable>(
    _ number: Number
  ) throws(RanksError) -> [Number] {
    var all = [Number](repeating: 0, count: count)
    all[rank] = number
    let size = MemoryLayout<Number>.size
    let result = all.withUnsafeMutableBytes { bp_mpi_all_gather_equal($0.baseAddress, size) }
    try Self.check(result)
    bytesSent += size * (count - 1)
    return all
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
