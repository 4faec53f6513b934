import Formula
import Models

extension Reference {
  /// What the reference says of formulas as such.
  private static let introduction = """
    A formula describes one row of a table, as in a*exp(-b*x) + c.
    Names of columns are data; all other names are parameters to be trained.

    """

  /// What the reference says of an operator, a function, a layer or a name; nil if it has none such.
  static func text(of name: String) -> String? {
    let entries = parts.flatMap(\.entries)
    let found = entries.filter { $0.isNamed(name) }
    return found.isEmpty ? nil : found.flatMap(\.lines).joined(separator: "\n") + "\n"
  }

  /// All parts in lines of at most 80 columns: what is written, what it gives, an example.
  static var text: String {
    var lines = [introduction]
    for part in parts {
      if lines.count > 1 { lines.append("") }
      lines.append(part.title)
      for entry in part.entries { lines += entry.lines }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Reference.Entry {
  /// Whether the entry is about a name or a sign: `exp` of `exp(x)`, `+` of `x + y` and `+x`.
  fileprivate func isNamed(_ name: String) -> Bool {
    if let parenthesis = spelling.firstIndex(of: "("), spelling.hasSuffix(")"),
      !spelling.contains("|")
    {
      return spelling[..<parenthesis] == name
    }
    let signs = spelling.filter { !$0.isLetter && !"()…".contains($0) }
    let isSign = !name.contains { $0.isLetter || $0.isNumber || $0 == " " }
    if isSign { return !name.isEmpty && signs.filter { $0 != " " } == name }
    return spelling == name && name.allSatisfy(\.isLetter)
  }

  private static let lineWidth = 80
  private static let spellingWidth = 22
  private static let summaryWidth = 34

  /// One line, or more where a part needs more room than its column has.
  fileprivate var lines: [String] {
    let indent = String(repeating: " ", count: Self.spellingWidth)
    var lines = ["  " + spelling]
    if spelling.count + 3 > Self.spellingWidth { lines.append(indent) }
    let last = lines.count - 1
    lines[last] = lines[last].padded(to: Self.spellingWidth) + summary
    let example = example + (value.map { " = \($0)" } ?? "")
    let start = lines[last].padded(to: Self.spellingWidth + Self.summaryWidth)
    if start.hasSuffix(" "), start.count + example.count <= Self.lineWidth {
      lines[last] = start + example
    } else {
      lines.append(indent + example)
    }
    return lines
  }

  /// What the example gives to six digits, if it is a number.
  private var value: String? {
    guard let formula = try? Formula(example),
      let roles = try? Roles(guessedFrom: formula, loss: nil, columns: nil),
      let value = try? Binding(formula, roles: roles).constantValue
    else { return nil }
    return value.map { brief($0, digits: 6) }.joined(separator: " ")
  }
}
