internal import Glibc

/// How one operation is spelled, computed and differentiated.
///
/// A slope receives the inputs `x`, `y`, …, the result `z`, and `g`, the gradient from above; it gives
/// the gradient for each input in the operators that users write, or nil where the function is flat.
/// The function in double folds constants; values of a run are computed by the kernels.
enum Rule {
  typealias Slope = @Sendable (_ x: Node, _ z: Node, _ g: Node) -> Node?
  typealias Slopes = @Sendable (_ x: Node, _ y: Node, _ z: Node, _ g: Node) -> (Node?, Node?)
  case unary(String, @Sendable (Double) -> Double, slope: Slope)
  case binary(String, @Sendable (Double, Double) -> Double, slopes: Slopes)
  /// `where(condition, x, y)`, whose condition has no slope.
  case choice(
    String, @Sendable (Double, Double, Double) -> Double,
    slopes: @Sendable (_ condition: Node, _ g: Node) -> (Node?, Node?))
}

/// Every operation, in the order of the C kernels' opcodes.
///
/// Kinks follow PyTorch: `relu` and `abs` have slope 0 at 0, and a comparison is flat.
public enum Op: UInt8, CaseIterable, Sendable {
  case add, subtract, multiply, divide, power
  case negate, exp, log, sqrt, sin, cos, tanh
  case sigmoid, relu, abs, sign
  case equal, less, lessOrEqual
  case select

  var rule: Rule {
    switch self {
    case .add: .binary("+", { $0 + $1 }, slopes: { x, y, z, g in (g, g) })
    case .subtract: .binary("-", { $0 - $1 }, slopes: { x, y, z, g in (g, -g) })
    case .multiply: .binary("*", { $0 * $1 }, slopes: { x, y, z, g in (g * y, g * x) })
    case .divide: .binary("/", { $0 / $1 }, slopes: { x, y, z, g in (g / y, -g * (x / y / y)) })
    case .power: .binary("^", Glibc.pow, slopes: powerSlopes)
    case .negate: .unary("-", { -$0 }, slope: { x, z, g in -g })
    case .exp: .unary("exp", Glibc.exp, slope: { x, z, g in g * z })
    case .log: .unary("log", Glibc.log, slope: { x, z, g in g / x })
    case .sqrt: .unary("sqrt", { $0.squareRoot() }, slope: { x, z, g in g / (2 * z) })
    case .sin: .unary("sin", Glibc.sin, slope: { x, z, g in g * Autograd.cos(x) })
    case .cos: .unary("cos", Glibc.cos, slope: { x, z, g in g * -Autograd.sin(x) })
    case .tanh: .unary("tanh", Glibc.tanh, slope: { x, z, g in g * (1 - z * z) })
    case .sigmoid:
      .unary("sigmoid", { 1 / (1 + Glibc.exp(-$0)) }, slope: { x, z, g in g * (1 - z) * z })
    case .relu:
      .unary("relu", { $0 <= 0 ? 0 : $0 }, slope: { x, z, g in choose(z <= 0, 0, else: g) })
    case .abs: .unary("abs", { $0.magnitude }, slope: { x, z, g in g * Autograd.sign(x) })
    case .sign: .unary("sign", { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }, slope: { x, z, g in nil })
    case .equal: .binary("==", { $0 == $1 ? 1 : 0 }, slopes: { x, y, z, g in (nil, nil) })
    case .less: .binary("<", { $0 < $1 ? 1 : 0 }, slopes: { x, y, z, g in (nil, nil) })
    case .lessOrEqual: .binary("<=", { $0 <= $1 ? 1 : 0 }, slopes: { x, y, z, g in (nil, nil) })
    case .select:
      .choice(
        "where", { $0 != 0 ? $1 : $2 },
        slopes: { condition, g in (choose(condition, g, else: 0), choose(condition, 0, else: g)) })
    }
  }

  /// How formulas spell the operation: a function's name, or an operator.
  public var spelling: String {
    switch rule {
    case .unary(let name, _, _), .binary(let name, _, _), .choice(let name, _, _): name
    }
  }

  /// How many operands the operation has.
  public var arity: Int {
    switch rule {
    case .unary: 1
    case .binary: 2
    case .choice: 3
    }
  }

  /// Whether formulas call the operation by its name, as in `exp(x)`.
  public var isFunction: Bool { spelling.first?.isLetter == true }
}

/// The slopes of x^y, as PyTorch has them: y·x^(y−1) and z·log x, each 0 where it is 0 in the limit.
///
/// A constant exponent is the textbook rule alone, so that 0^2 has slope 0 and (−1)^3 slope 3.
private let powerSlopes: Rule.Slopes = { x, y, z, g in
  let byBase = g * (y * pow(x, y - 1))
  let byExponent = g * (z * log(x))
  if y.constantValue != nil { return (byBase, nil) }
  let isFlat = choose(x == 0, 0 <= y, else: 0)
  return (choose(y == 0, 0, else: byBase), choose(isFlat, 0, else: byExponent))
}
