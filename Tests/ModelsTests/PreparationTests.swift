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
        == "d.csv:3:2: the weight 'n' is -3.0; weights are numbers, 0 or more")
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

  @Test(arguments: ["nan", "-inf", "Infinity", "NaN", "+INF"])
  func `what is not finite is an error in its field, wherever it is used`(word: String) throws {
    var preparation = Preparation(try specification("w*x", weights: "n"))
    preparation.condition = try Formula("z > 0")
    preparation.standardization = .all
    let columns = ["x", "y", "n", "z"]
    for field in columns.indices {
      let row = columns.indices.map { $0 == field ? word : "1" }.joined(separator: ",")
      let csv = "x,y,n,z\n1,2,1,1\n2,3,1,1\n\(row)\n"
      guard case .table(let error)? = try failure(preparation, csv)?.reason else {
        Issue.record("the table is to blame")
        continue
      }
      #expect(error.reason == .notFinite(word, column: "'\(columns[field])'"))
      #expect(error.line == 4 && error.field == field + 1)
    }
    preparation.validation = .table(try table("x,y,n,z\n1,\(word),1,1\n"))
    guard case .table(let error)? = try failure(preparation, "x,y,n,z\n1,2,1,1\n2,3,1,1\n")?.reason
    else {
      Issue.record("the validation table is to blame")
      return
    }
    #expect(error.line == 2 && error.field == 2)
  }

  @Test func `missing values become the means of the rows to train on, and targets never do`()
    throws
  {
    var preparation = Preparation(try specification("w*x"))
    preparation.missing = .mean
    preparation.condition = try Formula("y < 100 && x < 50")
    preparation.validation = .table(try table("x,y\n,1\nNA,2\n7,none\n8,4\n"))
    let bound = try preparation.bind(
      to: table("x,y\n1,2\nnan,4\n3,\n5,8\n5,NaN\n6,200\n60,9\n"))
    #expect(try bound.table.numbers(of: "x") == [1, 3, 5])
    #expect(try bound.table.numbers(of: "y") == [2, 4, 8])
    #expect(try #require(bound.validation).numbers(of: "x") == [3, 3, 8])
    preparation.condition = nil
    preparation.validation = .part(0.5, seed: 0)
    let parts = try preparation.bind(to: table("x,y\n1,1\n2,2\n,3\n,4\n5,5\n6,6\n"))
    let (rest, held) = (parts.table, try #require(parts.validation))
    let known: [Double: Double] = [1: 1, 2: 2, 5: 5, 6: 6]
    let present = try rest.numbers(of: "y").compactMap { known[$0] }
    let mean = present.reduce(0, +) / Double(present.count)
    for part in [rest, held] {
      let expected = try part.numbers(of: "y").map { known[$0] ?? mean }
      #expect(try part.numbers(of: "x") == expected)
    }
  }

  @Test func `text that hardly repeats is no feature, from ten rows on`() throws {
    func csv(_ rows: Int, levels: Int) -> String {
      "id,x,y\n" + (0..<rows).map { "r\($0 % levels),\($0),1\n" }.joined()
    }
    let all = Preparation(try specification("dot(w, inputs)"))
    #expect(
      try failure(all, csv(10, levels: 6))?.reason
        == .hardlyRepeating(column: "id", levels: 6, rows: 10))
    #expect(try all.bind(to: table(csv(10, levels: 5))).model.parameterCount == 6)
    #expect(try all.bind(to: table(csv(9, levels: 9))).model.parameterCount == 10)
    var others = all
    others.specification.leftOut = ["id"]
    #expect(try others.bind(to: table(csv(12, levels: 12))).model.parameterCount == 1)
    others.specification.leftOut = ["ie"]
    #expect(
      try failure(others, csv(12, levels: 12))?.reason
        == .unknownColumn("ie", .feature, among: ["id", "x", "y"]))
    let compared = Preparation(try specification("w*(id == 'r1') + v"))
    #expect(try compared.bind(to: table(csv(12, levels: 12))).model.parameterCount == 2)
  }

  @Test func `a text that only the validation table has is an error in its field`() throws {
    var preparation = Preparation(try specification("dot(w, inputs)"))
    preparation.validation = .table(try table("x,kind,y\n1,a,2\n1,z,2\n"))
    let error = try failure(preparation, "kind,x,y\na,1,2\nb,2,4\n")
    #expect(error?.reason == .unknownLevel("z", column: "kind", known: ["a", "b"]))
    #expect(error?.position == "d.csv:3:2")
  }

  @Test(arguments: ["ERR", "12 apples", "o.5"])
  func `a word in a column of numbers is an error, whatever the model`(word: String) throws {
    let csv = "x,z,y\n1,1,0\n2,2,1\n\(word),3,0\n4,4,1\n"
    for (formula, loss) in [
      ("inputs |> dense(1)", "mse"), ("w*x", "mse"), ("inputs |> dense(classes)", "cross-entropy"),
    ] {
      let preparation = Preparation(try specification(formula, loss: loss))
      guard case .table(let error)? = try failure(preparation, csv)?.reason else {
        Issue.record("the table is to blame")
        continue
      }
      #expect(error.line == 4 && error.field == 1)
    }
    let target = Preparation(try specification("inputs |> dense(classes)", loss: "cross-entropy"))
    guard case .table(let error)? = try failure(target, "x,y\n1,0\n2,\(word)\n3,1\n")?.reason
    else {
      Issue.record("the table is to blame")
      return
    }
    #expect(error.line == 3 && error.field == 2)
  }

  @Test func `float32 holds no larger number than it can, and tells numbers apart or not`() throws {
    let bound = try Preparation(specification("w*x + v*t")).bind(
      to: table("x,t,y\n1,1600000000,1\n1e39,1600000010,2\n-4,1600000020,3\n"))
    let error = #expect(throws: TableError.self) {
      _ = try bound.model.data(from: bound.table, as: Float.self).rowCount
    }
    #expect(error?.reason == .beyondFloat32("'1e+39'", column: "'x'"))
    #expect(error?.line == 3 && error?.field == 1)
    #expect(try bound.model.data(from: bound.table, as: Double.self).rowCount == 3)
    #expect(bound.model.columnsBlurredByFloat32(in: bound.table) == ["t"])
    var scaled = bound.model
    scaled.scalings = ["t": Scaling(center: 1_600_000_010, scale: 10)]
    #expect(scaled.columnsBlurredByFloat32(in: bound.table) == [])
  }

  @Test(arguments: [
    (["1e-50", "1e-50"], true, false), (["1e-40", "0"], true, false),
    (["1e38", "1"], true, false), (["1e308", "1e308"], true, true),
    (["1", "1e-50"], false, false), (["1e30", "1e30"], false, false),
  ])
  func `weights that vanish or whose sums overflow are an error in the largest one's row`(
    weights: [String], isBadInFloat32: Bool, isBadInFloat64: Bool
  ) throws {
    let bound = try Preparation(specification("a*x", weights: "w")).bind(
      to: table("x,w,y\n" + weights.map { "1,\($0),1\n" }.joined()))
    func error<Scalar: Precision>(_: Scalar.Type) -> TableError? {
      do throws(TableError) {
        _ = try bound.model.data(from: bound.table, as: Scalar.self).rowCount
        return nil
      } catch {
        return error
      }
    }
    #expect((error(Float.self) != nil) == isBadInFloat32)
    #expect((error(Double.self) != nil) == isBadInFloat64)
    if isBadInFloat32 { #expect(error(Float.self)?.line == 2 && error(Float.self)?.field == 2) }
  }

  @Test func `no part that is taken at random is without weight`() throws {
    var preparation = Preparation(try specification("a*x", weights: "w"))
    var parts: Set<BindingError.RandomPart?> = []
    for seed in 0..<20 as Range<UInt64> {
      preparation.validation = .part(0.5, seed: seed)
      let table = try table("x,w,y\n1,1,1\n2,0,2\n3,0,3\n4,1,4\n")
      do {
        let bound = try preparation.bind(to: table)
        let weights = try [bound.table, #require(bound.validation)].map { try $0.numbers(of: "w") }
        #expect(weights.allSatisfy { $0.contains(1) })
      } catch let error as BindingError {
        guard case .allWeightsZero("w", let part) = error.reason else { throw error }
        parts.insert(part)
      }
    }
    #expect(parts == [.training, .validation])
  }

  @Test(.timeLimit(.minutes(10)))
  func `texts are one-hot encoded in proportion, or not at all if they are too many`() throws {
    func csv(levels: Int) -> String {
      "t,y\n" + (0..<2 * levels).map { "k\($0 % levels),1\n" }.joined()
    }
    let bound = try Preparation(specification("dot(w, inputs)")).bind(to: table(csv(levels: 2000)))
    let data = try bound.model.data(from: bound.table, as: Float.self)
    #expect(data.columnCount == 2001)
    for row in [0, 1, 1999, 2000, 3999] {
      // The target stands before them.
      #expect((1...2000).filter { data[$0, row] == 1 } == [1 + row % 2000])
    }
    let error = try failure(Preparation(specification("dot(w, inputs)")), csv(levels: 100_000))
    #expect(error?.reason == .tooManyLevels(column: "t", levels: 100_000, rows: 200_000))
  }

  @Test(.timeLimit(.minutes(10))) func `classes are found by a table of them`() throws {
    let names = (0..<100_000).map { "k\($0)" }
    let table = try table("t\n" + names.map { "\($0)\n" }.joined())
    #expect(try table.codes(of: "t", among: names.reversed()) == names.indices.reversed())
  }

  @Test(arguments: [
    (["0.1", "0.30000000000000004", "0.3", "0.7"], false), (["16777216", "16777217"], true),
    (["2000.1", "2000.2", "2000.3"], false), (["1e-50", "2e-50", "0"], true),
    ((0..<20).map { "\(Double($0) / 7)" } + ["3.00000001"], false),
  ])
  func `a tenth of the different values is what blurs`(values: [String], isBlurred: Bool) throws {
    let bound = try Preparation(specification("w*x")).bind(
      to: table("x,y\n" + values.map { "\($0),1\n" }.joined()))
    #expect(bound.model.columnsBlurredByFloat32(in: bound.table) == (isBlurred ? ["x"] : []))
  }

  @Test func `a model that reads no numbers has nothing to standardise`() throws {
    var preparation = Preparation(try specification("w*(kind == 'a')"))
    preparation.standardization = .inputs
    #expect(try failure(preparation, "kind,y\na,1\nb,2\n")?.reason == .nothingToStandardize)
  }
}
