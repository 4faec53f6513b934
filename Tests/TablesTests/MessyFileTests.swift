import Testing

@testable import Tables

@Suite struct MessyFileTests {
  @Test(arguments: MessyFile.ofNumbers, [1, 2, 3, 8])
  func `a file gives its columns or says what is wrong, on any number of threads`(
    file: MessyFile, threads: Int
  ) {
    let found = outcome(file, threads: threads) { column throws(TableError) in
      try column.numbers.get().map(\.shortestDecimal)
    }
    #expect(found == file.outcome)
  }

  @Test(arguments: MessyFile.ofCategories, [1, 2, 3, 8])
  func `a file gives categories or says what is wrong, on any number of threads`(
    file: MessyFile, threads: Int
  ) {
    let found = outcome(file, threads: threads) { column throws(TableError) in
      let found = try column.categories()
      return ["[\(found.levels.joined(separator: " "))]"] + found.codes.map(String.init)
    }
    #expect(found == file.outcome)
  }

  @Test(arguments: MessyFile.ofNumbers + MessyFile.ofCategories)
  func `rows lie on the same lines on any number of threads`(file: MessyFile) throws {
    guard let alone = try? table(file, threads: 1) else { return }
    let lines = (0..<alone.rowCount).map(alone.line(ofRow:))
    for threads in 2...9 {
      let shared = try table(file, threads: threads)
      #expect((0..<shared.rowCount).map(shared.line(ofRow:)) == lines)
      #expect(shared.columns.map(\.isText) == alone.columns.map(\.isText))
    }
  }

  private func table(_ file: MessyFile, threads: Int) throws(TableError) -> Table {
    try Table(
      FileBytes(file.bytes, name: "t"), name: "t", format: file.format, threads: threads,
      leastPart: 1)
  }

  private func outcome(
    _ file: MessyFile, threads: Int, _ values: (Column) throws(TableError) -> [String]
  ) -> String {
    do {
      return try table(file, threads: threads).columns.map { column in
        do throws(TableError) {
          return "\(column.name): \(try values(column).joined(separator: " "))"
        } catch {
          return error.description
        }
      }.joined(separator: "; ")
    } catch {
      return error.description
    }
  }
}
