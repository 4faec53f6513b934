extension Formula {
  /// The formula's text with others in place of those names for which there is one; names in backquotes and of
  /// functions stay.
  public func replacingNames(by replacement: (String) -> String?) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var copied = 0
    var lexer = Lexer(text)
    // It was read before, and so has no fault.
    while let token = try? lexer.next(), token.kind != .end {
      guard token.kind == .name, !lexer.nextIsParenthesis, let other = replacement(token.text)
      else {
        continue
      }
      result += bytes[copied..<token.range.lowerBound] + Array(other.utf8)
      copied = token.range.upperBound
    }
    return String(decoding: result + bytes[copied...], as: UTF8.self)
  }
}
