import Formula
import Models
import Testing

@Suite struct PresetTests {
  @Test func `a name and its widths stand for a formula`() throws {
    func formula(_ text: String, loss: String? = nil) throws -> String {
      try ModelRequest(text, loss: loss).formula.text
    }
    #expect(try formula("linear") == "inputs |> dense(1)")
    #expect(try formula("softmax") == "inputs |> dense(classes)")
    #expect(try formula("mlp:8,4") == "inputs |> dense(8) |> relu |> dense(4) |> relu |> dense(1)")
    #expect(
      try formula("mlp:8", loss: "cross-entropy") == "inputs |> dense(8) |> relu |> dense(classes)")
    #expect(try formula("MLP:8") == (try formula("mlp:8")))
    #expect(try formula("Linear") == (try formula("linear")))
  }

  @Test(arguments: ["mlp", "mlp:", "mlp:0", "mlp:8,", "mlp:-1", "mlp:1000001", "linear:3", "MLP:a"])
  func `widths that a preset cannot have are no formula`(text: String) {
    #expect(Preset.named(text) == nil)
    #expect(Preset.misused(in: text)?.name == String(text.lowercased().prefix { $0 != ":" }))
    #expect {
      try ModelRequest(text)
    } throws: { error in
      if case .widths? = error as? ModelRequest.Fault { true } else { false }
    }
  }

  @Test func `any other text is a formula`() {
    for text in ["line", "a*x", "mlp8"] {
      #expect(Preset.named(text) == nil)
      #expect(Preset.misused(in: text) == nil)
    }
  }

  @Test func `every preset has a loss that there is`() throws {
    for preset in Preset.all {
      #expect(try ModelLoss(preset.loss).text == preset.loss)
    }
  }
}
