import Autograd
import Formula
import Foundation
import Models
import Tables
import Testing

@testable import Fitting

/// Fits of rows that stay in their files.
@Suite struct StoredRowsTests {
  /// A file of 100,000 rows, of which two thirds are more than are kept in memory, the model bound to it, and its rows.
  private final class Stored {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let bound: BoundModel
    let rows: StoredRows

    init() throws {
      var noise = Noise(seed: 7)
      let lines = (0..<100_000).map { row in
        let x = noise.uniform() * 4
        return "\(x),\(2 * exp(-x) + 0.1 * noise.normal()),\(row % 3)\n"
      }
      try Data(("x,y,w\n" + lines.joined()).utf8).write(to: path)
      let table = try StoredTable(readingCSV: [Path(path.path)], threads: 2)
      let formula = try Formula("a + b*exp(-x)")
      bound = try Preparation(Specification(formula: formula, target: "y")).bind(to: table)
      rows = try #require(bound.storedRows)
    }

    deinit { try? FileManager.default.removeItem(at: path) }
  }

  @Test func `rows without weight are left out by a pass over all`() throws {
    let stored = try Stored()
    let weights: RowNumbers = { table throws(TableError) in try table.numbers(of: "w") }
    let counted = try stored.rows.keeping { table throws(TableError) in
      let weights = try weights(table)
      return weights.indices.filter { weights[$0] > 0 }
    }
    let rows = try #require(counted)
    #expect(rows.rowCount == 66_666)
    #expect(rows.place(ofRow: 2)?.line == 6)
    let fitter = Fitter(stored.bound.model, rows: rows, weights: weights)
    let found = fitter.fit(FitSettings())
    let table = try Table(csv: Array(Data(contentsOf: stored.path)), name: "t")
    let memory = Fitter(
      stored.bound.model, columns: try stored.bound.model.data(from: table),
      response: try table.numbers(of: "y"), weights: try table.numbers(of: "w"))
    #expect(bits(of: found) == bits(of: memory.fit(FitSettings())))
    let all = Fitter(
      stored.bound.model, columns: try stored.bound.model.data(from: table),
      response: try table.numbers(of: "y"))
    for threads in [1, 8] {
      var settings = FitSettings()
      settings.threads = threads
      let fit = Fitter(stored.bound.model, rows: stored.rows).fit(settings)
      #expect(bits(of: fit) == bits(of: all.fit(FitSettings())), "\(threads)")
    }
    let none = try stored.rows.keeping { _ throws(TableError) in [] }
    #expect(none == nil)
  }

  @Test func `a file that changes leaves no fit, and says why`() throws {
    let stored = try Stored()
    let fitter = Fitter(stored.bound.model, rows: stored.rows)
    #expect(fitter.fit(FitSettings()).verdict == .converged)
    let file = try FileHandle(forWritingTo: stored.path)
    try file.truncate(atOffset: 400_000)
    let fit = fitter.fit(FitSettings())
    #expect(fit.verdict == .notFinite && fit.estimates.allSatisfy(\.isNaN))
    guard case .unreadable(let error)? = fit.fault else {
      Issue.record("\(String(describing: fit.fault))")
      return
    }
    #expect(error.reason == .changedWhileRead(onlyGrew: false))
  }
}
