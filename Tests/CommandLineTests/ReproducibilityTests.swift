import Foundation
import Testing

/// The promise of the numerics contract, kept by the program: losses and gradients to the byte.
@Suite struct ReproducibilityTests {
  /// Enough rows that batches of all of them are shared by threads.
  private static let rows = 20_000

  @Test(arguments: ["1", "63", "64", "100", "full"])
  func `instructions and threads change no byte of a run`(batchSize: String) throws {
    let sandbox = try Sandbox()
    let table = (0..<Self.rows).map { row in
      let x = Double(row * 7919 % 10_007) / 2500
      return "\(x),\(exp(-x) + 0.5 * sin(3 * x))\n"
    }
    try sandbox.write("x,y\n" + table.joined(), to: "data.csv")
    var expected: [Data]?
    for instructions in ["baseline", "avx2", "avx512"] {
      for threads in [1, 2, 3, 8] {
        let run = try sandbox.run(
          "backprop train --data data.csv --model 'a*exp(-b*x) + c*sin(d*x)' --init d=2.9 --epochs 2 "
            + "--lr 0.02 --batch-size \(batchSize) --threads \(threads) --csv loss.csv --trace -",
          environment: ["BACKPROP_SIMD": instructions])
        if instructions != "baseline", run.errors.contains("BACKPROP_SIMD") { continue }
        #expect(run.status == 0, "\(run)")
        let found = [try sandbox.read("loss.csv"), run.output]
        expected = expected ?? found
        #expect(found == expected, "\(instructions), \(threads) threads, batch size \(batchSize)")
      }
    }
  }
}
