import Autograd
import Formula
import Testing

@testable import Models

@Suite struct BindingTests {
  /// A model and its loss, bound to the names that they are guessed to mean.
  private func binding(
    _ model: String, loss: String? = nil, columns: [String]? = nil, target: String? = nil
  ) throws -> Binding {
    let request = try ModelRequest(model, loss: loss)
    let roles = try Roles(
      guessedFrom: request.formula, loss: request.givenLoss, columns: columns, target: target)
    return try Binding(request.formula, loss: request.givenLoss, roles: roles)
  }

  @Test func `a preset and a loss are bound by their names, with the target as no input`() throws {
    let network = try binding("mlp:3", loss: "mse", columns: ["x1", "x2"])
    #expect(network.roles.schema.names == ["x1", "x2", "y"])
    #expect(network.columns == [.number("y"), .number("x1"), .number("x2")])
    #expect(network.parameters.map(\.shape.count) == [6, 3, 3, 1])
    #expect(network.shape == .scalar)
  }

  @Test func `a table and a guess bind a model alike`() throws {
    let guessed = try binding("mlp:3", loss: "huber:0.5", columns: ["a", "b", "t"], target: "t")
    let model = try Model(
      specification("inputs |> dense(3) |> relu |> dense(1)", loss: "huber:0.5", target: "t"),
      schema: Schema(names: ["a", "b", "t"]))
    #expect(guessed.output.description == model.binding.output.description)
    #expect(guessed.columns == model.columns)
    #expect(guessed.parameters == model.parameters)
  }

  @Test func `what cannot be bound is an error at its place`() throws {
    func failure(_ model: String, loss: String? = nil, columns: [String]? = nil) -> FormulaError? {
      #expect(throws: FormulaError.self) { try binding(model, loss: loss, columns: columns) }
    }
    #expect(failure("w*prediction")?.reason == .reservedName("prediction"))
    #expect(failure("inputs |> dense(1)")?.reason == .inputsWithoutColumns)
    #expect(failure("linear", loss: "mse", columns: ["y"])?.reason == .inputsWithoutColumns)
    #expect(failure("softmax", columns: ["a", "b"])?.reason == .reservedName("classes"))
    #expect(failure("softmax", columns: ["a", "b"])?.range == 16..<23)
    let ofParameter = failure("w*x", loss: "(prediction - y)^2 + w^2")
    #expect(ofParameter?.reason == .parameterInLoss("w"))
    #expect(ofParameter?.range == 21..<22)
    #expect(
      failure("concat(w*x, v)", loss: "mse")?.reason
        == .predictionShape(loss: "mse", wanted: "one number", .vector(2)))
  }

  @Test func `dropout acts in training alone`() throws {
    let dropped = try binding("w*x |> dropout(0.5)", loss: "mse")
    #expect(dropped.noiseKeys.count == 1)
    #expect(dropped.columns == [.number("x"), .number("y"), .rowNumber])
    #expect(dropped.output.description == "(w*x - y)^2")
    #expect(dropped.trainingLoss?.description != dropped.output.description)
    #expect(dropped.computation(at: ["w": 2, "x": 3, "y": 5], as: Double.self).loss == [1])
  }

  @Test func `a loss alone is a function of the prediction`() throws {
    func loss(_ text: String) throws -> Binding {
      try Binding(loss: ModelLoss(text), classCount: 3)
    }
    let squared = try loss("mse")
    #expect(squared.gradients.map(\.name) == ["prediction"])
    #expect(squared.gradients.map(\.formula) == ["2*(prediction - y)"])
    #expect(squared.roles.schema.names == ["y"])
    #expect(try loss("cross-entropy").predictionShape == .vector(3))
    #expect(try loss("gaussian-nll").predictionShape == .vector(2))
    let formula = try loss("z*(prediction - target)^2")
    #expect(formula.roles.schema.names == ["z", "target"])
    #expect(formula.gradients.map(\.formula) == ["z*(2*(prediction - target))"])
  }

  @Test(arguments: Loss.all.map(\.name))
  func `every loss can be listed alone`(name: String) throws {
    let binding = try Binding(loss: ModelLoss(name), classCount: 4)
    #expect(binding.shape == .scalar)
    #expect(binding.listing.contains("outputs: "))
  }

  @Test func `the gradient of a vector is that of its sum`() throws {
    let vector = try binding("concat(a*x, a)")
    #expect(vector.shape == .vector(2))
    #expect(vector.gradients.map(\.formula) == ["pick(1, 1) + pick(1, 0)*x"])
    let ofNothing = try binding("concat(x, 1)")
    #expect(ofNothing.gradients.isEmpty)
    #expect(ofNothing.listing.contains("outputs: "))
  }

  @Test func `a formula of nothing but numbers has a value`() throws {
    #expect(try binding("2^10").constantValue == [1024])
    #expect(try binding("concat(1, 2)/2").constantValue == [0.5, 1])
    #expect(try binding("w").constantValue == nil)
  }

  @Test func `a point must name all columns and the formula's own parameters`() throws {
    let network = try binding("b + mlp", loss: "mse")
    #expect(network.neededNames == ["y", "b", "mlp"])
    let layers = try binding("linear", loss: "mse", columns: ["a"])
    #expect(layers.neededNames == ["a", "y"])
    #expect(layers.names == ["a", "y", "dense1.weight", "dense1.bias"])
  }
}

extension Computation {
  /// The value of the output.
  var loss: [Double]? { steps[output].value }
}
