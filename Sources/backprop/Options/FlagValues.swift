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

/// The name of a file, or `-`.
func fileName(_ text: String) throws(ValidationError) -> String {
  if text.isEmpty { throw ValidationError("give the name of a file") }
  return text
}

/// Names between commas, each of them once.
func distinctNames(_ text: String, example: String) throws(ValidationError) -> [String] {
  let names = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
  guard !names.contains(""), Set(names).count == names.count else {
    throw ValidationError("give each name once, as in \(example)")
  }
  return names
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

/// What a number may be.
enum NumberBound: String {
  case zeroOrMore = "0 or more"
  case aboveZero = "above 0"
  case zeroToOne = "from 0 to 1"
  case zeroToBelowOne = "from 0 to below 1"
  case aboveZeroToOne = "above 0, at most 1"

  func allows(_ value: Double) -> Bool {
    switch self {
    case .zeroOrMore: value >= 0
    case .aboveZero: value > 0
    case .zeroToOne: value >= 0 && value <= 1
    case .zeroToBelowOne: value >= 0 && value < 1
    case .aboveZeroToOne: value > 0 && value <= 1
    }
  }
}

/// A finite number within bounds.
func number(_ text: some StringProtocol, _ bound: NumberBound) throws(ValidationError) -> Double {
  guard let value = finiteNumber(text), bound.allows(value) else {
    throw ValidationError("give a finite number, \(bound.rawValue)")
  }
  return value
}

/// A count of at least `least`.
func wholeNumber(
  _ text: some StringProtocol, from least: Int = 1
) throws(ValidationError) -> Int {
  guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let value = Int(text), value >= least
  else {
    throw ValidationError("give a whole number, \(least) or more, in plain digits")
  }
  return value
}
