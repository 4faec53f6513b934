import ArgumentParser

/// The precision of a run, as its flag spells it.
enum PrecisionName: String, CaseIterable {
  case float32, float64
}

/// One of an enumeration's cases, by its name.
func choice<Choice: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Choice {
  guard let choice = Choice(rawValue: text) else {
    let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("choose one of \(choices)")
  }
  return choice
}

/// The assignments that a flag gave.
func assignments(_ text: String) throws -> Assignments {
  guard let assignments = Assignments(text) else {
    throw ValidationError("give each name once, with a finite number, as in w=0.5,b=0")
  }
  return assignments
}

/// A decimal number that is neither infinite nor nan.
func finiteNumber(_ text: some StringProtocol) -> Double? {
  guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
  guard let value = Double(text), value.isFinite else { return nil }
  return value
}
