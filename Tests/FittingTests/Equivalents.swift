/// Another answer that gives the same curve, as each parameter's factor, source and shift.
///
/// With (−1, "s", 0) for s, −s is as right as s; two exponentials that change places take each other's values.
typealias Equivalent = [String: (factor: Double, source: String, shift: Double)]

/// All answers that are the same curve: what some equivalents and their combinations make of one.
func variants(of parameters: [String], _ equivalents: [Equivalent]) -> [Equivalent] {
  let identity = Equivalent(uniqueKeysWithValues: parameters.map { ($0, (1, $0, 0)) })
  var found = [identity]
  func isKnown(_ other: Equivalent) -> Bool {
    found.contains { known in
      parameters.allSatisfy { name in
        guard let x = known[name], let y = other[name] else { return false }
        return x.factor == y.factor && x.source == y.source && (x.shift - y.shift).magnitude < 1e-6
      }
    }
  }
  for _ in 0..<3 {
    for first in found {
      for second in equivalents where found.count < 64 {
        var both = identity
        for name in parameters {
          // What the second leaves as it is, the first may have changed.
          let part = second[name] ?? (1, name, 0)
          guard let inner = first[part.source] else { continue }
          let shift = part.factor * inner.shift + part.shift
          both[name] = (part.factor * inner.factor, inner.source, shift)
        }
        if !isKnown(both) { found.append(both) }
      }
    }
  }
  return found
}

/// Equivalents by which groups of parameters change places.
func exchanges(of groups: [[String]]) -> [Equivalent] {
  var found: [Equivalent] = []
  for first in groups.indices {
    for second in groups.indices where second > first {
      var exchange: Equivalent = [:]
      for (x, y) in zip(groups[first], groups[second]) {
        exchange[x] = (1, y, 0)
        exchange[y] = (1, x, 0)
      }
      found.append(exchange)
    }
  }
  return found
}

/// The equivalent by which some parameters change their signs.
func changeOfSign(of parameters: String...) -> Equivalent {
  Equivalent(uniqueKeysWithValues: parameters.map { ($0, (-1, $0, 0)) })
}
