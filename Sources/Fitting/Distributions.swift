internal import Glibc

/// What the normal distribution with mean 0 and variance 1 exceeds with a probability `tail`, up to a half.
///
/// Newton's steps on the complementary error function, to the last digits.
func normalQuantile(tail: Double) -> Double {
  if tail == 0.5 { return 0 }
  // A start within 0.003 (Abramowitz and Stegun 1964, 26.2.22).
  let t = (-2 * log(tail)).squareRoot()
  var x = t - (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + 0.04481 * t))
  for _ in 0..<20 {
    let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    let step = (erfc(x / 2.0.squareRoot()) / 2 - tail) / density
    // Halley's correction, as the density falls.
    let change = step / (1 - x * step / 2)
    x += change
    if change.magnitude <= 1e-15 * x.magnitude { break }
  }
  return x
}

/// What Student's t distribution exceeds with a probability `tail`, up to a half.
///
/// Newton's steps, kept within halves, on the incomplete beta function; by the first terms of its series about the
/// normal distribution's where that loses digits, with many degrees of freedom.
func studentQuantile(tail: Double, degreesOfFreedom: Double) -> Double {
  if tail == 0.5 { return 0 }
  if degreesOfFreedom >= 1e5 {
    return seriesOfStudentQuantile(normalQuantile(tail: tail), degreesOfFreedom)
  }
  var lower = 0.0
  var upper = 1.0
  while studentTail(upper, degreesOfFreedom) > tail { upper *= 2 }
  var x = min(upper, normalQuantile(tail: tail))
  let half = degreesOfFreedom / 2
  let scale =
    exp(logGammaRatio(half)) / (degreesOfFreedom * Double.pi).squareRoot()
  for _ in 0..<200 {
    let excess = studentTail(x, degreesOfFreedom) - tail
    if excess > 0 { lower = x } else { upper = x }
    let density = scale * exp(-(half + 0.5) * log1p(x * x / degreesOfFreedom))
    var next = x + excess / density
    if !(next > lower && next < upper) { next = (lower + upper) / 2 }
    let isDone = (next - x).magnitude <= 1e-14 * next.magnitude
    x = next
    if isDone { break }
  }
  return x
}

/// Student's quantile by the normal distribution's (Abramowitz and Stegun 1964, 26.7.5).
private func seriesOfStudentQuantile(_ z: Double, _ degreesOfFreedom: Double) -> Double {
  let square = z * z
  let first = (square + 1) / 4
  let second = ((5 * square + 16) * square + 3) / 96
  let third = (((3 * square + 19) * square + 17) * square - 15) / 384
  return z
    * (1 + (first + (second + third / degreesOfFreedom) / degreesOfFreedom) / degreesOfFreedom)
}

/// The probability of more than `t`, which is 0 or more.
private func studentTail(_ t: Double, _ degreesOfFreedom: Double) -> Double {
  let square = t * t
  return incompleteBeta(
    degreesOfFreedom / 2, 0.5, at: degreesOfFreedom / (degreesOfFreedom + square),
    rest: square / (degreesOfFreedom + square)) / 2
}

/// The logarithm of Γ(x + 1/2) / Γ(x), from 1/2 on; for large x by its series, where the difference would lose digits.
private func logGammaRatio(_ x: Double) -> Double {
  if x < 100 { return logGamma(x + 0.5) - logGamma(x) }
  let square = x * x
  return log(x) / 2 - 1 / (8 * x) + 1 / (192 * x * square) - 1 / (640 * x * square * square)
}

/// The logarithm of the gamma function of a number above 0; `lgamma` writes to a variable that threads share.
func logGamma(_ x: Double) -> Double {
  var sign: Int32 = 0
  return lgamma_r(x, &sign)
}

/// The incomplete beta function, regularised, by Lentz's continued fraction.
///
/// See Press, Teukolsky, Vetterling and Flannery 2007, 6.4. `rest` is 1 − x, which the caller knows without cancellation.
private func incompleteBeta(_ a: Double, _ b: Double, at x: Double, rest: Double) -> Double {
  if x <= 0 { return 0 }
  if rest <= 0 { return 1 }
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(b, a, at: rest, rest: x) }
  // One of a and b is 1/2.
  let ratio = logGammaRatio(max(a, b)) - log(Double.pi) / 2
  let (logX, logRest) = (x > 0.5 ? log1p(-rest) : log(x), rest > 0.5 ? log1p(-x) : log(rest))
  let front = exp(ratio + a * logX + b * logRest) / a
  var c = 1.0
  var d = 1 / guarded(1 - (a + b) * x / (a + 1))
  var fraction = d
  for index in 1...10_000 {
    let m = Double(index)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / guarded(1 + even * d)
    c = guarded(1 + even / c)
    fraction *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / guarded(1 + odd * d)
    c = guarded(1 + odd / c)
    fraction *= d * c
    if (d * c - 1).magnitude < 1e-16 { break }
  }
  return front * fraction
}

/// Away from 0, by which is divided.
private func guarded(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
