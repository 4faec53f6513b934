import Formula
import Testing

@testable import Models
@testable import Tables

@Suite struct FoldTests {
  private func folds(
    _ count: Int, _ classes: [Int], seed: UInt64 = 0, isStratified: Bool = false
  ) -> [(heldOut: [Int], others: [Int])] {
    (0..<count).map {
      Fold($0, of: count, seed: seed, isStratified: isStratified).divide(classes)
    }
  }

  @Test(arguments: [2, 3, 5, 7, 10], [10, 11, 23])
  func `each row is held out once, and sizes differ by one at most`(count: Int, rows: Int) {
    let folds = folds(count, [Int](repeating: 0, count: rows))
    #expect(folds.flatMap(\.heldOut).sorted() == Array(0..<rows))
    for fold in folds {
      #expect(fold.heldOut == fold.heldOut.sorted() && fold.others == fold.others.sorted())
      #expect((fold.heldOut + fold.others).sorted() == Array(0..<rows))
      #expect([rows / count, (rows + count - 1) / count].contains(fold.heldOut.count))
    }
  }

  @Test func `each class of stratified folds is dealt evenly`() {
    let classes = (0..<97).map { $0 % 10 == 0 ? 2 : $0 % 3 == 0 ? 1 : 0 }
    let folds = folds(5, classes, isStratified: true)
    #expect(folds.flatMap(\.heldOut).sorted() == Array(0..<97))
    for value in 0..<3 {
      let counts = folds.map { fold in fold.heldOut.count { classes[$0] == value } }
      #expect(counts.max()! - counts.min()! <= 1, "\(counts)")
    }
    let sizes = folds.map(\.heldOut.count)
    #expect(sizes.max()! - sizes.min()! <= 1)
    // Dealt without regard to classes they would not be even.
    let plain = self.folds(5, classes).map { fold in fold.heldOut.count { classes[$0] == 2 } }
    #expect(plain.max()! - plain.min()! > 1)
  }

  @Test func `the order is that of the seed`() {
    let classes = [Int](repeating: 0, count: 20)
    #expect(folds(4, classes)[0].heldOut == folds(4, classes)[0].heldOut)
    #expect(folds(4, classes)[0].heldOut != folds(4, classes, seed: 1)[0].heldOut)
    // Philox4x32-10 under seed 0 and stream 2, and Fisher and Yates, computed by a program of its own.
    #expect(folds(4, classes)[0].heldOut == Self.independent)
  }

  private static let independent = [2, 4, 6, 12, 16]
}

@Suite struct FoldBindingTests {
  private func bound(
    _ csv: String, fold: Fold, target: String = "y"
  ) throws -> BoundModel {
    let table = try Table(csv: Array(csv.utf8), name: "t.csv")
    var preparation = Preparation(
      Specification(formula: try .init("w*x"), loss: .squaredError, target: target))
    preparation.validation = .fold(fold)
    return try preparation.bind(to: table)
  }

  private static let rows = "x,y\n" + (1...9).map { "\($0),\(2 * $0)\n" }.joined()

  @Test func `a fold is held out, and the other rows keep their order`() throws {
    let bound = try bound(Self.rows, fold: Fold(0, of: 3, seed: 0))
    #expect(bound.table.rowCount == 6 && bound.validation?.rowCount == 3)
    let (kept, heldOut) = (
      try bound.table.numbers(of: "x"), try bound.validation?.numbers(of: "x") ?? []
    )
    #expect(kept == kept.sorted() && (kept + heldOut).sorted() == (1...9).map { Double($0) })
  }

  @Test func `there must be a row for each fold`() {
    #expect {
      try bound(Self.rows, fold: Fold(0, of: 10, seed: 0))
    } throws: {
      "\($0)" == "t.csv: 10 folds need at least as many rows, and the table has 9"
    }
  }

  @Test func `a target of numbers that hardly repeat has no classes`() {
    #expect {
      try bound(Self.rows, fold: Fold(0, of: 3, seed: 0, isStratified: true))
    } throws: {
      "\($0)" == "t.csv: column 'y' has 9 different values in 9 rows, too many for classes"
    }
  }
}
