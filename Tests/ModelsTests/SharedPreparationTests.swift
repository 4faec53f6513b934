import Formula
import Foundation
import Testing

@testable import Models
@testable import Tables
@testable import TablesTests

/// Models that are bound by several processes, each of which reads its part of the table.
@Suite struct SharedPreparationTests {
  /// Rows with texts, some of which come late, numbers of all sizes, gaps and weights.
  private static func table(rowCount: Int, seed: Int) -> String {
    let rows = (0..<rowCount).map { row in
      let mixed = (row + seed) * 7919 % 10_007
      let kind = row > rowCount / 2 ? "k\(mixed % 13)" : "k\(mixed % 3)"
      let number = Double(mixed % 501 - 250) * (mixed % 17 == 0 ? 1e6 : 1e-3)
      let gap = mixed % 29 == 5 ? (row % 2 == 0 ? "" : "NA") : "\(mixed % 83)"
      let weight = row < rowCount * 3 / 4 ? mixed % 2 : 3
      return "\(number),\(gap),\(kind),\"\(mixed % 2)\n\n1\",\(weight),\(mixed % 4)\n"
    }
    return "a,b,kind,note,w,y\n" + rows.joined()
  }

  static let preparations: [Preparation] = {
    func preparation(
      _ formula: String, loss: String = "mse", weights: String? = nil, condition: String? = nil,
      missing: MissingPolicy = .error, standardization: Standardization? = .all
    ) throws -> Preparation {
      var preparation = Preparation(try specification(formula, loss: loss, weights: weights))
      preparation.condition = try condition.map { try Formula($0) }
      preparation.missing = missing
      preparation.standardization = standardization
      return preparation
    }
    let made = try? [
      preparation("p*a + q"),
      preparation("p*a + q*b", weights: "w", missing: .drop),
      preparation("p*a + q*b", condition: "kind != 'k1'", missing: .mean),
      preparation("p*a + (kind == 'k7')", condition: "kind != 'k2' && a < 1e5"),
      preparation(
        "inputs |> dense(classes)", loss: "cross-entropy", missing: .drop, standardization: .inputs),
      preparation("p*a + q", condition: "a > 1e300"),
      preparation("p*a + q*b"),
      preparation("p*a", weights: "y", condition: "y < 1"),
    ]
    return made ?? []
  }()

  /// All that a model is bound to, or what is wrong.
  private func text(of bound: () throws -> BoundModel) -> String {
    do {
      let bound = try bound()
      let rows = bound.storedRows
      let scalings = bound.model.scalings.sorted { $0.key < $1.key }
      return [
        "\(bound.rowCount) \(bound.model.schema.allLevels.sorted { $0.key < $1.key })",
        "\(scalings.map { [$0.value.center.bitPattern, $0.value.scale.bitPattern] })",
        "\((0..<bound.table.rowCount).map(bound.table.line(ofRow:)))",
        "\(bound.table.columns.map { "\($0.name) \($0.isText) \((try? $0.categories()) as Any)" })",
        "\(stride(from: 0, to: bound.rowCount, by: 37).map { rows?.place(ofRow: $0)?.line ?? 0 })",
      ].joined(separator: "\n")
    } catch {
      return "\(error)"
    }
  }

  @Test(
    arguments: preparations.indices.map { ($0, 200, 100) } + [(1, 4500, 20_000), (3, 4500, 9000)])
  func `processes that share a table bind a model to it as one does`(
    number: Int, rows: Int, partBytes: Int
  ) throws {
    let preparation = Self.preparations[number]
    let file = try StoredTableTests.File(Array(Self.table(rowCount: rows, seed: number).utf8))
    @Sendable func stored(_ sharing: Sharing?) throws(TableError) -> StoredTable {
      try StoredTableTests().stored(
        [file], StoredTableTests.Way(threads: 1, partBytes: partBytes), sharing: sharing)
    }
    let alone = text { try preparation.bind(to: stored(nil)) }
    for count in [2, 5] {
      let found = Meeting.results(of: count) { sharing in
        let text = text { try preparation.bind(to: stored(sharing)) }
        return (text, isShared: sharing.gather { sharing.rank } == Array(0..<count))
      }
      for process in found {
        let isSame = process.0 == alone
        #expect(isSame, "\(process.0.prefix(200)), alone \(alone.prefix(200))")
        // Rows of the seventh are at fault, so that each has gone through all of them by itself.
        #expect(process.isShared == (number != 6))
      }
    }
  }

  @Test func `the preparations are bound, but for those that are to fail`() throws {
    let file = try StoredTableTests.File(Array(Self.table(rowCount: 300, seed: 0).utf8))
    let texts = Self.preparations.map { preparation in
      text { try preparation.bind(to: StoredTable(readingCSV: [file.path])) }
    }
    #expect(texts.count == 8 && texts.prefix(5).allSatisfy { $0.contains("\n") })
    #expect(texts.suffix(3).allSatisfy { !$0.contains("\n") }, "\(texts.suffix(3))")
  }
}
