import Foundation
import Testing

/// Tables of some megabytes that are hard on a reader.
@Suite struct LargeTableTests {
  /// What makes the table, and the program's exit code.
  static let tables: [(String, Int32)] = [
    ("echo x; yes 1 | head -c 4000000", 0),
    ("echo x; seq -f a%.0f 500000", 65),
    ("echo x; seq 400000; echo a", 65),
    ("echo x,b,c,d; yes ,,, | head -c 4000000", 65),
    ("echo x; head -c 4000000 /dev/zero | tr '\\0' 7", 65),
    ("echo x; head -c 4000000 /dev/zero | tr '\\0' '\"'", 65),
    ("echo x; yes '\"a' | head -c 4000000", 65),
    ("yes '' | head -c 4000000", 65),
    ("head -c 4000000 /dev/zero | tr '\\0' ,", 65),
    ("echo x; head -c 4000000 /dev/zero", 65),
    ("(echo x; seq -f c%.0f 200000) | paste -sd,; yes 1 | head -200001 | paste -sd,", 0),
  ]

  @Test(arguments: tables)
  func `reading takes a small multiple of the input's memory`(
    table: String, status: Int32
  ) throws {
    let sandbox = try Sandbox()
    // In kilobytes, with those that the program takes by itself.
    let result = try sandbox.run(
      """
      (\(table)) > table.csv; ulimit -d 100000
      backprop train --data table.csv --target x --epochs 1 --batch-size full --threads 2
      """)
    #expect(result.status == status, "\(result)")
    // What is wrong with the table, or that the target is in its own model.
    #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
  }
}
