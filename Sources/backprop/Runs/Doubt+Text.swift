import Formula
import Models
import Tables

extension Doubt {
  /// What the person who gave the formula is told.
  var text: String {
    switch self {
    case .likelyColumn(let parameter, let column):
      let letters = zip(parameter.unicodeScalars, column.unicodeScalars)
        .first { $0 != $1 && $0.properties.lowercaseMapping != $1.properties.lowercaseMapping }
        .map { ($0.codePoint, $1.codePoint) }
      // Two characters that look alike are told by their numbers.
      let lookalikes =
        parameter.count == column.count && (parameter + column).contains { !$0.isASCII }
        ? letters.map { ", with \($1) in place of \($0)" } ?? "" : ""
      return "\(excerpt(parameter)) is not a column, so it is a parameter; did you mean "
        + "\(column.asWritten)\(lookalikes)?"
    case .columnWithoutQuotes(let column):
      return
        "the model reads \(excerpt(column)) as a computation; for the column of that name, write `\(shortened(column))`"
    case .noColumn(let likely, let columns):
      let sentence = "the model uses no column of the table, so it predicts the same for every row"
      if let likely {
        return sentence + "; is \(excerpt(likely.parameter)) the column \(likely.name.asWritten)?"
      }
      return "\(sentence); its columns are \(listed(columns))"
    case .targetInModel(let target):
      return
        "\(excerpt(target)) is the target, and the model uses it: it can copy what it should predict"
    case .powerOfE:
      return "'e' is not a column, so it is a parameter; for Euler's number, write exp(…)"
    }
  }
}

extension Unicode.Scalar {
  /// The number of the character, as in `U+00B5`.
  fileprivate var codePoint: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension String {
  /// The name as formulas have it: in backquotes, or in plain quotes if it is a word.
  fileprivate var asWritten: String {
    let isWord =
      first?.isNumber == false && allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    return isWord ? excerpt(self) : "`\(shortened(self))`"
  }
}
