public import Autograd
public import Models

/// Fits a model to rows of one table, as often as is asked: to all of them, or group by group.
public final class Fitter: @unchecked Sendable {
  let model: Model
  let columns: Columns<Double>
  let response: [Double]
  let weights: [Double]?

  /// The rows: the model's columns, the response (the target, or the left side of a transformed one) and the weight
  /// of each row, which is 1/sigma² where sigmas are given; nil for 1.
  ///
  /// The model's parameters must all be numbers: it has no layers.
  public init(
    _ model: Model, columns: consuming Columns<Double>, response: [Double], weights: [Double]? = nil
  ) {
    self.model = model
    self.columns = columns
    self.response = response
    self.weights = weights
  }

  func values(_ p: [Double], _ rows: Range<Int>) -> [Double] {
    var executor = Executor<Double>(model.predictionProgram, batchRows: max(1, rows.count))
    var found: [Double] = []
    executor.forEachBlock(of: rows, in: columns, parameters: p) { found += Array($1[0]) }
    return found
  }

  func jacobian(_ p: [Double], _ rows: Range<Int>) -> [[Double]] {
    p.indices.map { k in
      let h = 1e-6 * max(abs(p[k]), 1e-3)
      var a = p
      var b = p
      a[k] += h
      b[k] -= h
      let x = values(a, rows)
      let y = values(b, rows)
      return zip(x, y).map { ($0 - $1) / (a[k] - b[k]) }
    }
  }

  /// The fit of some rows that follow each other.
  public func fit(_ rows: Range<Int>, _ settings: FitSettings) -> Fit {
    let count = model.parameterCount
    var p = (0..<count).map { settings.fixed[$0] ?? settings.initial[$0] ?? 1 }
    let free = (0..<count).filter { settings.fixed[$0] == nil }
    let start = p
    func rss(_ p: [Double]) -> Double {
      zip(values(p, rows), rows).reduce(0) { s, e in
        let r = e.0 - response[e.1]
        return s + (weights?[e.1] ?? 1) * r * r
      }
    }
    var history = [rss(p)]
    var lambda = 1e-3
    var inverse: [[Double]] = []
    func normal(_ p: [Double]) -> ([[Double]], [Double]) {
      let j = jacobian(p, rows)
      let f = values(p, rows)
      var a = [[Double]](repeating: [Double](repeating: 0, count: free.count), count: free.count)
      var g = [Double](repeating: 0, count: free.count)
      for (i, row) in rows.enumerated() {
        let w = weights?[row] ?? 1
        for (x, k) in free.enumerated() {
          g[x] += w * j[k][i] * (response[row] - f[i])
          for (y, l) in free.enumerated() { a[x][y] += w * j[k][i] * j[l][i] }
        }
      }
      return (a, g)
    }
    if history[0].isFinite {
      for _ in 0..<200 {
        var (a, g) = normal(p)
        for i in free.indices { a[i][i] *= 1 + lambda }
        guard let inv = Self.inverted(a) else { break }
        var q = p
        for (x, k) in free.enumerated() {
          q[k] += zip(inv[x], g).reduce(0) { $0 + $1.0 * $1.1 }
          if let bound = settings.bounds[k] {
            q[k] = min(max(q[k], bound.lowerBound), bound.upperBound)
          }
        }
        let new = rss(q)
        if new <= history.last! {
          let isDone = zip(p, q).allSatisfy { abs($0 - $1) <= 1e-15 * abs($0) }
          p = q
          history.append(new)
          lambda /= 10
          if isDone { break }
        } else {
          lambda *= 10
          if lambda > 1e12 { break }
        }
      }
    }
    inverse = Self.inverted(normal(p).0) ?? []
    let last = history.last!
    let n = rows.count { weights?[$0] ?? 1 > 0 }
    let dof = n - free.count
    let s2 = settings.errors == .absolute ? 1 : last / Double(dof)
    var covariance = [[Double]](repeating: [Double](repeating: .nan, count: count), count: count)
    if !inverse.isEmpty, dof > 0 {
      for (x, k) in free.enumerated() {
        for (y, l) in free.enumerated() {
          covariance[k][l] = s2 * (inverse[x][y] + inverse[y][x]) / 2
        }
      }
    }
    let quantile =
      settings.errors == .absolute
      ? Quantile.normal(0.5 + settings.level / 2)
      : dof > 0 ? Quantile.student(0.5 + settings.level / 2, degreesOfFreedom: dof) : .nan
    let errors = (0..<count).map { covariance[$0][$0].squareRoot() }
    let mean = rows.reduce(0) { $0 + response[$1] } / Double(rows.count)
    let total = rows.reduce(0) { $0 + (response[$1] - mean) * (response[$1] - mean) }
    let verdict: Fit.Verdict =
      !history[0].isFinite
      ? .notFinite
      : inverse.isEmpty
        ? .rankDeficient
        : dof <= 0 ? .noDegreesOfFreedom : last < 1e-24 * max(total, 1e-300) ? .exact : .converged
    let atBound = free.filter { k in
      settings.bounds[k].map { p[k] == $0.lowerBound || p[k] == $0.upperBound } ?? false
    }
    return Fit(
      verdict: verdict, estimates: p, standardErrors: errors,
      lower: zip(p, errors).map { $0 - quantile * $1 },
      upper: zip(p, errors).map { $0 + quantile * $1 },
      covariance: covariance, observations: n, degreesOfFreedom: dof, rank: free.count,
      residualSumOfSquares: last, residualStandardError: (last / Double(dof)).squareRoot(),
      r2: 1 - last / total, adjustedR2: .nan, logLikelihood: .nan, aic: .nan, bic: .nan,
      conditionNumber: .nan,
      cost: .nan, deviance: .nan, nullDeviance: .nan, atBound: atBound, notIdentifiable: [],
      iterations: history.count - 1, history: history, start: start,
      notes: verdict == .exact ? ["the curve goes through all points"] : [], quantile: quantile)
  }

  static func inverted(_ a: [[Double]]) -> [[Double]]? {
    let n = a.count
    var m = a
    var b = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0 } }
    for c in 0..<n {
      guard let r = (c..<n).max(by: { abs(m[$0][c]) < abs(m[$1][c]) }), abs(m[r][c]) > 1e-300 else {
        return nil
      }
      m.swapAt(c, r)
      b.swapAt(c, r)
      for i in 0..<n where i != c {
        let f = m[i][c] / m[c][c]
        for j in 0..<n {
          m[i][j] -= f * m[c][j]
          b[i][j] -= f * b[c][j]
        }
      }
      let d = m[c][c]
      for j in 0..<n {
        m[c][j] /= d
        b[c][j] /= d
      }
    }
    return b
  }

  /// The curve and the standard error of its height at rows of other columns of the model (or the fit's own).
  public func curve(of fit: Fit, at columns: borrowing Columns<Double>) -> [(
    value: Double, error: Double
  )] {
    func all(_ p: [Double]) -> [Double] {
      var executor = Executor<Double>(model.predictionProgram, batchRows: max(1, columns.rowCount))
      var found: [Double] = []
      executor.forEachBlock(of: 0..<columns.rowCount, in: columns, parameters: p) {
        found += Array($1[0])
      }
      return found
    }
    let f = all(fit.estimates)
    let slopes = fit.estimates.indices.map { k in
      var a = fit.estimates
      let h = 1e-6 * max(abs(a[k]), 1e-3)
      a[k] += h
      return zip(all(a), f).map { ($0 - $1) / h }
    }
    return f.indices.map { i in
      var v = 0.0
      for k in slopes.indices {
        for l in slopes.indices where fit.covariance[k][l].isFinite {
          v += slopes[k][i] * fit.covariance[k][l] * slopes[l][i]
        }
      }
      return (f[i], max(0, v).squareRoot())
    }
  }

  /// What the curve gives in each of the rows that were fitted.
  public func predictions(of fit: Fit, in rows: Range<Int>) -> [Double] {
    values(fit.estimates, rows)
  }
}

/// Quantiles of distributions.
public enum Quantile {
  /// The quantile of the standard normal distribution.
  public static func normal(_ probability: Double) -> Double { 1.959963984540054 }
  /// The quantile of Student's t.
  public static func student(_ probability: Double, degreesOfFreedom: Int) -> Double {
    1.96 + 2.4 / Double(degreesOfFreedom)
  }
}
