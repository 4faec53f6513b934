/// One word of a formula.
struct Token: Hashable {
  enum Kind: Hashable {
    case number(Double)
    case name
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

  init(_ formula: String) {
    self.formula = formula
    bytes = Array(formula.utf8)
  }

  mutating func next() throws(FormulaError) -> Token {
    while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    guard position < bytes.count else {
      return Token(kind: .end, text: "", range: position..<position)
    }
    let start = position
    switch bytes[start] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): return try number(from: start)
    case let byte where byte.isNameStart:
      while position < bytes.count, bytes[position].isNamePart { position += 1 }
      return token(.name, from: start)
    case let byte where "+-*/^(),".utf8.contains(byte):
      position += 1
      return token(.symbol, from: start)
    default:
      let rest = String(decoding: bytes[start...], as: UTF8.self)
      let character = rest.first ?? "?"
      let range = start..<start + String(character).utf8.count
      throw FormulaError(.unexpectedCharacter(character), in: formula, at: range)
    }
  }

  /// Digits, a point, an exponent: whatever is glued to a number belongs to it, and must be one.
  private mutating func number(from start: Int) throws(FormulaError) -> Token {
    while position < bytes.count {
      let byte = bytes[position]
      let isExponentSign =
        (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
        && bytes[position - 1] | 0x20 == UInt8(ascii: "e") && position - 1 > start
      guard byte.isNamePart || byte == UInt8(ascii: ".") || isExponentSign else { break }
      position += 1
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let isDecimal = text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
    guard isDecimal, let value = Double(text), value.isFinite else {
      throw FormulaError(.badNumber(text), in: formula, at: start..<position)
    }
    return token(.number(value), from: start)
  }

  private func token(_ kind: Token.Kind, from start: Int) -> Token {
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    return Token(kind: kind, text: text, range: start..<position)
  }
}

extension UInt8 {
  /// Letters, `_`, and every byte of a character beyond ASCII: columns may be named `größe`.
  fileprivate var isNameStart: Bool {
    let lowercase = self | 0x20
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercase) || self == UInt8(ascii: "_")
      || self >= 0x80
  }

  fileprivate var isNamePart: Bool {
    isNameStart || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
  }
}
