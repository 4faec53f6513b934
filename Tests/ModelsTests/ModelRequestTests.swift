import Formula
import Models
import Testing

@Suite struct ModelRequestTests {
  @Test func `the loss is the one that is asked for, the preset's, or the squared error`() throws {
    #expect(try ModelRequest("logistic").loss.text == "bce-logits")
    #expect(try ModelRequest("logistic").givenLoss == nil)
    #expect(try ModelRequest("logistic", loss: "Hinge").loss.text == "hinge")
    #expect(try ModelRequest("a*x").loss.text == "mse")
    #expect(try ModelRequest("a*x", loss: "mae").givenLoss?.text == "mae")
  }

  @Test func `what is wrong says whether it is the model or the loss`() {
    func failure(_ model: String, loss: String? = nil) -> ModelRequest.Fault? {
      #expect(throws: ModelRequest.Fault.self) { try ModelRequest(model, loss: loss) }
    }
    guard case .formula(let error)? = failure("a*(x"), error.reason == .unclosedParenthesis else {
      Issue.record("the model is to blame")
      return
    }
    guard case .loss(.formula)? = failure("a*x", loss: "y") else {
      Issue.record("the loss is to blame")
      return
    }
  }
}
