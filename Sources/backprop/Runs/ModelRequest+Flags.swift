import Formula
import Models

extension ModelRequest {
  /// Reads what `--model` and `--loss` gave; the lesson's model if none is given.
  init(model: String?, loss: String?, modelFlag: String = "--model") throws(Failure) {
    let model = model ?? "w*x"
    do throws(Fault) {
      try self.init(model, loss: loss)
    } catch {
      switch error {
      case .widths(let preset):
        throw Failure(
          .usage,
          "\(modelFlag) \(model): "
            + (preset.hasWidths
              ? "give widths from 1 to 1000000, as in \(preset.name):64,32"
              : "'\(preset.name)' has no widths"))
      case .formula(let error): throw Failure(error, flag: modelFlag)
      case .loss(let fault): throw Failure(fault, of: loss ?? "", flag: "--loss")
      }
    }
  }
}

extension Failure {
  /// What is wrong with a loss that a flag gave.
  init(_ fault: ModelLoss.Fault, of text: String, flag: String) {
    switch fault {
    case .setting(let sentence): self.init(.usage, "\(flag) \(text): \(sentence)")
    case .formula(let error): self.init(error, flag: flag)
    }
  }
}

extension Binding {
  /// Binds what a command without a table was given.
  ///
  /// `columns` and `target` come from the flags of these names.
  init(
    _ request: ModelRequest, columns: [String]?, target: String? = nil, modelFlag: String
  ) throws(Failure) {
    let loss = request.givenLoss
    try columns.map { columns throws(Failure) in
      try request.check(columns: columns, target: target)
    }
    do throws(FormulaError) {
      let roles = try Roles(
        guessedFrom: request.formula, loss: loss, columns: columns, target: target)
      try self.init(request.formula, loss: loss, roles: roles)
    } catch {
      let flag = error.formula == request.formula.text ? modelFlag : "--loss"
      throw Failure(withoutTable: error, flag: flag)
    }
  }
}

extension ModelRequest {
  /// Whether the formulas have the columns that `--columns` lists.
  fileprivate func check(columns: [String], target: String?) throws(Failure) {
    let names = formula.names + (givenLoss?.formula?.names ?? [])
    if formula.names.contains(where: { $0.text == Formula.inputsName }) {
      guard columns.contains(Formula.inputsName) else { return }
      throw Failure(.usage, "--columns: 'inputs' stands for all columns and cannot be one of them")
    }
    let isNamed = givenLoss?.named != nil
    var known: [String] = []
    for name in names.map(\.text) + (isNamed ? [target ?? Roles.usualTarget] : [])
    where name != Formula.predictionName && !known.contains(name) {
      known.append(name)
    }
    guard let stranger = columns.first(where: { !known.contains($0) }) else { return }
    let whole = givenLoss == nil ? "part of the formula" : "part of the formulas"
    throw Failure(.usage, "--columns: \(unknown(whole, stranger, among: known))")
  }
}

extension Failure {
  /// A bad formula that a flag gave without a table, from which more would be known.
  fileprivate init(withoutTable error: FormulaError, flag: String) {
    guard error.reason == .reservedName(Formula.classesName) else {
      self.init(error, flag: flag)
      return
    }
    let bytes = Array(error.formula.utf8)
    let start = String(decoding: bytes[..<error.range.lowerBound], as: UTF8.self)
    let end = String(decoding: bytes[error.range.upperBound...], as: UTF8.self)
    self.init(
      .usage,
      "\(flag): without a table the number of classes is not known; for three classes, give "
        + "'\(start)3\(end)'\n\(error.excerpt)")
  }
}
