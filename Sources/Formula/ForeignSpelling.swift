internal import Autograd

/// What other languages and libraries write, and what formulas have for it.
enum ForeignSpelling {
  /// The name of a function or layer, or the expression, that a function's name most likely means.
  ///
  /// A module before the name, as in `np.exp`, makes no difference, nor does its case.
  static func suggestion(for name: String) -> String? {
    let own = String(name.split(separator: ".").last ?? "")
    let known = Function.all.map(\.name) + Layer.all.map(\.name)
    if own != name, known.contains(own) { return own }
    return expressions[own.lowercased().filter { $0 != "_" }] ?? closest(to: own, in: known)
  }

  /// Why there is no such function, if it is one that formulas cannot have.
  static func reason(against name: String) -> FormulaError.Reason? {
    let own = String(name.split(separator: ".").last ?? "").lowercased()
    if steps.contains(own) { return .stepFunction(name) }
    let isMethod = own != name.lowercased() && Function.named[own]?.joinsElements == true
    if layers.contains(own) { return .unknownLayer(name) }
    return summaries.contains(own) || isMethod ? .columnFunction(name) : nil
  }

  /// What formulas have for a word between values or before one.
  static let words = [
    "and": "&&", "or": "||", "not": "!", "if": "c ? x : y",
  ]

  /// By names in lower case without underscores.
  private static let expressions = [
    "power": "pow", "ln": "log", "lg": "log10", "fmin": "min", "fmax": "max", "sqr": "square",
    "if": "where", "iif": "where", "ifelse": "where", "select": "where", "fabs": "abs",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "sgn": "sign", "swish": "silu", "clip": "clamp",
    "expit": "sigmoid", "logistic": "sigmoid", "exp2": "2^x", "exp10": "10^x",
    "cbrt": "sign(x)*abs(x)^(1/3)", "cot": "1/tan(x)", "sec": "1/cos(x)", "csc": "1/sin(x)",
    "erfc": "1 - erf(x)", "heaviside": "x > 0", "step": "x > 0", "radians": "x*pi/180",
    "deg2rad": "x*pi/180", "degrees": "x*180/pi", "rad2deg": "x*180/pi", "relu6": "clamp(x, 0, 6)",
    "norm": "sqrt(sum(square(v)))", "and": "x && y", "or": "x || y", "not": "!x",
    "linear": "inputs |> dense(8)", "fullyconnected": "inputs |> dense(8)",
    "sequential": "inputs |> dense(8) |> relu |> dense(1)",
    "mlp": "inputs |> dense(8) |> relu |> dense(1)", "batchnorm": "layerNorm",
    "batchnorm1d": "layerNorm", "batchnormalization": "layerNorm",
  ]

  /// Functions that are flat but for jumps.
  private static let steps: Set = [
    "floor", "ceil", "ceiling", "round", "rint", "trunc", "int", "fix", "mod", "fmod",
  ]

  /// Layers of more than a vector, or of more than a row.
  private static let layers: Set = [
    "conv1d", "conv2d", "conv", "lstm", "gru", "rnn", "embedding", "maxpool", "maxpool2d",
    "avgpool",
    "attention", "transformer", "groupnorm",
  ]

  /// Functions of a whole column.
  private static let summaries: Set = [
    "std", "stdev", "stddev", "sd", "var", "variance", "median", "average", "avg", "nanmean",
    "quantile", "percentile", "count", "cumsum", "diff", "shift", "lag", "rolling", "zscore",
  ]
}

extension ForeignSpelling {
  /// What is wrong with a `=` or `~` at an offset: most often the left side of an equation stands before it.
  static func equation(_ formula: String, at start: Int, length: Int) -> FormulaError.Reason {
    let isTilde = formula.utf8.dropFirst(start).first == UInt8(ascii: "~")
    let left = part(of: formula, ..<start)
    let right = part(of: formula, (start + length)...)
    if isTilde { return .modelFormula(example: withParameters(right)) }
    if let sign = right.first, "<>".contains(sign) {
      return .foreignWord("=\(sign)", ours: "\(sign)=")
    }
    let open = left.count { $0 == "(" } - left.count { $0 == ")" }
    let isCondition = open != 0 || (left + right).contains { "?<>&|!".contains($0) }
    let hasEquality = [left, right].contains {
      zip($0, $0.dropFirst()).contains { $0 == ("=", "=") }
    }
    if isCondition || left.hasSuffix("=") || hasEquality { return .singleEquals }
    guard !right.isEmpty, left.isEmpty || isLeftSide(left) else { return .equation(right: nil) }
    // Of y = f(x) = a*x the last side is meant.
    return .equation(right: right.split(separator: "=").last.map { $0.trimming(" ") } ?? right)
  }

  /// `b0 + b1*x` for a sum of names as `x`, nil for anything else.
  static func withParameters(_ right: String) -> String? {
    let terms = right.split(separator: "+").map { $0.trimming(" ") }.filter { $0 != "1" }
    guard !terms.isEmpty, terms.allSatisfy(isName) else { return nil }
    return (["b0"] + terms.enumerated().map { "b\($0 + 1)*\($1)" }).joined(separator: " + ")
  }

  /// Whether a text is a name, or the call of something unknown as `f(x)`.
  private static func isLeftSide(_ text: String) -> Bool {
    if isName(text) || text.hasPrefix("`") && text.hasSuffix("`") { return true }
    guard text.hasSuffix(")"), let parenthesis = text.firstIndex(of: "(") else { return false }
    let name = text[..<parenthesis].trimming(" ")
    return isName(name) && Function.named[name] == nil
  }

  static func isName(_ text: String) -> Bool {
    text.first?.isNumber == false && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  /// A part of a formula by its UTF-8 offsets, without blanks around it.
  static func part(of formula: String, _ range: some RangeExpression<Int>) -> String {
    let bytes = Array(formula.utf8)
    return String(decoding: bytes[range.relative(to: bytes)], as: UTF8.self).trimming(" \t\r\n")
  }
}

extension StringProtocol {
  /// The text without some characters at its ends.
  func trimming(_ blanks: String) -> String {
    let start = drop { blanks.contains($0) }
    return String(start.reversed().drop { blanks.contains($0) }.reversed())
  }
}
