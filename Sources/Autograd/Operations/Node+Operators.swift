/// Arithmetic on nodes: each operator records one operation.
///
/// A number beside a node is a constant. Comparisons give 1 where they hold and 0 elsewhere.
extension Node {
  /// The sum of two nodes.
  public static func + (x: Node, y: Node) -> Node { x.graph.apply(.add, x, y) }
  /// The difference of two nodes.
  public static func - (x: Node, y: Node) -> Node { x.graph.apply(.subtract, x, y) }
  /// The product of two nodes.
  public static func * (x: Node, y: Node) -> Node { x.graph.apply(.multiply, x, y) }
  /// The quotient of two nodes.
  public static func / (x: Node, y: Node) -> Node { x.graph.apply(.divide, x, y) }
  /// The negative of a node.
  public static prefix func - (x: Node) -> Node { x.graph.apply(.negate, x) }

  /// The sum of a constant and a node.
  public static func + (x: Double, y: Node) -> Node { y.graph.constant(x) + y }
  /// The difference of a constant and a node.
  public static func - (x: Double, y: Node) -> Node { y.graph.constant(x) - y }
  /// The product of a constant and a node.
  public static func * (x: Double, y: Node) -> Node { y.graph.constant(x) * y }
  /// The quotient of a constant and a node.
  public static func / (x: Double, y: Node) -> Node { y.graph.constant(x) / y }
  /// The sum of a node and a constant.
  public static func + (x: Node, y: Double) -> Node { x + x.graph.constant(y) }
  /// The difference of a node and a constant.
  public static func - (x: Node, y: Double) -> Node { x - x.graph.constant(y) }
  /// The product of a node and a constant.
  public static func * (x: Node, y: Double) -> Node { x * x.graph.constant(y) }
  /// The quotient of a node and a constant.
  public static func / (x: Node, y: Double) -> Node { x / x.graph.constant(y) }

  /// Whether a node equals another.
  public static func == (x: Node, y: Node) -> Node { x.graph.apply(.equal, x, y) }
  /// Whether a node equals a constant.
  public static func == (x: Node, y: Double) -> Node { x == x.graph.constant(y) }
  /// Whether a node is at most a constant.
  public static func <= (x: Node, y: Double) -> Node { x <= x.graph.constant(y) }
  /// Whether a constant is at most a node.
  public static func <= (x: Double, y: Node) -> Node { y.graph.constant(x) <= y }
  /// Whether a node is less than a constant.
  public static func < (x: Node, y: Double) -> Node { x < x.graph.constant(y) }
  /// Whether a constant is less than a node.
  public static func < (x: Double, y: Node) -> Node { y.graph.constant(x) < y }
  /// Whether a node is less than another.
  public static func < (x: Node, y: Node) -> Node { x.graph.apply(.less, x, y) }
  /// Whether a node is at most another.
  public static func <= (x: Node, y: Node) -> Node { x.graph.apply(.lessOrEqual, x, y) }
}

/// The exponential of a node.
///
/// In float32 it is infinite above 88.72 and 0 below about −104.
public func exp(_ x: Node) -> Node { x.graph.apply(.exp, x) }
/// exp(x) − 1, accurate near 0.
public func expm1(_ x: Node) -> Node { x.graph.apply(.expm1, x) }
/// The natural logarithm of a node.
///
/// It is −∞ at 0 and nan below. The slope is 1/x everywhere, as in PyTorch.
public func log(_ x: Node) -> Node { x.graph.apply(.log, x) }
/// log(1 + x), accurate near 0.
///
/// It is −∞ at −1 and nan below. The slope is 1/(1 + x) everywhere.
public func log1p(_ x: Node) -> Node { x.graph.apply(.log1p, x) }
/// The logarithm of a node to base 2.
///
/// Limits and slopes are those of ``log(_:)``.
public func log2(_ x: Node) -> Node { x.graph.apply(.log2, x) }
/// The logarithm of a node to base 10.
///
/// Limits and slopes are those of ``log(_:)``.
public func log10(_ x: Node) -> Node { x.graph.apply(.log10, x) }
/// The square root of a node.
///
/// It is nan below 0, and its slope is infinite at 0.
public func sqrt(_ x: Node) -> Node { x.graph.apply(.sqrt, x) }
/// The reciprocal of the square root of a node.
///
/// It is infinite at 0 and nan below.
public func rsqrt(_ x: Node) -> Node { x.graph.apply(.rsqrt, x) }
/// The sine of a node in radians.
///
/// Large arguments lose no accuracy; infinite ones give nan.
public func sin(_ x: Node) -> Node { x.graph.apply(.sin, x) }
/// The cosine of a node in radians.
///
/// Large arguments lose no accuracy; infinite ones give nan.
public func cos(_ x: Node) -> Node { x.graph.apply(.cos, x) }
/// The tangent of a node in radians.
///
/// Infinite arguments give nan.
public func tan(_ x: Node) -> Node { x.graph.apply(.tan, x) }
/// The arc sine of a node, in radians.
///
/// It is nan outside −1 to 1, and its slope is infinite at both ends.
public func asin(_ x: Node) -> Node { x.graph.apply(.asin, x) }
/// The arc cosine of a node, in radians.
///
/// It is nan outside −1 to 1, and its slope is −∞ at both ends.
public func acos(_ x: Node) -> Node { x.graph.apply(.acos, x) }
/// The arc tangent of a node, in radians.
public func atan(_ x: Node) -> Node { x.graph.apply(.atan, x) }
/// The hyperbolic sine of a node.
public func sinh(_ x: Node) -> Node { x.graph.apply(.sinh, x) }
/// The hyperbolic cosine of a node.
public func cosh(_ x: Node) -> Node { x.graph.apply(.cosh, x) }
/// The hyperbolic tangent of a node.
public func tanh(_ x: Node) -> Node { x.graph.apply(.tanh, x) }
/// The inverse hyperbolic sine of a node.
public func asinh(_ x: Node) -> Node { x.graph.apply(.asinh, x) }
/// The inverse hyperbolic cosine of a node.
///
/// It is nan below 1, and its slope is infinite at 1.
public func acosh(_ x: Node) -> Node { x.graph.apply(.acosh, x) }
/// The inverse hyperbolic tangent of a node.
///
/// It is infinite at −1 and 1 and nan beyond them.
public func atanh(_ x: Node) -> Node { x.graph.apply(.atanh, x) }
/// The error function of a node.
public func erf(_ x: Node) -> Node { x.graph.apply(.erf, x) }
/// The logistic function 1/(1 + exp(−x)) of a node.
///
/// It does not overflow: far below 0 it keeps its digits down to the smallest number, far above it is 1.
public func sigmoid(_ x: Node) -> Node { x.graph.apply(.sigmoid, x) }
/// The larger of a node and 0.
///
/// The slope at 0 is 0. nan stays nan, with slope 1.
public func relu(_ x: Node) -> Node { x.graph.apply(.relu, x) }
/// The magnitude of a node.
///
/// The slope is 0 at 0 and at nan.
public func abs(_ x: Node) -> Node { x.graph.apply(.abs, x) }
/// −1, 0 or 1 where a node is below, at or above 0.
///
/// It is 0 for nan, and its slope is 0 everywhere.
public func sign(_ x: Node) -> Node { x.graph.apply(.sign, x) }
/// The larger of two nodes.
///
/// In a tie each gets half of the gradient. If either is nan the result is nan, and both get all of the gradient.
public func maximum(_ x: Node, _ y: Node) -> Node { x.graph.apply(.maximum, x, y) }
/// The smaller of two nodes.
///
/// In a tie each gets half of the gradient. If either is nan the result is nan, and both get all of the gradient.
public func minimum(_ x: Node, _ y: Node) -> Node { x.graph.apply(.minimum, x, y) }
/// The angle of the point (x, y) in radians, from −π to π.
///
/// At the origin the angle and both slopes are 0. On the negative x axis the sign of y, which a zero has too, decides
/// between −π and π.
public func atan2(_ y: Node, _ x: Node) -> Node { y.graph.apply(.atan2, y, x) }
/// √(x² + y²), without overflow in the squares.
///
/// At the origin it is 0 and its slopes are nan. It is infinite if either node is, even if the other is nan.
public func hypot(_ x: Node, _ y: Node) -> Node { x.graph.apply(.hypot, x, y) }
/// A node raised to a power.
///
/// A constant exponent of 0, 1, 2, 3, ±0.5, −1 or −2 becomes products and roots, as in PyTorch. A negative base
/// gives nan unless the exponent is a whole number, and the slope by an exponent that is not a constant is nan
/// there. Anything to the power 0 is 1, and 1 to any power is 1, nan included.
public func pow(_ x: Node, _ y: Node) -> Node { x.graph.apply(.power, x, y) }
/// A node raised to a constant power.
public func pow(_ x: Node, _ y: Double) -> Node { pow(x, x.graph.constant(y)) }

/// `x` where the condition is not 0, else `y`.
///
/// A condition that is nan counts as true. The branch that is not taken receives a gradient of 0, whatever its value;
/// where its own slope is infinite or nan the product is nan, as in PyTorch. ``branch(_:_:else:)`` prevents that.
public func choose(_ condition: Node, _ x: Node, else y: Node) -> Node {
  condition.graph.apply(.select, condition, x, y)
}
/// A node where the condition is not 0, else a constant.
public func choose(_ condition: Node, _ x: Node, else y: Double) -> Node {
  choose(condition, x, else: condition.graph.constant(y))
}
/// A constant where the condition is not 0, else a node.
public func choose(_ condition: Node, _ x: Double, else y: Node) -> Node {
  choose(condition, condition.graph.constant(x), else: y)
}

/// `x` where the condition is not 0, else `y`, as in formulas: the branch that is not taken has no gradient.
///
/// Thus `branch(0 < x, a * log(x), else: b)` has finite slopes by `a` and `b` at x = 0, where the logarithm is
/// infinite. A node that both branches use gets the gradient of the branch that is taken.
public func branch(_ condition: Node, _ x: Node, else y: Node) -> Node {
  condition.graph.branch([condition, x, y])
}

/// A node that gradients treat as a constant: nothing flows back through it.
public func stopGradient(_ x: Node) -> Node { x.graph.apply(.stopGradient, x) }

/// `value`, with the given slope added to its derivative by `x`.
///
/// Use it where the derivative of the best formula is not the best formula of the derivative: build `value` from
/// inputs inside ``stopGradient(_:)`` and state the slope. The slope is a node like any other, so that it can be
/// differentiated too.
public func withSlope(_ value: Node, by x: Node, _ slope: Node) -> Node {
  value.graph.apply(.withSlope, value, x, slope)
}
