import Autograd
import Formula
import Models
import Tables
import Testing

@testable import Training

/// Runs over rows that are read some at a time.
@Suite struct StoredRowsTests {
  /// Rows in memory that are lent as those of files are, until reading fails.
  private final class Lent<Scalar: Precision>: RowSource {
    private let columns: Columns<Scalar>
    let windowRows: Int
    /// How many rows can be read before reading fails; nil for any number.
    var rowsLeft: Int?

    init(_ columns: consuming Columns<Scalar>, windowRows: Int, rowsLeft: Int? = nil) {
      self.columns = columns
      self.windowRows = windowRows
      self.rowsLeft = rowsLeft
    }

    var rowCount: Int { columns.rowCount }
    var columnCount: Int { columns.columnCount }

    func read(
      _ rows: Range<Int>, into target: inout Columns<Scalar>, at place: Int
    ) throws(TableError) {
      if let rowsLeft {
        if rows.count > rowsLeft { throw TableError.everyRowDropped(of: StoredRowsTests.table) }
        self.rowsLeft = rowsLeft - rows.count
      }
      target.copy(rows, of: columns, to: place)
    }

    func forEachWindow(
      _ body: (borrowing Columns<Scalar>, Range<Int>) -> Void
    ) throws(TableError) {
      for first in stride(from: 0, to: rowCount, by: windowRows) {
        var window = Columns<Scalar>.zeros(rowCount: windowRows, columnCount: columnCount)
        let rows = first..<min(first + windowRows, rowCount)
        try read(rows, into: &window, at: 0)
        body(window, 0..<rows.count)
      }
    }
  }

  private static let table: Table = {
    let rows = (0..<70_001).map { row in
      let x = Double(row * 7919 % 1009) / 500 - 1
      return "\(x),\(row % 4),\(row % 3 == 0 ? "a" : "b"),\(2 * x + 0.5)\n"
    }
    guard let table = try? Table(csv: ("x,w,k,y\n" + rows.joined()).utf8, name: "t") else {
      preconditionFailure("the table is written so that it can be read")
    }
    return table
  }()

  /// A run, and how much of a table it has in memory.
  struct Case: Sendable {
    var formula = "a*x + b"
    var loss = "mse"
    var target = "y"
    var weights: String?
    var rowCount = 1000
    var windowRows = 64
    var settings: Settings
  }

  private static func settings(
    _ batch: Settings.BatchSize, order: Settings.RowOrder = .table, epochs: Int = 3,
    _ change: (inout Settings) -> Void = { _ in }
  ) -> Settings {
    var settings = Settings(learningRate: 0.01, epochs: epochs, batchSize: batch)
    settings.order = order
    change(&settings)
    return settings
  }

  static let cases: [Case] = [
    Case(settings: settings(.rows(1))), Case(settings: settings(.rows(7))),
    Case(windowRows: 128, settings: settings(.rows(100))),
    Case(settings: settings(.rows(64))), Case(settings: settings(.rows(65))),
    Case(settings: settings(.rows(999))), Case(settings: settings(.full)),
    Case(rowCount: 4096, windowRows: 1024, settings: settings(.full)),
    Case(weights: "w", settings: settings(.rows(130))),
    Case(weights: "w", settings: settings(.full)),
    Case(settings: settings(.full) { $0.optimizer = LBFGS() }),
    Case(settings: settings(.rows(300)) { $0.clipping = .norm(0.1) }),
    Case(settings: settings(.rows(300)) { $0.l2 = 0.1 }),
    Case(
      formula: "inputs |> dense(3) |> dropout(0.5) |> dense(2)", loss: "cross-entropy",
      target: "k", settings: settings(.rows(70)) { $0.optimizer = Adam() }),
    Case(rowCount: 70_001, settings: settings(.rows(1), order: .shuffledInBlocks, epochs: 2)),
    Case(rowCount: 70_001, settings: settings(.rows(999), order: .shuffledInBlocks, epochs: 2)),
    Case(
      weights: "w", rowCount: 70_001,
      settings: settings(.rows(20_000), order: .shuffledInBlocks, epochs: 2)),
  ]

  @Test(arguments: cases)
  func `rows read some at a time give what rows in memory give`(run: Case) throws {
    let table = Self.table.keeping(rows: Array(0..<run.rowCount))
    var preparation = Preparation(
      Specification(
        formula: try Formula(run.formula), loss: try ModelLoss(run.loss), target: run.target,
        features: run.formula.contains("inputs") ? ["x", "y"] : nil, weights: run.weights))
    preparation.standardization = run.formula.contains("inputs") ? .inputs : nil
    let bound = try preparation.bind(to: table)
    let others = try bound.model.data(
      from: table.keeping(rows: Array(100..<345)), as: Float.self)
    let initial = try bound.model.parameters.start(seed: 1)
    var settings = run.settings
    settings.recording.accuracy = run.loss == "cross-entropy"
    var expected = Trainer<Float>(
      bound.model, data: try bound.model.data(from: table), validation: others, initial: initial,
      settings: settings)
    _ = expected.run()
    let again = try bound.model.data(
      from: table.keeping(rows: Array(100..<345)), as: Float.self)
    var trainer = Trainer<Float>(
      bound.model,
      rows: .stored(Lent(try bound.model.data(from: table), windowRows: run.windowRows)),
      validation: .stored(Lent(again, windowRows: 64)), initial: initial, settings: settings)
    let outcome = trainer.run()
    guard case .finished = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(trainer.parameters.map(\.bitPattern) == expected.parameters.map(\.bitPattern))
    let (found, wanted) = (trainer.epochs.map(\.self), expected.epochs.map(\.self))
    #expect(found.map(\.loss) == wanted.map(\.loss))
    #expect(found.map(\.validationLoss) == wanted.map(\.validationLoss))
    #expect(found.map(\.accuracy) == wanted.map(\.accuracy))
    #expect(found.count == settings.epochs && found.allSatisfy(\.loss.isFinite))
  }

  @Test(arguments: [0, 100, 1000, 2500, 7000])
  func `a run ends with the last step whose rows could be read`(rowsLeft: Int) throws {
    let model = try Model(formula: Formula("a*x + b"), target: "y", tableColumns: ["x", "y"])
    let table = Self.table.keeping(rows: Array(0..<1000))
    for batch in [Settings.BatchSize.rows(1), .rows(50), .full] {
      var trainer = Trainer<Double>(
        model,
        rows: .stored(
          Lent(try model.data(from: table), windowRows: 256, rowsLeft: rowsLeft)),
        initial: [0, 0], settings: Settings(learningRate: 0.1, epochs: 100, batchSize: batch))
      let outcome = trainer.run()
      guard case .unreadable = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(trainer.epochs.count <= rowsLeft / 1000)
      #expect((trainer.stepCount == 0) == (trainer.parameters == [0, 0]))
      #expect(rowsLeft < 1000 || trainer.stepCount > 0)
    }
  }

  @Test func `the fingerprint of rows in windows is that of all`() throws {
    let model = try Model(formula: Formula("a*x + b"), target: "y", tableColumns: ["x", "y"])
    let small = Self.table.keeping(rows: Array(0..<1000))
    let whole = try RowSupply<Float>.memory(model.data(from: small)).fingerprint()
    let parts = RowSupply<Float>.stored(Lent(try model.data(from: small), windowRows: 64))
    #expect(try parts.fingerprint() == whole)
    let fewer = Self.table.keeping(rows: Array(0..<999))
    #expect(try RowSupply<Float>.memory(model.data(from: fewer)).fingerprint() != whole)
  }
}
