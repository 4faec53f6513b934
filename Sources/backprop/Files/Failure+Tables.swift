import Formula
import Tables

extension TableError {
  /// The problem and what to do about it with the flags of this program.
  ///
  /// `offers` is what the command at hand has.
  func text(advice offers: TableAdvice) -> String {
    problem + (reason.remedy.map { "; \(advice($0, offers))" } ?? "")
  }

  private func advice(_ remedy: Remedy, _ offers: TableAdvice) -> String {
    switch remedy {
    case .delimiter(let mark) where reason == .otherDelimiter(mark):
      "give \(delimiterFlag(mark))"
    case .delimiter(let mark):
      "fields separated by \(mark.asDelimiter) need \(delimiterFlag(mark))"
    case .decimalComma: "--decimal , reads it as a number with a decimal comma"
    case .decimalPoint: "without --decimal , it would be one"
    case .comment(let mark): "--comment \(shellWord(String(mark))) skips such lines"
    case .missingWord(let word):
      "--na \(shellWord(word)) \(offers.policies[0])"
    case .thousands(let mark, mayBeDecimal: true):
      "\(remedy), or "
        + (mark == ","
          ? "give --decimal , if it is a decimal mark"
          : "leave out --decimal , if it is a decimal mark")
    case .laterHeader:
      "if it holds the column names, --skip \((line ?? 1) - 1) skips the lines above it"
    case .units: "--units skips a line of units below the names"
    case .otherColumns: "give it one, or list the columns to use by --features"
    case .widerPrecision: offers.precision
    case .header: "\(remedy), or give --no-header"
    case .policy(let policies):
      offers.policies.prefix(policies.count).joined(separator: ", ")
    case .decompression(let command): "decompress it: \(command) FILE | \(offers.pipe)"
    case .encoding: "\(remedy) FILE | \(offers.pipe)"
    case .takingForNone: "--unseen zero encodes it as zeros"
    case .thousands, .unit, .scaling, .moreFields, .fewerFields, .conversion, .sameColumns:
      "\(remedy)"
    }
  }
}

extension FormulaError {
  /// The error and what to do about it with the flags of this program, one of which gave the formula.
  ///
  /// A fit takes both sides of an equation.
  func text(flag: String, isOfFit: Bool = false) -> String {
    if case .equation = reason, flag == "--where" {
      return FormulaError(.singleEquals, in: formula, at: range).description
    }
    switch reason {
    case .modelFormula where flag == "--model":
      return "\(self); 'backprop fit' takes both sides"
    case .equation(let right?) where isOfFit:
      let left = String(decoding: formula.utf8.prefix(range.lowerBound), as: UTF8.self)
      return "'=' has no meaning in a formula; write '~' between a response and its model: "
        + "'\(shortened("\(left.trimmingBlanks) ~ \(right)", limit: 60))'"
    case .equationOfTarget(let name, let right) where isOfFit:
      return "'\(shortened(name))' is the target; write '~' between it and its model: "
        + "'\(shortened("\(name) ~ \(right)", limit: 60))'"
    case .noParameters where isOfFit:
      let example = (try? Formula(formula))?.withParameters
      return "the formula has no parameters to fit: a name that is not a column is a parameter"
        + (example.map { ", as in '\(shortened($0, limit: 60))'" } ?? "")
    case .notOfNumbers: return "\(self); use 'backprop train' for networks"
    default: break
    }
    if case .inputsWithoutColumns = reason { return "\(self); give them, as in --columns x1,x2" }
    return description
  }
}

extension String {
  /// The text without blanks around it.
  fileprivate var trimmingBlanks: Substring { self[...].trimmed }
}

/// The flag that gives a delimiter, as a shell takes it.
private func delimiterFlag(_ mark: Character) -> String {
  switch mark {
  case "\t": "--delimiter tab"
  case " ": "--delimiter space"
  default: "--delimiter \(shellWord(String(mark)))"
  }
}

/// A word as a shell takes it: in single quotes, unless it is of letters, digits and harmless marks.
func shellWord(_ word: String) -> String {
  let isPlain = word.utf8.allSatisfy { byte in
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || ",./-_:".utf8.contains(byte)
  }
  return isPlain ? word : "'\(word)'"
}
