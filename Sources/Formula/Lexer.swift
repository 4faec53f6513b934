internal import Autograd

/// One word of a formula.
struct Token: Hashable {
  enum Kind: Hashable {
    case number(Double)
    case name
    /// A column's name in backquotes; the token's text is what they enclose.
    case quotedName
    /// A text in quotes; the token's text is what they enclose.
    case text
    /// An operator, a parenthesis or a comma.
    case symbol
    case end
  }
  let kind: Kind
  let text: String
  let range: Range<Int>
}

/// Cuts a formula into tokens.
struct Lexer {
  private let formula: String
  private let bytes: [UInt8]
  private var position = 0
  /// Whether the token before is the end of a value.
  private var isAfterValue = false

  /// Longer symbols first, so that `<=` is not `<`.
  private static let symbols =
    (["|>"] + (Operator.infix + Operator.prefix).map(\.symbol) + ["(", ")", ",", "?", ":"])
    .sorted { $0.utf8.count > $1.utf8.count }.map { Array($0.utf8) }

  private static let blanks = Set(" \t\r\n".utf8)

  init(_ formula: String) {
    self.formula = formula
    bytes = Array(formula.utf8)
  }

  /// Whether the next token is an opening parenthesis.
  var nextIsParenthesis: Bool {
    bytes[position...].first { !Self.blanks.contains($0) } == UInt8(ascii: "(")
  }

  mutating func next() throws(FormulaError) -> Token {
    let token = try read()
    switch token.kind {
    case .symbol: isAfterValue = token.text == ")"
    default: isAfterValue = true
    }
    return token
  }

  private mutating func read() throws(FormulaError) -> Token {
    while position < bytes.count, Self.blanks.contains(bytes[position]) { position += 1 }
    guard position < bytes.count else {
      return Token(kind: .end, text: "", range: position..<position)
    }
    let start = position
    switch bytes[start] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): return try number(from: start)
    case UInt8(ascii: "`"): return try quoted(.quotedName, from: start)
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return try quoted(.text, from: start)
    case _ where letterLength(at: start) > 0:
      passName()
      if position + 1 < bytes.count, bytes[position] == UInt8(ascii: "."),
        namePartLength(at: position + 1) > 0
      {
        throw dottedName(from: start)
      }
      return token(.name, from: start)
    default: return try symbol(from: start)
    }
  }

  private mutating func passName() {
    while case let length = namePartLength(at: position), length > 0 { position += length }
  }

  /// What is wrong with names that points join: a function of a module, or a column's name.
  private mutating func dottedName(from start: Int) -> FormulaError {
    while position + 1 < bytes.count, bytes[position] == UInt8(ascii: "."),
      namePartLength(at: position + 1) > 0
    {
      position += 1
      passName()
    }
    let name = token(.name, from: start)
    let last = name.text.split(separator: ".").last ?? ""
    let reason: FormulaError.Reason =
      if nextIsParenthesis {
        ForeignSpelling.reason(against: name.text)
          ?? .unknownFunction(
            name.text, suggestion: ForeignSpelling.suggestion(for: name.text))
      } else if last.lowercased() == Formula.piName {
        .foreignWord(name.text, ours: Formula.piName)
      } else if last == "e" {
        .foreignWord(name.text, ours: "exp(1)")
      } else {
        .unquotedColumn(name.text)
      }
    return FormulaError(reason, in: formula, at: name.range)
  }

  private mutating func symbol(from start: Int) throws(FormulaError) -> Token {
    if bytes[start...].starts(with: ":=".utf8) {
      let reason = ForeignSpelling.equation(formula, at: start, length: 2)
      throw FormulaError(reason, in: formula, at: start..<start + 2)
    }
    if let symbol = Self.symbols.first(where: { bytes[start...].starts(with: $0) }) {
      position += symbol.count
      return token(.symbol, from: start)
    }
    let rest = String(decoding: bytes[start...], as: UTF8.self)
    let character = rest.first ?? "?"
    let range = start..<start + String(character).utf8.count
    let reason: FormulaError.Reason =
      switch character {
      case "=", "~": ForeignSpelling.equation(formula, at: start, length: 1)
      case "|" where !isAfterValue: .magnitudeBars
      case "|" where callFollows(at: start + 1): .singlePipe
      case "&", "|": .singleLogical(character)
      case "[": bracketedName(at: start) ?? .unexpectedCharacter(character)
      default: .unexpectedCharacter(character)
      }
    throw FormulaError(reason, in: formula, at: range)
  }

  /// Whether the name of a function or layer comes next, as after a pipe.
  private func callFollows(at start: Int) -> Bool {
    let rest = ForeignSpelling.part(of: formula, start...)
    let name = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    return Function.named[name] != nil || Layer.named[name] != nil
  }

  /// What is wrong with a bracket: it is part of a column's name, as in `T [K]`, or a list; nil if it is an index.
  private func bracketedName(at start: Int) -> FormulaError.Reason? {
    guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
    let content = ForeignSpelling.part(of: formula, start + 1..<end)
    if !isAfterValue {
      return content.contains(",")
        ? .foreignWord("[…]", ours: "concat(…)")
        : .unquotedColumn(ForeignSpelling.part(of: formula, start...end))
    }
    let before = ForeignSpelling.part(of: formula, ..<start)
    let name = String(
      before.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
    guard !name.isEmpty, !content.allSatisfy({ $0.isNumber || $0 == ":" }) else { return nil }
    let blanks = bytes[..<start].reversed().prefix { Self.blanks.contains($0) }.count
    return .unquotedColumn(
      ForeignSpelling.part(of: formula, (start - blanks - name.utf8.count)...end))
  }

  /// Everything up to the same quote; one that is meant is written twice.
  private mutating func quoted(_ kind: Token.Kind, from start: Int) throws(FormulaError) -> Token {
    let quote = bytes[start]
    var content: [UInt8] = []
    position += 1
    while position < bytes.count {
      if bytes[position] == quote {
        position += 1
        guard position < bytes.count, bytes[position] == quote else {
          let text = String(decoding: content, as: UTF8.self)
          return Token(kind: kind, text: text, range: start..<position)
        }
      }
      content.append(bytes[position])
      position += 1
    }
    let character = Character(Unicode.Scalar(quote))
    throw FormulaError(.unclosedQuote(character), in: formula, at: start..<start + 1)
  }

  /// Digits, a point, an exponent: whatever is glued to a number belongs to it, and must be one.
  private mutating func number(from start: Int) throws(FormulaError) -> Token {
    while position < bytes.count {
      let byte = bytes[position]
      let isExponentSign =
        (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
        && bytes[position - 1] | 0x20 == UInt8(ascii: "e") && position - 1 > start
      let isPart = byte == UInt8(ascii: ".") || isExponentSign
      let length = isPart ? 1 : namePartLength(at: position)
      guard length > 0 else { break }
      position += length
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let isDecimal = text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
    guard isDecimal, let value = Double(text) else {
      throw FormulaError(numberFault(text), in: formula, at: start..<position)
    }
    guard value.isFinite else {
      throw FormulaError(.numberTooLarge(text), in: formula, at: start..<position)
    }
    return token(.number(value), from: start)
  }

  /// What is wrong with a text that begins like a number: most often a product without its sign.
  private func numberFault(_ text: String) -> FormulaError.Reason {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let rest = text[digits.endIndex...]
    let isName = rest.first?.isLetter == true && !rest.contains { "+-.".contains($0) }
    let isHexadecimal = digits == "0" && "xX".contains(rest.first ?? " ")
    let isExponent = "eE".contains(rest.first ?? " ") && rest.dropFirst().allSatisfy(\.isNumber)
    guard isName, !isHexadecimal, !isExponent, Double(digits) != nil else {
      return .badNumber(text)
    }
    return .missingProduct(String(digits), String(rest))
  }

  private func token(_ kind: Token.Kind, from start: Int) -> Token {
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    return Token(kind: kind, text: text, range: start..<position)
  }
}

extension Lexer {
  /// The length in bytes of the letter or `_` at a position, 0 if there is none.
  ///
  /// Letters beyond ASCII, and the marks that belong to them, are letters: a column may be named
  /// `größe`. Signs are not: a `−` copied from a book is no part of a name.
  private func letterLength(at position: Int) -> Int {
    guard position < bytes.count else { return 0 }
    let byte = bytes[position]
    if byte < 0x80 {
      let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      return isLetter || byte == UInt8(ascii: "_") ? 1 : 0
    }
    let next = bytes[position..<min(position + 4, bytes.count)]
    guard let scalar = String(decoding: next, as: UTF8.self).unicodeScalars.first else { return 0 }
    let isMark = [.nonspacingMark, .spacingMark].contains(scalar.properties.generalCategory)
    return scalar.properties.isAlphabetic || isMark ? String(scalar).utf8.count : 0
  }

  /// The length in bytes of the letter or digit at a position, 0 if there is none.
  private func namePartLength(at position: Int) -> Int {
    let isDigit =
      position < bytes.count
      && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
    return isDigit ? 1 : letterLength(at: position)
  }
}
