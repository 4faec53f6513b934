import Models
import Tables
import Testing

@Suite struct SchemaTests {
  @Test func `levels of needed columns are in order of first appearance`() throws {
    let table = try table("kind,other,x\noak,a,1\nash,b,2\noak,c,3\n")
    let schema = try Schema(table, needed: ["kind", "x"])
    #expect(schema.names == ["kind", "other", "x"])
    #expect(schema.levels(of: "kind") == ["oak", "ash"])
    #expect(schema.kind(of: "x") == .numbers)
    #expect(schema.kind(of: "other") == .numbers)
    #expect(schema.contains("other") && !schema.contains("z"))
  }

  @Test func `a text that is missing is an error`() throws {
    let table = try table("kind,x\noak,1\n,2\n")
    #expect(throws: TableError.self) { try Schema(table, needed: ["kind"]) }
    #expect(try Schema(table, needed: ["x"]).levels(of: "kind") == nil)
  }
}
