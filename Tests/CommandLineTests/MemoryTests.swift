import Foundation
import Testing

/// What is said where memory cannot be had.
@Suite struct MemoryTests {
  /// What makes the table, what is trained, and how many kilobytes the process may have.
  static let runs: [(table: String, flags: String, limit: Int)] = [
    ("echo x,y; echo 1,2", "--model 'inputs |> dense(9000) |> dense(9000) |> dense(1)'", 400_000),
    ("echo t,y; for k in 1 2 3; do seq -f 'k%.0f,1' 15000; done", "--model linear", 1_000_000),
  ]

  @Test(arguments: runs)
  func `memory that cannot be had is one line, an exit code, and nothing left behind`(
    table: String, flags: String, limit: Int
  ) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      (\(table)) > table.csv; ulimit -v \(limit)
      backprop train --data table.csv \(flags) --batch-size full --epochs 1 --threads 1 --save model
      """)
    #expect(result.status == 74, "\(result)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
    #expect(result.errors.hasPrefix("backprop: "), "\(result)")
    let left = try FileManager.default.contentsOfDirectory(atPath: sandbox.folder.path)
    #expect(left.filter { !$0.hasPrefix(".") } == ["table.csv"], "\(left)")
  }
}
