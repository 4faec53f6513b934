import Autograd
import Formula
import Tables
import Testing

@testable import Models

@Suite struct InheritanceTests {
  private func model(
    _ formula: String, of csv: String, loss: String = "mse", standardization: Standardization? = nil
  ) throws -> Model {
    var preparation = Preparation(try specification(formula, loss: loss))
    preparation.standardization = standardization
    return try preparation.bind(to: table(csv)).model
  }

  /// A model with the numbers from 1 on for its parameters, as its file holds it.
  private func saved(_ model: Model) throws -> SavedModel {
    try SavedModel(model.file(parameters: (0..<model.parameterCount).map { Double($0 + 1) }))
  }

  private let numbers = "a,b,y\n1,2,3\n2,5,1\n4,4,0\n"

  @Test func `a model takes over the parameters of equal names, and names the others`() throws {
    let old = try saved(model("p*a + q*b + r", of: numbers))
    let new = try model("q*a + s", of: numbers)
    let inheritance = new.inheritance(from: old)
    #expect(inheritance.shared == ["q"] && inheritance.missing == ["s"])
    #expect(inheritance.unused == ["p", "r"] && inheritance.doubts == [])
    #expect(try new.parameters.start(inheritance.values) == [2, 1])
  }

  @Test func `a network takes over its layers, element by element`() throws {
    let network = try model("inputs |> dense(2) |> dense(1)", of: numbers)
    let inheritance = network.inheritance(from: try saved(network))
    #expect(inheritance.doubts == [])
    #expect(
      try network.parameters.start(inheritance.values)
        == (0..<network.parameterCount).map { Double($0 + 1) })
  }

  @Test func `another shape is a fault`() throws {
    let old = try saved(model("inputs |> dense(2) |> dense(1)", of: numbers))
    let new = try model("inputs |> dense(3) |> dense(1)", of: numbers)
    let values = new.inheritance(from: old).values
    #expect(
      throws: GivenValues.Fault.shape(
        "dense1.weight", .matrix(rows: 3, columns: 2), given: .matrix(rows: 2, columns: 2))
    ) { try new.parameters.start(values) }
  }

  @Test func `other means and deviations are a doubt`() throws {
    let old = try saved(model("inputs |> dense(1)", of: numbers, standardization: .inputs))
    let same = try model("inputs |> dense(1)", of: numbers, standardization: .inputs)
    #expect(same.inheritance(from: old).doubts == [])
    let plain = try model("inputs |> dense(1)", of: numbers)
    #expect(plain.inheritance(from: old).doubts == [.scaling(["a", "b"])])
    let all = try model("inputs |> dense(1)", of: numbers, standardization: .all)
    #expect(all.inheritance(from: old).doubts == [.scaling(["y"])])
    let other = try model("inputs |> dense(1)", of: "a,b,y\n1,3,3\n2,5,1\n4,4,0\n")
    #expect(other.inheritance(from: try saved(plain)).doubts == [])
  }

  @Test func `columns and texts in another order are a doubt`() throws {
    let csv = "kind,a,y\nred,1,2\nblue,2,1\n"
    let old = try saved(model("inputs |> dense(1)", of: csv))
    let moved = Inheritance.Doubt.inputs(["dense1.weight"])
    for other in ["a,kind,y\n1,red,2\n2,blue,1\n", "kind,a,y\nblue,1,2\nred,2,1\n"] {
      #expect(try model("inputs |> dense(1)", of: other).inheritance(from: old).doubts == [moved])
    }
    #expect(try model("inputs |> dense(1)", of: csv).inheritance(from: old).doubts == [])
  }

  @Test func `so are texts with commas`() throws {
    let formula = "inputs |> dense(1)"
    let old = try saved(model(formula, of: "kind,y\n\"a,b\",1\n\"c,d\",2\n"))
    let other = try model(formula, of: "kind,y\n\"c,d\",1\n\"a,b\",2\n")
    #expect(other.inheritance(from: old).doubts == [.inputs(["dense1.weight"])])
  }

  @Test func `other classes are a doubt`() throws {
    let loss = "cross-entropy"
    let formula = "a |> dense(2)"
    let old = try saved(model(formula, of: "a,y\n1,no\n2,yes\n", loss: loss))
    let same = try model(formula, of: "a,y\n1,yes\n2,no\n", loss: loss)
    #expect(same.inheritance(from: old).doubts == [])
    let other = try model(formula, of: "a,y\n1,never\n2,yes\n", loss: loss)
    #expect(other.inheritance(from: old).doubts == [.classes])
  }
}
