import Autograd
import Formula
import Models
import Tables

/// What is to be trained on what, with every flag checked that can be without reading the data.
struct ModelPlan {
  let data: Source
  private let reading: TableReading
  /// The model's formula; a preset's is spelled out.
  let formula: Formula
  let loss: ModelLoss
  let start: StartValues?
  /// The rows on which the loss is measured.
  let validation: Validation?
  private let target: String?
  private let features: [String]?
  private let weights: String?
  private let condition: Formula?
  private let standardization: Standardization?
  /// Whether `--model` was left out, so that the lesson's formula stands in.
  private let isDefaultModel: Bool

  init(
    _ options: ModelOptions, table: TableOptions, validation: Validation?, threads: Int?
  ) throws(Failure) {
    data = Source(options.data)
    reading = try table.reading(of: data, threads: threads)
    target = options.target
    features = options.features
    weights = options.weights
    standardization = options.standardize
    self.validation = validation
    isDefaultModel = options.model == nil
    let preset = options.model.flatMap(Preset.named)
    if let text = options.model, let preset = Preset.misused(in: text) {
      throw Failure(
        .usage,
        "--model \(text): "
          + (preset.hasWidths
            ? "give widths from 1 to 1000000, as in \(preset.name):64,32"
            : "'\(preset.name)' has no widths"))
    }
    let lossText = options.loss ?? preset?.preset.loss
    loss = try lossText.map(Self.loss) ?? .squaredError
    let isForClasses = loss.named?.prediction == .scores
    let text = preset.map { $0.preset.text(widths: $0.widths, isForClasses: isForClasses) }
    formula = try Formula(text ?? options.model ?? "w*x", flag: "--model")
    condition = try options.condition.map { text throws(Failure) in
      try Formula(text, flag: "--where")
    }
    start = try options.initial.map { text throws(Failure) in try StartValues(text) }
    if standardization == .all, isForClasses || loss.named?.targets == 0...1 {
      throw Failure(
        .usage,
        "--standardize all would change the classes that --loss \(loss.text) learns; "
          + "give --standardize inputs")
    }
  }

  private static func loss(_ text: String) throws(Failure) -> ModelLoss {
    do throws(ModelLoss.Fault) {
      return try ModelLoss(text)
    } catch {
      switch error {
      case .setting(let sentence): throw Failure(.usage, "--loss \(text): \(sentence)")
      case .formula(let error): throw Failure(error, flag: "--loss")
      }
    }
  }

  /// The files that are read, with their flags.
  var sources: [(flag: String, source: Source)] {
    var sources = [("--data", data)]
    if case .table(let source)? = validation { sources.append(("--validation", source)) }
    if case .file(let path)? = start { sources.append(("--init", Source(path))) }
    return sources
  }

  /// Reads the tables and binds the model to them.
  func bind(seed: UInt64) throws(Failure) -> BoundModel {
    let whole = try data.table(reading)
    let specification = try specification(among: whole.columnNames)
    var bound = try explaining(whole) {
      let needed = specification.columnsRead(among: whole.columnNames)
      let table = try rowsInUse(of: whole, needed: needed)
      let schema = try Schema(table, needed: needed)
      let classCount = try specification.classCount(in: table, schema: schema)
      try checkWeights(of: table)
      let model = try Model(specification, schema: schema, classCount: classCount)
      if let features, !specification.usesInputs(columns: table.columnNames) {
        throw Failure(
          .usage,
          "--features \(features.joined(separator: ",")): the model does not use 'inputs', "
            + "which they make")
      }
      return BoundModel(table: table, validation: nil, model: model)
    }
    switch validation {
    case .part(let part): try bound.split(part, seed: seed)
    case .table(let source):
      let table = try source.table(reading)
      bound.validation = try explaining(table) {
        try self.table(table, like: whole, for: bound.model)
      }
    case nil: break
    }
    if let standardization {
      let scalings = try explaining(bound.table) {
        try bound.model.scalings(of: bound.table, withTarget: standardization == .all)
      }
      if scalings.isEmpty {
        throw Failure(
          .usage, "--standardize \(standardization): the model reads no column of numbers")
      }
      bound.model.scalings = scalings
    }
    return bound
  }

  /// Does something with a table, whose name and lines messages about it have.
  private func explaining<Result>(
    _ table: Table, _ body: () throws -> Result
  ) throws(Failure) -> Result {
    do {
      return try body()
    } catch let error as TableError {
      throw Failure(error)
    } catch let error as TargetError {
      let place = error.row.map { "\(table.file):\(table.line(ofRow: $0)): " } ?? "\(table.file): "
      throw Failure(.badData, place + error.sentence)
    } catch let error as FormulaError {
      if case .uncomparedColumn(let name) = error.reason, let fault = table.faultyNumber(in: name) {
        throw Failure(fault)
      }
      throw Failure(error, flag: flag(of: error))
    } catch {
      throw error as? Failure ?? Failure(.usage, "\(error)")
    }
  }

  /// The rows for which `--where` holds, without missing values in the columns that are needed.
  ///
  /// Texts are compared with those of the first table.
  private func rowsInUse(
    of whole: Table, needed: Set<String>, first: Table? = nil
  ) throws -> Table {
    var table = whole
    if let condition {
      let columns = Set(condition.names.map(\.text)).intersection(table.columnNames)
      table = try table.handling(reading.missing, in: columns.sorted())
      let known = try first?.handling(reading.missing, in: columns.sorted()) ?? table
      let schema = try Schema(known, needed: columns)
      let rows = try Condition(condition, schema: schema).rows(of: table)
      if rows.isEmpty {
        throw Failure(.badData, "\(table.file): no row is left by --where '\(condition.text)'")
      }
      table = table.keeping(rows: rows)
    }
    return try table.handling(reading.missing, in: needed.sorted())
  }

  /// Another table's rows in use, for a model that is bound already.
  private func table(_ whole: Table, like first: Table, for model: Model) throws -> Table {
    let needed = Set(model.columns.compactMap(\.name))
    for name in needed.sorted() where !whole.columnNames.contains(name) {
      throw Failure(
        .badData, "\(whole.file): \(unknown("column", name, among: whole.columnNames))")
    }
    let table = try rowsInUse(of: whole, needed: needed, first: first)
    try checkWeights(of: table)
    try model.checkTarget(of: table)
    return table
  }

  /// Weights are numbers from 0 on, and not all 0.
  private func checkWeights(of table: Table) throws {
    guard let weights else { return }
    let values = try table.numbers(of: weights)
    if let row = values.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw Failure(
        .badData,
        "\(table.file):\(table.line(ofRow: row)): the weight '\(weights)' is \(values[row]); "
          + "weights are numbers, 0 or more")
    }
    if values.allSatisfy({ $0 == 0 }) {
      throw Failure(.badData, "\(table.file): all weights '\(weights)' are 0")
    }
  }

  private func specification(among columns: [String]) throws(Failure) -> Specification {
    let target = target ?? "y"
    guard columns.contains(target) else {
      let complaint = unknown("column", target, among: columns)
      throw Failure(
        .usage,
        self.target == nil
          ? "\(complaint); name the target by --target" : "--target: \(complaint)")
    }
    let flags =
      (features ?? []).map { ("--features", $0) } + (weights.map { [("--weights", $0)] } ?? [])
    for (flag, name) in flags {
      guard columns.contains(name) else {
        throw Failure(.usage, "\(flag): \(unknown("column", name, among: columns))")
      }
      if name == target { throw Failure(.usage, "\(flag): '\(name)' is the target") }
    }
    if let weights, features?.contains(weights) == true {
      throw Failure(.usage, "--features: '\(weights)' holds the weights")
    }
    if isDefaultModel, !columns.contains("x") {
      throw Failure(
        .usage,
        "the default model w*x needs a column 'x'; give --model a formula of "
          + columns.filter { $0 != target }.map { "'\($0)'" }.joined(separator: ", "))
    }
    return Specification(
      formula: formula, loss: loss, target: target, features: features, weights: weights)
  }

  /// The flag that gave a formula.
  private func flag(of error: FormulaError) -> String {
    switch error.formula {
    case formula.text: "--model"
    case condition?.text: "--where"
    default: "--loss"
    }
  }
}

/// A table and the model that is bound to it.
struct BoundModel {
  /// The rows to train on.
  var table: Table
  /// The rows on which the loss is measured, if there are some.
  var validation: Table?
  var model: Model

  /// Sets a part of the rows aside: the first of a random order, as they follow each other in the table.
  mutating func split(_ part: Double, seed: UInt64) throws(Failure) {
    let count = table.rowCount
    guard count > 1 else {
      throw Failure(.badData, "\(table.file): --validation needs at least 2 rows")
    }
    let validationCount = min(max(1, Int((Double(count) * part).rounded())), count - 1)
    let order = RandomNumbers(seed: seed, for: .split).permutation(of: count)
    validation = table.keeping(rows: order[..<validationCount].sorted())
    table = table.keeping(rows: order[validationCount...].sorted())
  }
}
