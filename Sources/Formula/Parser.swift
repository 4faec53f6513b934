internal import Autograd

/// Reads a formula by recursive descent, one method a level of precedence.
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
    try sum()
    switch token.kind {
    case .end: return
    case .symbol where token.text == ")": throw error(.unopenedParenthesis)
    case .symbol where token.text == ",": throw error(.unexpectedCharacter(","))
    default: throw error(.missingOperator(before: token.text))
    }
  }

  private mutating func sum() throws(FormulaError) {
    try product()
    while let op = infix(["+": .add, "-": .subtract]) {
      let place = token.range
      try advance()
      try product()
      try append(.apply(op), at: place)
    }
  }

  private mutating func product() throws(FormulaError) {
    try signed()
    while let op = infix(["*": .multiply, "/": .divide]) {
      let place = token.range
      try advance()
      try signed()
      try append(.apply(op), at: place)
    }
  }

  private mutating func signed() throws(FormulaError) {
    try nested { (parser) throws(FormulaError) in
      if parser.isSymbol("-") {
        let place = parser.token.range
        try parser.advance()
        try parser.signed()
        return try parser.append(.apply(.negate), at: place)
      }
      if parser.isSymbol("+") {
        try parser.advance()
        return try parser.signed()
      }
      try parser.power()
    }
  }

  private mutating func power() throws(FormulaError) {
    try operand()
    guard isSymbol("^") else { return }
    let place = token.range
    try advance()
    try signed()
    try append(.apply(.power), at: place)
  }

  private mutating func operand() throws(FormulaError) {
    let first = token
    switch first.kind {
    case .number(let value):
      try advance()
      steps.append(Step(kind: .number(value), range: first.range))
    case .name:
      try advance()
      if isSymbol("(") { try call(of: first) } else { try name(first) }
    case .symbol where first.text == "(":
      try advance()
      try sum()
      try close(first)
    case .symbol: throw error(.missingOperand(before: first.text))
    case .end: throw error(.unexpectedEnd)
    }
  }

  private mutating func name(_ name: Token) throws(FormulaError) {
    if name.text == "pi" { return steps.append(Step(kind: .number(.pi), range: name.range)) }
    if Function.named[name.text] != nil {
      throw error(.functionWithoutCall(name.text), at: name.range)
    }
    if !names.contains(where: { $0.text == name.text }) {
      names.append(Formula.Name(text: name.text, range: name.range))
    }
    steps.append(Step(kind: .name(name.text), range: name.range))
  }

  private mutating func call(of name: Token) throws(FormulaError) {
    guard let function = Function.named[name.text] else {
      let suggestion = closest(to: name.text, in: Function.all.map(\.name))
      throw error(.unknownFunction(name.text, suggestion: suggestion), at: name.range)
    }
    let parenthesis = token
    try advance()
    var count = 0
    if !isSymbol(")") {
      try sum()
      count = 1
      while isSymbol(",") {
        try advance()
        try sum()
        count += 1
      }
    }
    let whole = name.range.lowerBound..<token.range.upperBound
    try close(parenthesis)
    guard function.argumentCounts.contains(count) else {
      let reason = FormulaError.Reason.wrongArgumentCount(
        name.text, expected: function.argumentCounts, found: count)
      throw error(reason, at: whole)
    }
    try append(.call(function, count), at: whole)
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
    case .symbol where token.text == ",": throw error(.unexpectedCharacter(","))
    default: throw error(.missingOperator(before: token.text))
    }
  }

  private mutating func advance() throws(FormulaError) { token = try lexer.next() }

  private func isSymbol(_ text: String) -> Bool { token.kind == .symbol && token.text == text }

  private func infix(_ operators: [String: Op]) -> Op? {
    token.kind == .symbol ? operators[token.text] : nil
  }

  /// Runs `body` one level deeper, so that no formula can exhaust the stack.
  private mutating func nested(
    _ body: (inout Parser) throws(FormulaError) -> Void
  ) throws(FormulaError) {
    guard depth < Formula.deepestNesting else { throw error(.tooDeep) }
    depth += 1
    defer { depth -= 1 }
    try body(&self)
  }

  private func error(_ reason: FormulaError.Reason, at range: Range<Int>? = nil) -> FormulaError {
    FormulaError(reason, in: formula, at: range ?? token.range)
  }
}
