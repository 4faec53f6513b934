internal import Glibc
internal import Tables

/// A number that depends on a row, as a constant plus multiples of other terms.
///
/// Terms are texts in the formula language: a column, or what is not linear in one.
struct LinearForm {
  var constant = 0.0
  /// Each term once, in order of appearance.
  private(set) var terms: [(text: String, coefficient: Double)] = []

  init(_ constant: Double) { self.constant = constant }

  /// A term alone.
  init(term: String) { terms = [(term, 1)] }

  /// Its value if it does not depend on a row.
  var value: Double? { terms.isEmpty ? constant : nil }

  /// The sum of several, added in order.
  init(sumOf forms: some Sequence<LinearForm>) {
    var indices: [String: Int] = [:]
    for form in forms {
      constant += form.constant
      for (text, coefficient) in form.terms {
        if let index = indices[text] {
          terms[index].coefficient += coefficient
        } else {
          indices[text] = terms.count
          terms.append((text, coefficient))
        }
      }
    }
    terms.removeAll { $0.coefficient == 0 }
  }

  static func + (a: LinearForm, b: LinearForm) -> LinearForm { LinearForm(sumOf: [a, b]) }

  static func * (factor: Double, form: LinearForm) -> LinearForm {
    var product = form
    product.constant *= factor
    for index in product.terms.indices { product.terms[index].coefficient *= factor }
    product.terms.removeAll { $0.coefficient == 0 }
    return product
  }

  /// The number as a formula: `2.5*x - y + 3`.
  var text: String {
    var text = ""
    func append(_ term: String, isNegative: Bool) {
      text += text.isEmpty ? (isNegative ? "-" : "") : isNegative ? " - " : " + "
      text += term
    }
    for (term, coefficient) in terms {
      let size = coefficient.magnitude
      append(
        size == 1 ? term : "\(numeral(size))*\(term)", isNegative: coefficient < 0)
    }
    if constant != 0 || terms.isEmpty {
      append(numeral(constant.magnitude), isNegative: constant.sign == .minus)
    }
    return text
  }

  /// The number as the base or the exponent of a power.
  var atom: String {
    let isName =
      terms.count == 1 && terms[0].coefficient == 1 && constant == 0 && isWord(terms[0].text)
    return isName || terms.isEmpty && constant.sign == .plus ? text : "(\(text))"
  }

  /// The number as an operand of any operator but a power: in parentheses unless it is a single positive term.
  var factor: String {
    let isSingle = terms.count == 1 && constant == 0 || terms.isEmpty
    let isPositive = terms.first.map { $0.coefficient > 0 } ?? (constant.sign == .plus)
    return isSingle && isPositive ? text : "(\(text))"
  }
}

/// A number as formulas have it: whole ones without a fraction.
func numeral(_ value: Double) -> String {
  let isWhole = value == value.rounded() && value.magnitude < 1e15
  return isWhole && (value != 0 || value.sign == .plus) ? "\(Int(value))" : value.shortestDecimal
}

/// Whether a term is a name without quotes.
private func isWord(_ text: String) -> Bool {
  text.utf8.allSatisfy { isalnum(Int32($0)) != 0 || $0 == UInt8(ascii: "_") }
}
