public import Autograd

/// Why a formula could not be read, and which part of it is to blame.
public struct FormulaError: Error, Hashable, CustomStringConvertible {
  /// What can be wrong with a formula.
  public enum Reason: Hashable, Sendable {
    case empty
    case unexpectedEnd
    case unexpectedCharacter(Character)
    /// Something stands where an operand should.
    case missingOperand(before: String)
    /// An operand follows another with nothing between them.
    case missingOperator(before: String)
    case badNumber(String)
    case unclosedParenthesis
    case unopenedParenthesis
    case unknownFunction(String, suggestion: String?)
    case functionWithoutCall(String)
    case wrongArgumentCount(String, expected: ClosedRange<Int>, found: Int)
    case unknownName(String, suggestion: String?)
    case reservedName(String)
    case noParameters
    case lossWithoutPrediction
    /// Values whose shapes do not fit what is done with them.
    case shapes(ShapeError)
    /// The formula's value is a vector or a matrix.
    case notScalar(Shape)
    case tooDeep
    case tooLong
  }

  /// What went wrong, for code that reacts to it.
  public let reason: Reason
  /// The formula as it was given.
  public let formula: String
  /// The UTF-8 offsets of the part to blame; empty for a place between characters.
  public let range: Range<Int>

  /// An error about a part of a formula.
  public init(_ reason: Reason, in formula: String, at range: Range<Int>) {
    self.reason = reason
    self.formula = formula
    self.range = range
  }

  /// One sentence for the person who typed the formula.
  public var description: String {
    switch reason {
    case .empty: "the formula is empty"
    case .unexpectedEnd: "the formula ends where a value should follow"
    case .unexpectedCharacter(let character): "'\(character)' has no meaning in a formula"
    case .missingOperand(let text): "a value is missing before '\(text)'"
    case .missingOperator(let text):
      "an operator is missing before '\(text)'; a product is written with '*'"
    case .badNumber(let text): "'\(text)' is not a number"
    case .unclosedParenthesis: "this '(' is never closed"
    case .unopenedParenthesis: "this ')' closes nothing"
    case .unknownFunction(let name, let suggestion):
      "unknown function '\(name)'" + didYouMean(suggestion)
    case .functionWithoutCall(let name):
      "'\(name)' is a function: write '\(name)(…)', or give the parameter another name"
    case .wrongArgumentCount(let name, let expected, let found):
      "'\(name)' takes \(counted(expected)), not \(found)"
    case .unknownName(let name, let suggestion): "unknown name '\(name)'" + didYouMean(suggestion)
    case .reservedName(let name): "'\(name)' is a reserved name and has no meaning here"
    case .noParameters:
      "the formula has no parameters to train: a name that is not a column is a parameter"
    case .lossWithoutPrediction:
      "the loss does not use 'prediction', so that it says nothing of the model"
    case .shapes(let error): "\(error)"
    case .notScalar(let shape):
      "the formula's value is \(shape), not one number; 'sum' or 'mean' makes one of it"
    case .tooDeep: "the formula nests deeper than \(Formula.deepestNesting) levels"
    case .tooLong: "the formula has more than \(Formula.mostOperations) operations"
    }
  }

  /// The formula on one line and a caret under the part to blame on the next.
  ///
  /// Control characters are shown as spaces, so that the caret stays under its place.
  public var excerpt: String {
    func columns(_ text: some StringProtocol) -> Int { text.count }
    let bytes = Array(formula.utf8)
    let before = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
    let blamed = String(decoding: bytes[range], as: UTF8.self)
    let shown = String(formula.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    let carets = String(repeating: "^", count: max(1, columns(blamed)))
    return shown + "\n" + String(repeating: " ", count: columns(before)) + carets
  }
}

/// `1 argument`, `1 or 2 arguments`, `1 to 3 arguments`.
private func counted(_ arguments: ClosedRange<Int>) -> String {
  let (least, most) = (arguments.lowerBound, arguments.upperBound)
  if least == most { return "\(least) argument\(least == 1 ? "" : "s")" }
  return "\(least) \(most - least == 1 ? "or" : "to") \(most) arguments"
}

private func didYouMean(_ suggestion: String?) -> String {
  suggestion.map { "; did you mean '\($0)'?" } ?? ""
}
