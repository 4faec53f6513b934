import Autograd
import Formula
import Glibc
import Testing

/// Random formulas: valid ones, whose values are worked out here as well, and texts that are nearly formulas.
///
/// `BACKPROP_FUZZ_SECONDS` says how long, 10 if it is not set; `BACKPROP_FUZZ_SEED` what with. What
/// fails is shown with its seed.
@Suite struct FuzzTests {
  private static func setting(_ name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }

  @Test func `no formula crashes or hangs, and valid ones give what they say`() {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(Self.setting("BACKPROP_FUZZ_SECONDS") ?? 10)
    var seed = Self.setting("BACKPROP_FUZZ_SEED") ?? 1
    repeat {
      var random = FormulaSource(seed: seed)
      let duration = clock.measure {
        if seed % 2 == 0 {
          let expression = random.expression(depth: 2 + random.index(6))
          check(expression, random.text(of: expression), seed: seed)
        } else {
          check(random.nonsense(), seed: seed)
        }
      }
      // Far more than any of them takes, and far less than one that is quadratic would.
      #expect(duration < .seconds(10), "seed \(seed)")
      seed += 1
    } while clock.now < end
  }

  /// Holds the value of a valid formula, and of its description, to the bits.
  private func check(_ expression: Expression, _ text: String, seed: UInt64) {
    let names = ["a", "b", "c"]
    func values(_ text: String, at points: [[Double]]) throws -> (
      found: [Double], description: String
    ) {
      let graph = Graph()
      let parameters = names.map { graph.parameter($0) }
      let node = try Formula(text).node(in: graph) { graph.parameter($0) }
      let gradients = graph.gradients(of: node, withRespectTo: parameters)
      let program = Program(outputs: [node] + gradients, columns: [], parameters: parameters)
      var executor = Executor<Double>(program, batchRows: 1)
      let found = points.map { executor.values(ofRow: 0, in: Columns([]), parameters: $0)[0] }
      return (found, node.description)
    }
    let points = [[0.75, -1.5, 2], [0, 1, -0.25], [3, 3, 0.5]]
    let expected = points.map { expression.value(Dictionary(uniqueKeysWithValues: zip(names, $0))) }
    func isSame(_ found: [Double]) -> Bool {
      zip(found, expected).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }
    }
    do {
      let (found, description) = try values(text, at: points)
      #expect(isSame(found), "seed \(seed): \(text): \(found), not \(expected)")
      // Long ones are cut, and formulas have no names for what is not finite.
      if ["…", "inf", "nan"].contains(where: description.contains) { return }
      #expect(
        isSame(try values(description, at: points).found), "seed \(seed): \(text): \(description)")
    } catch let error as FormulaError where error.reason == .tooDeep {
      #expect(text.utf8.count > 200, "seed \(seed): \(text)")
    } catch {
      Issue.record("seed \(seed): \(text): \(error)")
    }
  }

  /// Whatever a text is, it is a formula or an error that points into it.
  private func check(_ text: String, seed: UInt64) {
    let graph = Graph()
    do throws(FormulaError) {
      let formula = try Formula(text)
      let row = graph.column("row")
      var scope = Scope(graph, rowNumber: row) { name in
        switch name {
        case "inputs": .value(graph.column("inputs", count: 4))
        case "x": .value(graph.column("x"))
        case "species": .text(graph.column("species"), levels: ["setosa", "b"])
        case "unknown": nil
        default: .parameter
        }
      }
      let node = try formula.node(in: &scope)
      let elements = graph.nodes(behind: [node]).reduce(0) { $0 + $1.shape.count }
      guard elements < 10_000 else { return }
      let parameters = scope.parameters.map { graph.parameter($0.name, $0.shape) }
      let keys = scope.noiseKeys.map { graph.parameter($0, .vector(NoiseKey.count)) }
      let columns = [
        graph.column("inputs", count: 4), graph.column("x"), graph.column("species"), row,
      ]
      let gradients = graph.gradients(of: sum(node), withRespectTo: parameters)
      let program = Program(
        outputs: [node] + gradients, columns: columns, parameters: parameters + keys)
      guard program.outputCount < 100_000 else { return }
      var executor = Executor<Float>(program, batchRows: 1)
      let values = executor.values(
        ofRow: 0, in: Columns([[1], [2], [3], [4], [0.5], [1], [0]]),
        parameters: [Float](repeating: 0.5, count: program.parameterCount))
      #expect(values.count == program.outputCount)
    } catch {
      let shown = text.prefix(2000).debugDescription
      #expect(error.range.upperBound <= text.utf8.count, "seed \(seed): \(shown)")
      let before = text.utf8.prefix(error.range.lowerBound)
      let blamed = text.utf8.prefix(error.range.upperBound).dropFirst(error.range.lowerBound)
      #expect(String(Substring(before)).utf8.elementsEqual(before), "seed \(seed): \(shown)")
      #expect(String(Substring(blamed)).utf8.elementsEqual(blamed), "seed \(seed): \(shown)")
      #expect(
        error.description.count < 200 && !hasControl(error.description), "seed \(seed): \(shown)")
      let lines = error.excerpt.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(
        lines.count == 2 && lines.allSatisfy { $0.count < 80 && !hasControl($0) },
        "seed \(seed): \(shown)")
    }
  }

  private func hasControl(_ text: some StringProtocol) -> Bool {
    text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}

/// A formula of numbers and of the parameters `a`, `b` and `c`, from operations that round once.
private indirect enum Expression {
  case number(Double, spelling: String)
  case name(String)
  case prefix(String, Expression)
  case infix(String, Expression, Expression)
  case choice(Expression, Expression, Expression)
  case call(String, [Expression])

  func value(_ values: [String: Double]) -> Double {
    func truth(_ isTrue: Bool) -> Double { isTrue ? 1 : 0 }
    switch self {
    case .number(let value, _): return value
    case .name(let name): return values[name] ?? .nan
    case .prefix(let sign, let operand):
      let x = operand.value(values)
      return sign == "-" ? -x : sign == "!" ? truth(x == 0) : x
    case .choice(let condition, let first, let second):
      return condition.value(values) != 0 ? first.value(values) : second.value(values)
    case .infix(let symbol, let left, let right):
      let (x, y) = (left.value(values), right.value(values))
      switch symbol {
      case "||": return truth(x != 0 || y != 0)
      case "&&": return truth(x != 0 && y != 0)
      case "==": return truth(x == y)
      case "!=": return truth(x != y)
      case "<": return truth(x < y)
      case "<=": return truth(x <= y)
      case ">": return truth(x > y)
      case ">=": return truth(x >= y)
      case "+": return x + y
      case "-": return x - y
      case "*": return x * y
      case "/": return x / y
      default: return Self.power(x, y)
      }
    case .call(let name, let arguments):
      let x = arguments.map { $0.value(values) }
      switch name {
      case "sqrt": return x[0].squareRoot()
      case "abs": return x[0].magnitude
      case "square": return x[0] * x[0]
      case "reciprocal": return 1 / x[0]
      case "relu": return x[0] <= 0 ? 0 : x[0]
      case "sign": return x[0] > 0 ? 1 : x[0] < 0 ? -1 : 0
      case "maximum": return x[0] > x[1] || x[0].isNaN ? x[0] : x[1]
      case "minimum": return x[0] < x[1] || x[0].isNaN ? x[0] : x[1]
      case "where": return x[0] != 0 ? x[1] : x[2]
      default: return x.dropFirst().reduce(x[0], +)
      }
    }
  }

  /// Powers as products and roots where the exponent is one of a few constants, as PyTorch has them.
  private static func power(_ x: Double, _ y: Double) -> Double {
    switch y {
    case 2: x * x
    case 3: x * x * x
    case 0.5: x.squareRoot()
    case -0.5: 1 / x.squareRoot()
    case -1: 1 / x
    case -2: 1 / (x * x)
    default: pow(x, y)
    }
  }
}

/// Formulas and nonsense, the same for the same seed.
private struct FormulaSource {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea and Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  private mutating func pick<T>(_ values: [T]) -> T { values[index(values.count)] }

  private mutating func number() -> Expression {
    let (value, spelling) = pick([
      (0, "0"), (1, "1"), (2, "2"), (3, "3."), (0.5, ".5"), (0.25, "0.25"), (100, "1e2"),
      (0.125, "1.25E-1"),
      (7, "007"), (1e300, "1e+300"),
    ])
    return .number(value, spelling: spelling)
  }

  mutating func expression(depth: Int) -> Expression {
    if depth == 0 { return index(2) == 0 ? number() : .name(pick(["a", "b", "c"])) }
    func operand(_ source: inout FormulaSource) -> Expression {
      source.expression(depth: source.index(depth))
    }
    switch index(8) {
    case 0: return .prefix(pick(["-", "-", "!", "+"]), operand(&self))
    case 1: return .choice(operand(&self), operand(&self), operand(&self))
    case 2:
      // Exponents are numbers, so that both sides know when a power is a product.
      let exponent = number()
      return .infix("^", operand(&self), index(3) == 0 ? .prefix("-", exponent) : exponent)
    case 3:
      return .call(pick(["sqrt", "abs", "square", "relu", "sign", "reciprocal"]), [operand(&self)])
    case 4:
      let name = pick(["maximum", "minimum", "where", "sum"])
      let count = name == "where" ? 3 : name == "sum" ? 1 + index(5) : 2
      return .call(name, (0..<count).map { _ in operand(&self) })
    default:
      let symbol = pick([
        "||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "+", "-", "*",
      ])
      return .infix(symbol, operand(&self), operand(&self))
    }
  }

  /// How tightly each way of writing binds: the pipe, the choice, `||`, … to what stands for itself.
  private static let levels = [
    "||": 2, "&&": 3, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6,
    "/": 6,
    "^": 8,
  ]

  mutating func text(of expression: Expression) -> String { text(of: expression, binding: 0) }

  /// The expression where something that binds at least so tightly must stand.
  private mutating func text(of expression: Expression, binding least: Int) -> String {
    let (text, binding) = bare(expression)
    return binding < least || index(12) == 0 ? "(\(blank())\(text)\(blank()))" : text
  }

  private mutating func blank() -> String { pick(["", "", "", " ", " ", "\n", "\t", " \r\n"]) }

  private mutating func bare(_ expression: Expression) -> (text: String, binding: Int) {
    switch expression {
    case .number(_, let spelling): return (spelling, 9)
    case .name(let name): return (name, 9)
    case .prefix(let sign, let operand): return (sign + blank() + text(of: operand, binding: 7), 7)
    case .choice(let condition, let first, let second):
      let parts = [
        text(of: condition, binding: 2), text(of: first, binding: 1), text(of: second, binding: 1),
      ]
      return ("\(parts[0])\(blank())?\(blank())\(parts[1])\(blank()):\(blank())\(parts[2])", 1)
    case .infix(let symbol, let left, let right):
      let level = Self.levels[symbol] ?? 9
      // Sums and products group to the left, powers to the right, comparisons not at all.
      let leastLeft = symbol == "^" ? 9 : level == 4 ? 5 : level
      let leastRight = symbol == "^" ? 7 : level + 1
      let sides = [text(of: left, binding: leastLeft), text(of: right, binding: leastRight)]
      return (sides[0] + blank() + symbol + blank() + sides[1], level)
    case .call("sum", let arguments): return call("sum", [.call("concat", arguments)])
    case .call(let name, let arguments): return call(name, arguments)
    }
  }

  /// A call, or a pipe from its first argument.
  private mutating func call(_ name: String, _ arguments: [Expression]) -> (
    text: String, binding: Int
  ) {
    if index(3) > 0 {
      let texts = arguments.map { text(of: $0, binding: 0) }
      return ("\(name)\(blank())(\(texts.joined(separator: "," + blank())))", 9)
    }
    let first = text(of: arguments[0], binding: 0)
    let others = arguments.dropFirst().map { text(of: $0, binding: 0) }
    let list = others.isEmpty && index(2) == 0 ? "" : "(\(others.joined(separator: ",")))"
    return ("\(first)\(blank())|>\(blank())\(name)\(list)", 0)
  }

  /// A text that is probably no formula: words in any order, bytes changed, or something long.
  mutating func nonsense() -> String {
    if index(40) == 0 { return long() }
    var bytes: [UInt8]
    switch index(3) {
    case 0: bytes = Array(text(of: expression(depth: 4)).utf8)
    case 1: bytes = Array(pick(Reference.parts.flatMap(\.entries)).example.utf8)
    default: bytes = (0..<index(30)).flatMap { _ in Array((word() + blank()).utf8) }
    }
    for _ in 0..<pick([0, 1, 1, 2, 5]) { change(&bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// One thing, or one after another, as often as it takes to go over every limit.
  private mutating func long() -> String {
    let (opening, closing) = pick([
      ("(", ")"), ("-", ""), ("!", ""), ("a^", ""), ("a ? b : ", ""), ("a ? ", " : b"),
      ("exp(", ")"),
      ("a |> maximum(", ")"), ("concat(a, ", ")"), ("a + ", ""), ("a*", ""), ("a, ", ""),
      ("'", "'"),
      ("a && ", ""), ("exp(a, ", ")"), ("inputs |> dense(1000000) |> ", "relu"), ("a b ", ""),
      ("名", ""),
      ("dot(w, inputs) + ", ""), ("inputs |> dropout |> layerNorm |> dense(3) |> sum + ", ""),
    ])
    let count = pick([3, 50, 199, 201, 5000, 20_000])
    return String(repeating: opening, count: count) + "a"
      + (index(2) == 0 ? String(repeating: closing, count: count) : "")
  }

  private mutating func word() -> String {
    switch index(4) {
    case 0: pick(Reference.parts.flatMap(\.entries)).spelling
    case 1:
      pick([
        "(", "(", ")", ")", ",", "?", ":", "|>", "+", "-", "*", "/", "^", "!", "<", "==", "&&",
        "||",
      ])
    case 2:
      pick([
        "inputs", "inputs |> ", "x", "species", "'setosa'", "'no'", "unknown", "w", "pi", "`x`",
        "`no`", "dense(3)",
        "dense(1000000)", "dense(1e9)", "layerNorm", "dropout(0.5)", "concat(a, b)",
        "dot(w, inputs)", "sum",
        "slice(inputs, 1, 1e9)", "pick(inputs, 2)", "dense(classes)", "noise1",
      ])
    default:
      pick([
        "1", "2.5", "1e5", ".5", "1e400", "0x1F", "2x", "1..2", "=", "&", "|", "`", "'", "\"", "$",
        "\0", "\u{1B}",
        "é", "−", "列", "🌷", "e\u{301}", "\u{301}", "\u{200B}", "**", "[", "∞", "\u{FEFF}", "\r\n",
      ])
    }
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    let position = index(bytes.count + 1)
    switch index(5) {
    case 0: bytes.insert(contentsOf: Array(word().utf8), at: position)
    case 1: bytes.removeSubrange(position..<min(bytes.count, position + 1 + index(4)))
    case 2: bytes.removeSubrange(position...)
    case 3 where position < bytes.count: bytes[position] = UInt8(truncatingIfNeeded: next())
    default:
      let end = min(bytes.count, position + index(40))
      for _ in 0..<index(5) { bytes.insert(contentsOf: bytes[position..<end], at: position) }
    }
  }
}
