import Foundation
import Testing

/// The recipes of the guide "Many runs", which `scripts/many-runs` takes from its text.
@Suite(.enabled(if: has("python3"), "there is no python3"))
struct ManyRunsTests {
  @Test func `shares of several processes join to the bytes of one call`() throws {
    try check("shells")
  }

  @Test(.enabled(if: has("parallel"), "there is no GNU parallel"))
  func `shares that GNU parallel has run join to the bytes of one call`() throws {
    try check("parallel")
  }

  @Test(.enabled(if: has("make"), "there is no make"))
  func `shares that Make has run join to the bytes of one call`() throws {
    try check("make")
  }

  private func check(_ recipe: String) throws {
    let script = Sandbox.repository.appending(path: "scripts/many-runs").path
    let result = try Sandbox().run("BACKPROP=\"$(command -v backprop)\" '\(script)' \(recipe)")
    #expect(result.status == 0, "\(result)")
    #expect(result.text.hasSuffix("  the same\n"), "\(result)")
  }
}

private func has(_ tool: String) -> Bool {
  (try? Sandbox().run("command -v \(tool)").status) == 0
}
