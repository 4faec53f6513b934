import Autograd
import Formula
import Tables
import Testing

@testable import Models

@Suite struct PreparationTests {
  private func failure(_ preparation: Preparation, _ csv: String) throws -> BindingError? {
    let table = try table(csv)
    return #expect(throws: BindingError.self) { try preparation.bind(to: table) }
  }

  @Test func `rows are left out by the condition, then for missing values that are needed`() throws
  {
    var preparation = Preparation(try specification("w*x"))
    preparation.condition = try Formula("z > 0")
    preparation.missing = .drop
    let bound = try preparation.bind(
      to: table("x,y,z,other\n1,2,1,\n2,,1,5\n3,6,-1,5\n,8,1,5\n5,10,,5\n6,12,2,\n"))
    #expect(try bound.table.numbers(of: "x") == [1, 6])
    #expect(bound.validation == nil)
    #expect(bound.model.columns == [.number("x"), .number("y")])
  }

  @Test func `a condition that holds for no row, or has unknown names, is an error`() throws {
    var preparation = Preparation(try specification("w*x"))
    preparation.condition = try Formula("x > 5")
    #expect(
      try failure(preparation, "x,y\n1,2\n")?.reason == .noRow(condition: "x > 5"))
    preparation.condition = try Formula("z > 5")
    guard case .formula(let error, .condition)? = try failure(preparation, "x,y\n1,2\n")?.reason
    else {
      Issue.record("the condition is to blame")
      return
    }
    #expect(error.reason == .unknownName("z", suggestion: nil))
  }

  @Test func `columns that are named must be there and play one part each`() throws {
    let csv = "x,n,y\n1,2,3\n"
    func reason(_ specification: Specification) throws -> BindingError.Reason? {
      try failure(Preparation(specification), csv)?.reason
    }
    let names = ["x", "n", "y"]
    #expect(
      try reason(specification("w*x", target: "z")) == .unknownColumn("z", .target, among: names))
    #expect(
      try reason(specification("dot(w, inputs)", features: ["u"]))
        == .unknownColumn("u", .feature, among: names))
    #expect(
      try reason(specification("w*x", weights: "m")) == .unknownColumn("m", .weights, among: names))
    #expect(
      try reason(specification("dot(w, inputs)", features: ["y"])) == .targetAlso("y", .feature))
    #expect(try reason(specification("w*x", weights: "y")) == .targetAlso("y", .weights))
    #expect(
      try reason(specification("dot(w, inputs)", features: ["n"], weights: "n"))
        == .weightsAmongFeatures("n"))
    #expect(try reason(specification("w*x", features: ["x"])) == .unusedFeatures)
  }

  @Test func `weights are numbers from 0 on, and not all 0`() throws {
    let preparation = Preparation(try specification("w*x", weights: "n"))
    let negative = try failure(preparation, "x,n,y\n1,1,2\n1,-3,2\n")
    #expect(negative?.reason == .badWeight(-3, column: "n"))
    #expect(
      negative?.description
        == "d.csv:3: the weight 'n' is -3.0; weights are numbers, 0 or more")
    #expect(
      try failure(preparation, "x,n,y\n1,0,2\n1,0,3\n")?.description
        == "d.csv: all weights 'n' are 0")
  }

  @Test func `a misspelt number is the table's fault, not the formula's`() throws {
    let error = try failure(Preparation(specification("w*x")), "x,y\n1,2\ntwo,4\n")
    guard case .table(let fault)? = error?.reason else {
      Issue.record("the table is to blame, not \(String(describing: error))")
      return
    }
    #expect(fault.line == 3 && fault.field == 1)
    let text = try failure(Preparation(specification("w*x")), "x,y\none,2\ntwo,4\n")
    guard case .formula(let wrong, .prediction)? = text?.reason else {
      Issue.record("the formula is to blame, not \(String(describing: text))")
      return
    }
    #expect(wrong.reason == .uncomparedColumn("x"))
  }

  @Test func `a part is set aside by the seed, in the table's order`() throws {
    let rows = (0..<50).map { "\($0),\(2 * $0)\n" }.joined()
    func split(_ part: Double, seed: UInt64) throws -> (train: [Double], validation: [Double]) {
      var preparation = Preparation(try specification("w*x"))
      preparation.validation = .part(part, seed: seed)
      let bound = try preparation.bind(to: table("x,y\n" + rows))
      let validation = try #require(bound.validation)
      return (try bound.table.numbers(of: "x"), try validation.numbers(of: "x"))
    }
    let (train, validation) = try split(0.2, seed: 0)
    #expect(validation.count == 10 && train.count == 40)
    #expect((train + validation).sorted() == (0..<50).map { Double($0) })
    #expect(train == train.sorted() && validation == validation.sorted())
    #expect(try split(0.2, seed: 0).validation == validation)
    #expect(try split(0.2, seed: 1).validation != validation)
    #expect(try split(1e-9, seed: 0).validation.count == 1)
    #expect(try split(1 - 1e-9, seed: 0).train.count == 1)
  }

  @Test func `one row cannot be parted`() throws {
    var preparation = Preparation(try specification("w*x"))
    preparation.validation = .part(0.5, seed: 0)
    #expect(try failure(preparation, "x,y\n1,2\n")?.reason == .tooFewRows)
  }

  @Test func `another table is read as the first: its columns, levels and rows`() throws {
    var preparation = Preparation(try specification("v + w*(kind == 'b')"))
    preparation.condition = try Formula("kind != 'c'")
    let first = "kind,y\na,1\nb,2\nc,3\n"
    preparation.validation = .table(try table("kind,other,y\nb,1,5\nc,1,6\na,1,7\n"))
    let bound = try preparation.bind(to: table(first))
    let validation = try #require(bound.validation)
    #expect(try validation.numbers(of: "y") == [5, 7])
    // The levels are the first table's, a before b.
    let data = try bound.model.data(from: validation, as: Double.self)
    #expect([data[0, 0], data[0, 1]] == [1, 0])
    preparation.validation = .table(try table("kind,z\na,1\n"))
    #expect(
      try failure(preparation, first)?.reason
        == .unknownColumn("y", .validation, among: ["kind", "z"]))
  }

  @Test func `what is standardised are the rows to train on`() throws {
    var preparation = Preparation(try specification("w*x"))
    preparation.standardization = .inputs
    let bound = try preparation.bind(to: table("x,y\n1,10\n3,30\n"))
    #expect(bound.model.scalings == ["x": Scaling(center: 2, scale: 1)])
    preparation.standardization = .all
    let all = try preparation.bind(to: table("x,y\n1,10\n3,30\n"))
    #expect(all.model.scalings["y"] == Scaling(center: 20, scale: 10))
    preparation.validation = .table(try table("x,y\n100,1\n"))
    #expect(
      try preparation.bind(to: table("x,y\n1,10\n3,30\n")).model.scalings == all.model.scalings)
  }

  @Test func `a model that reads no numbers has nothing to standardise`() throws {
    var preparation = Preparation(try specification("w*(kind == 'a')"))
    preparation.standardization = .inputs
    #expect(try failure(preparation, "kind,y\na,1\nb,2\n")?.reason == .nothingToStandardize)
  }
}
