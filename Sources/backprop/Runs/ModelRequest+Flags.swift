import ArgumentParser
import Formula
import Models

extension ModelRequest {
  /// Reads what `--model` and `--loss` gave; the lesson's model if none is given.
  init(model: String?, loss: String?, modelFlag: String = "--model") throws(ValidationError) {
    let model = model ?? "w*x"
    do throws(Fault) {
      try self.init(model, loss: loss)
    } catch {
      switch error {
      case .widths(let preset):
        throw ValidationError(
          "\(modelFlag) \(model): "
            + (preset.hasWidths
              ? "give widths from 1 to 1000000, as in \(preset.name):64,32"
              : "'\(preset.name)' has no widths"))
      case .formula(let error): throw ValidationError(Failure.text(of: error, flag: modelFlag))
      case .loss(let fault): throw ValidationError(fault, of: loss ?? "", flag: "--loss")
      }
    }
  }
}

extension ValidationError {
  /// What is wrong with a loss that a flag gave.
  init(_ fault: ModelLoss.Fault, of text: String, flag: String) {
    switch fault {
    case .setting(let sentence): self.init("\(flag) \(text): \(sentence)")
    case .formula(let error): self.init(Failure.text(of: error, flag: flag))
    }
  }
}

extension Binding {
  /// Binds what a command without a table was given.
  ///
  /// `columns` and `target` come from the flags of these names.
  init(
    _ request: ModelRequest, columns: [String]?, target: String? = nil, modelFlag: String
  ) throws(ValidationError) {
    let loss = request.givenLoss
    try columns.map { columns throws(ValidationError) in
      try request.check(columns: columns, target: target)
    }
    do throws(FormulaError) {
      let roles = try Roles(
        guessedFrom: request.formula, loss: loss, columns: columns, target: target)
      try self.init(request.formula, loss: loss, roles: roles)
    } catch {
      let flag = error.formula == request.formula.text ? modelFlag : "--loss"
      throw ValidationError(error.textWithoutTable(flag: flag))
    }
  }
}

extension ModelRequest {
  /// Whether the formulas have the columns that `--columns` lists.
  fileprivate func check(columns: [String], target: String?) throws(ValidationError) {
    let names = formula.names + (givenLoss?.formula?.names ?? [])
    if formula.names.contains(where: { $0.text == Formula.inputsName }) {
      guard columns.contains(Formula.inputsName) else { return }
      throw ValidationError("--columns: 'inputs' stands for the columns, and is none itself")
    }
    let isNamed = givenLoss?.named != nil
    var known: [String] = []
    for name in names.map(\.text) + (isNamed ? [target ?? Roles.usualTarget] : [])
    where name != Formula.predictionName && !known.contains(name) {
      known.append(name)
    }
    guard let stranger = columns.first(where: { !known.contains($0) }) else { return }
    let whole = givenLoss == nil ? "part of the formula" : "part of the formulas"
    throw ValidationError("--columns: \(unknown(whole, stranger, among: known))")
  }
}

extension FormulaError {
  /// What a person is told who gave no table, from which more would be known.
  fileprivate func textWithoutTable(flag: String) -> String {
    switch reason {
    case .inputsWithoutColumns: return "\(flag): \(self), as in --columns x1,x2\n\(excerpt)"
    case .reservedName(Formula.classesName):
      let bytes = Array(formula.utf8)
      let start = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
      let end = String(decoding: bytes[range.upperBound...], as: UTF8.self)
      return "\(flag): without a table the number of classes is not known; for three classes, give "
        + "'\(start)3\(end)'\n\(excerpt)"
    default: return Failure.text(of: self, flag: flag)
    }
  }
}
