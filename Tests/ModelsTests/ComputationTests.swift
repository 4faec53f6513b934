import Autograd
import Formula
import Testing

@testable import Models

@Suite struct ComputationTests {
  private func binding(_ model: String, loss: String, columns: [String]? = nil) throws -> Binding {
    let request = try ModelRequest(model, loss: loss)
    let roles = try Roles(guessedFrom: request.formula, loss: request.givenLoss, columns: columns)
    return try Binding(request.formula, loss: request.givenLoss, roles: roles)
  }

  private func step(_ name: String, of computation: Computation) throws -> Computation.Step {
    try #require(computation.steps.first { $0.name == name })
  }

  @Test func `the lesson's first step`() throws {
    let lesson = try binding("w*x", loss: "mse")
    #expect(lesson.computation.steps.map(\.name) == ["w", "x", "*", "y", "-", "^2"])
    #expect(lesson.computation.steps.map(\.operands) == [[], [], [0, 1], [], [2, 3], [4]])
    #expect(lesson.computation.prediction == 2)
    #expect(lesson.computation.steps.allSatisfy { $0.value == nil && $0.gradient == nil })
    let point = lesson.computation(at: ["w": 1, "x": 2, "y": 4], as: Float.self)
    #expect(point.steps.map(\.value) == [[1], [2], [2], [4], [-2], [4]])
    #expect(point.steps.map(\.gradient) == [[-8], [-4], [-4], [4], [-4], [1]])
  }

  /// With weights 0.5, both units are (1 + 3)/2 = 2.
  ///
  /// So the prediction is 2 + 2 = 4, the error 3, the loss 9 and its slope 6. That goes back to the second
  /// weights times the units, 12, and through those weights, being 1, to the units; from there to the
  /// first weights times the inputs 1 and 3, and to each input as 0.5·6 from both units.
  @Test func `a network's gradients at a point are those of hand`() throws {
    let network = try binding("mlp:2", loss: "mse", columns: ["x1", "x2"])
    let point = network.computation(
      at: [
        "x1": 1, "x2": 3, "y": 1, "dense1.weight": 0.5, "dense1.bias": 0, "dense2.weight": 1,
        "dense2.bias": 0,
      ], as: Double.self)
    #expect(point.loss == [9])
    let prediction = try #require(point.prediction)
    #expect(point.steps[prediction].value == [4])
    #expect(point.steps[prediction].gradient == [6])
    #expect(try step("dense2.weight", of: point).gradient == [12, 12])
    #expect(try step("dense2.bias", of: point).gradient == [6])
    #expect(try step("relu", of: point).gradient == [6, 6])
    #expect(try step("dense1.weight", of: point).gradient == [6, 18, 6, 18])
    #expect(try step("dense1.bias", of: point).gradient == [6, 6])
    #expect(try step("inputs", of: point).value == [1, 3])
    #expect(try step("inputs", of: point).gradient == [6, 6])
    #expect(try step("y", of: point).gradient == [-6])
  }

  @Test func `layers that the point does not name start as in training`() throws {
    let network = try binding("mlp:2", loss: "mse", columns: ["x1", "x2"])
    let point = network.computation(at: ["x1": 1, "x2": 3, "y": 1], as: Double.self)
    let start = try network.parameters.start()
    #expect(try step("dense1.weight", of: point).value == Array(start[..<4]))
    #expect(try step("dense2.bias", of: point).value == [start[8]])
  }

  @Test func `what a loss computes for slopes alone is not shown, nor what it detaches`() throws {
    let names = try binding("w*x", loss: "huber:0.5").computation.steps.map(\.name)
    #expect(!names.contains("withSlope") && !names.contains("detach"))
    #expect(names.count { $0 == "where" } == 1)
    let own = try binding("detach(w)*x", loss: "huber:0.5").computation.steps.map(\.name)
    #expect(own.count { $0 == "detach" } == 1)
  }

  /// Every loss: along the edges that are shown, the gradient of the prediction is the loss's own slope.
  @Test(arguments: Loss.all.filter { $0.prediction == .number }.map(\.name))
  func `every loss of a number is drawn with its value and its slope`(name: String) throws {
    let binding = try binding("w*x", loss: name)
    let (w, x, y, h) = (0.25, 1.5, 1.0, 1e-6)
    func loss(_ w: Double) throws -> Double {
      let point = binding.computation(at: ["w": w, "x": x, "y": y], as: Double.self)
      return try #require(point.loss?.first)
    }
    let point = binding.computation(at: ["w": w, "x": x, "y": y], as: Double.self)
    let slope = try #require(try step("w", of: point).gradient?.first)
    let expected = (try loss(w + h) - loss(w - h)) / (2 * h)
    #expect(abs(slope - expected) <= 1e-8 * max(1, abs(expected)), "\(slope), want \(expected)")
    #expect(point.prediction != nil)
    for step in point.steps {
      if case .constant = step.kind { continue }
      #expect(step.value != nil && step.gradient != nil, "\(step.name)")
    }
  }

  @Test func `texts of inputs are one-hot encoded, as in training`() throws {
    let binding = try binding(
      "dot(w, inputs) + (kind == 'a') + (kind == 'b')", loss: "mse", columns: ["kind", "x"])
    let point = binding.computation(at: ["kind": 1, "x": 7, "y": 0, "w": 1], as: Double.self)
    #expect(try step("inputs", of: point).value == [0, 1, 7])
    #expect(try step("w", of: point).value == [1, 1, 1])
  }
}
