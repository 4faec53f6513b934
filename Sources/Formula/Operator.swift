internal import Autograd

/// An operator between two values, or a sign before one.
struct Operator: Sendable {
  let symbol: String
  /// How tightly it binds; 0 for the signs before a value, which are read elsewhere.
  let level: Int
  let summary: String
  let example: String
  let body: @Sendable ([Node]) -> Node

  /// How tightly comparisons bind, which do not chain.
  static let comparisonLevel = 3
  /// How tightly the powers bind: more than a sign, and to the right.
  static let powerLevel = 6

  /// Whether it also compares a column of texts with a text.
  var comparesTexts: Bool { symbol == "==" || symbol == "!=" }

  /// Every operator between two values, loosest first.
  static let infix = [
    Operator("||", 1, "1 if x or y is not 0, else 0", "0 || 3") {
      choose($0, 1, else: isTrue($1))
    },
    Operator("&&", 2, "1 if neither is 0, else 0", "2 && 0") {
      choose($0, isTrue($1), else: 0)
    },
    Operator("==", 3, "1 if x equals y, else 0", "1 == 1") { $0 == $1 },
    Operator("!=", 3, "1 if x differs from y, else 0", "1 != 1") { 1 - ($0 == $1) },
    Operator("<", 3, "1 if x is below y, else 0", "1 < 2") { $0 < $1 },
    Operator("<=", 3, "1 if x is at most y, else 0", "2 <= 2") { $0 <= $1 },
    Operator(">", 3, "1 if x is above y, else 0", "1 > 2") { $1 < $0 },
    Operator(">=", 3, "1 if x is at least y, else 0", "2 >= 2") { $1 <= $0 },
    Operator("+", 4, "sum", "1 + 2") { $0 + $1 },
    Operator("-", 4, "difference", "1 - 2") { $0 - $1 },
    Operator("*", 5, "product", "2*3") { $0 * $1 },
    Operator("/", 5, "quotient", "3/2") { $0 / $1 },
    Operator("^", powerLevel, "power; groups to the right", "2^3^2") { pow($0, $1) },
  ]

  /// Every operator before one value.
  static let prefix = [
    Operator("-", "negative; -x^2 is -(x^2)", "-2^2") { -$0 },
    Operator("+", "the value itself", "+2") { $0 },
    Operator("!", "1 if x is 0, else 0", "!3") { $0 == 0 },
  ]

  /// Both kinds by their symbols.
  static let infixNamed = Dictionary(uniqueKeysWithValues: infix.map { ($0.symbol, $0) })
  static let prefixNamed = Dictionary(uniqueKeysWithValues: prefix.map { ($0.symbol, $0) })

  private init(
    _ symbol: String, _ level: Int, _ summary: String, _ example: String,
    _ body: @escaping @Sendable (Node, Node) -> Node
  ) {
    (self.symbol, self.level, self.summary, self.example) = (symbol, level, summary, example)
    self.body = { body($0[0], $0[1]) }
  }

  private init(
    _ symbol: String, _ summary: String, _ example: String,
    _ body: @escaping @Sendable (Node) -> Node
  ) {
    (self.symbol, level, self.summary, self.example) = (symbol, 0, summary, example)
    self.body = { body($0[0]) }
  }
}

/// 1 where a value is not 0, else 0.
private func isTrue(_ x: Node) -> Node { 1 - (x == 0) }
