import Foundation
import Testing

/// Jobs of several processes.
@Suite(.enabled(if: Job.isPossible, "mpirun is not installed"), .serialized) struct JobTests {
  @Test func `one to four ranks find the same bits`() throws {
    let alone = try Job.run("RanksTool check")
    #expect(alone.status == 0, "\(alone)")
    #expect(alone.output.split(separator: "\n").count == 24, "\(alone)")
    for count in 1...4 {
      let found = try Job.run("mpirun -n \(count) RanksTool check")
      #expect(found.status == 0, "\(found)")
      #expect(found.output == alone.output, "\(found)")
    }
  }

  @Test func `no library is loaded without a launcher, or for one process`() throws {
    for (command, isLoaded) in [
      ("RanksTool check", false),
      ("mpirun -n 1 RanksTool check", false),
      ("mpirun -n 2 RanksTool check", true),
      ("mpirun -n 1 env -u OMPI_COMM_WORLD_SIZE RanksTool check", true),
    ] {
      let found = try Job.run(
        command.replacing("RanksTool", with: "env LD_DEBUG=libs RanksTool"))
      #expect(found.status == 0, "\(found)")
      #expect(found.errors.contains("libc.so.6"), "the loader tells what it loads")
      #expect(found.errors.contains("find library=libmpi.so") == isLoaded, "\(command)")
    }
  }

  @Test func `a job of one whose launcher does not say so is joined`() throws {
    let found = try Job.run("mpirun -n 1 env -u OMPI_COMM_WORLD_SIZE RanksTool check")
    #expect(found.status == 0, "\(found)")
    #expect(try found.output == Job.run("RanksTool check").output)
  }

  @Test func `a rank that is killed ends the others`() throws {
    let start = ContinuousClock.now
    let found = try Job.run("mpirun -n 3 RanksTool die")
    #expect(found.status == 137, "\(found)")
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func `a rank that ends without leaving ends the others`() throws {
    let start = ContinuousClock.now
    let found = try Job.run("mpirun -n 2 RanksTool quit")
    #expect(found.status != 0, "\(found)")
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func `a rank that aborts ends the others`() throws {
    let found = try Job.run("mpirun -n 3 RanksTool abort")
    #expect(found.status == 7, "\(found)")
  }

  @Test func `a launcher that does not fit the library is told of`() throws {
    let found = try Job.run("OMPI_COMM_WORLD_SIZE=4 RanksTool check")
    #expect(found.status == 1)
    #expect(found.output.hasPrefix("error: the launcher started 4 processes, but"), "\(found)")
  }
}

/// What is found in place of Open MPI's library.
@Suite struct LibraryTests {
  /// Runs the tool as a launcher would, with another file under the names of MPI libraries.
  private func run(with library: String) throws -> Job {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["libmpi.so.40", "libmpi.so.12", "libmpi.so"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.appendingPathComponent(name).path, withDestinationPath: library)
    }
    return try Job.run("LD_LIBRARY_PATH='\(folder.path)' PMI_RANK=0 PMI_SIZE=2 RanksTool check")
  }

  @Test func `a foreign library is refused`() throws {
    let listed = try Job.run("ldd /bin/sh | grep -o '/[^ ]*/libc.so.6'")
    let library = try #require(listed.output.split(separator: "\n").first, "\(listed)")
    let found = try run(with: String(library))
    #expect(found.status == 1, "\(found)")
    #expect(found.output.contains("the MPI library is libmpi.so, and only Open MPI"), "\(found)")
  }

  @Test func `a library that cannot be loaded is told of`() throws {
    let found = try run(with: "/dev/null")
    #expect(found.status == 1, "\(found)")
    #expect(found.output.contains("cannot be loaded: "), "\(found)")
    #expect(found.output.contains("libmpi.so.40: "), "\(found)")
  }
}

/// A shell command that runs the tool, and what it left.
struct Job: CustomStringConvertible {
  let command: String
  let output: String
  let errors: String
  let status: Int32

  var description: String { "$ \(command)\nexit \(status)\n\(output)\n\(errors.suffix(2000))" }

  static let isPossible = (try? run("command -v mpirun").status) == 0

  static func run(_ command: String) throws -> Job {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "ulimit -t 60; " + command]
    var environment = ProcessInfo.processInfo.environment
    // The tool is beside the test bundle.
    let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent()
    environment["PATH"] = "\(products.path):\(environment["PATH"] ?? "/usr/bin:/bin")"
    // Test machines have few cores, and containers run as root.
    environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1"
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    let errors = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let written = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Job(
      command: command, output: String(decoding: written, as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self),
      status: process.terminationStatus)
  }
}
