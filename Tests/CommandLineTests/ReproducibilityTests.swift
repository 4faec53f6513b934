import Autograd
import Foundation
import Testing

/// The promise of the numerics contract, kept by the program: losses and gradients to the byte.
@Suite struct ReproducibilityTests {
  /// Enough rows that batches of all of them are shared by threads.
  private static let rows = 20_000

  @Test(arguments: ["1", "63", "64", "100", "full"])
  func `threads change no byte of a run`(batchSize: String) throws {
    try compare(.baseline, batchSize)
  }

  @Test(.requires(.avx2), arguments: ["1", "63", "64", "100", "full"])
  func `a run at avx2 has the bytes of one at baseline`(batchSize: String) throws {
    try compare(.avx2, batchSize)
  }

  @Test(.requires(.avx512), arguments: ["1", "63", "64", "100", "full"])
  func `a run at avx512 has the bytes of one at baseline`(batchSize: String) throws {
    try compare(.avx512, batchSize)
  }

  @Test func `a run in machine code has the bytes of one that is interpreted`() throws {
    let sandbox = try Sandbox()
    let table = (0..<5000).map { row in
      let x = Double(row * 7919 % 10_007) / 2500
      return "\(x),\(exp(-x) + 0.5 * sin(3 * x))\n"
    }
    try sandbox.write("x,y\n" + table.joined(), to: "data.csv")
    for precision in ["float32", "float64"] {
      let left = try [[:], ["BACKPROP_INTERPRET": "1"]].map { environment in
        let run = try sandbox.run(
          "backprop train --data data.csv --model 'a*exp(-b*x) + c*sin(d*x)' --init d=2.9 --epochs 3 "
            + "--lr 0.02 --precision \(precision) --csv loss.csv --save model.safetensors",
          environment: environment)
        #expect(run.status == 0, "\(run)")
        return try ["loss.csv", "model.safetensors"].map(sandbox.read)
      }
      #expect(left[0] == left[1], "\(precision)")
    }
  }

  private func compare(_ level: SIMDLevel, _ batchSize: String) throws {
    let sandbox = try Sandbox()
    let table = (0..<Self.rows).map { row in
      let x = Double(row * 7919 % 10_007) / 2500
      return "\(x),\(exp(-x) + 0.5 * sin(3 * x))\n"
    }
    try sandbox.write("x,y\n" + table.joined(), to: "data.csv")
    try sandbox.compareWithBaseline(
      level, files: ["loss.csv", "trace"],
      "backprop train --data data.csv --model 'a*exp(-b*x) + c*sin(d*x)' --init d=2.9 --epochs 2 "
        + "--lr 0.02 --batch-size \(batchSize) --csv loss.csv --trace trace")
  }
}

extension Sandbox {
  /// Runs a command at a SIMD level with several numbers of threads, and expects the files that it leaves to
  /// have the bytes of a run of one thread at baseline.
  func compareWithBaseline(_ level: SIMDLevel, files: [String], _ command: String) throws {
    func left(at level: SIMDLevel, threads: Int) throws -> [Data] {
      let run = try run(
        "\(command) --threads \(threads)", environment: ["BACKPROP_SIMD": level.rawValue])
      #expect(run.status == 0, "\(run)")
      return try files.map(read)
    }
    let expected = try left(at: .baseline, threads: 1)
    for threads in [1, 2, 3, 8] {
      #expect(try left(at: level, threads: threads) == expected, "\(level), \(threads) threads")
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test if the machine lacks the level.
  static func requires(_ level: SIMDLevel) -> Self {
    .enabled(if: level.isSupported, "this machine lacks the SIMD level \(level.rawValue)")
  }
}
