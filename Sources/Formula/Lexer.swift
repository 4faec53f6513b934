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
    case _ where letterLength(at: start) > 0:
      while case let length = namePartLength(at: position), length > 0 { position += length }
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
      let isPart = byte == UInt8(ascii: ".") || isExponentSign
      let length = isPart ? 1 : namePartLength(at: position)
      guard length > 0 else { break }
      position += length
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
