import Autograd
import Formula
import Models
import Testing

@Suite struct StartTests {
  private func parameters(_ formula: String) throws -> [Parameter] {
    try Model(specification(formula), schema: Schema(names: ["a", "b", "y"])).parameters
  }

  @Test func `parameters of a formula start at 1, layers' own evenly within their bound`() throws {
    let parameters = try parameters("scale*(inputs |> dense(50) |> tanh |> dense(1))")
    let start = try parameters.start()
    #expect(start.count == 1 + 100 + 50 + 50 + 1)
    #expect(start[0] == 1)
    let bound = 1 / 2.0.squareRoot()
    let weights = start[1..<101]
    #expect(weights.allSatisfy { abs($0) <= bound })
    #expect((weights.max() ?? 0) > 0.8 * bound)
    #expect((weights.min() ?? 0) < -0.8 * bound)
    let mean = weights.reduce(0, +) / 100
    #expect(abs(mean) < 0.2 * bound)
  }

  @Test func `the seed alone decides on random starts`() throws {
    let parameters = try parameters("inputs |> dense(3) |> dense(1)")
    #expect(try parameters.start(seed: 1) == parameters.start(seed: 1))
    #expect(try parameters.start(seed: 1) != parameters.start(seed: 2))
    // One that is given takes no random numbers from the others.
    let given = GivenValues([("dense1.weight", .all(0))])
    #expect(try parameters.start(given, seed: 1)[6...] == parameters.start(seed: 1)[6...])
  }

  @Test func `a parameter is given one number for all elements, or each`() throws {
    let parameters = try parameters("inputs |> dense(2) |> dense(1)")
    let start = try parameters.start(
      GivenValues([
        ("dense1.weight", .each([1, 2, 3, 4], .matrix(rows: 2, columns: 2))),
        ("dense1.bias", .all(7)),
      ]))
    #expect(start[..<6] == [1, 2, 3, 4, 7, 7])
  }

  @Test func `what a parameter cannot be given is a fault`() throws {
    let parameters = try parameters("inputs |> dense(1)")
    func fault(_ name: String, _ value: GivenValues.Value) -> GivenValues.Fault? {
      #expect(throws: GivenValues.Fault.self) {
        try parameters.start(GivenValues([(name, value)]))
      }
    }
    let known = parameters.map(\.name)
    let unknown = fault("dense1.wieght", .all(1))
    #expect(
      unknown?.sentence(known: known)
        == "no parameter of the model is named 'dense1.wieght'; did you mean 'dense1.weight'?")
    let shape = fault("dense1.weight", .each([1], .vector(1)))
    #expect(
      shape?.sentence(known: known)
        == "'dense1.weight' is a 1x2 matrix, but a vector of 1 is given")
  }
}
