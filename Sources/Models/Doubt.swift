public import Autograd
internal import Formula

/// Something in a model that is probably a mistake, although the model can be trained.
public enum Doubt: Hashable, Sendable {
  /// A parameter is named much like a column that the table has.
  case likelyColumn(parameter: String, column: String)
  /// The formula contains a column's name that is no word, without backquotes, and so means something else.
  case columnWithoutQuotes(String)
  /// The formula reads no column although the table has some; a parameter may be meant as one.
  case noColumn(likely: Column?, among: [String])
  /// The prediction is computed from what it is to predict.
  case targetInModel(String)
  /// `e` is a parameter that is raised to a power, as Euler's number is.
  case powerOfE

  /// A column, and the parameter that may be meant as it.
  public struct Column: Hashable, Sendable {
    /// The column's name.
    public let name: String
    /// The parameter's name.
    public let parameter: String
  }
}

extension Model {
  /// What is probably a mistake in the formula, each doubt once.
  ///
  /// Of a table with more columns, 10,000 are compared.
  public func doubts() -> [Doubt] {
    let formula = specification.formula
    let names = formula.names.filter { !$0.isQuoted }.map(\.text)
    let own = parameters.map(\.name).filter(names.contains)
    let known = schema.names.prefix(10_000)
    let columns = known.filter { $0 != target }
    let isInput = Set(inputs)
    let unused = columns.filter { !isInput.contains($0) }
    var doubts = own.compactMap { parameter -> Doubt? in
      let column =
        misspelt(parameter, among: known)
        ?? unused.first {
          isSameName(parameter, $0, alone: inputs.isEmpty) || isFirstWord(parameter, of: $0)
        }
      return column.map { .likelyColumn(parameter: parameter, column: $0) }
    }
    doubts += unused.filter { formula.contains($0, with: own) }.map(Doubt.columnWithoutQuotes)
    if inputs.isEmpty, doubts.isEmpty, !columns.isEmpty {
      let likely = columns.lazy.compactMap { column in
        own.first { column.isAbbreviated(by: $0) }.map {
          Doubt.Column(name: column, parameter: $0)
        }
      }.first
      doubts.append(.noColumn(likely: likely, among: columns))
    }
    if names.contains(target) || formula.names.contains(where: { $0.isQuoted && $0.text == target })
    {
      doubts.append(.targetInModel(target))
    }
    if own.contains("e"), formula.powerOfE != nil { doubts.append(.powerOfE) }
    return doubts
  }

  /// A column whose name is one edit away.
  ///
  /// Names of fewer than three letters are left out: `w` and `x` are one edit apart by nature.
  private func misspelt(_ parameter: String, among columns: some Sequence<String>) -> String? {
    func isWordy(_ name: String) -> Bool { name.count(where: \.isLetter) >= 3 }
    guard isWordy(parameter) else { return nil }
    return closest(to: parameter, in: columns.filter(isWordy), within: 1)
  }

  /// Whether a name of three letters or more is the first word of a column's, as `Temp` of `Temp (C)`.
  private func isFirstWord(_ parameter: String, of column: String) -> Bool {
    let words = column.compatible.lowercased().words
    return parameter.count > 2 && words.count > 1 && words[0] == parameter.compatible.lowercased()
  }

  /// Whether two names differ in case alone, or in characters that Unicode calls compatible.
  ///
  /// Single letters of other case count only where `alone` says that the formula reads no column, or where they
  /// are the usual ones for data: in `a + b*A` the letter b is a parameter, whether or not there is a column B.
  private func isSameName(_ parameter: String, _ column: String, alone: Bool) -> Bool {
    let (own, other) = (parameter.compatible, column.compatible)
    guard own != other else { return true }
    guard own.lowercased() == other.lowercased() else { return false }
    return alone || own.count > 1 || own.lowercased().allSatisfy { "rstuvxyz".contains($0) }
  }

  /// Whether every gradient is 0 at some values of the parameters in each row that is examined, although there is a
  /// loss: training would not move from there.
  ///
  /// The first row with a gradient ends the search. Of a long table, 10,000 rows spread over it are examined.
  public func isFlat<Scalar: Precision>(
    at parameters: [Scalar], in data: borrowing Columns<Scalar>
  ) -> Bool {
    let mostRows = 10_000
    var executor = Executor<Scalar>(stepProgram, batchRows: 1)
    let values = parameters + [Scalar](repeating: 0, count: noiseKeyCount * NoiseKey.count)
    var hasLoss = false
    let stride = max(1, data.rowCount / mostRows)
    for row in Swift.stride(from: 0, to: data.rowCount, by: stride) {
      let found = executor.values(ofRow: row, in: data, parameters: values)
      if !found.dropFirst().allSatisfy({ $0 == 0 }) { return false }
      if found[0] != 0 { hasLoss = true }
    }
    return hasLoss
  }
}

extension Formula {
  /// Whether the formula has a column's name that is no word as it stands, outside quotes, where some part of it
  /// is one of the parameters.
  fileprivate func contains(_ column: String, with parameters: [String]) -> Bool {
    let words = column.words
    guard words != [column], words.contains(where: parameters.contains) else { return false }
    let text = unquotedText
    return text.indices.contains { start in
      let rest = text[start...]
      return rest.starts(with: column)
        && text[..<start].last.map(\.isPartOfName) != true
        && rest.dropFirst(column.count).first.map(\.isPartOfName) != true
    }
  }

  /// The formula with blanks in place of what stands in quotes.
  private var unquotedText: String {
    var quote: Character?
    return String(
      text.map { character in
        if let open = quote {
          if character == open { quote = nil }
          return " "
        }
        if "`'\"".contains(character) { quote = character }
        return quote == nil ? character : " "
      })
  }
}

extension String {
  /// The letters and digits that other signs divide.
  fileprivate var words: [String] { split { !$0.isPartOfName }.map(String.init) }

  /// Whether a name is one of the words of this one, or the beginning of its first.
  fileprivate func isAbbreviated(by name: String) -> Bool {
    let name = name.compatible.lowercased()
    let words = compatible.lowercased().words
    if words.contains(name) { return true }
    guard let first = words.first, first.hasPrefix(name) else { return false }
    return name.count > 1 || name.allSatisfy { "rstuvxyz".contains($0) }
  }

  /// The name with plain characters for those that Unicode calls compatible, as far as names have them.
  fileprivate var compatible: String {
    String(String.UnicodeScalarView(unicodeScalars.map(\.compatible)))
  }
}

extension Character {
  fileprivate var isPartOfName: Bool { isLetter || isNumber || self == "_" }
}

extension Unicode.Scalar {
  /// The plain character: letters of other shape or width, and raised and lowered digits.
  fileprivate var compatible: Unicode.Scalar {
    if let plain = Self.plain[self] { return plain }
    switch value {
    case 0x2080...0x2089: return Self(value - 0x2080 + 0x30) ?? self
    case 0x2070, 0x2074...0x2079: return Self(value - 0x2070 + 0x30) ?? self
    case 0xFF01...0xFF5E: return Self(value - 0xFF01 + 0x21) ?? self
    // Mathematical letters: alphabets of 52, then of 58 Greek ones, then digits.
    case 0x1D400...0x1D6A3:
      let letter = (value - 0x1D400) % 52
      return Self(letter < 26 ? letter + 0x41 : letter - 26 + 0x61) ?? self
    case 0x1D6A8...0x1D7C9:
      let letter = (value - 0x1D6A8) % 58
      return letter < 25
        ? Self(letter + 0x391) ?? self : letter < 26 ? "∇" : Self(letter - 26 + 0x3B1) ?? self
    case 0x1D7CE...0x1D7FF: return Self((value - 0x1D7CE) % 10 + 0x30) ?? self
    default: return self
    }
  }

  private static let plain: [Unicode.Scalar: Unicode.Scalar] = [
    "µ": "μ", "ϐ": "β", "ϑ": "θ", "ϕ": "φ", "ϖ": "π", "ϰ": "κ", "ϱ": "ρ", "ϵ": "ε", "ϴ": "Θ",
    "ς": "σ", "\u{2126}": "Ω", "\u{212A}": "K", "\u{212B}": "Å", "ℎ": "h", "ℓ": "l", "ℯ": "e",
    "¹": "1", "²": "2", "³": "3", "ª": "a", "º": "o",
  ]
}
