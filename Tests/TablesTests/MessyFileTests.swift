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

  @Test(arguments: MessyFile.ofNumbers + MessyFile.ofCategories, [1, 3])
  func `a column that is read alone is what it is among all`(
    file: MessyFile, threads: Int
  ) throws {
    let whole: Table
    do { whole = try table(file, threads: threads) } catch {
      #expect(throws: error) { try table(file, threads: threads, wanted: []) }
      return
    }
    for name in whole.columnNames {
      let alone = try table(file, threads: threads, wanted: [name])
      #expect(alone.columnNames == whole.columnNames)
      #expect((0..<alone.rowCount).map(alone.line(ofRow:)) == (0..<whole.rowCount).map(whole.line))
      let same = whole.columns.filter { $0.name == name }
      // What has no name at the end is read to see whether it is a column.
      let found = alone.columns.filter { $0.name == name }
      #expect(found.count == same.count)
      #expect(alone.field(ofColumn: name) == whole.field(ofColumn: name))
      for (one, other) in zip(found, same) {
        #expect(one.isText == other.isText)
        #expect(text(of: one) == text(of: other))
      }
    }
  }

  @Test func `nothing is kept of columns that are not wanted`() throws {
    let table = try Table(csv: "a,x,t\n1,2,one\n3,4,two\n".utf8, name: "t") { names in
      #expect(names == ["a", "x", "t"])
      return ["x"]
    }
    #expect(table.columns.map(\.name) == ["x"] && table.columnNames == ["a", "x", "t"])
    #expect(try table.numbers(of: "x") == [2, 4])
    #expect(table.column(named: "t") == nil && table.field(ofColumn: "x") == 2)
  }

  private func text(of column: Column) -> [String] {
    let numbers =
      switch column.numbers {
      case .success(let numbers): "\(numbers.map(\.shortestDecimal))"
      case .failure(let error): error.description
      }
    do throws(TableError) { return try [numbers, "\(column.categories())"] } catch {
      return [numbers, error.description]
    }
  }

  private func table(
    _ file: MessyFile, threads: Int, wanted: Set<String>? = nil
  ) throws(TableError) -> Table {
    try Table(
      FileBytes(file.bytes, name: "t"), name: "t", format: file.format, threads: threads,
      leastPart: 1, wanted: wanted.map { wanted in { _ in wanted } })
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
