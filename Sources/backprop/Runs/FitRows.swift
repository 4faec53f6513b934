import Autograd
import Fitting
import Formula
import Models
import Tables

/// The rows that are fitted.
enum FitRows {
  /// In memory, with the numbers that the curve is to go through, and the weights; nil for 1.
  case memory(Table, response: [Double], weights: [Double]?)
  /// In their files, with those that have a weight above 0, what the weights are, and some rows that stand for all.
  case stored(StoredRows, counted: StoredRows, weights: RowWeights?, sample: Table)

  /// How many there are.
  var count: Int {
    switch self {
    case .memory(let table, _, _): table.rowCount
    case .stored(let rows, _, _, _): rows.rowCount
    }
  }

  /// Whether some may count more than others.
  var areWeighted: Bool {
    switch self {
    case .memory(_, _, let weights): weights != nil
    case .stored(_, _, let weights, _): weights != nil
    }
  }

  /// Where a row begins that is fitted; nil if it cannot be told.
  func position(ofRow row: Int) -> String? {
    switch self {
    case .memory(let table, _, _): table.position(ofRow: row)
    case .stored(_, let counted, _, _): counted.position(ofRow: row)
    }
  }

  /// The rows that a picture shows: all that are in memory, of others some that are evenly spread over them.
  func shown(of model: Model) throws(Failure) -> (table: Table, response: [Double]) {
    switch self {
    case .memory(let table, let response, _): return (table, response)
    case .stored(let rows, _, _, let sample):
      do throws(TableError) {
        let table = try rows.shown(of: model, sample: sample)
        return (table, try model.response(of: table))
      } catch {
        throw Failure(error)
      }
    }
  }

  /// What fits the model to them.
  func fitter(of model: Model) throws(Failure) -> Fitter {
    switch self {
    case .memory(let table, let response, let weights):
      return Fitter(
        model, columns: try model.numbers(of: table, as: Double.self), response: response,
        weights: weights, team: Job.team)
    case .stored(_, let counted, let weights, _):
      var values: RowNumbers?
      if let weights { values = { table throws(TableError) in try weights.values(of: table) } }
      return Fitter(model, rows: counted, weights: values, team: Job.team)
    }
  }

  /// What tells the rows of one process from another's: of rows that are not in memory, those that stand for all.
  func identity(of model: Model) throws(Failure) -> String {
    func fingerprints(
      of table: Table, _ response: [Double], _ weights: [Double]?
    ) throws(Failure) -> String {
      let columns = try model.numbers(of: table, as: Double.self).fingerprint
      let others = Columns<Double>([response] + (weights.map { [$0] } ?? [])).fingerprint
      return "\(columns) \(others)"
    }
    switch self {
    case .memory(let table, let response, let weights):
      return try fingerprints(of: table, response, weights)
    case .stored(let rows, let counted, let weights, let sample):
      let (response, found): ([Double], [Double]?)
      do throws(TableError) {
        response = try model.response(of: sample)
        found = try weights.map { weights throws(TableError) in try weights.values(of: sample) }
      } catch {
        throw Failure(error)
      }
      return "\(rows.rowCount) \(counted.rowCount) "
        + (try fingerprints(of: sample, response, found))
    }
  }
}

/// How rows count, by a column or a formula in columns.
struct RowWeights: Sendable {
  /// Whether it gives each row's standard error.
  private let isSigma: Bool
  private let text: String
  /// Nil for a column.
  private let formula: RowFormula?

  /// Binds a flag's text to a table.
  init(_ text: String, isSigma: Bool, table: Table) throws(Failure) {
    self.text = text
    self.isSigma = isSigma
    if table.columnNames.contains(text) {
      formula = nil
      return
    }
    let flag = Self.flag(isSigma)
    let parsed = try Formula(text, flag: flag)
    let schema: Schema
    do throws(TableError) {
      schema = try Schema(table, needed: Set(parsed.names.map(\.text)))
    } catch {
      throw Failure(error)
    }
    do throws(FormulaError) { formula = try RowFormula(parsed, schema: schema) } catch {
      throw Failure(error, flag: flag)
    }
  }

  private static func flag(_ isSigma: Bool) -> String { isSigma ? "--sigma" : "--weights" }

  /// The weight of each row, those of sigmas 1/sigma², of rows that have been checked.
  func values(of table: Table) throws(TableError) -> [Double] {
    try numbers(of: table).map { isSigma ? 1 / ($0 * $0) : $0 }
  }

  private func numbers(of table: Table) throws(TableError) -> [Double] {
    if let formula { return try formula.values(of: table) }
    return try table.numbers(of: text)
  }

  /// The weight of each row; throws where one has none.
  func checked(_ table: Table) throws(Failure) -> [Double] {
    let numbers: [Double]
    do throws(TableError) { numbers = try self.numbers(of: table) } catch { throw Failure(error) }
    func fault(_ row: Int, _ sentence: String) -> Failure {
      let column = table.columnNames.contains(text) ? text : nil
      return Failure(
        .badData,
        "\(table.position(ofRow: row, column: column)): \(Self.flag(isSigma)) \(excerpt(text)) is "
          + "\(numbers[row].shortestDecimal)\(sentence)")
    }
    var weights: [Double] = []
    weights.reserveCapacity(numbers.count)
    for (row, number) in numbers.enumerated() {
      if isSigma ? !(number > 0 && number.isFinite) : !(number >= 0 && number.isFinite) {
        throw fault(
          row,
          isSigma ? "; a standard error is a number above 0" : "; a weight is a number, 0 or more")
      }
      let weight = isSigma ? 1 / (number * number) : number
      guard weight.isNormal || number == 0 else {
        throw fault(
          row,
          ", too \(weight > 1 ? "small" : "large") to weight the row by; give it in another unit")
      }
      weights.append(weight)
    }
    return weights
  }
}

/// What the curve is to go through, with what the loss takes.
struct CheckedResponse: Sendable {
  private let response: ModelResponse
  private let loss: FitLoss
  private let name: String
  /// The target's column, unless the response is a formula of it.
  private let column: String?

  init(of model: Model, _ loss: FitLoss) {
    response = model.response
    self.loss = loss
    name = model.responseName
    column = model.specification.response == nil ? model.target : nil
  }

  /// The response in each row; throws where the loss does not take it.
  func values(of table: Table) throws(Failure) -> [Double] {
    let values: [Double]
    do throws(TableError) { values = try response.values(of: table) } catch {
      throw Failure(error)
    }
    let taken: String
    let row: Int?
    switch loss {
    case .bernoulli:
      taken = "the loss 'bce' takes numbers from 0 to 1"
      row = values.firstIndex { !(0...1).contains($0) }
    case .poisson:
      taken = "the loss 'poisson' takes counts, which are whole numbers, 0 or more"
      row = values.firstIndex { !($0 >= 0 && $0 == $0.rounded() && $0.isFinite) }
    default:
      taken = "a response must be finite; --where can leave the row out"
      row = values.firstIndex { !$0.isFinite }
    }
    guard let row else { return values }
    throw Failure(
      .badData,
      "\(table.position(ofRow: row, column: column)): \(excerpt(name)) is "
        + "\(values[row].shortestDecimal); \(taken)")
  }
}
