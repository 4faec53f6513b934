import Autograd
import Fitting
import Flags
import Formula
import Models
import Tables

/// What is to be fitted to what, with every flag checked that can be without reading the data.
struct FitPlan {
  let model: ModelPlan
  let loss: FittedLoss
  let isQuiet: Bool
  let folds: FoldOptions
  /// The column whose values tell groups apart.
  let group: String?
  /// All but what is said of parameters by their names.
  private let fitSettings: FitSettings
  private let bounds: Bounds?
  private let fixed: Assignments?
  private let sigma: String?
  private let weights: String?
  /// What of the target is described; nil for the target itself.
  private let response: Formula?
  /// What folds are drawn by.
  private let seed: UInt64
  /// The flags of intervals.
  private let given: [GivenFlag]

  init(_ command: FitCommand) throws(Failure) {
    let options = command.fit
    if options.sigma != nil, options.weights != nil {
      throw Failure(.usage, "--sigma and --weights both weight the rows: give one of them")
    }
    if let likelihood = options.loss.likelihood, options.sigma != nil {
      throw Failure(
        .usage,
        "--sigma: with --loss \(likelihood) the errors follow from the model; use --weights to weight rows"
      )
    }
    let relation = try Self.relation(options.model)
    let (target, response) = try Self.response(of: relation, target: options.target)
    let left = response?.text ?? (target ?? Roles.usualTarget).asFormulaName
    var modelOptions = ModelOptions()
    modelOptions.data = options.data
    modelOptions.target = target
    modelOptions.weights = options.weights
    modelOptions.condition = options.condition
    modelOptions.model = relation?.prediction.text ?? options.model
    modelOptions.loss = options.loss.modelLoss(response: response == nil ? left : "(\(left))")
    modelOptions.initial = options.initial
    modelOptions.given = options.given
    model = try ModelPlan(
      modelOptions, table: command.table, threads: options.threads, storage: command.storage,
      command: FitCommand.name,
      response: response,
      targetFlag: relation?.response == nil || options.target != nil ? "--target" : "--model",
      otherColumns: [options.sigma, options.weights, options.group].compactMap(\.self))
    if let layer = model.formula.firstLayer {
      throw Failure(
        FormulaError(.notOfNumbers(layer.name), in: model.formula.text, at: layer.range),
        flag: "--model")
    }
    loss = options.loss
    isQuiet = command.results.quiet
    group = options.group
    var settings = FitSettings()
    settings.loss = options.loss.loss
    settings.threads = options.threads ?? coreCount
    try command.intervals.apply(
      to: &settings, hasSigma: options.sigma != nil, hasFolds: command.folds.count != nil)
    fitSettings = settings
    folds = command.folds
    try folds.check(
      beside: command.intervals.bootstrap == nil
        ? [] : [("--bootstrap", "both estimate how certain a fit is")])
    seed = command.intervals.seed ?? 0
    (bounds, fixed) = (options.bounds, options.fixed)
    (sigma, weights) = (options.sigma, options.weights)
    self.response = response
    given = command.intervals.given
    if command.storage.isStreamed {
      if group != nil {
        throw Failure(
          .usage,
          "--by brings the rows of a group together, and --stream leaves them where they are: leave one of them out"
        )
      }
      if case .bootstrap = settings.intervals {
        throw Failure(
          .usage,
          "--bootstrap draws rows at random, which --stream reads in their order: leave one of them out"
        )
      }
    }
    if group != nil, command.results.save != nil {
      throw Failure(.usage, "--save keeps one model, and --by fits several: leave one of them out")
    }
  }

  private static func relation(_ text: String?) throws(Failure) -> Relation? {
    do throws(FormulaError) {
      return try text.flatMap { text throws(FormulaError) in
        // A preset's name may be no formula.
        let isPreset = Preset.named(text) != nil || Preset.misused(in: text) != nil
        return isPreset ? nil : try Relation(text)
      }
    } catch {
      throw Failure(error, flag: "--model", isOfFit: true)
    }
  }

  /// The target, if a flag names it, and what of it is predicted.
  private static func response(
    of relation: Relation?, target: String?
  ) throws(Failure) -> (target: String?, response: Formula?) {
    guard let response = relation?.response else { return (target, nil) }
    if let name = response.onlyName {
      if let target, target != name {
        throw Failure(
          .usage,
          "--target \(shortened(target)): the left side of --model is \(excerpt(name)); leave one of them out"
        )
      }
      return (name, nil)
    }
    var names: [String] = []
    for name in response.names where !Formula.isConstant(name.text) && !names.contains(name.text) {
      names.append(name.text)
    }
    if let target {
      guard names.contains(target) else {
        throw Failure(
          .usage, "--target: the left side of --model does not have \(excerpt(target))")
      }
      return (target, response)
    }
    guard let name = names.first else {
      throw Failure(
        .usage, "--model: the left side, \(excerpt(response.text)), contains no column")
    }
    if names.count > 1 {
      throw Failure(
        .usage,
        "--model: the left side has \(listed(names)); give --target to say which of them is the response"
      )
    }
    return (name, response)
  }

  /// All settings, by the names of the flags.
  var settings: [String: JSON] {
    var settings = model.settings
    settings["loss"] = .text(loss.text)
    settings["response"] = response.map { .text($0.text) }
    // Results do not depend on it, and the metrics have it by itself.
    settings["threads"] = nil
    for flag in given {
      settings[flag.name] = flag.value.map(JSON.text)
    }
    if let count = folds.count {
      settings["kfold"] = .count(count)
      settings["stratify"] = .flag(folds.isStratified)
    }
    return settings
  }

  var threads: Int { fitSettings.threads }
  var level: Double { fitSettings.level }

  /// Reads the table and binds everything to it; the rows of a fold are held out if one is given.
  func bind(fold: Int? = nil, shelf: TableShelf? = nil) throws(Failure) -> FitTask {
    let bound = try model.bind(
      seed: 0, fold: fold.flatMap { folds.fold($0, seed: seed) }, shelf: shelf)
    if let parameter = bound.model.parameters.first(where: { $0.shape != .scalar }) {
      let formula = model.formula
      let range = formula.names.first { $0.text == parameter.name }?.range
      throw Failure(
        FormulaError(
          .notOfNumbers(parameter.name), in: formula.text,
          at: range ?? 0..<formula.text.utf8.count), flag: "--model")
    }
    let (settings, warnings) = try settings(of: bound.model)
    let response = CheckedResponse(of: bound.model, loss.loss)
    let weights = try (sigma ?? weights).map { text throws(Failure) in
      try RowWeights(text, isSigma: sigma != nil, table: bound.table)
    }
    let rows: FitRows
    let groups: [FitTask.Group]
    if let stored = bound.storedRows {
      let counted = try counted(stored, response, weights, bound.table)
      rows = .stored(stored, counted: counted, weights: weights, sample: bound.table)
      groups = [FitTask.Group(name: "", rows: 0..<counted.rowCount)]
    } else {
      let table: Table
      (table, groups) = try grouped(bound.table)
      let values = try response.values(of: table)
      let found = try weights.map { weights throws(Failure) in try weights.checked(table) }
      if let found, found.allSatisfy({ $0 == 0 }) { throw noRowCounts(table) }
      rows = .memory(table, response: values, weights: found)
    }
    return FitTask(
      model: bound.model, rows: rows, groups: groups, groupColumn: group,
      heldOut: bound.validation, settings: settings, warnings: warnings)
  }

  /// The rows that have a weight above 0, once all have been looked at.
  private func counted(
    _ stored: StoredRows, _ response: CheckedResponse, _ weights: RowWeights?, _ sample: Table
  ) throws(Failure) -> StoredRows {
    let counted = try stored.keeping { table throws(Failure) in
      _ = try response.values(of: table)
      guard let found = try weights?.checked(table), found.contains(0) else { return nil }
      return found.indices.filter { found[$0] > 0 }
    }
    guard let counted else { throw noRowCounts(sample) }
    return counted
  }

  private func noRowCounts(_ table: Table) -> Failure {
    Failure(.badData, "\(table.file): all weights are 0: no row counts")
  }

  /// The settings with what is said of parameters, and what is to be said of start values.
  private func settings(
    of model: Model
  ) throws(Failure) -> (settings: FitSettings, warnings: [String]) {
    var settings = fitSettings
    let names = model.parameters.map(\.name)
    func index(of name: String, _ flag: String) throws(Failure) -> Int {
      guard let index = names.firstIndex(of: name) else {
        throw Failure(.usage, "\(flag): \(unknown("parameter of the model", name, among: names))")
      }
      return index
    }
    for (name, value) in fixed?.values ?? [] {
      settings.fixed[try index(of: name, "--fix")] = value
    }
    for (name, range) in bounds?.values ?? [] {
      let index = try index(of: name, "--bounds")
      if settings.fixed[index] != nil {
        throw Failure(
          .usage, "--bounds and --fix both have \(excerpt(name)): leave one of them out")
      }
      settings.bounds[index] = range
    }
    if settings.fixed.count == names.count {
      throw Failure(.usage, "--fix holds every parameter: nothing is left to fit")
    }
    guard let start = self.model.start else { return (settings, []) }
    let (given, warnings) = try start.values(for: model)
    do throws(GivenValues.Fault) { _ = try model.parameters.start(given) } catch {
      throw Failure(.usage, "--init: \(error.sentence(known: names))")
    }
    for case (let name, .all(let value)) in given.values {
      let index = try index(of: name, "--init")
      if settings.fixed[index] != nil {
        // A file has all parameters of another fit.
        if case .file = start { continue }
        throw Failure(.usage, "--init and --fix both have \(excerpt(name)): leave one of them out")
      }
      if let range = settings.bounds[index], !range.contains(value) {
        throw Failure(
          .usage,
          "--init: \(excerpt(name)) starts at \(value.shortestDecimal), outside its --bounds")
      }
      settings.initial[index] = value
    }
    return (settings, warnings)
  }

  /// The table with the rows of each group one after the other, in the order in which groups appear.
  private func grouped(
    _ table: Table
  ) throws(Failure) -> (table: Table, groups: [FitTask.Group]) {
    guard let group else {
      return (table, [FitTask.Group(name: "", rows: 0..<table.rowCount)])
    }
    guard let column = table.column(named: group) else {
      throw Failure(.usage, "--by: \(unknown("column", group, among: table.columnNames))")
    }
    let categories: Categories
    do throws(TableError) { categories = try column.categories() } catch { throw Failure(error) }
    var counts = [Int](repeating: 0, count: categories.levels.count)
    for code in categories.codes { counts[Int(code)] += 1 }
    var starts: [Int] = []
    var next = 0
    for count in counts {
      starts.append(next)
      next += count
    }
    let groups = zip(categories.levels, zip(starts, counts)).map { name, place in
      FitTask.Group(name: name, rows: place.0..<place.0 + place.1)
    }
    var order = [Int](repeating: 0, count: table.rowCount)
    for (row, code) in categories.codes.enumerated() {
      order[starts[Int(code)]] = row
      starts[Int(code)] += 1
    }
    let isOrdered = order.indices.allSatisfy { order[$0] == $0 }
    return (isOrdered ? table : table.keeping(rows: order), groups)
  }
}

/// A model, the rows to fit it to, and how.
struct FitTask {
  /// Rows that are fitted alone.
  struct Group {
    /// Their value in the column of groups; empty where there is none.
    let name: String
    let rows: Range<Int>
  }

  let model: Model
  /// The rows in use, those of a group one after the other.
  let rows: FitRows
  let groups: [Group]
  /// The column that tells groups apart; nil where all rows are one.
  let groupColumn: String?
  /// The rows that are not fitted, on which the fit is judged.
  let heldOut: Table?
  var settings: FitSettings
  /// What is to be said of start values.
  let warnings: [String]

  var names: [String] { model.parameters.map(\.name) }
}

extension String {
  /// A column's name as formulas have it: in backquotes unless it is a plain word.
  var asFormulaName: String {
    if (try? Formula(self))?.onlyName == self { return self }
    return "`\(split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``"))`"
  }
}
