internal import Autograd

/// Reads a formula by recursive descent, one method a level of precedence.
struct Parser {
  private(set) var names: [Formula.Name] = []
  private let formula: String
  private var lexer: Lexer
  private var token = Token(kind: .end, text: "", range: 0..<0)
  private var depth = 0
  private var operationCount = 0

  init(_ formula: String) {
    self.formula = formula
    lexer = Lexer(formula)
  }

  mutating func parse() throws(FormulaError) -> Expression {
    try advance()
    if token.kind == .end { throw error(.empty) }
    let expression = try sum()
    switch token.kind {
    case .end: return expression
    case .symbol where token.text == ")": throw error(.unopenedParenthesis)
    case .symbol where token.text == ",": throw error(.unexpectedCharacter(","))
    default: throw error(.missingOperator(before: token.text))
    }
  }

  private mutating func sum() throws(FormulaError) -> Expression {
    var left = try product()
    while let op = infix(["+": .add, "-": .subtract]) {
      try advance()
      left = try apply(op, [left, try product()])
    }
    return left
  }

  private mutating func product() throws(FormulaError) -> Expression {
    var left = try signed()
    while let op = infix(["*": .multiply, "/": .divide]) {
      try advance()
      left = try apply(op, [left, try signed()])
    }
    return left
  }

  private mutating func signed() throws(FormulaError) -> Expression {
    try nested { (parser) throws(FormulaError) in
      if parser.isSymbol("-") {
        try parser.advance()
        return try parser.apply(.negate, [try parser.signed()])
      }
      if parser.isSymbol("+") {
        try parser.advance()
        return try parser.signed()
      }
      return try parser.power()
    }
  }

  private mutating func power() throws(FormulaError) -> Expression {
    let base = try operand()
    guard isSymbol("^") else { return base }
    try advance()
    return try apply(.power, [base, try signed()])
  }

  private mutating func operand() throws(FormulaError) -> Expression {
    let first = token
    switch first.kind {
    case .number(let value):
      try advance()
      return .number(value)
    case .name:
      try advance()
      return isSymbol("(") ? try call(of: first) : try name(first)
    case .symbol where first.text == "(":
      try advance()
      let inner = try sum()
      try close(first)
      return inner
    case .symbol: throw error(.missingOperand(before: first.text))
    case .end: throw error(.unexpectedEnd)
    }
  }

  private mutating func name(_ name: Token) throws(FormulaError) -> Expression {
    if name.text == "pi" { return .number(.pi) }
    if Op.functions[name.text] != nil {
      throw error(.functionWithoutCall(name.text), at: name.range)
    }
    if !names.contains(where: { $0.text == name.text }) {
      names.append(Formula.Name(text: name.text, range: name.range))
    }
    return .name(name.text)
  }

  private mutating func call(of name: Token) throws(FormulaError) -> Expression {
    guard let op = Op.functions[name.text] else {
      let suggestion = closest(to: name.text, in: Op.functions.keys.sorted())
      throw error(.unknownFunction(name.text, suggestion: suggestion), at: name.range)
    }
    let parenthesis = token
    try advance()
    var arguments: [Expression] = []
    if !isSymbol(")") {
      arguments.append(try sum())
      while isSymbol(",") {
        try advance()
        arguments.append(try sum())
      }
    }
    let end = token.range.upperBound
    try close(parenthesis)
    guard arguments.count == op.arity else {
      let reason = FormulaError.Reason.wrongArgumentCount(
        name.text, expected: op.arity, found: arguments.count)
      throw error(reason, at: name.range.lowerBound..<end)
    }
    return try apply(op, arguments)
  }

  private mutating func apply(_ op: Op, _ operands: [Expression]) throws(FormulaError) -> Expression
  {
    operationCount += 1
    guard operationCount <= Formula.mostOperations else { throw error(.tooLong) }
    return .apply(op, operands)
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
    _ body: (inout Parser) throws(FormulaError) -> Expression
  ) throws(FormulaError) -> Expression {
    guard depth < Formula.deepestNesting else { throw error(.tooDeep) }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private func error(_ reason: FormulaError.Reason, at range: Range<Int>? = nil) -> FormulaError {
    FormulaError(reason, in: formula, at: range ?? token.range)
  }
}

extension Op {
  /// The operations that are called by name.
  static let functions = Dictionary(
    uniqueKeysWithValues: allCases.filter(\.isFunction).map { ($0.spelling, $0) })
}
