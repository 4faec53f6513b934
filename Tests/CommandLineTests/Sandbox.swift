import Foundation
import Testing

/// A fresh folder in which the built program runs; it goes away with its owner.
final class Sandbox {
  /// What a run left: its streams and its exit code, 128 + n for a signal n.
  struct Result: CustomStringConvertible {
    let command: String
    let output: Data
    let errors: String
    let status: Int32

    var text: String { String(decoding: output, as: UTF8.self) }
    var description: String {
      "$ \(command)\nexit \(status)\n--- standard output\n\(text.prefix(2000))\n--- standard error\n\(errors)"
    }
  }

  /// The folder with the built program, beside the test bundle.
  static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("backprop-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Runs a shell command in the folder, with `backprop` on the path.
  func run(
    _ command: String, input: String = "", environment extra: [String: String] = [:]
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    // No test may hang: a run that does not end is killed.
    process.arguments = ["-c", "ulimit -t 60; " + command]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = "\(Self.products.path):\(environment["PATH"] ?? "/usr/bin:/bin")"
    process.environment = environment.merging(extra) { $1 }
    // Files, not pipes: a run may write more than a pipe holds before anyone reads.
    let streams = ["in", "out", "err"].map { folder.appendingPathComponent(".\($0)") }
    try Data(input.utf8).write(to: streams[0])
    for stream in streams[1...] { try Data().write(to: stream) }
    process.standardInput = try FileHandle(forReadingFrom: streams[0])
    process.standardOutput = try FileHandle(forWritingTo: streams[1])
    process.standardError = try FileHandle(forWritingTo: streams[2])
    try process.run()
    process.waitUntilExit()
    let signalled = process.terminationReason == .uncaughtSignal
    defer { for stream in streams { try? FileManager.default.removeItem(at: stream) } }
    return Result(
      command: command, output: try Data(contentsOf: streams[1]),
      errors: String(decoding: try Data(contentsOf: streams[2]), as: UTF8.self),
      status: process.terminationStatus + (signalled ? 128 : 0))
  }

  /// Puts the package's samples here.
  func addSamples() throws {
    try FileManager.default.copyItem(
      at: Self.repository.appendingPathComponent("samples"),
      to: folder.appendingPathComponent("samples"))
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  /// The text of a file.
  func text(of name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

  func read(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent(name))
  }

  /// The names of the files in the folder, sorted.
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  /// The bytes of a fixture of this target.
  static func fixture(_ path: String) throws -> Data {
    let fixtures = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    return try Data(contentsOf: fixtures.appendingPathComponent(path))
  }

  /// The repository's top folder, for files that are shipped but not test data.
  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}
