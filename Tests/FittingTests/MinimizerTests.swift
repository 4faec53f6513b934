import Foundation
import Testing

@testable import Fitting

/// Steps downhill, and what is taken for a minimum.
@Suite struct MinimizerTests {
  private static let x = (0..<40).map { Double($0) / 8 }

  private func minimizer(
    _ problem: Problem, bounds: [Int: ClosedRange<Double>] = [:], loss: FitLoss = .leastSquares
  ) -> Minimizer {
    let evaluator = Evaluator(
      .memory(problem.rows, problem.response.indices), loss: loss, engines: problem.engines)
    let free = Array(problem.names.indices)
    return Minimizer(
      evaluator, free: free,
      linear: problem.fitter.programs.linearParameters(among: free.filter { bounds[$0] == nil }),
      bounds: bounds)
  }

  @Test(arguments: [
    ("a*exp(-b*x) + c", ["a", "c"]), ("a*b*x", ["a"]), ("a + b*x + c*x^2", ["a", "b", "c"]),
    ("a*sin(w*x) + b*cos(w*x)", ["a", "b"]), ("exp(a*x)", []), ("a/(b + x)", ["a"]),
    ("(a + b*x)/(1 + c*x)", ["a", "b"]), ("a*x^b", ["a"]), ("(a + x)^2", []),
    ("a*(x > d) + b", ["a", "b"]),
  ])
  func `linear parameters are found from the graph`(formula: String, names: [String]) throws {
    let problem = try Problem(formula, ["x": Self.x], response: Self.x)
    let found = problem.fitter.programs.linearParameters(among: Array(problem.names.indices))
    #expect(found.map { problem.names[$0] } == names)
  }

  @Test func `linear parameters are solved at any value of the others`() throws {
    let response = Self.x.map { 2 * exp(-0.7 * $0) - 0.4 }
    let problem = try Problem("a*exp(-b*x) + c", ["x": Self.x], response: response)
    let solved = try #require(minimizer(problem).solved([1e9, 0.7, -1e9]))
    #expect((solved.parameters[0] - 2).magnitude < 1e-12)
    #expect(solved.parameters[1] == 0.7)
    #expect((solved.parameters[2] + 0.4).magnitude < 1e-12)
    #expect(solved.objective < 1e-25)
  }

  @Test func `the objective falls with each step, down to rounding`() throws {
    let response = Self.x.map { 2 * exp(-0.7 * $0) - 0.4 + 0.01 * sin(40 * $0) }
    let problem = try Problem("a*exp(-b*x) + c", ["x": Self.x], response: response)
    let minimizer = minimizer(problem)
    var state = try #require(minimizer.state(at: [1, 30, 1]))
    minimizer.descend(&state, mostSteps: 100)
    #expect(zip(state.history, state.history.dropFirst()).allSatisfy { $1 < $0 })
    #expect(!state.isMinimum, "steps of Levenberg and Marquardt do not say so")
    minimizer.polish(&state)
    #expect(state.isMinimum)
    #expect(state.decrement <= 1e-12)
    // From there nothing is to be gained.
    var again = try #require(minimizer.state(at: state.parameters))
    minimizer.descend(&again, mostSteps: 100)
    minimizer.polish(&again)
    for (x, y) in zip(state.parameters, again.parameters) {
      #expect((x - y).magnitude <= 1e-14 * y.magnitude)
    }
  }

  @Test func `a step across the end of the domain is refused`() throws {
    let response = Self.x.map { 3 + log(0.01 + $0) }
    let problem = try Problem("c + log(a + x)", ["x": Self.x], response: response)
    let minimizer = minimizer(problem)
    var state = try #require(minimizer.state(at: [0, 5]))
    minimizer.descend(&state, mostSteps: 200)
    minimizer.polish(&state)
    #expect((state.parameters[1] - 0.01).magnitude < 1e-10, "\(state.parameters)")
    #expect(minimizer.state(at: [0, -1]) == nil)
  }

  @Test(
    arguments: [(0.9...2, 0.9), (-3...0.5, 0.5), (0.7...0.7, 0.7), (0...10, nil)]
      as [(
        ClosedRange<Double>, Double?
      )])
  func `a parameter ends at a bound where it would go beyond`(
    bounds: ClosedRange<Double>, end: Double?
  ) throws {
    let response = Self.x.map { 2 * exp(-0.7 * $0) - 0.4 + 0.01 * sin(40 * $0) }
    let problem = try Problem("a*exp(-b*x) + c", ["x": Self.x], response: response)
    for start in [bounds.lowerBound, bounds.upperBound] {
      let fit = problem.fit {
        $0.bounds = [1: bounds]
        $0.initial = [1: start]
      }
      #expect(fit.verdict == .converged)
      #expect(bounds.contains(fit.estimates[1]))
      guard let end else {
        #expect(fit.atBound.isEmpty)
        continue
      }
      #expect(fit.estimates[1] == end)
      if bounds.lowerBound < bounds.upperBound { #expect(fit.atBound == [1]) }
      #expect(fit.standardErrors[1].isNaN)
      let fixed = problem.fit { $0.fixed = [1: end] }
      for index in [0, 2] {
        #expect((fit.estimates[index] - fixed.estimates[index]).magnitude < 1e-13)
        #expect((fit.standardErrors[index] / fixed.standardErrors[index] - 1).magnitude < 1e-10)
      }
      #expect(fit.degreesOfFreedom == fixed.degreesOfFreedom)
    }
  }

  @Test func `a linear parameter with a bound ends there too`() throws {
    let response = Self.x.map { 2 - 0.5 * $0 }
    let problem = try Problem("a + b*x", ["x": Self.x], response: response)
    let fit = problem.fit { $0.bounds = [1: 0...(.infinity)] }
    #expect(fit.estimates[1] == 0)
    #expect(fit.atBound == [1])
    let mean = response.reduce(0, +) / Double(response.count)
    #expect((fit.estimates[0] - mean).magnitude < 1e-13)
  }

  @Test func `a crest between two minima is no minimum`() throws {
    // By the frequency alone the sum of squares goes up and down.
    let problem = try Problem("sin(w*x)", ["x": Self.x], response: Self.x.map { sin(4 * $0) })
    let minimizer = minimizer(problem)
    func objective(_ w: Double) throws -> Double {
      try #require(minimizer.state(at: [w])).point.objective
    }
    var crests = 0
    for step in 4..<70 {
      let w = Double(step) / 10
      guard try objective(w) > objective(w - 0.1), try objective(w) > objective(w + 0.1) else {
        continue
      }
      crests += 1
      // By thirds to the crest itself.
      var (low, high) = (w - 0.1, w + 0.1)
      while high - low > 1e-9 {
        let (x, y) = (low + (high - low) / 3, high - (high - low) / 3)
        if try objective(x) < objective(y) { low = x } else { high = y }
      }
      var state = try #require(minimizer.state(at: [low]))
      minimizer.polish(&state)
      #expect(!state.isMinimum, "\(low)")
      let fit = problem.fit { $0.initial = [0: low] }
      #expect(fit.verdict == .exact, "\(fit.verdict) at \(fit.estimates)")
      #expect((fit.estimates[0].magnitude - 4).magnitude < 1e-12)
    }
    #expect(crests > 3)
  }

  @Test func `where all slopes are 0 there is no minimum`() throws {
    let problem = try Problem("a^2*x", ["x": Self.x], response: Self.x.map { 4 * $0 + 1 })
    var state = try #require(minimizer(problem).state(at: [0]))
    minimizer(problem).polish(&state)
    #expect(!state.isMinimum)
    let fit = problem.fit { $0.initial = [0: 0] }
    #expect(fit.verdict == .converged)
    // Σxy/Σx² of y = 4x + 1.
    let squares = Self.x.reduce(0) { $0 + $1 * $1 }
    let slope = Self.x.reduce(0) { $0 + $1 * (4 * $1 + 1) } / squares
    #expect((fit.estimates[0] * fit.estimates[0] - slope).magnitude < 1e-13)
  }

  @Test func `a kink is no minimum with errors`() throws {
    // The best value of a is 0, where the curve's slope by it jumps.
    let response = Self.x.map { -$0 + 0.1 * sin(40 * $0) }
    let problem = try Problem("abs(a)*x", ["x": Self.x], response: response)
    for fit in [problem.fit(), problem.fit { $0.initial = [0: 2] }] {
      #expect(!fit.verdict.isSuccess || fit.standardErrors[0].isNaN, "\(fit.verdict)")
      #expect(fit.estimates[0].magnitude < 1e-6)
    }
  }
}
