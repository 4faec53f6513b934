internal import Glibc

/// How one operation is spelled, computed and differentiated.
///
/// A slope receives the inputs, the result `z`, and `g`, the gradient from above; it gives the
/// gradient for each input in the operators that users write, or nil where the function is flat.
/// The function in double folds constants; values of a run are computed by the kernels.
enum Rule {
  typealias Slope = @Sendable (_ x: Node, _ z: Node, _ g: Node) -> Node?
  typealias Slopes = @Sendable (_ x: Node, _ y: Node, _ z: Node, _ g: Node) -> (Node?, Node?)
  case unary(String, @Sendable (Double) -> Double, slope: Slope)
  case binary(String, @Sendable (Double, Double) -> Double, slopes: Slopes)
  case ternary(
    String, @Sendable (Double, Double, Double) -> Double,
    slopes: @Sendable (_ operands: [Node], _ g: Node) -> (Node?, Node?, Node?))
  /// Not elementwise: also says what it takes, and which shape comes of it, nil if none does.
  case array(
    String, takes: Operands, @Sendable ([Node]) -> Shape?,
    slopes: @Sendable (_ operands: [Node], _ z: Node, _ g: Node) -> [Node?])

  /// The shape of the result, or nil if the operands' shapes do not fit.
  func shape(_ operands: [Node]) -> Shape? {
    if case .array(_, _, let shape, _) = self { return shape(operands) }
    let shapes = Set(operands.map(\.shape).filter { $0 != .scalar })
    return shapes.count > 1 ? nil : shapes.first ?? .scalar
  }

  /// What the operation takes.
  var operands: Operands {
    switch self {
    case .unary: Operands("values of one shape", values: 1)
    case .binary: Operands("values of one shape", values: 2)
    case .ternary: Operands("values of one shape", values: 3)
    case .array(_, let operands, _, _): operands
    }
  }
}

/// What an operation takes: values, then attributes.
struct Operands {
  /// A constant that says which elements are meant.
  enum Attribute {
    /// The index of the first element that is taken or put.
    case first
    /// How many elements the result has, or how many rows.
    case count
    /// How many columns the result has; 0 if it is a vector.
    case columns
  }

  /// All of them in words.
  let words: String
  let values: Int
  let attributes: [Attribute]

  init(_ words: String, values: Int, _ attributes: [Attribute] = []) {
    (self.words, self.values, self.attributes) = (words, values, attributes)
  }
}

/// Every operation, in the order of the C kernels' opcodes.
///
/// Those before `sum` are elementwise. The last two, `stopGradient` and `withSlope`, only change slopes: their values
/// are those of their first operands.
///
/// Slopes are PyTorch's term for term, so that they are infinite, nan or 0 where PyTorch's are:
///
/// | operation | slope |
/// |---|---|
/// | `relu`, `abs` | 0 at 0 |
/// | `maximum`, `minimum`, `max` | shared equally in a tie; nan beats every number |
/// | `sign`, `argmax`, `equal`, `less`, `lessOrEqual` | 0 everywhere, as they are constant between jumps |
/// | `select` | 0 for the branch that is not taken and for the condition |
/// | `pick` | 0 for the index |
/// | `log`, `sqrt`, `asin`, `acos`, `acosh`, `atanh` | infinite at the ends of their domains |
/// | `power` | 0 wherever it is 0 in the limit; nan by a variable exponent of a negative base |
/// | `atan2` | 0 at the origin |
/// | `hypot` | nan at the origin |
///
/// A comparison with nan is 0. `select` takes a condition of nan as true. `sign` of nan is 0.
public enum Op: UInt8, CaseIterable, Sendable {
  case add, subtract, multiply, divide, power, negate
  case exp, expm1, log, log1p, log2, log10, sqrt, rsqrt
  case sin, cos, tan, asin, acos, atan, atan2, hypot
  case sinh, cosh, tanh, asinh, acosh, atanh
  case erf, sigmoid, relu, abs, sign, maximum, minimum
  case equal, less, lessOrEqual, select
  case sum, max, argmax, dot, outer, matvec, vecmat, linear
  case pick, place, fill, concat, slice, pad, uniform
  case stopGradient, withSlope

  var rule: Rule {
    switch self {
    case .add: .binary("+", { $0 + $1 }, slopes: { x, y, z, g in (g, g) })
    case .subtract: .binary("-", { $0 - $1 }, slopes: { x, y, z, g in (g, -g) })
    case .multiply: .binary("*", { $0 * $1 }, slopes: { x, y, z, g in (g * y, g * x) })
    case .divide: .binary("/", { $0 / $1 }, slopes: divisionSlopes)
    case .power: .binary("^", Glibc.pow, slopes: powerSlopes)
    case .negate: .unary("-", { -$0 }, slope: { x, z, g in -g })
    case .exp: .unary("exp", Glibc.exp, slope: { x, z, g in g * z })
    case .expm1: .unary("expm1", Glibc.expm1, slope: { x, z, g in g * (z + 1) })
    case .log: .unary("log", Glibc.log, slope: { x, z, g in g / x })
    case .log1p: .unary("log1p", Glibc.log1p, slope: { x, z, g in g / (x + 1) })
    case .log2: .unary("log2", Glibc.log2, slope: { x, z, g in g / (x * Glibc.log(2)) })
    case .log10: .unary("log10", Glibc.log10, slope: { x, z, g in g / (x * Glibc.log(10)) })
    case .sqrt: .unary("sqrt", { $0.squareRoot() }, slope: { x, z, g in g / (2 * z) })
    case .rsqrt:
      .unary("rsqrt", { 1 / $0.squareRoot() }, slope: { x, z, g in -g / 2 * (z * z * z) })
    case .sin: .unary("sin", Glibc.sin, slope: { x, z, g in g * Autograd.cos(x) })
    case .cos: .unary("cos", Glibc.cos, slope: { x, z, g in g * -Autograd.sin(x) })
    case .tan: .unary("tan", Glibc.tan, slope: { x, z, g in g * (1 + z * z) })
    case .asin: .unary("asin", Glibc.asin, slope: { x, z, g in g / Autograd.sqrt(1 - x * x) })
    case .acos: .unary("acos", Glibc.acos, slope: { x, z, g in -g / Autograd.sqrt(1 - x * x) })
    case .atan: .unary("atan", Glibc.atan, slope: { x, z, g in g / (x * x + 1) })
    case .atan2: .binary("atan2", Glibc.atan2, slopes: angleSlopes)
    case .hypot:
      .binary("hypot", Glibc.hypot, slopes: { x, y, z, g in (g * (x / z), g * (y / z)) })
    case .sinh: .unary("sinh", Glibc.sinh, slope: { x, z, g in g * Autograd.cosh(x) })
    case .cosh: .unary("cosh", Glibc.cosh, slope: { x, z, g in g * Autograd.sinh(x) })
    case .tanh: .unary("tanh", Glibc.tanh, slope: { x, z, g in g * (1 - z * z) })
    case .asinh: .unary("asinh", Glibc.asinh, slope: { x, z, g in g / Autograd.sqrt(x * x + 1) })
    case .acosh: .unary("acosh", Glibc.acosh, slope: { x, z, g in g / Autograd.sqrt(x * x - 1) })
    case .atanh: .unary("atanh", Glibc.atanh, slope: { x, z, g in g / (1 - x * x) })
    case .erf:
      .unary(
        "erf", Glibc.erf,
        slope: { x, z, g in g * (2 / Double.pi.squareRoot()) * Autograd.exp(-(x * x)) })
    case .sigmoid:
      .unary("sigmoid", { 1 / (1 + Glibc.exp(-$0)) }, slope: { x, z, g in g * (1 - z) * z })
    case .relu:
      .unary("relu", { $0 <= 0 ? 0 : $0 }, slope: { x, z, g in choose(z <= 0, 0, else: g) })
    case .abs: .unary("abs", { $0.magnitude }, slope: { x, z, g in g * Autograd.sign(x) })
    case .sign: .unary("sign", { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, slope: { x, z, g in nil })
    case .maximum:
      .binary("maximum", { $0 > $1 || $0.isNaN ? $0 : $1 }, slopes: extremeSlopes { $0 < $1 })
    case .minimum:
      .binary("minimum", { $0 < $1 || $0.isNaN ? $0 : $1 }, slopes: extremeSlopes { $1 < $0 })
    case .equal: .binary("==", { $0 == $1 ? 1 : 0 }, slopes: { x, y, z, g in (nil, nil) })
    case .less: .binary("<", { $0 < $1 ? 1 : 0 }, slopes: { x, y, z, g in (nil, nil) })
    case .lessOrEqual: .binary("<=", { $0 <= $1 ? 1 : 0 }, slopes: { x, y, z, g in (nil, nil) })
    case .select:
      .ternary(
        "where", { $0 != 0 ? $1 : $2 },
        slopes: { x, g in (nil, choose(x[0], g, else: 0), choose(x[0], 0, else: g)) })
    case .sum:
      .array("sum", takes: Operands("a value", values: 1), toScalar, slopes: { x, z, g in [g] })
    case .max:
      .array(
        "max", takes: Operands("a value", values: 1), toScalar,
        slopes: { x, z, g in [g * share(of: z, in: x[0])] })
    case .argmax:
      .array(
        "argmax", takes: Operands("a value", values: 1), toScalar, slopes: { x, z, g in [nil] })
    case .dot:
      .array(
        "dot", takes: Operands("two vectors of one length", values: 2), dotShape,
        slopes: { x, z, g in [Autograd.outer(g, x[1]), Autograd.outer(g, x[0])] })
    case .outer:
      .array("outer", takes: Operands("two vectors", values: 2), outerShape, slopes: outerSlopes)
    case .matvec:
      .array(
        "matvec", takes: Operands("a matrix and a vector as long as its rows", values: 2),
        matvecShape,
        slopes: { x, z, g in [products(g, x[1]), Autograd.vecmat(g, x[0])] })
    case .vecmat:
      .array(
        "vecmat", takes: Operands("a vector and a matrix with as many rows", values: 2),
        vecmatShape,
        slopes: { x, z, g in [Autograd.matvec(x[1], g), products(x[0], g)] })
    case .linear:
      .array(
        "linear",
        takes: Operands(
          "a matrix, a vector as long as its rows, and one as long as its columns", values: 3),
        linearShape, slopes: { x, z, g in [products(g, x[1]), Autograd.vecmat(g, x[0]), g] })
    case .pick:
      .array(
        "pick", takes: Operands("a vector and the index of an element", values: 2), pickShape,
        slopes: { x, z, g in [Autograd.place(g, at: x[1], of: x[0].shape.count), nil] })
    case .place:
      .array(
        "place", takes: Operands("a scalar, its index and a length", values: 2, [.count]),
        placeShape,
        slopes: { x, z, g in [Autograd.pick(g, x[1]), nil, nil] })
    case .fill:
      .array(
        "fill", takes: Operands("a scalar and a shape", values: 1, [.count, .columns]), fillShape,
        slopes: { x, z, g in [Autograd.sum(g), nil, nil] })
    case .concat:
      .array("concat", takes: Operands("two vectors", values: 2), concatShape, slopes: concatSlopes)
    case .slice:
      .array(
        "slice",
        takes: Operands(
          "a vector, the index of the first element and how many", values: 1, [.first, .count]),
        sliceShape,
        slopes: { x, z, g in [Autograd.pad(g, from: x[1], of: x[0].shape.count), nil, nil] })
    case .pad:
      .array(
        "pad",
        takes: Operands(
          "a vector, its first index and a length that holds it", values: 1, [.first, .count]),
        padShape,
        slopes: { x, z, g in [Autograd.slice(g, from: x[1], count: x[0].shape.count), nil, nil] })
    case .uniform:
      .array(
        "uniform", takes: Operands("a row's number, a key and a length", values: 2, [.count]),
        uniformShape,
        slopes: { x, z, g in [nil, nil, nil] })
    case .stopGradient: .unary("detach", { $0 }, slope: { x, z, g in nil })
    case .withSlope:
      .array(
        "withSlope", takes: Operands("a value, what it depends on and the slope", values: 3),
        { $0[0].shape },
        slopes: { x, z, g in [g, g * x[2], nil] })
    }
  }

  /// Whether the operation computes anything: those that do not only change slopes.
  var hasKernel: Bool { self != .stopGradient && self != .withSlope }

  /// Whether each element of the result comes of the operands' elements with the same index.
  public var isElementwise: Bool {
    if case .array = rule { false } else { true }
  }

  /// How formulas spell the operation: a function's name, or an operator.
  public var spelling: String {
    switch rule {
    case .unary(let name, _, _), .binary(let name, _, _), .ternary(let name, _, _),
      .array(let name, _, _, _):
      name
    }
  }

  /// How many operands the operation has.
  public var arity: Int {
    let operands = rule.operands
    return operands.values + operands.attributes.count
  }

  /// How many of the operands, which come first, are values; the others are attributes.
  var valueCount: Int { rule.operands.values }

  /// Whether the second operand says which element is the first one taken or put.
  var hasFirstElement: Bool { rule.operands.attributes.first == .first }

  /// Whether it is written as a call, as in `exp(x)`.
  public var isFunction: Bool { spelling.first?.isLetter == true && self != .withSlope }

  /// Whether formulas may call the operation by its name: some are only used by slopes.
  public var isCallable: Bool { documentation != nil }
}

/// The slopes of x/y; those of a constant c/y are those of c·(1/y).
private let divisionSlopes: Rule.Slopes = { x, y, z, g in
  if x.constantValue == nil { return (g / y, -g * (z / y)) }
  let reciprocal = 1 / y
  return (nil, -(g * x) * (reciprocal * reciprocal))
}

/// The slopes of x^y: y·x^(y−1) and z·log x, each 0 where it is 0 in the limit.
///
/// A constant exponent is the textbook rule alone, so that 0^2 has slope 0 and (−1)^3 slope 3.
private let powerSlopes: Rule.Slopes = { x, y, z, g in
  let byBase = g * (y * pow(x, y - 1))
  let byExponent = g * (z * log(x))
  if y.constantValue != nil { return (byBase, nil) }
  let isFlat = choose(x == 0, 0 <= y, else: 0)
  return (choose(y == 0, 0, else: byBase), choose(isFlat, 0, else: byExponent))
}

/// The slopes of atan2(y, x), which are 0 at the origin.
private let angleSlopes: Rule.Slopes = { y, x, z, g in
  let square = y * y + x * x
  let scale = choose(square == 0, 0, else: 1 / square)
  return (g * x * scale, g * -y * scale)
}

/// The slopes of the extreme of two values; a tie is shared, nan passes all to both.
private func extremeSlopes(_ isBeaten: @escaping @Sendable (Node, Node) -> Node) -> Rule.Slopes {
  { x, y, z, g in
    let tied = choose(x == y, g / 2, else: g)
    return (choose(isBeaten(x, y), 0, else: tied), choose(isBeaten(y, x), 0, else: tied))
  }
}
