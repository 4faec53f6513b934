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
}

/// Every operation, in the order of the C kernels' opcodes.
///
/// The last two have no kernel: their values are those of their first operands.
///
/// Slopes are PyTorch's term for term, so that they are infinite, nan or 0 where its are. At kinks:
/// `relu` and `abs` have slope 0 at 0, `maximum` and `minimum` share a tie, and a comparison is flat.
public enum Op: UInt8, CaseIterable, Sendable {
  case add, subtract, multiply, divide, power, negate
  case exp, expm1, log, log1p, log2, log10, sqrt, rsqrt
  case sin, cos, tan, asin, acos, atan, atan2, hypot
  case sinh, cosh, tanh, asinh, acosh, atanh
  case erf, sigmoid, relu, abs, sign, maximum, minimum
  case equal, less, lessOrEqual, select
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
    case .stopGradient: .unary("detach", { $0 }, slope: { x, z, g in nil })
    case .withSlope:
      .ternary("withSlope", { value, _, _ in value }, slopes: { x, g in (g, g * x[2], nil) })
    }
  }

  /// Whether the operation computes anything: those that do not only change slopes.
  var hasKernel: Bool { self != .stopGradient && self != .withSlope }

  /// How formulas spell the operation: a function's name, or an operator.
  public var spelling: String {
    switch rule {
    case .unary(let name, _, _), .binary(let name, _, _), .ternary(let name, _, _): name
    }
  }

  /// How many operands the operation has.
  public var arity: Int {
    switch rule {
    case .unary: 1
    case .binary: 2
    case .ternary: 3
    }
  }

  /// Whether formulas call the operation by its name, as in `exp(x)`.
  public var isFunction: Bool { spelling.first?.isLetter == true && self != .withSlope }
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
