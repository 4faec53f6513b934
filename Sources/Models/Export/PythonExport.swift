internal import Autograd
internal import Tables

/// Writes a model as a Python module that needs the standard library alone.
///
/// Python's numbers are doubles: of a float32 model the inputs and constants are rounded to float32, and the
/// arithmetic between them is in double. Where Python raises an error, as for 1/0, the module has IEEE's results.
struct PythonExport {
  private(set) var text = ""
  private let recipe: Recipe
  /// What steps are called, or the expressions that stand for them.
  private var expressions: [String] = []
  private var usedHelpers: Set<String> = []
  private var isRounded: Bool { !recipe.isDouble }

  /// `header` is what the file says of the model.
  init(_ recipe: Recipe, header: [String]) throws(ExportError) {
    self.recipe = recipe
    var computing = ""
    for index in recipe.steps.indices { computing += try lines(of: index) }
    text = header.map { $0.isEmpty ? "#\n" : "# \($0)\n" }.joined()
    text += facts + parameters
    for helper in Self.helpers where usedHelpers.contains(helper.name) {
      text += "\n\n\(helper.text)\n"
    }
    text += functions(computing)
    text += script
  }

  // MARK: - Parts of the file

  private var facts: String {
    let columns = recipe.fields.map { Self.literal($0.name) }
    var text = """
      \"\"\"Predicts \(Self.plainWords(recipe.target)): predict(row) takes a dict of columns; run as a script, it reads CSV and writes it with predictions.\"\"\"

      import csv
      import math
      import signal
      \(isRounded ? "import struct\n" : "")import sys

      # The columns that the model reads: numbers as in the table, or texts.
      COLUMNS = [
      \(wrapped(columns, indent: "    "))
      ]

      """
    if recipe.fields.contains(where: { $0.levels != nil }) { text += "LEVELS = {\n" }
    for field in recipe.fields {
      guard let levels = field.levels else { continue }
      text +=
        "    \(Self.literal(field.name)): [\n"
        + wrapped(levels.map(Self.literal), indent: "        ") + "\n    ],\n"
    }
    if recipe.fields.contains(where: { $0.levels != nil }) { text += "}\n" }
    if let classes = recipe.classes {
      text += "CLASSES = [\n\(wrapped(classes.map(Self.literal), indent: "    "))\n]\n"
    }
    return text
  }

  private var parameters: String {
    var text =
      recipe.usedParameters.isEmpty ? "" : "\n# The trained parameters; matrices row by row.\n"
    for index in recipe.usedParameters {
      let parameter = recipe.parameters[index]
      let values = parameter.values.map { bare(number($0)) }
      let kind =
        parameter.shape == .scalar ? parameter.name : "\(parameter.name), \(parameter.shape)"
      text +=
        parameter.shape == .scalar
        ? "P\(index) = \(values[0])  # \(Self.plainWords(kind))\n"
        : "P\(index) = [  # \(Self.plainWords(kind))\n\(wrapped(values, indent: "    "))\n]\n"
    }
    return text
  }

  private func functions(_ computing: String) -> String {
    let outputs =
      [expressions[recipe.prediction]] + (recipe.probabilities.map { [expressions[$0]] } ?? [])
    var text = """


      def _compute(row):
      \(computing)    return \(outputs.joined(separator: ", "))


      """
    switch recipe.result {
    case .numbers:
      let found = recipe.shape(recipe.prediction) == .scalar ? "value" : "value[0]"
      text += """

        def predict(row):
            \"\"\"Gives the target in the unit of the table, for the columns of a row by name.\"\"\"
            value = _compute(row)
            return \(unscaled(found, 0))

        """
      if recipe.units.count > 1 {
        let all = recipe.units.indices.map { unscaled("value[\($0)]", $0) }
        text += """


          def predict_all(row):
              \"\"\"Gives every number that the model predicts.\"\"\"
              value = _compute(row)
              return [
          \(wrapped(all, indent: "        "))
              ]

          """
      }
    case .classes(_, let decision):
      let isScalar = recipe.shape(recipe.prediction) == .scalar
      let scores = recipe.probabilities == nil ? "_compute(row)" : "_compute(row)[0]"
      let index =
        switch decision {
        case .highest: "scores.index(max(scores))"
        case .above(let threshold): "1 if scores[0] > \(number(threshold)) else 0"
        }
      text += """

        def scores(row):
            \"\"\"Gives the scores of the classes, or the one that decides between two.\"\"\"
            return \(isScalar ? "[\(scores)]" : scores)


        def predict(row):
            \"\"\"Gives the name of the class, for the columns of a row by name.\"\"\"
            return _class(scores(row))


        def _class(scores):
            return CLASSES[\(index)]

        """
      if recipe.probabilities != nil {
        text += """


          def probabilities(row):
              \"\"\"Gives the probability of each class by its name.\"\"\"
              return dict(zip(CLASSES, _compute(row)[1]))

          """
      }
    }
    return text
  }

  private var script: String {
    """


    def _main():
        sys.stdin.reconfigure(encoding="utf-8-sig", newline="")
        sys.stdout.reconfigure(encoding="utf-8", newline="")
        reader = csv.DictReader(sys.stdin)
        writer = csv.writer(sys.stdout, lineterminator="\\n")
        names = reader.fieldnames or []
        for name in COLUMNS:
            if name not in names:
                sys.exit("the table has no column " + repr(name))
        writer.writerow(list(names) + ["prediction"])
        for row in reader:
            try:
                prediction = predict(row)
            except ValueError as error:
                sys.exit("line %d: %s" % (reader.line_num, error))
            writer.writerow([row[name] for name in names] + [prediction])


    if __name__ == "__main__":
        if hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        _main()

    """
  }

  private func unscaled(_ value: String, _ index: Int) -> String {
    let (factor, summand) = recipe.units[index]
    return factor == 1 && summand == 0
      ? value : "\(Self.literal(factor)) * \(value) + \(Self.literal(summand))"
  }

  // MARK: - Steps

  private func isScalar(_ step: Int) -> Bool { recipe.shape(step) == .scalar }
  private func count(_ step: Int) -> Int { recipe.shape(step).count }

  private mutating func lines(of index: Int) throws(ExportError) -> String {
    switch recipe.steps[index].kind {
    case .constant(let value):
      expressions.append(number(value))
      return ""
    case .parameter(let parameter):
      expressions.append("P\(parameter)")
      return ""
    case .data(let columns):
      let elements = columns.map { expression(of: $0) }
      return assign(
        index, isScalar(index) ? elements[0] : "[\n\(wrapped(elements, indent: "        "))\n    ]")
    case .operation(let op, let operands, let first):
      let value = try self.value(index, op, operands, first)
      if recipe.inlined.contains(index) {
        expressions.append("(\(value))")
        return ""
      }
      return assign(index, value)
    }
  }

  private mutating func assign(_ index: Int, _ value: String) -> String {
    expressions.append("v\(index)")
    return "    v\(index) = \(value)\n"
  }

  private mutating func expression(of column: DataColumn) -> String {
    func helper(_ name: String) -> String {
      usedHelpers.insert(name)
      return name
    }
    switch column {
    case .number(let name):
      let value = "\(helper("_number"))(row, \(Self.literal(name)))"
      let scaled =
        recipe.fields.first { $0.name == name }?.scaling.map {
          "(\(value) - \(Self.literal($0.center))) / \(Self.literal($0.scale))"
        } ?? value
      return isRounded ? "\(helper("_float32"))(\(scaled))" : scaled
    case .indicator(let name, let level):
      return "1.0 if \(helper("_level"))(row, \(Self.literal(name))) == \(level) else 0.0"
    case .code(let name): return "\(helper("_level"))(row, \(Self.literal(name)))"
    case .rowNumber: return "0.0"
    }
  }

  private mutating func value(
    _ index: Int, _ op: Op, _ operands: [Int], _ first: Int
  ) throws(ExportError) -> String {
    let x = operands.map { expressions[$0] }
    func helper(_ name: String, _ arguments: String...) -> String {
      usedHelpers.insert(name)
      return "\(name)(\(arguments.joined(separator: ", ")))"
    }
    /// A value as a list.
    func list(_ operand: Int) -> String {
      isScalar(operands[operand]) ? "[\(x[operand])]" : x[operand]
    }
    /// A list as a value of this step.
    func found(_ list: String) -> String { isScalar(index) ? "\(list)[0]" : list }
    let count = count(index)
    switch op {
    case .sum: return isScalar(operands[0]) ? x[0] : helper("_sum", x[0])
    case .max: return isScalar(operands[0]) ? x[0] : helper("_largest", x[0])
    case .argmax: return isScalar(operands[0]) ? "0.0" : helper("_index_of_largest", x[0])
    case .dot: return helper("_dot", list(0), list(1))
    case .matvec: return helper("_matvec", x[0], list(1), "[0.0] * \(count)")
    case .linear: return helper("_matvec", x[0], list(1), list(2))
    case .vecmat: return helper("_vecmat", list(0), x[1], "\(count)")
    case .outer: return found("[a * b for a in \(list(0)) for b in \(list(1))]")
    case .pick: return helper("_element", list(0), x[1])
    case .place: return "[\(x[0]) if i == \(x[1]) else 0.0 for i in range(\(count))]"
    case .fill: return "[\(x[0])] * \(count)"
    case .concat: return "\(list(0)) + \(list(1))"
    case .slice: return found("\(list(0))[\(first):\(first + count)]")
    case .pad:
      let after = count - first - self.count(operands[0])
      return found("[0.0] * \(first) + \(list(0)) + [0.0] * \(after)")
    case .uniform: throw ExportError("it draws random numbers, which Python has no function for")
    default: break
    }
    if isScalar(index) { return elementwise(op, x, operands) }
    let vectors = operands.indices.filter { !isScalar(operands[$0]) }
    let elements = operands.indices.map { vectors.contains($0) ? ["a", "b", "c"][$0] : x[$0] }
    let names = vectors.map { elements[$0] }.joined(separator: ", ")
    let lists = vectors.map { x[$0] }.joined(separator: ", ")
    return
      "[\(elementwise(op, elements, operands)) for \(names) in \(vectors.count == 1 ? lists : "zip(\(lists))")]"
  }

  private mutating func elementwise(_ op: Op, _ x: [String], _ operands: [Int]) -> String {
    func helper(_ name: String) -> String {
      usedHelpers.insert(name)
      return "\(name)(\(x.joined(separator: ", ")))"
    }
    switch op {
    case .add: return "\(x[0]) + \(x[1])"
    case .subtract: return "\(x[0]) - \(x[1])"
    case .multiply: return "\(x[0]) * \(x[1])"
    case .divide:
      if case .constant(let value) = recipe.steps[operands[1]].kind, value != 0 {
        return "\(x[0]) / \(x[1])"
      }
      return helper("_divide")
    case .negate: return "-\(x[0])"
    case .power: return helper("_power")
    case .exp: return helper("_exp")
    case .expm1: return helper("_expm1")
    case .log: return helper("_log")
    case .log1p: return helper("_log1p")
    case .log2: return helper("_log2")
    case .log10: return helper("_log10")
    case .sqrt: return helper("_sqrt")
    case .rsqrt: return helper("_rsqrt")
    case .sin: return helper("_sin")
    case .cos: return helper("_cos")
    case .tan: return helper("_tan")
    case .asin: return helper("_asin")
    case .acos: return helper("_acos")
    case .atan: return "math.atan(\(x[0]))"
    case .atan2: return "math.atan2(\(x[0]), \(x[1]))"
    case .hypot: return "math.hypot(\(x[0]), \(x[1]))"
    case .sinh: return helper("_sinh")
    case .cosh: return helper("_cosh")
    case .tanh: return "math.tanh(\(x[0]))"
    case .asinh: return "math.asinh(\(x[0]))"
    case .acosh: return helper("_acosh")
    case .atanh: return helper("_atanh")
    case .erf: return "math.erf(\(x[0]))"
    case .sigmoid: return helper("_sigmoid")
    case .relu: return helper("_relu")
    case .abs: return "abs(\(x[0]))"
    case .sign: return helper("_sign")
    case .maximum: return helper("_larger")
    case .minimum: return helper("_smaller")
    case .equal: return "float(\(x[0]) == \(x[1]))"
    case .less: return "float(\(x[0]) < \(x[1]))"
    case .lessOrEqual: return "float(\(x[0]) <= \(x[1]))"
    case .select: return "\(x[1]) if \(x[0]) != 0 else \(x[2])"
    case .sum, .max, .argmax, .dot, .outer, .matvec, .vecmat, .linear, .pick, .place, .fill,
      .concat, .slice, .pad, .uniform, .stopGradient, .withSlope:
      preconditionFailure("\(op) is not elementwise, or is computed as its operand")
    }
  }

  // MARK: - Literals

  /// A number in the model's precision.
  private func number(_ value: Double) -> String {
    Self.literal(isRounded ? Double(Float(value)) : value)
  }

  /// A literal without the parentheses that it has as an operand.
  private func bare(_ literal: String) -> String {
    literal.hasPrefix("(") ? String(literal.dropFirst().dropLast()) : literal
  }

  private static func literal(_ value: Double) -> String {
    if value.isNaN { return "math.nan" }
    if value.isInfinite { return value > 0 ? "math.inf" : "(-math.inf)" }
    return value.sign == .minus ? "(\(value.shortestDecimal))" : value.shortestDecimal
  }

  /// A string literal; JSON's are Python's too.
  private static func literal(_ text: String) -> String { JSON.text(text).line }

  /// A name within a comment or a sentence.
  private static func plainWords(_ text: String) -> String {
    String(
      text.map { $0.isNewline || $0 == "\\" || $0 == "\"" || ($0.asciiValue ?? 32) < 32 ? " " : $0 }
    )
  }
}
