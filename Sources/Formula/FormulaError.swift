public import Autograd

/// Why a formula could not be read, with the part of it that is to blame.
public struct FormulaError: Error, Hashable, CustomStringConvertible {
  /// What can be wrong with a formula.
  public enum Reason: Hashable, Sendable {
    case empty
    case unexpectedEnd
    case unexpectedCharacter(Character)
    /// A value is missing in front of this text.
    case missingOperand(before: String)
    /// An operand follows another with nothing between them.
    case missingOperator(before: String)
    case badNumber(String)
    case numberTooLarge(String)
    /// A number with a name glued to it.
    case missingProduct(String, String)
    /// `=` where only `==` has a meaning.
    case singleEquals
    /// An equation with its right side, if that is the value of a name.
    case equation(right: String?)
    /// An equation that says what the target equals.
    case equationOfTarget(String, right: String)
    /// `~`, which models have elsewhere.
    case modelFormula(example: String?)
    /// A second `~`, or one in parentheses.
    case misplacedTilde
    /// A word or sign that formulas have another one for.
    case foreignWord(String, ours: String)
    /// `lambda` before a formula, as in Python.
    case lambda
    /// A column's name that is no word, and so needs backquotes.
    case unquotedColumn(String)
    /// `|` before a value, as in `|x|`.
    case magnitudeBars
    /// `|` before a function.
    case singlePipe
    /// `**`, which is the power elsewhere.
    case doubleStar
    /// `&` or `|` where only the doubled one has a meaning.
    case singleLogical(Character)
    case chainedComparison
    case conditionalWithoutElse
    case unclosedQuote(Character)
    /// Something other than a function's name after `|>`.
    case missingStage
    /// An operator after the last function of a pipe, which binds looser than any.
    case operatorAfterStage(String)
    case unclosedParenthesis
    case unopenedParenthesis
    case unknownFunction(String, suggestion: String?)
    /// A function whose slope is 0 or missing everywhere.
    case stepFunction(String)
    /// A layer that formulas do not have.
    case unknownLayer(String)
    /// A function of all rows of a column.
    case columnFunction(String)
    /// A function of a vector's elements, of a column's one number.
    case oneNumberPerRow(String, column: String)
    case functionWithoutCall(String)
    case wrongArgumentCount(String, expected: ClosedRange<Int>, found: Int, Call = .plain)
    /// An argument of a layer that is not a constant.
    case argumentNotConstant(String)
    /// A constant that a layer does not take.
    case badArgument(String, complaint: String)
    /// A layer, or a parameter of another shape, where all parameters must be numbers.
    case notOfNumbers(String)
    /// A layer where no parameters can be.
    case misplacedLayer(String)
    /// A text that is not compared with a column of texts.
    case uncomparedText(String)
    /// A column of texts that is not compared with a text.
    case uncomparedColumn(String)
    /// A text that the column never holds.
    case unknownLevel(String, column: String, suggestion: String?)
    /// A name in backquotes that is not a column's.
    case unknownColumn(String, suggestion: String?)
    case unknownName(String, suggestion: String?)
    case reservedName(String)
    case noParameters
    case lossWithoutPrediction
    /// A parameter of the model that the loss names.
    case parameterInLoss(String)
    /// Values whose shapes do not fit the operation.
    case shapes(ShapeError)
    /// The formula's value is a vector or a matrix.
    case notScalar(Shape)
    /// `inputs` where nobody has said which columns it joins.
    case inputsWithoutColumns
    /// The formula's value is not what the loss takes.
    case predictionShape(loss: String, wanted: String, Shape)
    case tooDeep
    /// The formula nests deeper than the thread's stack has room for.
    case stackTooSmall(levels: Int)
    case tooLong
    /// The layers have more weights than anybody can train here.
    case tooManyWeights
  }

  /// How a function is called, which tells what to do about a wrong number of arguments.
  public enum Call: Hashable, Sendable {
    case plain
    /// After `|>`: the value that the pipe gives is counted as an argument too.
    case stage
    /// A layer that no pipe gives a value.
    case layer
  }

  /// What went wrong, for code that reacts to it.
  public let reason: Reason
  /// The formula as it was given.
  public let formula: String
  /// The UTF-8 offsets of the part to blame; empty for a position between characters.
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
    case .unexpectedCharacter(let character):
      "'\(shown(character))' has no meaning in a formula"
        + (lookalikes[character].map { "; write '\($0)'" } ?? columnHint(character))
    case .missingOperand(let text): "a value is missing before '\(shown(text))'"
    case .missingOperator(let text):
      "an operator is missing before '\(shown(text))'; a product is written with '*'"
        + (isAfterBlank ? ", and a column's name with blanks in backquotes" : "")
    case .badNumber(let text): "'\(shown(text))' is not a number"
    case .numberTooLarge(let text): "'\(shown(text))' is too large: numbers end at 1.8e308"
    case .missingProduct(let number, let name):
      "an operator is missing: a product is written '\(shown(number))*\(shown(name))', and a "
        + "column's name in backquotes: `\(shown(number + name))`"
    case .singleEquals: "'=' has no meaning in a formula; equality is written '=='"
    case .equation(let right?):
      "'=' has no meaning in a formula; write only the right side: '\(shown(right, limit: 60))'"
    case .equation(nil):
      "'=' has no meaning in a formula, which is one side of an equation: what the target should be"
    case .equationOfTarget(let name, let right):
      "'\(shown(name))' is the target; write only the right side: '\(shown(right, limit: 60))'"
    case .modelFormula(let example):
      "'~' has no meaning in a formula; write the right side with its parameters, as in "
        + "'\(shown(example ?? "a + b*x", limit: 60))'"
    case .misplacedTilde:
      "'~' can stand only once, between a response and its model, as in 'y ~ a + b*x'"
    case .foreignWord(let word, let ours):
      "'\(shown(word))' has no meaning in a formula; write '\(ours)'"
    case .lambda: "'lambda' has no meaning in a formula; write only what follows its ':'"
    case .unquotedColumn(let name):
      "'\(shown(name))' is not a name; a column of that name is written in backquotes: "
        + "`\(shown(name))`"
    case .magnitudeBars: "'|' has no meaning before a value; the magnitude is written 'abs(…)'"
    case .singlePipe: "'|' has no meaning in a formula; a pipe is written '|>'"
    case .doubleStar: "'**' has no meaning in a formula; a power is written '^'"
    case .singleLogical(let character):
      "'\(character)' has no meaning in a formula; "
        + "\(character == "&" ? "'and'" : "'or'") is written '\(character)\(character)'"
    case .chainedComparison:
      "comparisons do not chain; join two with '&&', as in '0 < x && x < 1'"
    case .conditionalWithoutElse: "this '?' has no ':'; a choice is written 'condition ? a : b'"
    case .unclosedQuote(let quote): "this \(quote) opens a quote that is never closed"
    case .missingStage: "after '|>' comes a function, as in '|> relu' or '|> dense(8)'"
    case .operatorAfterStage(let text):
      "the pipe ends before '\(text)', which binds tighter; put the pipe in parentheses"
    case .unclosedParenthesis: "this '(' is never closed"
    case .unopenedParenthesis: "this ')' closes nothing"
    case .unknownFunction(let name, let suggestion):
      "unknown function '\(shown(name))'"
        + (suggestion == nil && !name.contains(".")
          ? "; a product of a column or parameter is written '\(shown(name))*(…)'"
            + (calledColumn.map { ", and a column of that name `\(shown($0))`" } ?? "")
          : didYouMean(suggestion))
    case .stepFunction(let name):
      "unknown function '\(shown(name))'; its gradient is 0, so nothing could be trained through it; compute "
        + "that column beforehand"
    case .unknownLayer(let name):
      "unknown layer '\(shown(name))'; there are \(listed(Layer.all.map(\.name)))"
    case .columnFunction(let name):
      "unknown function '\(shown(name))'; a formula is computed row by row, and a column is one "
        + "number per row: write its value for all rows as a number"
    case .oneNumberPerRow(let name, let column):
      "'\(name)' combines the values of one row, but '\(shown(column))' is one number per row"
        + (["max", "min"].contains(name) ? "; give several, as in '\(name)(x, 0)', or" : ";")
        + " write its value for all rows as a number"
    case .functionWithoutCall(let name):
      "'\(name)' is a function: write '\(name)(…)', or give the parameter another name"
    case .wrongArgumentCount(let name, let expected, let found, let call):
      "'\(name)' takes \(counted(expected)), not \(found)" + remedy(name, found, call)
    case .argumentNotConstant(let name):
      "'\(name)' takes numbers here, which no column or parameter may change"
    case .badArgument(let name, let complaint): "'\(name)' \(complaint)"
    case .notOfNumbers(let name):
      "'\(shown(name))' has a vector or a matrix as a parameter, but here each must be a number"
    case .misplacedLayer(let name): "'\(name)' belongs in a model: a loss has no parameters"
    case .uncomparedText(let text):
      "the text '\(shown(text))' can only be compared with a column of texts, "
        + "as in (species == 'setosa')"
    case .uncomparedColumn(let name):
      "column '\(shown(name))' holds text; compare it with one, as in (\(shown(name)) == 'text')"
    case .unknownLevel(let level, let column, let suggestion):
      "column '\(shown(column))' never holds '\(shown(level))'" + didYouMean(suggestion)
    case .unknownColumn(let name, let suggestion):
      "no column is named '\(shown(name))'" + didYouMean(suggestion)
    case .unknownName(let name, let suggestion):
      "unknown name '\(shown(name))'" + didYouMean(suggestion)
    case .reservedName(let name): "'\(name)' is a reserved name and has no meaning here"
    case .noParameters:
      "the formula has no parameters to train: a name that is not a column is a parameter"
    case .lossWithoutPrediction:
      "the loss does not use '\(Formula.predictionName)', so it does not depend on the model"
    case .parameterInLoss(let name):
      "'\(shown(name))' is a parameter of the model; a loss can use only 'prediction' and columns"
    case .shapes(let error): "\(error)"
    case .notScalar(let shape):
      "the formula's value is \(shape), not one number; 'sum' or 'mean' makes it one number"
    case .predictionShape(let loss, let wanted, let shape):
      "the loss '\(loss)' takes \(wanted), and the formula's value is \(shape)"
    case .inputsWithoutColumns:
      "'\(Formula.inputsName)' contains columns, but none are given"
    case .tooDeep: "the formula nests deeper than \(Formula.deepestNesting) levels"
    case .stackTooSmall(let levels):
      "the formula nests deeper than the \(levels) levels that the stack has room for; "
        + "'ulimit -s' sets its size"
    case .tooLong: "the formula has more than \(Formula.mostOperations) operations"
    case .tooManyWeights: "the layers have more than \(Formula.mostWeights) weights together"
    }
  }
}

extension FormulaError {
  /// What to do about a character that touches a name: it may be part of a column's.
  private func columnHint(_ character: Character) -> String {
    let before = formula.utf8.prefix(range.lowerBound)
    let isInName =
      String(decoding: before, as: UTF8.self).last.map { $0.isLetter || $0.isNumber } == true
    guard isInName, shown(character) == String(character), !",:;#{}[]".contains(character) else {
      return ""
    }
    return "; put a column's name that has it in backquotes"
  }

  /// Whether the part to blame is divided by a blank from a word.
  private var isAfterBlank: Bool {
    let before = String(decoding: formula.utf8.prefix(range.lowerBound), as: UTF8.self)
    let word = String(before.trimming(" ").reversed().prefix { $0.isLetter }.reversed())
    return before.hasSuffix(" ") && !word.isEmpty && Function.named[word] == nil
      && formula.utf8.dropFirst(range.lowerBound).first != UInt8(ascii: "(")
  }

  /// What may be a column's name where it looks like a call, as `T (K)`.
  private var calledColumn: String? {
    let name = ForeignSpelling.part(of: formula, range)
    let rest = formula.utf8.dropFirst(range.upperBound)
    let call = String(decoding: rest, as: UTF8.self)
    guard let end = call.firstIndex(of: ")"), let start = call.firstIndex(of: "(") else {
      return nil
    }
    let content = call[call.index(after: start)..<end]
    guard !content.contains(where: { "+-*(,".contains($0) }), call.hasPrefix(" ") else {
      return nil
    }
    return name + call[...end]
  }
}

/// `1 argument`, `1 or 2 arguments`, `1 to 3 arguments`, `1 argument or more`.
private func counted(_ arguments: ClosedRange<Int>) -> String {
  let (least, most) = (arguments.lowerBound, arguments.upperBound)
  let ending = (most == 1 || most == .max && least == 1) ? "" : "s"
  if most == .max { return "\(least) argument\(ending) or more" }
  if least == most { return "\(least) argument\(ending)" }
  return "\(least) \(most - least == 1 ? "or" : "to") \(most) arguments"
}

/// What to do about a wrong number of arguments, if that is likely known.
private func remedy(_ name: String, _ found: Int, _ call: FormulaError.Call) -> String {
  switch call {
  case .plain where name == "log" && found == 2: "; to base n, write 'log(x)/log(n)'"
  case .plain where found > 1 && Function.named[name]?.joinsElements == true:
    "; 'concat(x, y)' makes one of several"
  case .plain: ""
  case .stage: "; the pipe gives the first"
  case .layer: "; a pipe gives the first, as in 'inputs |> \(name)(…)'"
  }
}

/// What formulas have in place of characters that books and word processors have.
private let lookalikes: [Character: String] = [
  "−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∕": "/",
  "≤": "<=",
  "≥": ">=", "≠": "!=", "²": "^2", "³": "^3", "√": "sqrt(…)", "“": "\"", "”": "\"", "‘": "'",
  "’": "'", "[": "pick(v, n)", "\u{A0}": " ",
]
