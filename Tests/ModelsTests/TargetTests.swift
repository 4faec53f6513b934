import Autograd
import Formula
import Tables
import Testing

@testable import Models

@Suite struct TargetTests {
  /// The model of a table, whose classes are counted.
  private func bind(_ csv: String, loss: String, formula: String = "w*x") throws -> Model {
    try Preparation(specification(formula, loss: loss)).bind(to: table(csv)).model
  }

  private func failure(_ csv: String, loss: String, formula: String = "w*x") -> BindingError? {
    #expect(throws: BindingError.self) { try bind(csv, loss: loss, formula: formula) }
  }

  private let scores = "inputs |> dense(classes)"

  @Test func `classes are counted from whole numbers, or are the texts`() throws {
    let numbers = try bind("x,y\n1,0\n2,2\n", loss: "cross-entropy", formula: scores)
    #expect(numbers.classes == ["0", "1", "2"])
    #expect(numbers.parameters[1].shape.count == 3)
    let texts = try bind("x,y\n1,oak\n2,ash\n", loss: "cross-entropy", formula: scores)
    #expect(texts.classes == ["oak", "ash"])
    #expect(try bind("x,y\n1,0\n", loss: "mse").classes == nil)
  }

  @Test(arguments: ["0.5", "-1", "1048576"])
  func `what is no class is an error in its row`(value: String) throws {
    let error = failure("x,y\n1,0\n2,\(value)\n", loss: "cross-entropy", formula: scores)
    #expect(error?.line == 3)
    guard case .badTarget(let found, column: "y", loss: "cross-entropy", _)? = error?.reason else {
      Issue.record("unexpected: \(String(describing: error))")
      return
    }
    #expect(found == Double(value))
  }

  @Test func `a number that a loss has no meaning for is an error in its row`() {
    #expect(
      failure("x,y\n1,1\n2,2\n", loss: "bce")?.description
        == "d.csv:3: 'y' is 2.0; the loss 'bce' takes numbers from 0 to 1")
    #expect(
      failure("x,y\n1,-1\n", loss: "poisson")?.description
        == "d.csv:2: 'y' is -1.0; the loss 'poisson' takes numbers from 0 on")
  }

  @Test func `texts are two for a loss of two, and none for a loss of numbers`() throws {
    #expect(try bind("x,y\n1,no\n2,yes\n", loss: "bce").classes == ["no", "yes"])
    #expect(
      failure("x,y\n1,a\n2,b\n3,c\n", loss: "bce")?.reason
        == .notTwoTexts(["a", "b", "c"], column: "y", loss: "bce"))
    let text = failure("x,y\n1,a\n2,b\n", loss: "mse")
    #expect(text?.reason == .targetOfText("a", column: "y", loss: "mse"))
    #expect(text?.description.contains("--") == false)
    guard case .table? = failure("x,y\n1,2\n2,b\n", loss: "mse")?.reason else {
      Issue.record("a misspelt number is the table's fault")
      return
    }
  }

  @Test func `another table has no other classes`() throws {
    func failure(_ model: Model, _ csv: String) throws -> BindingError? {
      let other = try table(csv)
      return #expect(throws: BindingError.self) { try model.checkTarget(of: other) }
    }
    let texts = try bind("x,y\n1,oak\n2,ash\n", loss: "cross-entropy", formula: scores)
    try texts.checkTarget(of: table("x,y\n1,ash\n"))
    #expect(
      try failure(texts, "x,y\n1,ash\n2,elm\n")?.description
        == "d.csv:3: the model has no class 'elm' of 'y'; it has 'oak', 'ash'")
    let numbers = try bind("x,y\n1,0\n2,2\n", loss: "cross-entropy", formula: scores)
    try numbers.checkTarget(of: table("x,y\n1,1\n"))
    #expect(
      try failure(numbers, "x,y\n1,3\n")?.description
        == "d.csv:2: the model has the classes 0 to 2 of 'y'")
  }
}
