internal import Autograd

/// Reads a formula by recursive descent, from pipes, which bind loosest, to operands.
///
/// Each method leaves the steps that compute what it has read.
struct Parser {
  private(set) var names: [Formula.Name] = []
  private(set) var steps: [Step] = []
  private let formula: String
  private var lexer: Lexer
  private var token = Token(kind: .end, text: "", range: 0..<0)
  private var depth = 0
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
    case .symbol where [",", ":"].contains(token.text): throw misplaced()
    default: throw error(.missingOperator(before: token.text))
    }
  }

  /// `value |> function |> …`: the value is the first argument of what follows.
  private mutating func pipe() throws(FormulaError) {
    try conditional()
    while isSymbol("|>") {
      try advance()
      let stage = token
      guard stage.kind == .name else { throw error(.missingStage) }
      try advance()
      try call(of: stage, isStage: true)
    }
  }

  /// `condition ? value : value`, or the first alone.
  private mutating func conditional() throws(FormulaError) {
    try infix(above: 0)
    guard isSymbol("?") else { return }
    let place = token.range
    try advance()
    try nested { (parser) throws(FormulaError) in
      try parser.conditional()
      guard parser.isSymbol(":") else { throw parser.error(.conditionalWithoutElse, at: place) }
      try parser.advance()
      try parser.conditional()
    }
    try append(.apply(.select), at: place)
  }

  /// Operators that bind tighter than `level`, and group to the left.
  private mutating func infix(above level: Int) throws(FormulaError) {
    try signed()
    while token.kind == .symbol, let op = Operator.infixNamed[token.text], op.level > level {
      let place = token.range
      try advance()
      try infix(above: op.level)
      try append(.combine(op), at: place)
      if op.level == Operator.comparisonLevel, token.kind == .symbol,
        Operator.infixNamed[token.text]?.level == op.level
      {
        throw error(.chainedComparison)
      }
    }
  }

  private mutating func signed() throws(FormulaError) {
    try nested { (parser) throws(FormulaError) in
      guard parser.token.kind == .symbol, let sign = Operator.prefixNamed[parser.token.text] else {
        return try parser.power()
      }
      let place = parser.token.range
      try parser.advance()
      try parser.signed()
      if sign.symbol != "+" { try parser.append(.combine(sign), at: place) }
    }
  }

  private mutating func power() throws(FormulaError) {
    try operand()
    guard token.kind == .symbol, let op = Operator.infixNamed[token.text],
      op.level == Operator.powerLevel
    else { return }
    let place = token.range
    try advance()
    try signed()
    try append(.combine(op), at: place)
  }

  private mutating func operand() throws(FormulaError) {
    let first = token
    switch first.kind {
    case .number(let value):
      try advance()
      steps.append(Step(kind: .number(value), range: first.range))
    case .text:
      try advance()
      steps.append(Step(kind: .text(first.text), range: first.range))
    case .quotedName:
      try advance()
      name(first)
    case .name:
      try advance()
      if isSymbol("(") {
        try call(of: first)
      } else if first.text == "pi" {
        steps.append(Step(kind: .number(.pi), range: first.range))
      } else if Function.named[first.text] != nil || Layer.named[first.text] != nil {
        throw error(.functionWithoutCall(first.text), at: first.range)
      } else {
        name(first)
      }
    case .symbol where first.text == "(":
      try advance()
      try pipe()
      try close(first)
    case .symbol: throw error(.missingOperand(before: first.text))
    case .end: throw error(.unexpectedEnd)
    }
  }

  private mutating func name(_ name: Token) {
    let isQuoted = name.kind == .quotedName
    if !names.contains(where: { $0.text == name.text && $0.isQuoted == isQuoted }) {
      names.append(Formula.Name(text: name.text, range: name.range, isQuoted: isQuoted))
    }
    steps.append(Step(kind: .name(name.text, isQuoted: isQuoted), range: name.range))
  }

  /// A call, or a stage of a pipe: its first argument is then there already.
  private mutating func call(of name: Token, isStage: Bool = false) throws(FormulaError) {
    let (step, counts) = try callee(name)
    var count = isStage ? 1 : 0
    var range = name.range
    if isSymbol("(") {
      let parenthesis = token
      try advance()
      if !isSymbol(")") {
        try pipe()
        count += 1
        while isSymbol(",") {
          try advance()
          try pipe()
          count += 1
        }
      }
      range = range.lowerBound..<token.range.upperBound
      try close(parenthesis)
    }
    guard counts.contains(count) else {
      let reason = FormulaError.Reason.wrongArgumentCount(
        name.text, expected: counts, found: count, isStage: isStage)
      throw error(reason, at: range)
    }
    try append(step(count), at: range)
  }

  /// What a name calls, and how many arguments that takes.
  private func callee(
    _ name: Token
  ) throws(FormulaError) -> (step: (Int) -> Step.Kind, counts: ClosedRange<Int>) {
    if name.text == "concat" { return ({ .concat($0) }, 1...Formula.mostOperations) }
    if let function = Function.named[name.text] {
      return ({ .call(function, $0) }, function.argumentCounts)
    }
    if let layer = Layer.named[name.text] { return ({ .layer(layer, $0) }, layer.argumentCounts) }
    let known = Function.all.map(\.name) + Layer.all.map(\.name)
    let suggestion = closest(to: name.text, in: known)
    throw error(.unknownFunction(name.text, suggestion: suggestion), at: name.range)
  }

  private mutating func append(_ step: Step.Kind, at range: Range<Int>) throws(FormulaError) {
    operationCount += 1
    guard operationCount <= Formula.mostOperations else { throw error(.tooLong) }
    steps.append(Step(kind: step, range: range))
  }

  private mutating func close(_ parenthesis: Token) throws(FormulaError) {
    if isSymbol(")") { return try advance() }
    switch token.kind {
    case .end: throw error(.unclosedParenthesis, at: parenthesis.range)
    case .symbol where [",", ":"].contains(token.text): throw misplaced()
    default: throw error(.missingOperator(before: token.text))
    }
  }

  private mutating func advance() throws(FormulaError) { token = try lexer.next() }

  private func isSymbol(_ text: String) -> Bool { token.kind == .symbol && token.text == text }

  /// Runs `body` one level deeper, so that no formula can exhaust the stack.
  private mutating func nested(
    _ body: (inout Parser) throws(FormulaError) -> Void
  ) throws(FormulaError) {
    guard depth < Formula.deepestNesting else { throw error(.tooDeep) }
    depth += 1
    defer { depth -= 1 }
    try body(&self)
  }

  /// A symbol that means something elsewhere.
  private func misplaced() -> FormulaError {
    error(.unexpectedCharacter(token.text.first ?? "?"))
  }

  private func error(_ reason: FormulaError.Reason, at range: Range<Int>? = nil) -> FormulaError {
    FormulaError(reason, in: formula, at: range ?? token.range)
  }
}
