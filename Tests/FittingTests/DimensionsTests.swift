import Testing

@testable import Fitting

/// Units of parameters, and the parts they play, from formulas alone.
@Suite struct DimensionsTests {
  /// The powers of the units of x and z, the formula's columns in this order, that each parameter is made of.
  struct Units: Sendable, CustomTestStringConvertible {
    var formula: String
    var powers: [String: [Double]]
    var testDescription: String { formula }

    init(_ formula: String, _ powers: [String: [Double]]) {
      (self.formula, self.powers) = (formula, powers)
    }
  }

  static let units = [
    Units("a*exp(-b*x) + c", ["b": [-1]]),
    Units("a*exp(-x/t)", ["t": [1]]),
    Units("a*exp(-(x - m)^2/(2*s^2))", ["m": [1], "s": [1]]),
    Units("v*x/(k + x)", ["k": [1]]),
    Units("v*x^n/(k^n + x^n)", ["k": [1], "n": [0]]),
    Units("v*s*x/(k*(1 + z/i) + x)", ["k": [1, 0], "i": [0, 1]]),
    Units("a*sin(w*x + p)", ["w": [-1], "p": [0]]),
    Units("a*sin(2*pi*x/q)", ["q": [1]]),
    Units("1/(1 + exp((m - x)/s))", ["m": [1], "s": [1]]),
    Units("(a + b*x)/(1 + c*x)", ["c": [-1]]),
    Units("a*g^2/((x - m)^2 + g^2)", ["g": [1], "m": [1]]),
    Units("a*exp(-b*x*z)", ["b": [-1, -1]]),
    Units("a*exp(-x^2*d) + sqrt(1 + e*z)", ["d": [-2, 0], "e": [0, -1]]),
    Units("a*log(1 + x/r)", ["r": [1]]),
    Units("a*tanh(k*sqrt(x))", ["k": [-0.5]]),
    Units("a*exp(-(b + c)*x)", ["b": [-1], "c": [-1]]),
    Units("min(a, x) + max(x, 0)", ["a": [1]]),
    Units("a*(x > d)", ["d": [1]]),
    Units("(x < d)*a + (x >= d)*(a + b*(x - d))", ["d": [1]]),
    // What contradicts an equation before it is passed over.
    Units("a*exp(-b*x) + exp(-b*x^2)", ["b": [-1]]),
  ]

  @Test(arguments: units)
  func `exponentials and sines are taken of numbers, and sums of one unit`(units: Units) throws {
    let columns = ["x": [1.0, 2], "z": [3.0, 4]]
    let problem = try Problem(units.formula, columns, response: [1, 2])
    let dimensions = problem.fitter.dimensions
    for (name, powers) in units.powers {
      let index = try #require(problem.names.firstIndex(of: name))
      let found = dimensions.powers[index]
      // The last column is the response, which the formula does not name.
      #expect(found.count == powers.count + 1)
      #expect(found.last == 0)
      for (found, wanted) in zip(found, powers) {
        #expect((found - wanted).magnitude < 1e-12, "\(name): \(found), not \(wanted)")
      }
    }
  }

  @Test func `units of columns do not contradict each other in a sum of parameters`() throws {
    let problem = try Problem("a + b*x + c*z", ["x": [1, 2], "z": [3, 4]], response: [1, 2])
    let powers = problem.fitter.dimensions.powers
    // In units of the response, whatever that is: b by x, c by z.
    #expect(powers[1][0] - powers[0][0] == -1 && powers[1][1] == powers[0][1])
    #expect(powers[2][1] - powers[0][1] == -1 && powers[2][0] == powers[0][0])
  }

  @Test(arguments: [
    ("a*exp(-(x - m)^2)", "m", "location"), ("a*exp(-(m - x)^2)", "m", "location"),
    ("a/(x + d)", "d", "added location"), ("a*sin(w*x + p)", "w", "frequency"),
    ("a*sin(w*x + p)", "p", "phase"), ("a*cos(2*pi*x/q)", "q", "frequency"),
    ("a*cos(x*w - p)", "p", "phase"), ("a*x^n", "n", "exponent"), ("a*x^(1/n)", "n", "exponent"),
    ("a*exp(-b*x)", "b", "other"), ("a*exp(-b*x)", "a", "other"), ("a*x^(-n)", "n", "exponent"),
    ("a*sin(w*x)*exp(-k*x)", "k", "other"),
  ])
  func `a parameter's part is seen`(formula: String, name: String, part: String) throws {
    let problem = try Problem(formula, ["x": [1, 2]], response: [1, 2])
    let index = try #require(problem.names.firstIndex(of: name))
    let found =
      switch problem.fitter.dimensions.parts[index] {
      case .location(_, let isAdded): isAdded ? "added location" : "location"
      case .frequency: "frequency"
      case .phase: "phase"
      case .exponent: "exponent"
      case .other: "other"
      }
    #expect(found == part)
  }
}
