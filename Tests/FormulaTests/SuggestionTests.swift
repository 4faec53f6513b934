import Autograd
import Testing

@testable import Formula

@Suite struct SuggestionTests {
  @Test(arguments: [
    (["price", "size"], "no column is named 'prize'; did you mean 'price'?"),
    ([], "no column is named 'prize'; there is none"),
    (["x"], "no column is named 'prize'; there is 'x'"),
    (["x", "y"], "no column is named 'prize'; there are 'x', 'y'"),
    (
      (1...13).map { "x\($0)" },
      "no column is named 'prize'; there are 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7', 'x8', "
        + "'x9', 'x10', 'x11', 'x12', …"
    ),
  ])
  func `an unknown name is told what was meant, or what there is`(
    known: [String], sentence: String
  ) {
    #expect(unknown("column", "prize", among: known) == sentence)
  }

  @Test func `a long suggestion is shown whole, and on one line`() {
    let name = String(repeating: "temperature ", count: 5)
    #expect(didYouMean(name) == "; did you mean '\(name)'?")
    #expect(didYouMean("a\nb") == "; did you mean 'a b'?")
    #expect(didYouMean(nil) == "")
  }

  @Test(arguments: [
    ("sine", "sin"), ("epx", "exp"), ("Exp", "exp"), ("tahn", "tanh"), ("sigmoyd", "sigmoid"),
  ])
  func `a misspelt name finds its model`(name: String, expected: String) {
    #expect(closest(to: name, in: Function.all.map(\.name)) == expected)
  }

  @Test func `a name that is far from all finds none`() {
    #expect(closest(to: "q", in: ["x", "y"]) == nil)
    #expect(closest(to: "velocity", in: ["mass", "speed"]) == nil)
  }
}
