internal import Autograd
internal import Formula
internal import Tables

/// A number that a model predicts, as a formula.
public struct Equation: Sendable, Hashable {
  /// What the formula gives: the target, or for example `log(y)` or the score of a class.
  public let name: String
  /// The formula of it, with the trained numbers put in.
  public let formula: String
}

extension SavedModel {
  /// The prediction in the units of the table, with the numbers of the parameters filled in; nil if it is longer
  /// than `mostBytes`, has operations that formulas cannot spell, or has more than 2000 columns.
  ///
  /// Without standardisation the formula stays as it was written. Otherwise it is rewritten for the columns as they
  /// are, and linear terms are collected. A network is written out too.
  public func equations(mostBytes: Int) -> [Equation]? {
    let values = values.doubles
    if let text = plainFormula(values) {
      return text.utf8.count <= mostBytes ? [Equation(name: predicted[0], formula: text)] : nil
    }
    guard model.columns.count <= 2000,
      let forms = Spelling.formulas(of: model, values, mostBytes: mostBytes)
    else {
      return nil
    }
    let texts = forms.map(\.text)
    guard texts.reduce(0, { $0 + $1.utf8.count }) <= mostBytes else { return nil }
    return zip(predicted, texts).map { Equation(name: $0, formula: $1) }
  }

  /// What the elements of the prediction are.
  public var predicted: [String] {
    let target = model.target
    let first: String
    switch model.specification.loss.named?.estimate {
    case .highest: return model.classNames.map { "score(\($0))" }
    case .logarithm: first = "log(\(target))"
    case .upper: first = "prediction"
    case .value, nil: first = model.responseName
    }
    return model.prediction.shape.count == 2 ? [first, "variance(\(target))"] : [first]
  }

  /// The formula with numbers for its parameters; nil if a column is standardised or a parameter is no number.
  private func plainFormula(_ values: [Double]) -> String? {
    guard model.scalings.isEmpty, model.parameters.allSatisfy({ $0.shape == .scalar }),
      model.parameters.allSatisfy({ !$0.name.contains(".") })
    else { return nil }
    let names = zip(model.parameters.map(\.name), values)
    let numbers = Dictionary(uniqueKeysWithValues: names)
    return model.specification.formula.replacingNames { name in
      numbers[name].map { $0.sign == .minus ? "(\(numeral($0)))" : numeral($0) }
    }
  }
}
