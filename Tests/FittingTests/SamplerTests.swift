import Testing

@testable import Fitting

/// Start values that are drawn: their scales, their bounds, and how they fill what may be.
@Suite struct SamplerTests {
  private static let x = (0..<50).map { 3 + 0.2 * Double($0) }

  private func sampler(
    _ formula: String, of names: [String], scale: Double = 1,
    bounds: [String: ClosedRange<Double>] = [:]
  ) throws -> Sampler {
    let problem = try Problem(formula, ["x": Self.x.map { $0 * scale }], response: Self.x)
    return try Sampler(
      problem.fitter.dimensions, problem.rows, 0..<Self.x.count,
      searched: names.map { try #require(problem.names.firstIndex(of: $0)) },
      bounds: problem.numbered(bounds))
  }

  @Test(arguments: [
    ("a*exp(-b*x) + c", "b", -1.0), ("a*exp(-(x - m)^2/(2*s^2))", "m", 1),
    ("a*exp(-(x - m)^2/(2*s^2))", "s", 1), ("a*sin(w*x + p)", "w", -1),
    ("a*sin(w*x + p)", "p", 0), ("a*sin(2*pi*x/q)", "q", 1), ("v*x^n/(k^n + x^n)", "k", 1),
    ("v*x^n/(k^n + x^n)", "n", 0), ("a*exp(-d*x^2)", "d", -2),
  ])
  func `values follow the unit of the column`(
    formula: String, name: String, power: Double
  ) throws {
    let one = try sampler(formula, of: [name])
    for exponent in [-20, 30] {
      let unit = Double(sign: .plus, exponent: exponent, significand: 1)
      let other = try sampler(formula, of: [name], scale: unit)
      let factor = Double(
        sign: .plus, exponent: Int(power) * exponent, significand: 1)
      for index in 0..<100 {
        let (here, there) = (one.values(at: index)[0], other.values(at: index)[0])
        #expect((there - here * factor).magnitude <= 1e-12 * there.magnitude, "\(index)")
      }
    }
  }

  @Test(
    arguments: [
      0...1, 0...Double.infinity, -Double.infinity ... -3, 5...5, -1e-9...1e-9, 2...1e6,
    ] as [ClosedRange<Double>])
  func `values lie within bounds, and fill them`(bounds: ClosedRange<Double>) throws {
    for (formula, name) in [
      ("a*exp(-b*x)", "b"), ("a*exp(-(x - m)^2)", "m"), ("a*sin(w*x + p)", "p"), ("a*x^n", "n"),
      ("a*sin(w*x + p)", "w"),
    ] {
      let sampler = try sampler(formula, of: [name], bounds: [name: bounds])
      let values = (0..<300).map { sampler.values(at: $0)[0] }
      #expect(values.allSatisfy(bounds.contains), "\(formula)")
      guard bounds.lowerBound.isFinite, bounds.upperBound.isFinite else { continue }
      let width = bounds.upperBound - bounds.lowerBound
      for tenth in 0..<10 {
        let low = bounds.lowerBound + Double(tenth) / 10 * width
        #expect(values.contains { $0 >= low && $0 <= low + width / 10 }, "\(formula) \(tenth)")
      }
    }
  }

  @Test func `rates come in all sizes, from a part of the range to a few rows`() throws {
    let sampler = try sampler("a*exp(-b*x) + c", of: ["b"])
    let range = 0.2 * 49
    let values = (0..<200).map { sampler.values(at: $0)[0] }
    var low = 0.1 / range
    while low < 50 / range {
      for sign in [1.0, -1] {
        #expect(values.contains { sign * $0 >= low && sign * $0 <= 3 * low }, "\(sign * low)")
      }
      low *= 3
    }
  }

  @Test func `places lie all over the range and a little beyond`() throws {
    let sampler = try sampler("a*exp(-(x - m)^2/(2*s^2))", of: ["m"])
    let range = 0.2 * 49
    let values = (0..<200).map { sampler.values(at: $0)[0] }
    for tenth in -1...10 {
      let low = 3 + Double(tenth) / 10 * range
      #expect(values.contains { $0 >= low && $0 <= low + range / 10 }, "\(tenth)")
    }
    let added = try self.sampler("a/(x + d)^2", of: ["d"])
    let inside = (0..<200).count { (-3 - range ... -3).contains(added.values(at: $0)[0]) }
    #expect(inside > 50, "what is added to x is its place with the other sign")
  }

  @Test func `two parameters fill their square`() throws {
    let sampler = try sampler("a*sin(w*x + p) + b*sin(v*x + q)", of: ["p", "q"])
    var seen = [Int](repeating: 0, count: 16)
    for index in 0..<400 {
      let cells = sampler.values(at: index).map { Int(($0 / Double.pi + 1) / 2 * 4) }
      seen[min(3, cells[0]) * 4 + min(3, cells[1])] += 1
    }
    #expect(seen.allSatisfy { $0 > 12 && $0 < 40 }, "\(seen)")
  }

  @Test func `frequencies go by quarters of a turn up to two rows a turn`() throws {
    let sampler = try sampler("a*sin(w*x + p)", of: ["w", "p"])
    let found = sampler.frequencies(of: 1)
    let turn = 2 * Double.pi / (0.2 * 49)
    #expect((found[0] - turn / 4).magnitude < 1e-12)
    #expect(zip(found, found.dropFirst()).allSatisfy { ($1 - $0 - turn / 4).magnitude < 1e-9 })
    // A turn in two rows of 0.2.
    let highest = try #require(found.last)
    #expect((highest - Double.pi / 0.2).magnitude <= turn / 2)
    #expect(sampler.frequencies(of: 2).isEmpty)
    let periods = try self.sampler("a*sin(2*pi*x/q)", of: ["q"]).frequencies(of: 1)
    #expect((periods[0] - 4 * 0.2 * 49).magnitude < 1e-9)
  }
}
