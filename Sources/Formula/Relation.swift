/// The formula of a fit: a prediction, or a response and its prediction such as `log(y) ~ a - b*x`.
public struct Relation: Sendable {
  /// The left side of the `~`, a formula in columns; nil if there is no `~`.
  public let response: Formula?
  /// The right side, or the whole.
  public let prediction: Formula

  /// Reads a formula with at most one `~`, which stands outside of parentheses and quotes.
  ///
  /// Errors point into the whole text.
  public init(_ text: String) throws(FormulaError) {
    let bytes = Array(text.utf8)
    guard let sign = try Self.sign(in: bytes, of: text) else {
      response = nil
      prediction = try Formula(text)
      return
    }
    let after = sign + 1
    if ForeignSpelling.part(of: text, ..<sign).isEmpty {
      throw FormulaError(.missingOperand(before: "~"), in: text, at: sign..<after)
    }
    if ForeignSpelling.part(of: text, after...).isEmpty {
      throw FormulaError(.unexpectedEnd, in: text, at: bytes.count..<bytes.count)
    }
    response = try Self.side(0..<sign, of: text)
    prediction = try Self.side(after..<bytes.count, of: text)
  }

  /// Reads a part of the text, without the blanks around it.
  private static func side(_ range: Range<Int>, of text: String) throws(FormulaError) -> Formula {
    let bytes = Array(text.utf8)
    let blanks = bytes[range].prefix { " \t\r\n".utf8.contains($0) }.count
    let start = range.lowerBound + blanks
    do {
      return try Formula(ForeignSpelling.part(of: text, start..<range.upperBound))
    } catch {
      throw FormulaError(
        error.reason, in: text,
        at: error.range.lowerBound + start..<error.range.upperBound + start)
    }
  }

  /// Where the `~` stands; nil if there is none.
  private static func sign(in bytes: [UInt8], of text: String) throws(FormulaError) -> Int? {
    var quote: UInt8?
    var depth = 0
    var found: Int?
    for (index, byte) in bytes.enumerated() {
      if let open = quote {
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "`"), UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      case UInt8(ascii: "~"):
        guard depth == 0, found == nil else {
          throw FormulaError(.misplacedTilde, in: text, at: index..<index + 1)
        }
        found = index
      default: break
      }
    }
    return found
  }
}

extension Formula {
  /// The name, if the whole formula is one, with or without backquotes.
  public var onlyName: String? {
    guard steps.count == 1, case .name(let name, _) = steps[0].kind else { return nil }
    return name
  }

  /// The first layer in the formula and its position; nil if there is none.
  public var firstLayer: (name: String, range: Range<Int>)? {
    for step in steps {
      if case .layer(let layer, _) = step.kind { return (layer.name, step.range) }
    }
    return nil
  }

  /// The formula with a parameter for each term, where it is a sum of names alone: `b0 + b1*x` for `x`.
  public var withParameters: String? { ForeignSpelling.withParameters(text) }
}
