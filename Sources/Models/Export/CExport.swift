internal import Autograd
internal import Tables

/// Writes a model as one C11 file that needs the standard library alone.
///
/// The arithmetic is in the model's precision. Functions of float32 are computed in double and rounded once, sums of
/// products are fused and in the same order, as the kernels do it.
struct CExport {
  private(set) var text = ""
  private let recipe: Recipe
  private var names = Identifiers(reserved: Self.reservedWords.union(Self.helpers.map(\.name)))
  /// What steps are called, or the expressions that stand for them.
  private var expressions: [String] = []
  private var parameterNames: [String] = []
  private var fieldNames: [String: String] = [:]
  private var usedHelpers: Set<String> = []

  private var real: String { recipe.isDouble ? "double" : "float" }

  /// `header` is what the file says of the model.
  init(_ recipe: Recipe, header: [String]) throws(ExportError) {
    self.recipe = recipe
    for parameter in recipe.parameters {
      parameterNames.append(names.identifier(parameter.name, prefix: "p_"))
    }
    var members = Identifiers(reserved: Self.reservedWords)
    for field in recipe.fields { fieldNames[field.name] = members.identifier(field.name) }
    let function = names.identifier(recipe.target, prefix: "predict_")
    var computing = ""
    for index in recipe.steps.indices { computing += try lines(of: index) }
    if recipe.fields.contains(where: { $0.levels != nil }) { usedHelpers.insert("find_level") }
    let lookups = levelLookups
    let body = lookups + computing + (try ending(function))
    let used = Self.helpers.filter { usedHelpers.contains($0.name) }
    let parts = [
      heading(header, function), interface(function), tables,
      used.map { text(ofHelper: $0.text) + "\n" }.joined(separator: "\n"),
      definition(function, body),
    ]
    text = parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  // MARK: - Parts of the file

  private func text(ofHelper text: String) -> String {
    text.replacing(each: "real", by: real).replacing(
      each: "fma(", by: recipe.isDouble ? "fma(" : "fmaf(")
  }

  private func heading(_ header: [String], _ function: String) -> String {
    var lines = header + [""]
    lines.append("Compile with: cc -std=c11 -c FILE.c, and link with -lm.")
    lines.append("")
    lines.append("Columns, in the order of the members of struct \(function)_row:")
    for field in recipe.fields {
      let kind = field.levels.map { "one of \($0.count) texts" } ?? "a number, as in the table"
      lines.append("  \(fieldNames[field.name] ?? ""): '\(field.name)', \(kind)")
    }
    lines.append("")
    let hasTexts = recipe.fields.contains { $0.levels != nil }
    func unknown(_ value: String) -> [String] {
      hasTexts ? ["A text that is no level of its column gives \(value)."] : []
    }
    if recipe.classes != nil {
      let stored = recipe.probabilities == nil ? "the scores" : "the scores and the probabilities"
      lines += [
        "\(function) gives the index of the class in \(function)_classes. It stores \(stored)",
        "of the classes where the pointers are not NULL.",
      ]
      lines += unknown("-1")
    } else if count(recipe.prediction) > 1 {
      lines.append(
        "\(function) stores the \(count(recipe.prediction)) numbers that are predicted, and gives 0."
      )
      lines += unknown("-1")
    } else {
      lines.append("\(function) gives '\(recipe.target)' in the unit of the table.")
      lines += unknown("NAN")
    }
    return lines.map { Self.comment($0) }.joined()
  }

  /// A line of comment, which no backslash at its end makes longer; compilers skip blanks after one.
  private static func comment(_ line: String) -> String {
    if line.isEmpty { return "//\n" }
    let plain = line.onOneLine.replacing(each: "??/", by: "?? /")
    let end = plain.last { $0 != " " } == "\\" ? "." : ""
    return "// \(plain)\(end)\n"
  }

  private func interface(_ function: String) -> String {
    var text = "#include <math.h>\n#include <stddef.h>\n"
    if recipe.fields.contains(where: { $0.levels != nil }) { text += "#include <string.h>\n" }
    text += "\nstruct \(function)_row {\n"
    for field in recipe.fields {
      let type = field.levels == nil ? "double " : "const char *"
      text += "  \(type)\(fieldNames[field.name] ?? "");\n"
    }
    if recipe.fields.isEmpty { text += "  char unused;\n" }
    text += "};\n\n"
    if let classes = recipe.classes {
      text +=
        "extern const char *const \(function)_classes[\(classes.count)];\n"
        + "const char *const \(function)_classes[\(classes.count)] = {\n"
        + wrapped(classes.map(Self.stringLiteral), indent: "  ") + "\n};\n\n"
    }
    return text + declaration(function) + ";\n"
  }

  private func declaration(_ function: String) -> String {
    let row = "const struct \(function)_row *row"
    let count = count(recipe.prediction)
    if recipe.classes != nil {
      let probabilities = recipe.probabilities.map { ", \(real) probabilities[\(self.count($0))]" }
      return "int \(function)(\(row), \(real) scores[\(count)]\(probabilities ?? ""))"
    }
    return count > 1
      ? "int \(function)(\(row), \(real) values[\(count)])" : "\(real) \(function)(\(row))"
  }

  /// Levels and parameters.
  private var tables: String {
    var text = ""
    for (index, field) in recipe.fields.enumerated() {
      guard let levels = field.levels else { continue }
      text +=
        "// \(fieldNames[field.name] ?? "")\nstatic const char *const levels_\(index)[\(levels.count)] = {\n"
        + wrapped(levels.map(Self.stringLiteral), indent: "  ") + "\n};\n"
    }
    for index in recipe.usedParameters {
      let (name, parameter) = (parameterNames[index], recipe.parameters[index])
      let values = parameter.values.map(self.literal)
      text +=
        parameter.shape == .scalar
        ? "static const \(real) \(name) = \(values[0]);\n"
        : Self.comment(
          parameter.name + ", " + parameter.shape.description
            + (parameter.shape.sides.count > 1 ? ", row by row" : ""))
          + "static const \(real) \(name)[\(values.count)] = {\n" + wrapped(values, indent: "  ")
          + "\n};\n"
    }
    return text
  }

  private func definition(_ function: String, _ body: String) -> String {
    let unused = recipe.fields.isEmpty ? "  (void)row;\n" : ""
    return declaration(function) + " {\n" + unused + body + "}\n"
  }

  private var levelLookups: String {
    var text = ""
    for (index, field) in recipe.fields.enumerated() {
      guard let levels = field.levels else { continue }
      let failure = recipe.classes != nil || count(recipe.prediction) > 1 ? "-1" : "NAN"
      text +=
        "  const int level_\(index) = find_level(row->\(fieldNames[field.name] ?? ""), levels_\(index), \(levels.count));\n"
        + "  if (level_\(index) < 0) return \(failure);\n"
    }
    return text
  }

  private func ending(_ function: String) throws(ExportError) -> String {
    let output = recipe.prediction
    func store(_ step: Int, in name: String) -> String {
      "  for (size_t i = 0; \(name) != NULL && i < \(count(step)); i++) \(name)[i] = \(element("i", of: step));\n"
    }
    switch recipe.result {
    case .numbers:
      if count(output) == 1 { return "  return \(unscaled(element("0", of: output), 0));\n" }
      return (0..<count(output)).map {
        "  values[\($0)] = \(unscaled(element("\($0)", of: output), $0));\n"
      }.joined() + "  return 0;\n"
    case .classes(_, let decision):
      var text = store(output, in: "scores")
      if let probabilities = recipe.probabilities {
        text += store(probabilities, in: "probabilities")
      }
      switch decision {
      case .above(let threshold):
        return text + "  return \(element("0", of: output)) > \(number(threshold)) ? 1 : 0;\n"
      case .highest:
        return text + """
            int highest = 0;
            for (int i = 1; i < \(count(output)); i++) {
              if (\(element("i", of: output)) > \(element("highest", of: output))) highest = i;
            }
            return highest;

          """
      }
    }
  }

  private func unscaled(_ value: String, _ index: Int) -> String {
    let (factor, summand) = recipe.units[index]
    if factor == 1 && summand == 0 { return value }
    return "(\(real))(\(factor) * (double)\(value) + \(plain(summand)))"
  }

  // MARK: - Steps

  private func count(_ step: Int) -> Int { recipe.shape(step).count }

  private func isScalar(_ step: Int) -> Bool { recipe.shape(step) == .scalar }

  /// An element of a step's value; that of a number is itself.
  private func element(_ index: String, of step: Int) -> String {
    isScalar(step) ? expressions[step] : "\(expressions[step])[\(index)]"
  }

  /// The lines that compute a step; notes down what it is called.
  private mutating func lines(of index: Int) throws(ExportError) -> String {
    let step = recipe.steps[index]
    switch step.kind {
    case .constant(let value):
      expressions.append(number(value))
      return ""
    case .parameter(let parameter):
      expressions.append(parameterNames[parameter])
      return ""
    case .data(let columns): return array(index, columns.map(expression))
    case .operation(let op, let operands, let first):
      return try lines(of: index, op, operands, first)
    }
  }

  /// A value by its elements.
  private mutating func array(_ index: Int, _ elements: [String]) -> String {
    let name = names.identifier("v\(index)")
    expressions.append(name)
    if isScalar(index) { return "  const \(real) \(name) = \(elements[0]);\n" }
    return "  const \(real) \(name)[\(elements.count)] = {\n" + wrapped(elements, indent: "    ")
      + "\n  };\n"
  }

  private func expression(of column: DataColumn) -> String {
    let index = column.name.flatMap { name in recipe.fields.firstIndex { $0.name == name } } ?? 0
    switch column {
    case .number(let name):
      let value = "row->\(fieldNames[name] ?? "")"
      guard let scaling = recipe.fields[index].scaling else { return "(\(real))\(value)" }
      return "(\(real))((\(value) - \(plain(scaling.center))) / \(plain(scaling.scale)))"
    case .indicator(_, let level): return "(\(real))(level_\(index) == \(level))"
    case .code: return "(\(real))level_\(index)"
    case .rowNumber: return "0"
    }
  }

  private mutating func lines(
    of index: Int, _ op: Op, _ operands: [Int], _ first: Int
  ) throws(ExportError) -> String {
    let count = count(index)
    if op.isElementwise, isScalar(index) {
      let value = elementwise(op, operands.map { expressions[$0] })
      if recipe.inlined.contains(index) {
        expressions.append("(\(value))")
        return ""
      }
      return array(index, [value])
    }
    let name = names.identifier("v\(index)")
    let x = operands[0]
    func at(_ index: String, _ operand: Int) -> String { element(index, of: operands[operand]) }
    /// A loop that stores an element at a time.
    func each(_ value: String) -> String {
      isScalar(index)
        ? "  const \(real) \(name) = \(value);\n"
        : "  \(real) \(name)[\(count)];\n  for (size_t i = 0; i < \(count); i++) \(name)[i] = \(value);\n"
    }
    /// A number that a loop over the other elements of the first operand changes.
    func fold(_ change: String) -> String {
      "  \(real) \(name) = \(at("0", 0));\n"
        + "  for (size_t i = 1; i < \(self.count(x)); i++) \(name) = \(change);\n"
    }
    /// Sums of products, from `start` on.
    func products(_ inner: Int, _ start: String, _ a: String, _ b: String) -> String {
      usedHelpers.insert("multiply_add")
      let loop = "for (size_t k = 0; k < \(inner); k++)"
      if isScalar(index) {
        return
          "  \(real) \(name) = \(start);\n  \(loop) \(name) = multiply_add(\(a), \(b), \(name));\n"
      }
      return """
          \(real) \(name)[\(count)];
          for (size_t i = 0; i < \(count); i++) {
            \(name)[i] = \(start);
            \(loop) \(name)[i] = multiply_add(\(a), \(b), \(name)[i]);
          }

        """
    }
    var text: String
    switch op {
    case .sum: text = isScalar(x) ? each(at("0", 0)) : fold("\(name) + \(at("i", 0))")
    case .max:
      usedHelpers.insert("larger")
      text = isScalar(x) ? each(at("0", 0)) : fold("larger(\(at("i", 0)), \(name))")
    case .argmax:
      usedHelpers.insert("index_of_largest")
      text = isScalar(x) ? each("0") : each("index_of_largest(\(expressions[x]), \(self.count(x)))")
    case .dot: text = products(self.count(x), "0", at("k", 0), at("k", 1))
    case .matvec:
      let inner = self.count(operands[1])
      text = products(inner, "0", at("i * \(inner) + k", 0), at("k", 1))
    case .linear:
      let inner = self.count(operands[1])
      text = products(inner, at("i", 2), at("i * \(inner) + k", 0), at("k", 1))
    case .vecmat:
      text = products(self.count(x), "0", at("k", 0), at("k * \(count) + i", 1))
    case .outer:
      let inner = self.count(operands[1])
      text = each("\(at("i / \(inner)", 0)) * \(at("i % \(inner)", 1))")
    case .pick:
      usedHelpers.insert("element")
      text =
        isScalar(x)
        ? each("\(at("0", 1)) >= 0 && \(at("0", 1)) < 1 ? \(at("0", 0)) : (\(real))NAN")
        : each("element(\(expressions[x]), \(self.count(x)), \(at("0", 1)))")
    case .place:
      text =
        each("0")
        + "  if (\(at("0", 1)) >= 0 && \(at("0", 1)) < \(count)) \(name)[(size_t)\(at("0", 1))] = \(at("0", 0));\n"
    case .fill: text = each(at("0", 0))
    case .concat:
      text = "  \(real) \(name)[\(count)];\n"
      var start = 0
      for operand in operands.indices {
        let own = self.count(operands[operand])
        text +=
          own == 1
          ? "  \(name)[\(start)] = \(at("0", operand));\n"
          : "  for (size_t i = 0; i < \(own); i++) \(name)[\(start) + i] = \(at("i", operand));\n"
        start += own
      }
    case .slice: text = each(at("\(first) + i", 0))
    case .pad:
      text =
        each("0")
        + "  for (size_t i = 0; i < \(self.count(x)); i++) \(name)[\(first) + i] = \(at("i", 0));\n"
    case .uniform: throw ExportError("it draws random numbers, which C has no function for")
    default: text = each(elementwise(op, operands.indices.map { at("i", $0) }))
    }
    expressions.append(name)
    return text
  }

  /// The result of an elementwise operation on elements.
  private mutating func elementwise(_ op: Op, _ x: [String]) -> String {
    func call(_ name: String) -> String {
      if recipe.isDouble { return "\(name)(\(x.joined(separator: ", ")))" }
      return "(float)\(name)(\(x.map { "(double)\($0)" }.joined(separator: ", ")))"
    }
    func helper(_ name: String) -> String {
      usedHelpers.insert(name)
      return "\(name)(\(x.joined(separator: ", ")))"
    }
    switch op {
    case .add: return "\(x[0]) + \(x[1])"
    case .subtract: return "\(x[0]) - \(x[1])"
    case .multiply: return "\(x[0]) * \(x[1])"
    case .divide: return "\(x[0]) / \(x[1])"
    case .negate: return "-\(x[0])"
    case .power: return call("pow")
    case .exp: return call("exp")
    case .expm1: return call("expm1")
    case .log: return call("log")
    case .log1p: return call("log1p")
    case .log2: return call("log2")
    case .log10: return call("log10")
    case .sqrt: return call("sqrt")
    case .rsqrt: return helper("reciprocal_root")
    case .sin: return call("sin")
    case .cos: return call("cos")
    case .tan: return call("tan")
    case .asin: return call("asin")
    case .acos: return call("acos")
    case .atan: return call("atan")
    case .atan2: return call("atan2")
    case .hypot: return call("hypot")
    case .sinh: return call("sinh")
    case .cosh: return call("cosh")
    case .tanh: return call("tanh")
    case .asinh: return call("asinh")
    case .acosh: return call("acosh")
    case .atanh: return call("atanh")
    case .erf: return call("erf")
    case .sigmoid: return helper("sigmoid")
    case .relu: return helper("relu")
    case .abs: return call("fabs")
    case .sign: return helper("sign")
    case .maximum: return helper("larger")
    case .minimum: return helper("smaller")
    case .equal: return "(\(real))(\(x[0]) == \(x[1]))"
    case .less: return "(\(real))(\(x[0]) < \(x[1]))"
    case .lessOrEqual: return "(\(real))(\(x[0]) <= \(x[1]))"
    case .select: return "\(x[0]) != 0 ? \(x[1]) : \(x[2])"
    case .sum, .max, .argmax, .dot, .outer, .matvec, .vecmat, .linear, .pick, .place, .fill,
      .concat, .slice, .pad, .uniform, .stopGradient, .withSlope:
      preconditionFailure("\(op) is not elementwise, or is computed as its operand")
    }
  }

  // MARK: - Literals

  /// A number in the model's precision, as an operand.
  private func number(_ value: Double) -> String {
    let text = literal(value)
    return text.hasPrefix("-") ? "(\(text))" : text
  }

  /// A number in the model's precision.
  private func literal(_ value: Double) -> String {
    let isFloat = !recipe.isDouble
    let rounded = isFloat ? Double(Float(value)) : value
    if rounded.isNaN { return "(\(real))NAN" }
    if rounded.isInfinite { return rounded > 0 ? "(\(real))INFINITY" : "-(\(real))INFINITY" }
    return isFloat ? "\(Float(value))f" : "\(value)"
  }

  /// A finite double.
  private func plain(_ value: Double) -> String { value.sign == .minus ? "(\(value))" : "\(value)" }

  /// A string literal of plain characters.
  static func stringLiteral(_ text: String) -> String {
    var literal = "\""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "?"):
        literal += "\\" + String(Unicode.Scalar(byte))
      case 32..<127: literal += String(Unicode.Scalar(byte))
      default: literal += "\\" + String(512 + Int(byte), radix: 8).suffix(3)
      }
    }
    return literal + "\""
  }
}

extension String {
  /// The text with another in place of each part that is the same as one.
  fileprivate func replacing(each part: String, by other: String) -> String {
    var text = ""
    var rest = self[...]
    while let next = rest.first {
      if rest.starts(with: part) {
        text += other
        rest = rest.dropFirst(part.count)
      } else {
        text.append(next)
        rest = rest.dropFirst()
      }
    }
    return text
  }
}
