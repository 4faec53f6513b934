import Autograd
import Formula
import Models
import Tables
import Testing

@testable import Fitting

/// What of a fit is not as a case has it, by the rules of the README of fixtures/fit.
struct FitComparison {
  let fit: Fit
  let problem: Problem
  private let one: FitCase
  private let expected: FitCase.Expected
  private(set) var faults: [String] = []
  /// For each parameter its factor, the place of its source, and what is wanted of it.
  private var answer: [(factor: Double, source: Int, shift: Double, value: Double?)] = []

  init(_ fit: Fit, _ problem: Problem, _ one: FitCase) {
    self.init(fit, problem, one, one.expect)
  }

  init(_ fit: Fit, _ problem: Problem, _ one: FitCase, _ expected: FitCase.Expected) {
    (self.fit, self.problem, self.one, self.expected) = (fit, problem, one, expected)
    answer = nearestAnswer
  }

  private func tolerance(_ quantity: String) -> Double { one.tolerances?[quantity] ?? .nan }
  private func absolute(_ quantity: String) -> Double { one.absolute?[quantity] ?? 0 }

  private mutating func check(_ isRight: Bool, _ quantity: String, _ found: Any, _ wanted: Any) {
    if !isRight { faults.append("\(quantity): \(found), not \(wanted)") }
  }

  /// `scale` is what a small number is compared with.
  private mutating func check(
    _ found: Double, _ wanted: Double?, _ quantity: String, as tolerances: String? = nil,
    scale: Double = 0
  ) {
    guard let wanted else { return }
    let kind = tolerances ?? quantity
    let allowed = tolerance(kind) * max(wanted.magnitude, scale) + absolute(kind)
    check((found - wanted).magnitude <= allowed, quantity, found, wanted)
  }

  private func error(_ index: Int) -> Double? { expected.stdError?[index] }

  /// The answer that the estimates are nearest to, by their tolerances.
  private var nearestAnswer: [(factor: Double, source: Int, shift: Double, value: Double?)] {
    var best: (distance: Double, answer: [(Double, Int, Double, Double?)]) = (.infinity, [])
    for variant in one.answers {
      var distance = 0.0
      var answer: [(Double, Int, Double, Double?)] = []
      for (name, found) in zip(expected.parameters, fit.estimates) {
        guard let (factor, source, fixedShift) = variant[name],
          let place = expected.parameters.firstIndex(of: source)
        else { continue }
        var shift = fixedShift
        guard let base = expected.estimate[place] else {
          answer.append((factor, place, shift, nil))
          continue
        }
        var value = factor * base + shift
        if let period = one.periods?[name] {
          let turns = period * ((found - value) / period).rounded()
          (value, shift) = (value + turns, shift + turns)
        }
        let difference = (found - value).magnitude / max(value.magnitude, error(place) ?? 1e-300)
        distance = max(distance, difference.isNaN ? .infinity : difference)
        answer.append((factor, place, shift, value))
      }
      if distance < best.distance || best.answer.isEmpty { best = (distance, answer) }
    }
    return best.answer
  }

  private func allowed(_ index: Int) -> Double {
    guard let value = answer[index].value else { return 0 }
    return tolerance("estimate") * max(value.magnitude, error(answer[index].source) ?? 0)
      + absolute("estimate")
  }

  /// Everything but intervals at other levels.
  mutating func checkAll() throws {
    check(problem.names == expected.parameters, "parameters", problem.names, expected.parameters)
    checkNames(fit.atBound, expected.atBound, "at bound")
    checkNames(fit.notIdentifiable, expected.notIdentifiable, "not identifiable")
    checkEstimates()
    if !one.isRobust { checkErrors() }
    if !one.isRobust { checkIntervals([expected.interval95, expected.interval95T], "interval") }
    try checkFunctions()
    checkSums()
    if !one.isRobust { checkMatrices() }
    try checkCurve()
  }

  private mutating func checkNames(_ found: [Int], _ wanted: [String]?, _ quantity: String) {
    let names = found.map { problem.names[$0] }.sorted()
    check(names == (wanted ?? []).sorted(), quantity, names, wanted ?? [])
  }

  private mutating func checkEstimates() {
    for (index, found) in fit.estimates.enumerated() {
      guard let wanted = answer[index].value else { continue }
      let isRight = (found - wanted).magnitude <= allowed(index)
      check(isRight, "estimate of \(problem.names[index])", found, wanted)
    }
    // Points of one length lie on all sides of 0.
    guard let shortest = expected.minimumNorm?.compactMap(\.self) else { return }
    check(norm(fit.estimates), norm(shortest), "least norm", as: "estimate")
  }

  private mutating func checkErrors() {
    guard let errors = expected.stdError else { return }
    for (index, found) in fit.standardErrors.enumerated() {
      let name = "standard error of \(problem.names[index])"
      if let wanted = errors[answer[index].source] {
        check(found, answer[index].factor.magnitude * wanted, name, as: "std_error")
      } else {
        check(found.isNaN && fit.lower[index].isNaN, name, found, "nan")
      }
    }
  }

  /// Each of several conventions is taken.
  mutating func checkIntervals(_ conventions: [[[Double?]?]?], _ kind: String) {
    for index in fit.estimates.indices {
      var wanted: [Double]?
      var isRight = false
      for limits in conventions.compactMap(\.self) {
        let (factor, source, shift, value) = answer[index]
        guard let value, let ends = limits[source], let x = ends[0], let y = ends[1] else {
          isRight = true
          continue
        }
        let both = [factor * x + shift, factor * y + shift].sorted()
        let margins = both.map {
          tolerance(kind) * ($0 - value).magnitude + allowed(index) + 15 * absolute("std_error")
        }
        wanted = wanted ?? both
        if (fit.lower[index] - both[0]).magnitude <= margins[0],
          (fit.upper[index] - both[1]).magnitude <= margins[1]
        {
          isRight = true
        }
      }
      guard let wanted else { continue }
      let found = [fit.lower[index], fit.upper[index]]
      check(isRight, "\(kind) of \(problem.names[index])", found, wanted)
    }
  }

  private mutating func checkFunctions() throws {
    for function in expected.functions ?? [] {
      let expression = try Model(
        formula: Formula(function.expression), target: "response", tableColumns: ["response"])
      let values = try expression.parameters.map { parameter in
        fit.estimates[try #require(problem.names.firstIndex(of: parameter.name))]
      }
      let found = expression.predict(at: [], with: values)[0]
      check(found, function.value, function.expression, as: "estimate")
    }
  }

  private mutating func checkSums() {
    let counts = [
      ("observations", fit.observations, expected.observations),
      ("degrees of freedom", fit.degreesOfFreedom, expected.dof ?? fit.degreesOfFreedom),
      ("rank", fit.rank, one.isRobust ? fit.rank : expected.rank ?? fit.rank),
    ]
    for (quantity, found, wanted) in counts { check(found == wanted, quantity, found, wanted) }
    check(fit.residualSumOfSquares, expected.rss, "rss")
    check(
      fit.residualStandardError, expected.residualStandardError, "residual_standard_error")
    check(fit.logLikelihood, expected.logLikelihood, "log_likelihood", scale: 1)
    check(fit.aic, expected.aic, "aic", scale: 1)
    check(fit.bic, expected.bic, "bic", scale: 1)
    check(fit.deviance, expected.deviance, "deviance")
    check(fit.nullDeviance, expected.nullDeviance, "null deviance", as: "deviance")
    check(fit.cost, expected.cost, "cost")
    checkParts(
      "r2", fit.r2, expected.r2, one.r2Either == true ? expected.r2AboutMean : expected.r2)
    checkParts(
      "adjusted r2", fit.adjustedR2, expected.adjustedR2,
      one.r2Either == true ? expected.adjustedR2AboutMean : expected.adjustedR2)
    if one.name.hasPrefix("y-constant") { check(fit.r2.isNaN, "r2", fit.r2, "nan") }
    if let wanted = expected.conditionNumberScaled {
      check(fit.conditionNumber, wanted, "condition_number")
    }
  }

  /// R² by either of two conventions.
  private mutating func checkParts(
    _ quantity: String, _ found: Double, _ one: Double?, _ other: Double?
  ) {
    let wanted = [one, other].compactMap(\.self)
    if wanted.isEmpty { return }
    let margin = tolerance("r2") + absolute("r2")
    check(wanted.contains { (found - $0).magnitude <= margin }, quantity, found, wanted)
  }

  private mutating func checkMatrices() {
    for (quantity, found, wanted) in [
      ("covariance", fit.covariance, expected.covariance),
      ("correlation", fit.correlation, expected.correlation),
    ] {
      guard let wanted else { continue }
      for (i, first) in answer.enumerated() {
        for (j, second) in answer.enumerated() {
          let name = "\(quantity) of \(problem.names[i]) and \(problem.names[j])"
          guard let value = wanted[first.source][second.source] else {
            check(found[i][j].isNaN, name, found[i][j], "nan")
            continue
          }
          let factor = first.factor * second.factor
          let isScaled = quantity == "covariance"
          let scale =
            isScaled
            ? factor.magnitude * (error(first.source) ?? 0) * (error(second.source) ?? 0) : 1
          check(
            found[i][j], (isScaled ? factor : factor.sign == .minus ? -1 : 1) * value, name,
            as: quantity, scale: scale)
        }
      }
    }
  }

  /// The curve with its error, confidence bands and prediction bands.
  private mutating func checkCurve() throws {
    guard let rows = expected.predict, let first = rows.first else { return }
    let names = first.at.keys.sorted()
    var text = (names + [one.target]).joined(separator: ",") + "\n"
    for row in rows {
      text += (names.map { row.at[$0]?.text ?? "" } + ["0"]).joined(separator: ",") + "\n"
    }
    let table = try Table(csv: Array(text.utf8), name: "rows.csv")
    let curve = problem.fitter.curve(of: fit, at: try problem.model.data(from: table))
    check(curve.count == rows.count, "rows of the curve", curve.count, rows.count)
    for (row, found) in zip(rows, curve) {
      let place = names.map { "\($0)=\(row.at[$0]?.text ?? "")" }.joined(separator: ",")
      check(
        found.value, row.prediction, "curve at \(place)", as: "prediction", scale: row.stdError)
      check(found.error, row.stdError, "its error at \(place)", as: "std_error")
      let margin = tolerance("prediction") * max(row.prediction.magnitude, row.stdError)
      func isNear(_ half: Double, _ band: [Double]) -> Bool {
        zip([found.value - half, found.value + half], band).allSatisfy {
          ($0 - $1).magnitude <= tolerance("band") * ($1 - row.prediction).magnitude + margin
        }
      }
      let half = fit.quantile * found.error
      check(
        isNear(half, row.confidence95), "confidence band at \(place)", half, row.confidence95)
      guard let band = row.prediction95 else { continue }
      let spread = fit.residualStandardError
      let wide = fit.quantile * (spread * spread + found.error * found.error).squareRoot()
      check(isNear(wide, band), "prediction band at \(place)", wide, band)
    }
  }
}
