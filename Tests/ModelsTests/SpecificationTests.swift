import Formula
import Models
import Testing

@Suite struct SpecificationTests {
  private let columns = ["a", "b", "n", "y"]

  @Test func `inputs joins all columns but the target and the weights`() throws {
    #expect(try specification("dot(w, inputs)").features(among: columns) == ["a", "b", "n"])
    let weighted = try specification("dot(w, inputs)", weights: "n")
    #expect(weighted.features(among: columns) == ["a", "b"])
    let chosen = try specification("dot(w, inputs)", features: ["b", "a"])
    #expect(chosen.features(among: columns) == ["b", "a"])
  }

  @Test func `the columns read are those of the formulas, the target, the weights and the inputs`()
    throws
  {
    func read(_ specification: Specification) -> [String] {
      specification.columnsRead(among: columns).sorted()
    }
    #expect(try read(specification("w*a")) == ["a", "y"])
    #expect(try read(specification("w*a", weights: "n")) == ["a", "n", "y"])
    #expect(try read(specification("w*a", loss: "b*abs(prediction - y)")) == ["a", "b", "y"])
    #expect(try read(specification("dot(w, inputs)", features: ["b"])) == ["b", "y"])
    #expect(
      try specification("w*inputs").columnsRead(among: ["inputs", "x", "y"]) == ["inputs", "y"])
  }
}
