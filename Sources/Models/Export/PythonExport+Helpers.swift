extension PythonExport {
  /// Functions that the module has where it uses them.
  static let helpers: [(name: String, text: String)] = [
    (
      "_number",
      """
      def _number(row, name):
          try:
              return float(row[name])
          except (TypeError, ValueError):
              raise ValueError("column %r holds no number: %r" % (name, row[name])) from None
      """
    ),
    (
      "_float32",
      """
      def _float32(x):
          try:
              return struct.unpack("f", struct.pack("f", x))[0]
          except OverflowError:
              return math.copysign(math.inf, x)
      """
    ),
    (
      "_level",
      """
      def _level(row, name):
          try:
              return float(LEVELS[name].index(row[name]))
          except ValueError:
              raise ValueError("column %r had no %r in training" % (name, row[name])) from None
      """
    ),
    (
      "_sum",
      """
      def _sum(x):
          total = x[0]
          for value in x[1:]:
              total += value
          return total
      """
    ),
    (
      "_largest",
      """
      def _largest(x):
          return math.nan if any(value != value for value in x) else max(x)
      """
    ),
    (
      "_index_of_largest",
      """
      def _index_of_largest(x):
          for index, value in enumerate(x):
              if value != value:
                  return float(index)
          return float(x.index(max(x)))
      """
    ),
    (
      "_dot",
      """
      def _dot(x, y):
          return sum(a * b for a, b in zip(x, y))
      """
    ),
    (
      "_matvec",
      """
      def _matvec(matrix, x, bias):
          n = len(x)
          return [
              b + sum(w * a for w, a in zip(matrix[i * n : (i + 1) * n], x))
              for i, b in enumerate(bias)
          ]
      """
    ),
    (
      "_vecmat",
      """
      def _vecmat(x, matrix, n):
          return [sum(a * matrix[k * n + i] for k, a in enumerate(x)) for i in range(n)]
      """
    ),
    (
      "_element",
      """
      def _element(x, index):
          return x[int(index)] if 0 <= index < len(x) else math.nan
      """
    ),
    (
      "_divide",
      """
      def _divide(x, y):
          if y != 0:
              return x / y
          if x == 0 or x != x:
              return math.nan
          return math.copysign(math.inf, x) * math.copysign(1, y)
      """
    ),
    (
      "_power",
      """
      def _power(x, y):
          is_odd = y % 2 == 1 if math.isfinite(y) else False
          try:
              return math.pow(x, y)
          except OverflowError:
              return -math.inf if x < 0 and is_odd else math.inf
          except ValueError:
              if x != 0:
                  return math.nan
              return math.copysign(math.inf, x) if is_odd else math.inf
      """
    ),
    (
      "_exp",
      """
      def _exp(x):
          try:
              return math.exp(x)
          except OverflowError:
              return math.inf
      """
    ),
    (
      "_expm1",
      """
      def _expm1(x):
          try:
              return math.expm1(x)
          except OverflowError:
              return math.inf
      """
    ),
    ("_log", logarithm("log", lowest: "0")),
    ("_log1p", logarithm("log1p", lowest: "-1")),
    ("_log2", logarithm("log2", lowest: "0")),
    ("_log10", logarithm("log10", lowest: "0")),
    (
      "_sqrt",
      """
      def _sqrt(x):
          return math.sqrt(x) if x >= 0 else math.nan
      """
    ),
    (
      "_rsqrt",
      """
      def _rsqrt(x):
          if x == 0:
              return math.copysign(math.inf, x)
          return 1 / math.sqrt(x) if x > 0 else math.nan
      """
    ),
    ("_sin", withinDomain("sin", "math.isfinite(x)")),
    ("_cos", withinDomain("cos", "math.isfinite(x)")),
    ("_tan", withinDomain("tan", "math.isfinite(x)")),
    ("_asin", withinDomain("asin", "-1 <= x <= 1")),
    ("_acos", withinDomain("acos", "-1 <= x <= 1")),
    ("_acosh", withinDomain("acosh", "x >= 1")),
    (
      "_sinh",
      """
      def _sinh(x):
          try:
              return math.sinh(x)
          except OverflowError:
              return math.copysign(math.inf, x)
      """
    ),
    (
      "_cosh",
      """
      def _cosh(x):
          try:
              return math.cosh(x)
          except OverflowError:
              return math.inf
      """
    ),
    (
      "_atanh",
      """
      def _atanh(x):
          if abs(x) == 1:
              return math.copysign(math.inf, x)
          return math.atanh(x) if -1 < x < 1 else math.nan
      """
    ),
    (
      "_sigmoid",
      """
      def _sigmoid(x):
          try:
              return 1 / (1 + math.exp(-x))
          except OverflowError:
              return 0.0
      """
    ),
    (
      "_relu",
      """
      def _relu(x):
          return 0.0 if x <= 0 else x
      """
    ),
    (
      "_sign",
      """
      def _sign(x):
          return float((x > 0) - (x < 0))
      """
    ),
    (
      "_larger",
      """
      def _larger(x, y):
          return x if x > y or x != x else y
      """
    ),
    (
      "_smaller",
      """
      def _smaller(x, y):
          return x if x < y or x != x else y
      """
    ),
  ]

  private static func logarithm(_ name: String, lowest: String) -> String {
    """
    def _\(name)(x):
        if x > \(lowest):
            return math.\(name)(x)
        return -math.inf if x == \(lowest) else math.nan
    """
  }

  private static func withinDomain(_ name: String, _ domain: String) -> String {
    """
    def _\(name)(x):
        return math.\(name)(x) if \(domain) else math.nan
    """
  }
}
