/// Why the processes of a job cannot work together.
public enum RanksError: Error, Hashable, CustomStringConvertible {
  /// A launcher has started this process, but Open MPI's library cannot be loaded, for this reason.
  case noLibrary(String)
  /// The library that was found is another MPI, of this name.
  case foreignLibrary(String)
  /// The launcher has started so many processes, but the library that was found does not connect them.
  case notConnected(processes: Int)
  /// An MPI function has failed.
  case failed(call: String, code: Int, message: String)

  /// A process has come to other numbers than the first from the same ones.
  case apart(process: Int)

  /// One sentence for the person who started the job.
  public var description: String {
    switch self {
    case .noLibrary(let reason):
      "this process was started by an MPI launcher, but Open MPI's library cannot be loaded: \(reason)"
    case .foreignLibrary(let name):
      "this process was started by an MPI launcher, but the MPI library is \(name), and only Open MPI is supported"
    case .notConnected(let processes):
      "the launcher started \(processes) processes, but Open MPI does not connect them; use the mpirun that belongs to the library, or srun --mpi=pmix"
    case .failed(let call, let code, let message):
      "\(call) failed with code \(code): \(message)"
    case .apart(let process):
      "process \(process) has come to other numbers than process 0; run all of them on the same kind of machine"
    }
  }
}
