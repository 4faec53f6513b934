/// What the language's reference says of a function.
struct Documentation {
  /// The arguments' names, as in `x, y`.
  let arguments: String
  let summary: String
  let example: String

  init(_ arguments: String, _ summary: String, _ example: String) {
    (self.arguments, self.summary, self.example) = (arguments, summary, example)
  }
}

extension Op {
  /// What the reference says of the operation; nil if formulas cannot call it.
  var documentation: Documentation? {
    switch self {
    case .exp: Documentation("x", "e to the power of x", "exp(1)")
    case .expm1: Documentation("x", "exp(x) - 1, accurate near 0", "expm1(1e-9)")
    case .log: Documentation("x", "natural logarithm", "log(10)")
    case .log1p: Documentation("x", "log(1 + x), accurate near 0", "log1p(1e-9)")
    case .log2: Documentation("x", "logarithm to base 2", "log2(8)")
    case .log10: Documentation("x", "logarithm to base 10", "log10(1000)")
    case .sqrt: Documentation("x", "square root", "sqrt(2)")
    case .rsqrt: Documentation("x", "1/sqrt(x)", "rsqrt(4)")
    case .sin: Documentation("x", "sine of an angle in radians", "sin(pi/6)")
    case .cos: Documentation("x", "cosine of an angle in radians", "cos(pi/3)")
    case .tan: Documentation("x", "tangent of an angle in radians", "tan(pi/4)")
    case .asin: Documentation("x", "arc sine, in radians", "asin(1)")
    case .acos: Documentation("x", "arc cosine, in radians", "acos(0)")
    case .atan: Documentation("x", "arc tangent, in radians", "atan(1)")
    case .atan2: Documentation("y, x", "angle of (x, y), from -pi to pi", "atan2(1, -1)")
    case .hypot: Documentation("x, y", "sqrt(x^2 + y^2), no overflow", "hypot(3, 4)")
    case .sinh: Documentation("x", "hyperbolic sine", "sinh(1)")
    case .cosh: Documentation("x", "hyperbolic cosine", "cosh(1)")
    case .tanh: Documentation("x", "hyperbolic tangent", "tanh(1)")
    case .asinh: Documentation("x", "inverse hyperbolic sine", "asinh(1)")
    case .acosh: Documentation("x", "inverse hyperbolic cosine", "acosh(2)")
    case .atanh: Documentation("x", "inverse hyperbolic tangent", "atanh(0.5)")
    case .erf: Documentation("x", "error function", "erf(1)")
    case .sigmoid: Documentation("x", "1/(1 + exp(-x))", "sigmoid(1)")
    case .relu: Documentation("x", "x if x > 0, else 0", "relu(-2)")
    case .abs: Documentation("x", "absolute value", "abs(-2)")
    case .sign: Documentation("x", "-1, 0 or 1; its gradient is 0", "sign(-2)")
    case .maximum: Documentation("x, y", "the larger of two", "maximum(2, 3)")
    case .minimum: Documentation("x, y", "the smaller of two", "minimum(2, 3)")
    case .select:
      Documentation("c, x, y", "x if c is not 0, else y", "where(1 < 2, 5, 6)")
    case .sum: Documentation("v", "sum of a vector's elements", "sum(concat(1, 2, 3))")
    case .max: Documentation("x, y, …", "largest argument or element", "max(2, 3, 1)")
    case .argmax:
      Documentation("v", "index of the largest, from 0", "argmax(concat(1, 3, 2))")
    case .dot:
      Documentation(
        "v, w", "dot product of two vectors", "dot(concat(1, 2), concat(3, 4))")
    case .pick: Documentation("v, n", "element n of a vector, from 0", "pick(concat(5, 6, 7), 1)")
    case .concat: Documentation("x, y, …", "values joined into a vector", "sum(concat(1, 2, 3))")
    case .slice:
      Documentation(
        "v, n, count", "count elements, from element n on", "sum(slice(concat(5, 6, 7), 1, 2))")
    case .stopGradient: Documentation("x", "x, constant for gradients", "detach(2)")
    case .add, .subtract, .multiply, .divide, .power, .negate, .equal, .less, .lessOrEqual, .outer,
      .matvec, .vecmat, .linear, .place, .fill, .pad, .uniform, .withSlope:
      nil
    }
  }
}
