import Autograd
import Formula
import Testing

@testable import Models

@Suite struct DoubtTests {
  private func model(_ formula: String, _ columns: [String]) throws -> Model {
    try Model(formula: Formula(formula), target: "y", tableColumns: columns + ["y"])
  }

  @Test(
    arguments: [
      // One letter away; other case; characters that Unicode calls compatible.
      (
        "w*weigth + x1*speed + Speed", ["weight", "speed", "x2"], ["weigth=weight", "Speed=speed"]
      ),
      ("w*x", ["X"], ["x=X"]),
      ("a*x + b*Z", ["x", "z"], ["Z=z"]),
      ("w*μ", ["µ"], ["μ=µ"]),
      ("a*Temp + b*x", ["x", "Temp (C)"], ["Temp=Temp (C)"]),
      ("w*φ + x", ["ϕ", "x"], ["φ=ϕ"]),
      ("w*temp + x", ["ｔｅｍｐ", "x"], ["temp=ｔｅｍｐ"]),
      // Single letters are parameters where data are read.
      ("a + b*A", ["A", "B"], []),
      ("a*x + b", ["x", "time"], []),
    ] as [(String, [String], [String])])
  func `parameters that are columns under another spelling are found`(
    formula: String, columns: [String], expected: [String]
  ) throws {
    let found = try model(formula, columns).doubts().map { doubt in
      if case .likelyColumn(let parameter, let column) = doubt {
        "\(parameter)=\(column)"
      } else {
        "\(doubt)"
      }
    }
    #expect(found == expected)
  }

  @Test(
    arguments: [
      ("a*b-foo", ["b-foo"], ["b-foo"]),
      ("c + a*b-foo/2", ["b-foo", "c"], ["b-foo"]),
      ("a*T/K", ["T/K"], ["T/K"]),
      ("a*`b-foo`", ["b-foo"], []),
      ("a*b-food + x", ["b-foo", "x"], []),
      // A difference of two columns is what it says.
      ("a*b-foo", ["b", "foo", "b-foo"], []),
      ("w*x", ["x", "x-ray"], []),
    ] as [(String, [String], [String])])
  func `columns that lack their backquotes are found`(
    formula: String, columns: [String], expected: [String]
  ) throws {
    #expect(try model(formula, columns).doubts() == expected.map(Doubt.columnWithoutQuotes))
  }

  @Test(arguments: [
    ("a+b", ["x"], nil), ("V*S/(K + S)", ["[S] / µM"], "[S] / µM"),
    ("a*exp(-b*t)", ["time (s)"], "time (s)"),
    ("a*temp + b", ["Temperature [K]"], "Temperature [K]"),
    ("mu", ["age"], nil),
  ])
  func `a formula of no column is told which one it may mean`(
    formula: String, columns: [String], likely: String?
  ) throws {
    guard case .noColumn(let found, columns)? = try model(formula, columns).doubts().first else {
      Issue.record("no doubt about \(formula)")
      return
    }
    #expect(found?.name == likely)
  }

  @Test func `a table of the target alone has no other column to read`() throws {
    #expect(try model("(1 - u)^2 + v", []).doubts() == [])
  }

  @Test func `the target in its own model and e are found`() throws {
    #expect(try model("a*y + x", ["x"]).doubts() == [.targetInModel("y")])
    #expect(try model("a*`y` + x", ["x"]).doubts() == [.targetInModel("y")])
    #expect(try model("a*e^(-b*x)", ["x"]).doubts() == [.powerOfE])
    #expect(try model("a*(e)^x", ["x"]).doubts() == [.powerOfE])
    #expect(try model("a*e^x", ["x", "e"]).doubts() == [])
    #expect(try model("a*x^e", ["x"]).doubts() == [])
  }

  @Test func `an equation of the target is an error`() {
    for text in ["y == a*x", "a*x == y", "(y) == a*x", "`y` == a*x"] {
      let error = #expect(throws: FormulaError.self) { try model(text, ["x"]) }
      #expect(error?.reason == .equationOfTarget("y", right: "a*x"))
    }
    #expect(throws: Never.self) { try model("a*(y == x)", ["x"]) }
  }

  @Test func `pi has other names unless a column has them`() throws {
    #expect(try model("a*π*x", ["x"]).parameters.map(\.name) == ["a"])
    #expect(try model("a*PI*x", ["x"]).parameters.map(\.name) == ["a"])
    #expect(try model("a*PI*x", ["x", "PI"]).inputs == ["x", "PI"])
    #expect(try model("a*π", ["π"]).inputs == ["π"])
  }

  @Test func `a start without any gradient is found`() throws {
    let data = Columns<Double>([[1, 2], [2, 4]])
    func isFlat(_ formula: String, at start: [Double], _ y: [Double] = [2, 4]) throws -> Bool {
      let model = try model(formula, ["x"])
      return model.isFlat(
        at: start, in: Columns<Double>(model.columns.map { $0.name == "x" ? [1, 2] : y }))
    }
    #expect(data.rowCount == 2)
    #expect(try isFlat("relu(w*x)", at: [-1]))
    #expect(try isFlat("1*(a*x > b)", at: [1, 1]))
    #expect(try !isFlat("relu(w*x)", at: [1]))
    #expect(try !isFlat("relu(w*x) + b", at: [-1, 0]))
    // An exact fit has arrived.
    #expect(try !isFlat("w*x", at: [2]))
    // The last row alone may have a gradient.
    #expect(try !isFlat("relu(w*(x - 1.5))", at: [1]))
  }
}
