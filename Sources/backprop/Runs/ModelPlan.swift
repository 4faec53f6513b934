import Flags
import Formula
import Models
import Tables

/// What is to be trained on or fitted to what, with every flag checked that can be without reading the data.
struct ModelPlan {
  let data: Source
  private let reading: TableReading
  /// Where the rows are kept.
  let storage: StorageOptions
  /// The model's formula; a preset's is spelled out.
  let formula: Formula
  let loss: ModelLoss
  let start: StartValues?
  /// The rows on which the loss is measured.
  let validation: Validation?
  /// The validation's table, if it is one.
  private let validationTable: Source?
  private let target: String?
  /// The flag that names the target.
  private let targetFlag: String
  /// What of the target is predicted; nil for the target itself.
  private let response: Formula?
  private let features: Features?
  private let weights: String?
  /// Columns, or formulas in columns, that are read besides those of the model.
  private let otherColumns: [String]
  private let condition: Formula?
  private let standardization: Standardization?
  /// Whether `--model` was left out, so that the lesson's formula stands in.
  private let isDefaultModel: Bool
  /// The command that the plan is of.
  private let command: String
  /// The flags that say what is trained on what.
  private let given: [GivenFlag]

  /// A plan of a command: with `otherColumns` it reads columns, or those of formulas, besides the model's.
  ///
  /// If the weights are one of them, they are a column of the model's only if the table has it.
  init(
    _ options: ModelOptions, table: TableOptions, validation: Validation? = nil, threads: Int?,
    storage: StorageOptions = StorageOptions(), command: String = Train.name,
    response: Formula? = nil, targetFlag: String = "--target", otherColumns: [String] = []
  ) throws(Failure) {
    self.storage = storage
    self.command = command
    self.response = response
    self.targetFlag = targetFlag
    self.otherColumns = otherColumns
    data = try Source(options.data, flag: "--data")
    reading = try table.reading(of: data, threads: threads)
    try storage.check(data)
    target = options.target
    features = options.features
    weights = options.weights
    standardization = options.standardize
    self.validation = validation
    validationTable = try validation?.paths.map { paths throws(Failure) in
      try Source(paths, flag: "--validation")
    }
    isDefaultModel = options.model == nil
    let request = try ModelRequest(model: options.model, loss: options.loss)
    formula = request.formula
    loss = request.loss
    condition = try options.condition.map { text throws(Failure) in
      try Formula(text, flag: "--where")
    }
    given = options.given + table.given
    start = try options.initial.map { word throws(Failure) in try StartValues(word) }
    if standardization == .all, loss.isOfClasses {
      throw Failure(
        .usage,
        "--standardize all would change the classes that --loss \(loss.text) learns; "
          + "give --standardize inputs")
    }
    try Job.check(sources.map(\.source))
  }

  /// The files that are read, with their flags.
  var sources: [(flag: String, source: Source)] {
    var sources = [("--data", data)]
    if let validationTable { sources.append(("--validation", validationTable)) }
    if case .file(let path)? = start { sources.append(("--init", Source(path))) }
    return sources
  }

  /// What is trained on what, by the names of the flags: as they were given, and what is taken without them.
  var settings: [String: JSON] {
    var settings: [String: JSON] = [:]
    for flag in given {
      let name = settingName(of: flag.name)
      if name == "na", let former = settings[name]?.text, let word = flag.value {
        settings[name] = .text("\(former),\(word)")
      } else if name == "data", let former = settings[name], let word = flag.value {
        settings[name] = .list((former.list ?? [former]) + [.text(word)])
      } else {
        settings[name] = flag.value.map(JSON.text) ?? .flag(true)
      }
    }
    if let paths = validation?.paths {
      let words = paths.map { JSON.text(Source($0).argument) }
      settings["validation"] = words.count == 1 ? words[0] : .list(words)
    }
    settings["model"] = .text(formula.text)
    settings["loss"] = .text(loss.text)
    settings["target"] = .text(target ?? Roles.usualTarget)
    return settings
  }

  /// The names that ``settings`` can have, but for `validation`.
  static var settingNames: Set<String> {
    Set((ModelOptions.flags.map(\.name) + TableOptions.flags.map(\.name)).map(settingName))
  }

  /// Reads the tables and binds the model to them.
  ///
  /// A fold is held out if one is given; tables are those of the `shelf`, if there is one.
  func bind(
    seed: UInt64, fold: Fold? = nil, shelf: TableShelf? = nil
  ) throws(Failure) -> BoundModel {
    let target = target ?? Roles.usualTarget
    var specification = Specification(
      formula: formula, loss: loss, target: target, features: features?.joined)
    if let weights, !otherColumns.contains(weights) { specification.weights = weights }
    specification.response = response
    specification.leftOut = features?.leftOut ?? []
    var preparation = Preparation(specification)
    preparation.condition = condition
    preparation.otherColumns = Set(
      otherColumns + otherColumns.flatMap { ((try? Formula($0))?.names ?? []).map(\.text) })
    preparation.missing = reading.missing
    preparation.standardization = standardization
    let wanted = { [preparation] columns in preparation.columnsRead(among: columns) }
    func read(_ source: Source, _ flag: String, _ storage: StorageOptions) throws(Failure)
      -> KeptTable
    {
      if let shelf { return .memory(try shelf.table(of: source, reading(of: flag), storage)) }
      return try source.table(reading(of: flag), storage, wanted: wanted)
    }
    let table = try read(data, "--data", storage)
    let columns = table.columnNames
    if let weights, columns.contains(weights) { preparation.specification.weights = weights }
    if isDefaultModel, columns.contains(target), !columns.contains("x") {
      throw Failure(
        .usage,
        "the default model w*x needs a column 'x'; give --model a formula of "
          + listed(columns.filter { $0 != target && !$0.isEmpty })
      )
    }
    preparation.validation =
      switch (validation, validationTable) {
      case (.part(let part), _): .part(part, seed: seed)
      case (_, let source?):
        Preparation.Validation(try read(source, "--validation", storage.withoutCache))
      case (_, nil): fold.map(Preparation.Validation.fold)
      }
    do throws(BindingError) {
      return try preparation.bind(to: table)
    } catch {
      throw failure(error)
    }
  }

  /// What tells the data that the plan reads from other data, wherever it is kept.
  func dataIdentity(shelf: TableShelf) throws(Failure) -> String {
    var parts = ["\(try shelf.checksum(of: data, reading(of: "--data"), storage).value)"]
    if let validationTable {
      let (reading, storage) = (reading(of: "--validation"), storage.withoutCache)
      parts.append("\(try shelf.checksum(of: validationTable, reading, storage).value)")
    }
    if case .file(let path)? = start { parts.append("\(Checksum(try Source(path).bytes()).value)") }
    return parts.joined(separator: " ")
  }

  /// How the table of a flag is read.
  private func reading(of flag: String) -> TableReading {
    var reading = reading
    reading.advice.pipe = "backprop \(command) … \(flag) -"
    return reading
  }

  /// What to do so that a column is no feature.
  private func leavingOut(_ column: String) -> String {
    let others = features?.joined?.filter { $0 != column }
    if others?.isEmpty == true { return "list other columns by --features" }
    let names =
      others?.map(\.asFeature)
      ?? ((features?.leftOut ?? []) + [column]).map { "-" + $0.asFeature }
    return "--features \(shellWord(names.joined(separator: ","))) leaves it out"
  }

  /// What the person who gave the flags is told.
  func failure(_ error: BindingError) -> Failure {
    func usage(_ flag: String) -> Failure { Failure(.usage, "\(flag): \(error)") }
    switch error.reason {
    case .table(let error): return Failure(error)
    case .formula(let error, let role):
      return Failure(error, flag: role.flag, isOfFit: command == FitCommand.name)
    case .unknownColumn(_, .target, _) where target == nil:
      return Failure(.usage, "\(error); give the target by --target")
    case .unknownColumn(_, .target, _): return usage(targetFlag)
    case .unknownColumn(_, let role, _), .targetAlso(_, let role):
      return role.flag.map(usage) ?? Failure(.badData, "\(error)")
    case .weightsAmongFeatures: return usage("--features")
    case .noFeatures where features == nil:
      return Failure(.badData, "\(data.name): \(error)")
    case .unusedFeatures, .noFeatures:
      return usage("--features \(shortened(features?.text ?? "", limit: 100))")
    case .allWeightsZero(_, _?):
      return Failure(.badData, "\(error); try another --seed")
    case .hardlyRepeating(let column, levels: _, rows: _),
      .tooManyLevels(let column, levels: _, rows: _):
      return Failure(.badData, "\(error); " + leavingOut(column))
    case .noRow(let condition):
      return Failure(
        .badData, "\(error.position): no row satisfies --where \(excerpt(condition, limit: 100))")
    case .tooFewRows:
      return Failure(.badData, "\(error.position): --validation needs at least 2 rows")
    case .fewerRowsThanFolds(let rows, let folds):
      return Failure(
        .badData,
        "\(error.position): --kfold \(folds) needs at least \(folds) rows, and there are \(rows)")
    case .noClasses:
      return Failure(.badData, "\(error); leave out --stratify")
    case .nothingToStandardize:
      return usage("--standardize" + (standardization.map { " \($0)" } ?? ""))
    default: return Failure(.badData, "\(error)")
    }
  }
}

/// What a flag's value is called among the settings.
private func settingName(of flag: String) -> String { String(flag.map { $0 == "-" ? "_" : $0 }) }

extension String {
  /// A column's name as `--features` takes it.
  fileprivate var asFeature: String {
    let isPlain = !contains { $0 == "," || $0 == "\"" || $0 == "`" } && first != "-"
    return isPlain ? self : contains("\"") ? "`\(self)`" : "\"\(self)\""
  }
}

extension BindingError.FormulaRole {
  /// The flag that gives the formula.
  fileprivate var flag: String {
    switch self {
    case .prediction, .response: "--model"
    case .loss: "--loss"
    case .condition: "--where"
    }
  }
}

extension BindingError.ColumnRole {
  /// The flag that names the column; nil if none does.
  fileprivate var flag: String? {
    switch self {
    case .target: "--target"
    case .feature: "--features"
    case .weights: "--weights"
    case .validation: nil
    }
  }
}
