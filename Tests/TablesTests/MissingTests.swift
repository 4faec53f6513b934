import Tables
import Testing

@Suite struct MissingTests {
  private static let text = """
    x,name,y
    1,a,10
    ,b,20
    3,,30
    NA,c,
    1e9,b,50

    """

  private func table(_ text: String = text) throws -> Table {
    var format = TableFormat()
    format.missing = ["NA"]
    return try Table(csv: text.utf8, name: "t", format: format)
  }

  @Test func `rows with a missing value are left out of all columns`() throws {
    let dropped = try table().handling(.drop, in: ["x"])
    #expect(dropped.rowCount == 3)
    #expect(try dropped.numbers(of: "x") == [1, 3, 1e9])
    #expect(try dropped.numbers(of: "y") == [10, 30, 50])
    #expect((0..<3).map(dropped.line(ofRow:)) == [2, 4, 6])
  }

  @Test func `only the columns asked for count`() throws {
    let table = try table()
    #expect(try table.handling(.error, in: []).rowCount == 5)
    #expect(try table.handling(.drop, in: ["y"]).rowCount == 4)
    let dropped = try table.handling(.drop, in: ["y", "x"])
    let error = #expect(throws: TableError.self) {
      try dropped.column(named: "name")?.categories()
    }
    #expect(error?.reason == .missingValue(column: "'name'") && error?.line == 4)
    #expect(try dropped.handling(.drop, in: ["name"]).numbers(of: "x") == [1, 1e9])
  }

  @Test func `categories are in order of first appearance among the rows left`() throws {
    let categories = try table("x,name\n,z\n1,b\n2,a\n3,b\n").handling(.drop, in: ["x"])
      .column(named: "name")?.categories()
    #expect(categories == Categories(levels: ["b", "a"], codes: [0, 1, 0]))
  }

  @Test func `numbers are replaced by the mean of the others`() throws {
    let filled = try table().handling(.mean, in: ["y", "x"])
    #expect(filled.rowCount == 5)
    let mean = (1.0 + 3 + 1e9) / 3
    #expect(try filled.numbers(of: "x") == [1, mean, 3, mean, 1e9])
    #expect(try filled.numbers(of: "y") == [10, 20, 30, 27.5, 50])
    #expect(filled.line(ofRow: 4) == 6)
  }

  @Test func `without a policy the first missing value is an error`() throws {
    let table = try table()
    let error = try #require(
      #expect(throws: TableError.self) { try table.handling(.error, in: ["y", "name", "x"]) })
    #expect(
      error.description
        == "t:3:1: a value of column 'x' is missing; leave such rows out, or fill in "
        + "the column's mean")
    #expect(throws: error) { try table.numbers(of: "x") }
    #expect(throws: error) { try table.column(named: "x")?.categories() }
  }

  @Test(arguments: [
    (
      MissingPolicy.mean, text, "name",
      "t:4:2: a value of column 'name' is missing, which holds text and has no mean; "
        + "leave such rows out"
    ),
    (
      .mean, "x,y\n,1\nNA,2\n", "x",
      "t:2:1: a value of column 'x' is missing, and the others have no finite mean; "
        + "leave such rows out"
    ),
    (
      .drop, "x,y\n,1\nNA,2\n", "x",
      "t: every row has a missing value, so no rows are left; use fewer columns"
    ),
  ])
  func `what cannot be done is an error`(
    policy: MissingPolicy, text: String, column: String, message: String
  ) throws {
    let error = #expect(throws: TableError.self) {
      try table(text).handling(policy, in: [column])
    }
    #expect(error?.description == message)
  }

  @Test(arguments: [("1e308", 1e308), ("5e-324", Double.leastNonzeroMagnitude)])
  func `a mean is found though the sum overflows, or is subnormal`(
    text: String, mean: Double
  ) throws {
    let filled = try table("x\n\(text)\n\(text)\nNA\n").handling(.mean, in: ["x"])
    #expect(try filled.numbers(of: "x") == [mean, mean, mean])
    #expect(try table("x\n\(text)\n\(text)\n").means(of: ["x"]) == ["x": mean])
  }

  @Test func `a fault that goes with its row is gone`() throws {
    let text = "x,y,z\n1,,1\n\u{FFFD},,2\nbad,,3\n2,5,4\n1e999,,5\n3,6,6\n"
    let table = try table(text)
    let dropped = try table.handling(.drop, in: ["y"])
    #expect(throws: TableError.self) { try table.numbers(of: "x") }
    #expect(try dropped.numbers(of: "x") == [2, 3])
    #expect(try dropped.numbers(of: "z") == [4, 6])
  }

  @Test(arguments: [
    (
      "1,\nbad,\nworse,5\n2,6\nbad,\n",
      "t:4:1: 'worse' is not a number; column 'x' must hold numbers"
    ),
    (
      "bad,\n1e999,5\nx,6\n",
      "t:3:1: '1e999' in column 'x' is too large for a double; the limit is 1.8e308"
    ),
    (
      "bad,\n1,5\n-,6\n-,7\n",
      "t:4:1: '-' is not a number; column 'x' must hold numbers; '-' may stand for a missing value"
    ),
    (
      "NA,\n-,6\n",
      "t:3:1: '-' is not a number; column 'x' must hold numbers; '-' may stand for a missing value"
    ),
    (
      "bad,\nNA,6\n7,7\n",
      "t:3:1: a value of column 'x' is missing; leave such rows out, or fill in "
        + "the column's mean"
    ),
  ])
  func `the first fault among the rows left is the error`(rows: String, message: String) throws {
    let dropped = try table("x,y\n" + rows).handling(.drop, in: ["y"])
    let error = #expect(throws: TableError.self) { try dropped.numbers(of: "x") }
    #expect(error?.description == message)
  }

  @Test func `text that is not UTF-8 counts while its row is there`() throws {
    let bytes =
      Array("x,y\na,1\n".utf8) + [0xF6] + Array(",\nb,2\n".utf8) + [0xFC]
      + Array(",3\nb,4\n".utf8)
    let error = #expect(throws: TableError.self) {
      try Table(csv: bytes, name: "t").handling(.drop, in: ["y"]).columns[0].categories()
    }
    #expect(error?.reason == .textNotUTF8(column: "'x'") && error?.line == 5)
    let last = Array("x,y\na,1\n".utf8) + [0xF6] + Array(",\nb,2\n".utf8)
    let left = try Table(csv: last, name: "t").handling(.drop, in: ["y"]).columns[0]
    #expect(try left.categories().levels == ["a", "b"])
  }

  @Test func `a number beyond a double's range does not make text`() throws {
    let columns = try table("x,y\n1e999,1e999\n1,a\n").columns
    #expect(columns.map(\.isText) == [false, true])
  }
}
