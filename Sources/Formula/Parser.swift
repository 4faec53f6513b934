internal import Autograd

/// Reads a formula by recursive descent, from pipes, which bind loosest, to operands.
///
/// Each method leaves the steps that compute what it has read.
struct Parser {
  private(set) var names: [Formula.Name] = []
  /// The names so far, those in backquotes with the first of them.
  private var knownNames: Set<String> = []
  private(set) var steps: [Step] = []
  private let formula: String
  private var lexer: Lexer
  private var token = Token(kind: .end, text: "", range: 0..<0)
  private var previous = Token(kind: .end, text: "", range: 0..<0)
  private var depth = 0
  /// Where the thread's stack ends, once the formula nests deep enough to ask.
  private var stackEnd: UInt = 0
  private var operationCount = 0

  init(_ formula: String) {
    self.formula = formula
    lexer = Lexer(formula)
  }

  mutating func parse() throws(FormulaError) {
    try advance()
    if token.kind == .end { throw error(.empty) }
    try pipe()
    switch token.kind {
    case .end: return
    case .symbol where token.text == ")": throw error(.unopenedParenthesis)
    default: throw stray()
    }
  }

  /// `value |> function |> …`: the value is the first argument of what follows.
  private mutating func pipe() throws(FormulaError) {
    try conditional()
    while isSymbol("|>") {
      try advance()
      guard token.kind == .name else { throw error(.missingStage) }
      try enter()
      try call(isStage: true)
      depth -= 1
    }
  }

  /// `condition ? value : value`, or the first alone.
  private mutating func conditional() throws(FormulaError) {
    try infix(above: 0)
    guard isSymbol("?") else { return }
    let range = token.range
    try advance()
    try enter()
    try conditional()
    guard isSymbol(":") else { throw error(.conditionalWithoutElse, at: range) }
    try advance()
    try conditional()
    depth -= 1
    try append(.choice, at: range)
  }

  /// Operators that bind tighter than `level`, and group to the left.
  private mutating func infix(above level: Int) throws(FormulaError) {
    try signed()
    while token.kind == .symbol, let op = Operator.infixNamed[token.text], op.level > level {
      let range = token.range
      try advance()
      try infix(above: op.level)
      try append(.combine(op), at: range)
      if op.level == Operator.comparisonLevel, token.kind == .symbol,
        Operator.infixNamed[token.text]?.level == op.level
      {
        throw error(.chainedComparison)
      }
    }
  }

  private mutating func signed() throws(FormulaError) {
    try enter()
    if token.kind == .symbol, let sign = Operator.prefixNamed[token.text] {
      let range = token.range
      try advance()
      try signed()
      if sign.symbol != "+" { try append(.combine(sign), at: range) }
    } else {
      try power()
    }
    depth -= 1
  }

  private mutating func power() throws(FormulaError) {
    try operand()
    guard token.kind == .symbol, let op = Operator.infixNamed[token.text],
      op.level == Operator.powerLevel
    else { return }
    let range = token.range
    try advance()
    try signed()
    try append(.combine(op), at: range)
  }

  private mutating func operand() throws(FormulaError) {
    if isSymbol("(") {
      let parenthesis = token.range
      try advance()
      try pipe()
      try close(parenthesis)
    } else if token.kind == .name, lexer.nextIsParenthesis {
      try call(isStage: false)
    } else {
      try leaf()
    }
  }

  /// An operand that has no others in it.
  private mutating func leaf() throws(FormulaError) {
    let first = token
    switch first.kind {
    case .number(let value): steps.append(Step(kind: .number(value), range: first.range))
    case .text: steps.append(Step(kind: .text(first.text), range: first.range))
    case .quotedName: name(first)
    case .name where first.text == Formula.piName:
      steps.append(Step(kind: .number(.pi), range: first.range))
    case .name where Function.named[first.text] != nil || Layer.named[first.text] != nil:
      throw error(.functionWithoutCall(first.text))
    case .name: name(first)
    case .symbol
    where first.text == "*" && previous.text == "*"
      && previous.range.upperBound == first.range.lowerBound:
      throw error(.doubleStar, at: previous.range.lowerBound..<first.range.upperBound)
    case .symbol
    where first.text == ">" && ["-", "<"].contains(previous.text)
      && previous.range.upperBound == first.range.lowerBound:
      throw error(
        .foreignWord(previous.text + ">", ours: previous.text == "-" ? "|>" : "!="),
        at: previous.range.lowerBound..<first.range.upperBound)
    case .symbol: throw error(.missingOperand(before: first.text))
    case .end: throw error(.unexpectedEnd)
    }
    try advance()
  }

  private mutating func name(_ name: Token) {
    let isQuoted = name.kind == .quotedName
    if knownNames.insert((isQuoted ? "`" : "") + name.text).inserted {
      names.append(Formula.Name(text: name.text, range: name.range, isQuoted: isQuoted))
    }
    steps.append(Step(kind: .name(name.text, isQuoted: isQuoted), range: name.range))
  }

  /// A call, or a stage of a pipe: its first argument is then there already.
  private mutating func call(isStage: Bool) throws(FormulaError) {
    let name = token
    try checkIsFunction(name, isStage: isStage)
    try advance()
    var count = isStage ? 1 : 0
    var range = name.range
    if isSymbol("(") {
      let parenthesis = token.range
      try advance()
      if !isSymbol(")") { try arguments(&count) }
      range = range.lowerBound..<token.range.upperBound
      try close(parenthesis)
    }
    try append(callOf: name, count, isStage: isStage, at: range)
  }

  private mutating func arguments(_ count: inout Int) throws(FormulaError) {
    try pipe()
    count += 1
    while isSymbol(",") {
      try advance()
      // Arguments beyond the second are more work, in concat and elsewhere.
      if count > 1 { try countOperation() }
      try pipe()
      count += 1
    }
  }

  private func checkIsFunction(_ name: Token, isStage: Bool) throws(FormulaError) {
    if Function.named[name.text] != nil || Layer.named[name.text] != nil { return }
    if let fault = leftSideFault(name) { throw fault }
    if let reason = ForeignSpelling.reason(against: name.text) {
      throw error(reason, at: name.range)
    }
    var suggestion = ForeignSpelling.suggestion(for: name.text)
    if isStage {
      guard let found = suggestion else { throw error(.missingStage, at: name.range) }
      let pipe = "inputs |> "
      suggestion = found.hasPrefix(pipe) ? String(found.dropFirst(pipe.count)) : found
    }
    throw error(.unknownFunction(name.text, suggestion: suggestion), at: name.range)
  }

  /// What is wrong if a call of something unknown is the left side of an equation, as in `f(x) = a*x`.
  private func leftSideFault(_ name: Token) -> FormulaError? {
    let bytes = Array(formula.utf8)
    guard ForeignSpelling.part(of: formula, ..<name.range.lowerBound).isEmpty,
      let end = bytes[name.range.upperBound...].firstIndex(of: UInt8(ascii: ")")),
      let sign = bytes[(end + 1)...].firstIndex(where: { $0 != UInt8(ascii: " ") }),
      let length = Self.lengthOfEquals(bytes[sign...])
    else { return nil }
    let reason = ForeignSpelling.equation(formula, at: sign, length: length)
    return error(reason, at: sign..<sign + length)
  }

  /// The length of the sign between the sides of an equation; nil if none comes first.
  private static func lengthOfEquals(_ bytes: ArraySlice<UInt8>) -> Int? {
    if bytes.starts(with: ":=".utf8) { return 2 }
    if bytes.starts(with: "==".utf8) { return nil }
    return bytes.starts(with: "=".utf8) || bytes.starts(with: "~".utf8) ? 1 : nil
  }

  private mutating func append(
    callOf name: Token, _ count: Int, isStage: Bool, at range: Range<Int>
  ) throws(FormulaError) {
    let layer = Layer.named[name.text]
    let isJoin = name.text == Op.concat.spelling
    let known = layer?.argumentCounts ?? Function.named[name.text]?.argumentCounts
    let counts = isJoin ? 1...Int.max : known ?? 1...1
    guard counts.contains(count) else {
      let isLonelyLayer = layer != nil && count < counts.lowerBound
      let call: FormulaError.Call = isStage ? .stage : isLonelyLayer ? .layer : .plain
      throw error(.wrongArgumentCount(name.text, expected: counts, found: count, call), at: range)
    }
    if isJoin {
      try append(.concat(count), at: range)
    } else if let layer {
      try append(.layer(layer, count), at: range)
    } else if let function = Function.named[name.text] {
      try append(.call(function, count), at: range)
    }
  }

  private mutating func append(_ step: Step.Kind, at range: Range<Int>) throws(FormulaError) {
    try countOperation()
    steps.append(Step(kind: step, range: range))
  }

  private mutating func countOperation() throws(FormulaError) {
    operationCount += 1
    guard operationCount <= Formula.mostOperations else { throw error(.tooLong) }
  }

  private mutating func close(_ parenthesis: Range<Int>) throws(FormulaError) {
    if isSymbol(")") { return try advance() }
    if token.kind == .end { throw error(.unclosedParenthesis, at: parenthesis) }
    throw stray()
  }

  private mutating func advance() throws(FormulaError) {
    previous = token
    token = try lexer.next()
  }

  private func isSymbol(_ text: String) -> Bool { token.kind == .symbol && token.text == text }

  /// Goes one level deeper; the limit is there so that no formula can exhaust the stack.
  ///
  /// Whoever enters steps back by `depth -= 1`, unless an error ends it all.
  private mutating func enter() throws(FormulaError) {
    guard depth < Formula.deepestNesting else { throw error(.tooDeep) }
    // Most formulas nest too little to be worth the question, which takes as long as reading one.
    if depth == 2 { stackEnd = Stack.end }
    guard Stack.isRoomy(above: stackEnd) else { throw error(.stackTooSmall(levels: depth)) }
    depth += 1
  }

  /// What is wrong with a token that cannot go on from a whole value.
  private func stray() -> FormulaError {
    for word in [previous, token] where word.kind == .name {
      if word.text == "lambda" { return error(.lambda, at: word.range) }
      if let ours = ForeignSpelling.words[word.text.lowercased()] {
        return error(.foreignWord(word.text, ours: ours), at: word.range)
      }
    }
    guard token.kind == .symbol else { return error(.missingOperator(before: token.text)) }
    if [",", ":"].contains(token.text) {
      return error(.unexpectedCharacter(token.text.first ?? "?"))
    }
    // Whatever else could follow a value has been read, but after a pipe.
    let isOperator = Operator.infixNamed[token.text] != nil || token.text == "?"
    return error(
      isOperator ? .operatorAfterStage(token.text) : .missingOperator(before: token.text))
  }

  private func error(_ reason: FormulaError.Reason, at range: Range<Int>? = nil) -> FormulaError {
    FormulaError(reason, in: formula, at: range ?? token.range)
  }
}
