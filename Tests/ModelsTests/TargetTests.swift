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

  @Test(arguments: [
    ("2\n0\n2", ["0", "2"]), ("10\n9\n2.0\n-1", ["-1", "2", "9", "10"]),
    ("b\nB\nä\na", ["B", "a", "b", "ä"]), ("100000\n1", ["1", "100000"]),
    ("false\ntrue", ["false", "true"]), ("true\nfalse", ["false", "true"]),
  ])
  func `classes are the distinct labels in order of value`(
    labels: String, classes: [String]
  ) throws {
    let rows = labels.split(separator: "\n").map { "1,\($0)\n" }.joined()
    let model = try bind("x,y\n" + rows, loss: "cross-entropy", formula: scores)
    #expect(model.classes == classes)
    #expect(model.parameters[1].shape.count == classes.count)
    let data = try model.data(from: table("x,y\n" + rows), as: Double.self)
    let codes = labels.split(separator: "\n").map { label in
      classes.firstIndex { $0 == label || Double($0) == Double(label) && Double(label) != nil }
    }
    #expect(codes.indices.map { data[0, $0] } == codes.map { Double($0 ?? -1) })
  }

  @Test func `labels and scores are as many`() {
    func failure(_ csv: String, _ formula: String) -> String? {
      self.failure(csv, loss: "cross-entropy", formula: formula)?.description
    }
    #expect(
      failure("x,y\n1,0\n2,1\n3,3\n4,2\n", "inputs |> dense(3)")
        == "d.csv:4:2: the label '3' has no score: the model has 3 scores, but column 'y' has 4 classes, "
        + "'0', '1', '2', '3'; dense(classes) has one score per class")
    #expect(
      failure("x,y\n1,a\n2,b\n", "inputs |> dense(3)")
        == "d.csv: the model has 3 scores, but column 'y' has 2 classes, 'a', 'b'; dense(classes) has "
        + "one score per class")
    #expect(
      failure("x,y\n1,a\n2,a\n", "inputs |> dense(classes)")
        == "d.csv: column 'y' holds only one class, 'a': there is nothing to learn")
  }

  @Test func `texts of a loss of numbers have no classes`() throws {
    let texts = try bind("x,y\n1,oak\n2,ash\n", loss: "cross-entropy", formula: scores)
    #expect(texts.classes == ["ash", "oak"])
    #expect(try bind("x,y\n1,0\n", loss: "mse").classes == nil)
  }

  @Test(arguments: ["0.5", "-1.5", "1e300"])
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
        == "d.csv:3:2: 'y' is 2.0; the loss 'bce' takes numbers from 0 to 1")
    #expect(
      failure("x,y\n1,-1\n", loss: "poisson")?.description
        == "d.csv:2:2: 'y' is -1.0; the loss 'poisson' takes numbers of 0 or more")
  }

  @Test func `texts are two for a loss of two, and none for a loss of numbers`() throws {
    #expect(try bind("x,y\n1,no\n2,yes\n", loss: "bce").classes == ["no", "yes"])
    #expect(
      failure("x,y\n1,a\n2,b\n3,c\n", loss: "bce")?.reason
        == .notTwoTexts(["a", "b", "c"], column: "y", loss: "bce"))
    let text = failure("x,y\n1,a\n2,b\n", loss: "mse")
    #expect(text?.reason == .targetOfText("a", column: "y", loss: "mse"))
    #expect(text?.description.contains("--") == false)
    #expect(text?.line == 2 && text?.field == 2)
    guard case .table? = failure("x,y\n1,2\n2,b\n", loss: "mse")?.reason else {
      Issue.record("a misspelt number is the table's fault")
      return
    }
  }

  @Test func `another table has no other classes`() throws {
    func failure(_ model: Model, _ csv: String) throws -> BindingError? {
      let other = try table(csv)
      return #expect(throws: BindingError.self) { try model.check(other) }
    }
    let texts = try bind("x,y\n1,oak\n2,ash\n", loss: "cross-entropy", formula: scores)
    try texts.check(table("x,y\n1,ash\n"))
    #expect(
      try failure(texts, "x,y\n1,ash\n2,elm\n")?.description
        == "d.csv:3:2: the model has no class 'elm' of 'y'; it has 'ash', 'oak'")
    let numbers = try bind("x,y\n1,0\n2,2\n", loss: "cross-entropy", formula: scores)
    try numbers.check(table("x,y\n1,2.0\n"))
    #expect(
      try failure(numbers, "x,y\n1,0\n1,3\n")?.description
        == "d.csv:3:2: the model has no class '3' of 'y'; it has '0', '2'")
  }
}
