import Foundation
import Testing

@testable import Fitting

/// Data at the edges of what can be fitted: the right answer or the right verdict, never a wrong number with a success.
@Suite struct EdgeTests {
  private static let x = (0..<30).map { 0.5 + Double($0) / 6 }
  private static let errors: [Double] = {
    var noise = Noise(seed: 17)
    return x.map { _ in 0.02 * noise.normal() }
  }()
  private static var decay: [Double] {
    zip(x, errors).map { 3 * exp(-0.8 * $0) + 0.5 + $1 }
  }

  /// A formula and a truth from which rows are made.
  struct Curve: Sendable, CustomTestStringConvertible {
    var formula: String
    var parameterCount: Int
    var height: @Sendable (Double) -> Double
    var testDescription: String { formula }

    init(_ formula: String, _ parameterCount: Int, _ height: @escaping @Sendable (Double) -> Double)
    {
      (self.formula, self.parameterCount, self.height) = (formula, parameterCount, height)
    }
  }

  static let curves = [
    Curve("a*x", 1) { 2 * $0 },
    Curve("a + b*x", 2) { 1 - 0.5 * $0 },
    Curve("a + b*x + c*x^2", 3) { 1 - 0.5 * $0 + 0.1 * $0 * $0 },
    Curve("exp(-b*x)", 1) { exp(-0.4 * $0) },
    Curve("a*exp(-b*x)", 2) { 3 * exp(-0.8 * $0) },
    Curve("a*exp(-b*x) + c", 3) { 3 * exp(-0.8 * $0) + 0.5 },
    Curve("v*x/(k + x)", 2) { 4 * $0 / (1.5 + $0) },
    Curve("a*x^n", 2) { 2 * pow($0, 1.5) },
    Curve("a/(1 + exp(-k*(x - m)))", 3) { 5 / (1 + exp(-1.7 * ($0 - 1.5))) },
  ]

  @Test(arguments: curves)
  func `few rows have as many errors as they can tell`(curve: Curve) throws {
    for count in 1...curve.parameterCount + 1 {
      let x = (0..<count).map { 0.7 * Double($0 + 1) }
      let response = x.enumerated().map { curve.height($1) * ($0 % 2 == 0 ? 1.01 : 0.99) }
      let fit = try Problem(curve.formula, ["x": x], response: response).fit()
      let isKnown = count > curve.parameterCount
      switch count - curve.parameterCount {
      case ..<0:
        #expect(fit.verdict == .rankDeficient, "\(count): \(fit.verdict) \(fit.estimates)")
        #expect(!fit.notIdentifiable.isEmpty)
      case 0:
        #expect(fit.verdict == .noDegreesOfFreedom, "\(count): \(fit.verdict) \(fit.estimates)")
        #expect(fit.residualSumOfSquares <= 1e-24)
      default:
        #expect(fit.verdict == .converged, "\(count): \(fit.verdict) \(fit.estimates)")
        #expect(fit.degreesOfFreedom == 1)
        #expect(fit.residualSumOfSquares > 1e-8)
      }
      #expect(fit.standardErrors.allSatisfy { $0.isNaN != isKnown }, "\(fit.standardErrors)")
      #expect(fit.lower.allSatisfy { $0.isNaN != isKnown })
      #expect(fit.observations == count)
    }
  }

  @Test(arguments: [
    ("a + b*k", ["a", "b"]), ("a*exp(-b*k)", ["a", "b"]), ("v*k/(h + k)", ["v", "h"]),
    ("a + b*x + c*k", ["a", "c"]), ("a*x + c*(k - 4)", ["c"]), ("a*sin(w*k + p)", ["a", "w", "p"]),
  ])
  func `a constant column tells nothing apart`(formula: String, names: [String]) throws {
    let problem = try Problem(
      formula, ["x": Self.x, "k": Self.x.map { _ in 4 }], response: Self.decay)
    let fit = problem.fit()
    #expect(fit.verdict == .rankDeficient, "\(fit.verdict) \(fit.estimates)")
    #expect(fit.notIdentifiable.map { problem.names[$0] } == names)
    for index in fit.notIdentifiable { #expect(fit.standardErrors[index].isNaN) }
  }

  @Test func `a constant column alone is fitted by the mean`() throws {
    let fit = try Problem("a*k", ["k": Self.x.map { _ in 4 }], response: Self.decay).fit()
    let mean = Self.decay.reduce(0, +) / 30
    #expect(fit.verdict == .converged)
    #expect((fit.estimates[0] - mean / 4).magnitude < 1e-14)
  }

  @Test(arguments: ["a*exp(-b*x) + c", "a + b*x", "a*x^n", "a/(1 + exp((m - x)/s))"])
  func `rows that come twice change errors alone`(formula: String) throws {
    let once = try Problem(formula, ["x": Self.x], response: Self.decay).fit()
    let twice = try Problem(
      formula, ["x": Self.x + Self.x], response: Self.decay + Self.decay
    ).fit()
    #expect(once.verdict.isSuccess == twice.verdict.isSuccess)
    guard once.verdict.isSuccess else { return }
    let count = Double(once.estimates.count)
    let factor = ((30 - count) / (60 - count)).squareRoot()
    for index in once.estimates.indices {
      let error = once.standardErrors[index]
      #expect((twice.estimates[index] - once.estimates[index]).magnitude <= 1e-9 * error)
      #expect((twice.standardErrors[index] / error / factor - 1).magnitude <= 1e-9)
    }
    #expect((twice.residualSumOfSquares / once.residualSumOfSquares - 2).magnitude <= 1e-9)
  }

  @Test func `all rows the same are a rank of 1`() throws {
    let x = [Double](repeating: 2, count: 9)
    let response = (0..<9).map { 1 + Double($0) / 10 }
    for formula in ["a + b*x", "a*exp(-b*x)", "v*x/(k + x)"] {
      let fit = try Problem(formula, ["x": x], response: response).fit()
      #expect(fit.verdict == .rankDeficient, "\(formula): \(fit.verdict)")
      #expect(fit.rank == 1)
    }
  }

  @Test(
    arguments: ["a*exp(-b*x) + c", "a + b*x", "v*x/(k + x)"],
    [-1000, -700, -500, -400, -100, 100, 400, 500, 700, 990])
  func `a response in other units has the same answer in these`(
    formula: String, exponent: Int
  ) throws {
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    let usual = try Problem(formula, ["x": Self.x], response: Self.decay).fit()
    let fit = try Problem(formula, ["x": Self.x], response: Self.decay.map { $0 * unit }).fit()
    guard fit.verdict.isSuccess else {
      // Squares beyond the range of float64 need not be fitted, others must.
      #expect(exponent.magnitude > 400, "\(fit.verdict) \(fit.notes)")
      return
    }
    #expect(fit.verdict == usual.verdict, "\(fit.verdict) \(fit.notes)")
    let names = formula.first == "v" ? ["v"] : formula == "a + b*x" ? ["a", "b"] : ["a", "c"]
    let order =
      formula.first == "v" ? ["v", "k"] : formula == "a + b*x" ? ["a", "b"] : ["a", "b", "c"]
    for (index, name) in order.enumerated() {
      let factor = names.contains(name) ? unit : 1
      let (estimate, error) = (fit.estimates[index] / factor, fit.standardErrors[index] / factor)
      #expect(
        (estimate - usual.estimates[index]).magnitude <= 1e-8 * usual.standardErrors[index],
        "\(name): \(estimate)")
      #expect((error / usual.standardErrors[index] - 1).magnitude <= 1e-6, "\(name): \(error)")
    }
    #expect((fit.r2 - usual.r2).magnitude <= 1e-9, "\(fit.r2)")
  }

  @Test(
    arguments: ["a*exp(-b*x) + c", "v*x/(k + x)", "a*exp(-(x - m)^2/(2*s^2))"],
    [-990, -300, 300, 990])
  func `a predictor in other units has the same answer in these`(
    formula: String, exponent: Int
  ) throws {
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    let usual = try Problem(formula, ["x": Self.x], response: Self.decay).fit()
    let fit = try Problem(formula, ["x": Self.x.map { $0 * unit }], response: Self.decay).fit()
    guard fit.verdict.isSuccess else {
      #expect(exponent.magnitude > 300 || !usual.verdict.isSuccess, "\(fit.verdict) \(fit.notes)")
      return
    }
    let rise = fit.residualSumOfSquares / usual.residualSumOfSquares - 1
    #expect(rise <= 1e-9, "\(fit.estimates), not \(usual.estimates)")
    #expect((fit.standardErrors[0] / usual.standardErrors[0] - 1).magnitude <= 1e-6)
  }

  @Test(arguments: [
    "a*(1 - exp(-b*x)) + c", "a*exp(b*x) + c", "a*log(1 + b*x) + c", "a*(1 - exp(-b*x))",
    "a*sin(b*x)", "a*tanh(b*x)", "v*x/(k + x)",
  ])
  func `a curve that runs away to a line has no best value`(formula: String) throws {
    let x = (1...10).map { Double($0) }
    // Errors of alternating sign, which have no curvature, and none.
    for error in [0.1, 0] {
      let response = x.enumerated().map { 2 * $1 + ($0 % 2 == 0 ? -error : error) }
      let fit = try Problem(formula, ["x": x], response: response).fit()
      // Without an intercept the errors bend the best curve a little; its rate is within its error of 0 then.
      let isBent = !formula.hasSuffix("c") && error > 0
      #expect(!fit.verdict.isSuccess || isBent, "\(fit.verdict) \(fit.estimates)")
      guard fit.verdict.isSuccess else { continue }
      #expect(fit.standardErrors[1] > fit.estimates[1].magnitude)
      #expect(fit.estimates.allSatisfy { $0.magnitude < 1e5 })
    }
  }

  @Test(arguments: [1e-20, 1e-10, 1e10, 1e20])
  func `weights that are all the same change nothing but the sums`(weight: Double) throws {
    let usual = try Problem("a*exp(-b*x) + c", ["x": Self.x], response: Self.decay).fit()
    let fit = try Problem(
      "a*exp(-b*x) + c", ["x": Self.x], response: Self.decay, weights: Self.x.map { _ in weight }
    ).fit()
    #expect(fit.verdict == .converged, "\(fit.notes)")
    for index in 0..<3 {
      let error = usual.standardErrors[index]
      #expect((fit.estimates[index] - usual.estimates[index]).magnitude <= 1e-9 * error)
      #expect((fit.standardErrors[index] / error - 1).magnitude <= 1e-9)
    }
    #expect((fit.residualSumOfSquares / weight / usual.residualSumOfSquares - 1).magnitude < 1e-9)
    #expect((fit.r2 - usual.r2).magnitude < 1e-12)
    #expect(
      (fit.logLikelihood - usual.logLikelihood).magnitude < 1e-8 * usual.logLikelihood.magnitude)
  }

  @Test func `rows of hardly any weight do not move the others' answer`() throws {
    let weights = Self.x.indices.map { $0 % 2 == 0 ? 1e20 : 1e-20 }
    let fit = try Problem(
      "a*exp(-b*x) + c", ["x": Self.x], response: Self.decay, weights: weights
    ).fit()
    let even = Self.x.indices.filter { $0 % 2 == 0 }
    let half = try Problem(
      "a*exp(-b*x) + c", ["x": even.map { Self.x[$0] }], response: even.map { Self.decay[$0] }
    ).fit()
    #expect(fit.verdict == .converged)
    #expect(fit.observations == 30)
    // As many rows as are counted share the sum.
    let factor = (Double(half.degreesOfFreedom) / Double(fit.degreesOfFreedom)).squareRoot()
    for index in 0..<3 {
      let error = half.standardErrors[index]
      #expect((fit.estimates[index] - half.estimates[index]).magnitude <= 1e-8 * error)
      #expect((fit.standardErrors[index] / error / factor - 1).magnitude <= 1e-8)
    }
  }

  @Test func `rows of weight 0 are not there`() throws {
    let weights = Self.x.indices.map { $0 % 3 == 0 ? 0.0 : 2 }
    let fit = try Problem(
      "a*exp(-b*x) + c", ["x": Self.x], response: Self.decay, weights: weights
    ).fit()
    let others = Self.x.indices.filter { $0 % 3 != 0 }
    let rest = try Problem(
      "a*exp(-b*x) + c", ["x": others.map { Self.x[$0] }], response: others.map { Self.decay[$0] }
    ).fit()
    #expect(fit.observations == 20)
    #expect(fit.degreesOfFreedom == 17)
    for index in 0..<3 {
      let error = rest.standardErrors[index]
      #expect((fit.estimates[index] - rest.estimates[index]).magnitude <= 1e-8 * error)
      #expect((fit.standardErrors[index] / error - 1).magnitude <= 1e-8)
    }
    let one = try Problem(
      "a + b*x", ["x": [1, 2, 3]], response: [1, 2, 4], weights: [0, 1, 0]
    ).fit()
    #expect(one.verdict == .rankDeficient)
    #expect(one.observations == 1)
  }

  @Test func `small steps far from 0`() throws {
    let near = (0..<30).map { Double($0) }
    let far = near.map { 1e15 + $0 }
    let line = zip(near, Self.errors).map { 2 + 0.3 * $0 + $1 }
    let usual = try Problem("a + b*x", ["x": near], response: line).fit()
    // 1 and x cannot be told apart in 15 digits.
    let plain = try Problem("a + b*x", ["x": far], response: line).fit()
    if plain.verdict.isSuccess {
      #expect((plain.estimates[1] - usual.estimates[1]).magnitude <= 1e-3 * usual.standardErrors[1])
    }
    let centred = try Problem("a + b*(x - 1e15)", ["x": far], response: line).fit()
    #expect(centred.verdict == .converged)
    for index in 0..<2 {
      let error = usual.standardErrors[index]
      #expect((centred.estimates[index] - usual.estimates[index]).magnitude <= 1e-10 * error)
    }
    let step = zip(near, Self.errors).map { 4 / (1 + exp(-0.9 * ($0 - 13.4))) + $1 }
    let sigmoid = try Problem("a/(1 + exp(-k*(x - m)))", ["x": far], response: step).fit()
    let wanted = try Problem("a/(1 + exp(-k*(x - m)))", ["x": near], response: step).fit()
    if sigmoid.verdict.isSuccess {
      // m is known to an eighth there.
      #expect((sigmoid.estimates[2] - 1e15 - wanted.estimates[2]).magnitude <= 0.125)
      let rise = sigmoid.residualSumOfSquares / wanted.residualSumOfSquares
      #expect(rise < 1 + 0.125 * 0.125 / pow(wanted.standardErrors[2], 2) / 27 + 1e-9, "\(rise)")
    }
  }

  @Test(arguments: [
    "(x > 100)*b + (x <= 100)*a*x", "where(x > 100, b*x, a*x)", "a*x + b*relu(x - 100)",
    "a*x + max(b - b, x*0)",
  ])
  func `a parameter in a branch that is never taken has no effect`(formula: String) throws {
    let problem = try Problem(
      formula, ["x": Self.x], response: zip(Self.x, Self.errors).map { 2 * $0 + $1 })
    let line = try Problem("a*x", ["x": Self.x], response: problem.response).fit()
    let fit = problem.fit()
    let a = try #require(problem.names.firstIndex(of: "a"))
    #expect(fit.verdict == .rankDeficient, "\(fit.verdict)")
    #expect(fit.notIdentifiable == [1 - a])
    #expect(fit.withoutEffect == [1 - a])
    #expect((fit.estimates[a] - line.estimates[0]).magnitude < 1e-14)
    #expect((fit.standardErrors[a] / line.standardErrors[0] - 1).magnitude < 1e-12)
    #expect(fit.standardErrors[1 - a].isNaN)
  }

  @Test(arguments: [
    ("log(a)*x", [-3.0], [exp(0.7)]), ("log(a)*x", [0], [exp(0.7)]),
    ("sqrt(a)*x", [-1], [0.49]), ("log(a*x)*b", [-2, 1], [1.5, 0.7]),
    ("b*(x + log(a))", [-1e3, 1], [2, 0.7]), ("x^a", [-500], [1.3]),
  ])
  func `a start outside of the domain is left for another`(
    formula: String, start: [Double], truth: [Double]
  ) throws {
    let curve = try Problem(formula, ["x": Self.x], response: Self.x).heights(truth)
    let problem = try Problem(
      formula, ["x": Self.x], response: zip(curve, Self.errors).map { $0 + $1 })
    let best = problem.fit { $0.initial = [Int: Double](uniqueKeysWithValues: zip(0..., truth)) }
    let fit = problem.fit { $0.initial = [Int: Double](uniqueKeysWithValues: zip(0..., start)) }
    #expect(best.verdict == .converged)
    #expect(fit.verdict == .converged, "\(fit.verdict) \(fit.notes)")
    for index in truth.indices {
      let error = best.standardErrors[index]
      #expect((fit.estimates[index] - best.estimates[index]).magnitude <= 1e-6 * error)
    }
  }

  @Test func `rows of a group are fitted as if they were alone`() throws {
    let x = (0..<3).flatMap { _ in Self.x }
    let response = (0..<3).flatMap { group in Self.decay.map { $0 * Double(group + 1) } }
    let weights = x.map { 1 + $0 }
    let all = try Problem("a*exp(-b*x) + c", ["x": x], response: response, weights: weights)
    for group in 0..<3 {
      let rows = group * 30..<group * 30 + 30
      let alone = try Problem(
        "a*exp(-b*x) + c", ["x": Self.x], response: Array(response[rows]),
        weights: Array(weights[rows]))
      let found = all.fitter.fit(rows, FitSettings())
      #expect(bits(of: found) == bits(of: alone.fit()), "\(group)")
      let predictions = all.fitter.predictions(
        of: found, in: rows, of: all.rows.shared.columns)
      for (row, prediction) in zip(rows, predictions) {
        let height = found.estimates[0] * exp(-found.estimates[1] * x[row]) + found.estimates[2]
        #expect((prediction - height).magnitude <= 1e-14)
      }
    }
  }

  @Test func `a second minimum that is nearly as deep is told`() throws {
    let z = Self.x.map { sin(9 * $0) }
    let response = zip(Self.x, Self.errors).map { 4 * $0 + 10 * $1 }
    let problem = try Problem("a^2*x + 0.003*a*z", ["x": Self.x, "z": z], response: response)
    let fit = problem.fit()
    #expect(fit.verdict == .converged)
    let other = problem.fit { $0.bounds = [0: fit.estimates[0] > 0 ? -10...0 : 0...10] }
    let rise = other.residualSumOfSquares / fit.residualSumOfSquares - 1
    guard case .otherMinimum(let parameters, let told)? = fit.notes.first else {
      Issue.record("\(fit.notes)")
      return
    }
    #expect((told - rise).magnitude <= 1e-6 * rise)
    #expect((parameters[0] - other.estimates[0]).magnitude <= 1e-6 * other.estimates[0].magnitude)
  }

  @Test func `no estimate lies outside its bounds, whatever the verdict`() throws {
    let x = (1...12).map(Double.init)
    var noise = Noise(seed: 5)
    for number in 0..<60 {
      let rate = 0.1 + 0.05 * Double(number % 20)
      let response = x.map { 2 * exp(-rate * $0) + 0.01 * noise.normal() }
      let low = 4 * noise.normal()
      let rates = number % 2 == 0 ? 0.5...Double.infinity : -3...0.2
      let bounds = [0: low...(low + 1), 1: rates]
      let fit = try Problem("a*exp(-b*x)", ["x": x], response: response).fit {
        $0.bounds = bounds
      }
      for (parameter, range) in bounds where !fit.estimates[parameter].isNaN {
        #expect(range.contains(fit.estimates[parameter]), "\(bounds) \(fit.estimates)")
      }
    }
    let fit = try Problem("a*x", ["x": x], response: x).fit { $0.bounds = [0: 3...Double.infinity] }
    #expect(fit.estimates == [3] && fit.atBound == [0])
  }

  @Test func `a narrow peak in a long spectrum is found`() throws {
    let x = (0..<2048).map(Double.init)
    var noise = Noise(seed: 6)
    let response = x.map { 5 * exp(-pow(($0 - 240) / 10, 2) / 2) + 0.05 * noise.normal() }
    let fit = try Problem("a*exp(-((x - m)/s)^2/2)", ["x": x], response: response).fit()
    #expect(fit.verdict == .converged)
    #expect(abs(fit.estimates[1] - 240) < 0.2 && abs(abs(fit.estimates[2]) - 10) < 0.2)
  }

  @Test func `noise far below the terms of a line is no exact fit`() throws {
    let x = (0..<50).map { 1.7e12 + Double($0) }
    var noise = Noise(seed: 7)
    let response = x.map { 2 * ($0 - 1.7e12) + 1e-3 * noise.normal() }
    let fit = try Problem("a + b*x", ["x": x], response: response).fit()
    #expect(fit.verdict == .converged)
    #expect(fit.standardErrors[1] > 5e-6 && fit.standardErrors[1] < 2e-5, "\(fit.standardErrors)")
  }

  @Test func `rows of weight 0 change nothing`() throws {
    let x = (0..<40).map { 0.2 * Double($0) }
    var noise = Noise(seed: 8)
    let response = x.map { 3 * exp(-0.7 * $0) + 0.5 + 0.02 * noise.normal() }
    let some = stride(from: 0, to: 40, by: 2).map { $0 }
    let weights = x.indices.map { $0 % 2 == 0 ? 1.5 : 0.0 }
    let spoiled = response.indices.map { $0 % 2 == 0 ? response[$0] : .nan }
    let whole = try Problem(
      "a*exp(-b*x) + c", ["x": x], response: spoiled, weights: weights
    ).fit()
    let part = try Problem(
      "a*exp(-b*x) + c", ["x": some.map { x[$0] }], response: some.map { response[$0] },
      weights: some.map { _ in 1.5 }
    ).fit()
    #expect(whole.estimates == part.estimates && whole.standardErrors == part.standardErrors)
    #expect(whole.observations == 20 && whole.aic == part.aic)
    let none = try Problem("a*x", ["x": x], response: response, weights: x.map { _ in 0 }).fit()
    #expect(none.verdict == .notFinite && none.observations == 0)
  }
}
