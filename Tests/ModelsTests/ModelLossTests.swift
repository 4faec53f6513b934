import Autograd
import Formula
import Models
import Testing

@Suite struct ModelLossTests {
  private func failure(_ text: String) -> ModelLoss.Fault? {
    #expect(throws: ModelLoss.Fault.self) { try ModelLoss(text) }
  }

  private func reason(_ text: String) -> FormulaError.Reason? {
    if case .formula(let error)? = failure(text) { error.reason } else { nil }
  }

  @Test func `a loss is a name in any case, with or without a setting, or a formula`() throws {
    #expect(try ModelLoss("MSE").text == "mse")
    #expect(try ModelLoss("Huber:0.5").text == "huber:0.5")
    #expect(try ModelLoss("huber").named?.name == "huber")
    #expect(try ModelLoss("abs(prediction - y)").formula?.text == "abs(prediction - y)")
    #expect(ModelLoss.squaredError.text == "mse")
  }

  @Test(arguments: [
    ("mse_loss", "mse"), ("MSELoss", "mse"), ("l1", "mae"), ("L1Loss", "mae"), ("l1_loss", "mae"),
    ("smooth_l1_loss", "smooth-l1"), ("SmoothL1Loss", "smooth-l1"), ("smooth_l1", "smooth-l1"),
    ("HuberLoss", "huber"), ("huber_loss:0.5", "huber"), ("BCELoss", "bce"),
    ("binary_cross_entropy", "bce"), ("bce_with_logits", "bce-logits"),
    ("BCEWithLogitsLoss", "bce-logits"), ("binary_cross_entropy_with_logits", "bce-logits"),
    ("cross_entropy", "cross-entropy"), ("CrossEntropyLoss", "cross-entropy"), ("NLLLoss", "nll"),
    ("nll_loss", "nll"), ("PoissonNLLLoss", "poisson"), ("poisson_nll_loss", "poisson"),
    ("GaussianNLLLoss", "gaussian-nll"), ("gaussian_nll_loss", "gaussian-nll"),
    ("MultiMarginLoss", "multi-margin"), ("multi_margin_loss", "multi-margin"),
    ("hubber", "huber"),
  ])
  func `PyTorch's names and misspelt ones are refused with ours`(text: String, ours: String) {
    let name = String(text.prefix { $0 != ":" })
    #expect(reason(text) == .unknownName(name, suggestion: ours))
  }

  @Test func `a setting is a number in its range`() {
    func sentence(_ text: String) -> String? {
      if case .setting(let sentence)? = failure(text) { sentence } else { nil }
    }
    #expect(sentence("mse:1") == "'mse' takes no setting")
    #expect(
      sentence("quantile:2")
        == "the quantile of 'quantile' is a number from 0 to 1, as in quantile:0.5")
    #expect(
      sentence("huber:0") == "the delta of 'huber' is a number above 0, as in huber:1.0")
    #expect(sentence("huber:") != nil)
  }

  @Test func `a formula must use the prediction`() {
    #expect(reason("abs(y)") == .lossWithoutPrediction)
    #expect(
      reason("(predicton - y)^2") == .unknownName("predicton", suggestion: "prediction"))
  }

  @Test func `a text is meant to be a loss if it is a name of one or has a prediction`() {
    for text in ["mse", "Huber:1", "MSELoss", "(prediction - y)^2"] {
      #expect(ModelLoss.isMeant(by: text), "\(text)")
    }
    for text in ["linear", "a*x", "w*`prediction`", "", "(prediction"] {
      #expect(!ModelLoss.isMeant(by: text), "\(text)")
    }
  }

  @Test func `losses of classes are known`() throws {
    #expect(try ModelLoss("cross-entropy").isOfClasses)
    #expect(try ModelLoss("bce").isOfClasses)
    #expect(try !ModelLoss("mse").isOfClasses)
    #expect(try !ModelLoss("(prediction - y)^2").isOfClasses)
  }
}
