import Formula

/// Numbers by name, as in `w=0.5,b=0`.
struct Assignments {
  let text: String
  let values: [(name: String, value: Double)]

  /// Reads `name=number` pairs; nil if the text is not a list of them or names one twice.
  init?(_ text: String) {
    var values: [(name: String, value: Double)] = []
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = pair.firstIndex(of: "=") else { return nil }
      let name = pair[..<equals].trimmed
      guard !name.isEmpty, !values.contains(where: { $0.name == name }) else { return nil }
      guard let value = finiteNumber(pair[pair.index(after: equals)...].trimmed) else { return nil }
      values.append((String(name), value))
    }
    self.text = text
    self.values = values
  }

  subscript(_ name: String) -> Double? { values.first { $0.name == name }?.value }

  /// The first name that is not one of `known`, as a message with a suggestion.
  func complaint(notAmong known: [String], whatTheyAre kind: String) -> String? {
    guard let stranger = values.first(where: { !known.contains($0.name) })?.name else { return nil }
    return unknown(kind, stranger, among: known)
  }
}

extension Substring {
  /// The text without blanks around it.
  var trimmed: Substring {
    let start = drop { $0 == " " }
    return start[..<(start.lastIndex { $0 != " " }.map(start.index(after:)) ?? start.startIndex)]
  }
}
