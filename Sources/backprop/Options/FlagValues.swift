import CThreads
import Flags
import Formula
import Glibc
import Tables
import Training

/// How many threads work unless a flag says so: one on each processor that the process may use.
var coreCount: Int { Int(bp_core_count()) }

/// The precision of a run, as its flag spells it.
enum PrecisionName: String, CaseIterable {
  case float32, float64
}

/// One of an enumeration's cases, by its name.
func choice<Choice: RawRepresentable<String> & CaseIterable>(
  _ text: String, as _: Choice.Type = Choice.self
) throws(BadValue) -> Choice {
  guard let choice = Choice(rawValue: text) else {
    throw BadValue("choose one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  return choice
}

/// The name of a file, or `-`.
func fileName(_ word: Word) throws(BadValue) -> Path {
  if word.bytes.isEmpty { throw BadValue("give the name of a file") }
  return Path(bytes: word.bytes)
}

/// Names between commas, each of them once.
func distinctNames(_ text: String, example: String) throws(BadValue) -> [String] {
  let names = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
  guard !names.contains(""), Set(names).count == names.count else {
    throw BadValue("give each name once, as in \(example)")
  }
  return names
}

/// The assignments that a flag gave.
func assignments(_ text: String) throws(BadValue) -> Assignments {
  guard let assignments = Assignments(text) else {
    throw BadValue("give each name once, with a finite number, as in w=0.5,b=0")
  }
  return assignments
}

/// A decimal number that is neither infinite nor nan.
func finiteNumber(_ text: some StringProtocol) -> Double? {
  guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
  guard let value = Double(text), value.isFinite else { return nil }
  return value
}

/// A finite number within bounds.
func number(_ text: some StringProtocol, _ bound: NumberBound) throws(BadValue) -> Double {
  guard let value = finiteNumber(text), bound.allows(value) else {
    throw BadValue("give a finite number, \(bound.rawValue)")
  }
  return value
}

/// A count of at least `least`.
func wholeNumber(_ text: some StringProtocol, from least: Int = 1) throws(BadValue) -> Int {
  guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let value = Int(text), value >= least
  else {
    throw BadValue("give a whole number, \(least) or more, in plain digits")
  }
  return value
}
