import ArgumentParser
import Testing
import Training

@testable import backprop

/// The options of optimizers and schedules, as text in and plain values or a complaint out.
@Suite struct OptimizerOptionTests {
  /// The settings that a command line gives.
  private func settings(_ line: String, under schedule: Schedule? = nil) throws
    -> OptimizerSettings
  {
    try OptimizerOptions.parse(line.words).settings(schedule: schedule)
  }

  @Test(arguments: OptimizerName.allCases)
  func `an optimizer without options has PyTorch's defaults`(name: OptimizerName) throws {
    #expect(try settings("--optimizer \(name.rawValue)") == OptimizerSettings(name))
    #expect(try OptimizerOptions.parse([]).clipping() == nil)
  }

  @Test func `every option sets what its name says`() throws {
    func changed(
      _ name: OptimizerName, _ change: (inout OptimizerSettings) -> Void
    ) -> OptimizerSettings {
      var settings = OptimizerSettings(name)
      change(&settings)
      return settings
    }
    let sgd = "--momentum 0.9 --dampening 0.5 --weight-decay 0.1"
    #expect(
      try settings(sgd)
        == changed(.sgd) {
          $0.momentum = 0.9
          $0.dampening = 0.5
          $0.weightDecay = 0.1
        })
    #expect(
      try settings("--momentum 0.9 --nesterov")
        == changed(.sgd) {
          $0.momentum = 0.9
          $0.nesterov = true
        })
    #expect(
      try settings("--optimizer adamw --betas 0.8,0.95 --eps 0 --amsgrad --weight-decay 0")
        == changed(.adamw) {
          $0.betas = .init(0.8, 0.95)
          $0.eps = 0
          $0.amsgrad = true
          $0.weightDecay = 0
        })
    #expect(
      try settings("--optimizer nadam --momentum-decay 0.01")
        == changed(.nadam) { $0.momentumDecay = 0.01 })
    #expect(
      try settings("--optimizer rmsprop --alpha 0.9 --centered --momentum 0.5")
        == changed(.rmsprop) {
          $0.alpha = 0.9
          $0.centered = true
          $0.momentum = 0.5
        })
    #expect(
      try settings("--optimizer adagrad --lr-decay 0.1 --initial-accumulator-value 2")
        == changed(.adagrad) {
          $0.lrDecay = 0.1
          $0.initialAccumulatorValue = 2
        })
    #expect(
      try settings("--optimizer adadelta --rho 0.8") == changed(.adadelta) { $0.rho = 0.8 })
    let lbfgs =
      "--max-iter 1 --max-eval 30 --history-size 5 --tolerance-grad 0 --tolerance-change 1"
    #expect(
      try settings("--optimizer lbfgs " + lbfgs)
        == changed(.lbfgs) {
          $0.maxIterations = 1
          $0.maxEvaluations = 30
          $0.historySize = 5
          $0.toleranceGrad = 0
          $0.toleranceChange = 1
        })
    #expect(try OptimizerOptions.parse(["--clip-norm", "2"]).clipping() == .norm(2))
    #expect(try OptimizerOptions.parse(["--clip-value", "0.5"]).clipping() == .value(0.5))
  }

  @Test(arguments: Hyperparameter.allCases)
  func `an option of other optimizers is refused by its name`(parameter: Hyperparameter) throws {
    let flag = "--" + parameter.rawValue.replacing("_", with: "-")
    let value =
      switch parameter {
      case .nesterov, .amsgrad, .centered: ""
      case .betas: " 0.9,0.99"
      case .maxIterations, .maxEvaluations, .historySize: " 7"
      default: " 0.5"
      }
    var options = try OptimizerOptions.parse((flag + value).words)
    let owners = parameter.optimizers.map(\.rawValue).joined(separator: ", ")
    #expect(!owners.isEmpty)
    for name in OptimizerName.allCases where !name.hyperparameters.contains(parameter) {
      options.optimizer = name
      #expect(
        complaint { _ = try options.settings() }
          == "\(flag) is not an option of \(name.rawValue); it is one of \(owners)")
    }
  }

  @Test(arguments: [
    ("--nesterov", "--nesterov needs a --momentum above 0"),
    ("--nesterov --momentum 0", "--nesterov needs a --momentum above 0"),
    (
      "--nesterov --momentum 0.9 --dampening 0.1",
      "--nesterov and --dampening contradict each other: give one of them"
    ),
    ("--dampening 0.1", "--dampening needs a --momentum above 0"),
    (
      "--optimizer lbfgs --max-iter 1",
      "the line search of lbfgs needs at least 2 evaluations a step: give --max-eval 2 or more"
    ),
    (
      "--clip-norm 1 --clip-value 1",
      "--clip-norm and --clip-value contradict each other: give one of them"
    ),
    (
      "--optimizer lbfgs --clip-value 1",
      "--clip-value is not an option of lbfgs: its line search needs the gradient as it is"
    ),
  ])
  func `options that contradict each other are refused`(line: String, expected: String) throws {
    let options = try OptimizerOptions.parse(line.words)
    #expect(
      complaint {
        _ = try options.settings()
        _ = try options.clipping()
      } == expected)
  }

  @Test func `one-cycle sets the momentum`() throws {
    let schedule = Schedule(.oneCycle(OneCycle(maxLearningRate: 1, totalSteps: 10)))
    #expect(try settings("--nesterov", under: schedule).momentum == 0.95)
    #expect(try settings("--optimizer adam", under: schedule) == OptimizerSettings(.adam))
    #expect(
      complaint { _ = try settings("--momentum 0.9", under: schedule) }
        == "--momentum and --schedule one-cycle, which sets the momentum, contradict each other")
  }

  @Test(
    arguments: [
      "momentum", "dampening", "weight-decay", "betas", "eps", "momentum-decay", "alpha",
      "lr-decay",
      "initial-accumulator-value", "rho", "max-iter", "max-eval", "history-size", "tolerance-grad",
      "tolerance-change", "clip-norm", "clip-value",
    ], ["nan", "-1", ""])
  func `a number that is none, or out of bounds, is refused`(flag: String, text: String) {
    let message = complaint { _ = try OptimizerOptions.parse(["--" + flag, text]) }
    #expect(message?.contains("--\(flag)") == true && message?.contains("give ") == true)
  }

  @Test(arguments: [
    "--dampening 1.1", "--alpha 1.1", "--rho 1.1", "--betas 1,0.9", "--betas 0.9,1", "--betas 0.9",
    "--max-iter 0", "--max-eval 0", "--history-size 0", "--max-iter 1.5", "--clip-norm 0",
    "--clip-value 0", "--max-iter 99999999999999999999", "--optimizer Adam", "--optimizer ",
  ])
  func `a number at the wrong side of a bound is refused`(line: String) {
    #expect(complaint { _ = try OptimizerOptions.parse(line.words) } != nil)
  }

  @Test(arguments: [
    "nan", "inf", "-inf", "-1", "-0.1", "1e999", "", " ", "text", "0x10", "1,2", "1 ", "+", "--1",
  ])
  func `text that is no finite number, or a negative one, is refused`(text: String) {
    for bound: NumberBound in [
      .zeroOrMore, .aboveZero, .zeroToOne, .zeroToBelowOne, .aboveZeroToOne,
    ] {
      #expect(
        complaint { _ = try number(text, bound) } == "give a finite number, \(bound.rawValue)")
    }
    #expect(complaint { _ = try wholeNumber(text, from: 0) } != nil)
  }

  @Test func `bounds hold what they say`() throws {
    let texts = ["0", "1e-300", "1", "1.5"]
    func allowed(_ bound: NumberBound) -> [String] {
      texts.filter { text in complaint { _ = try number(text, bound) } == nil }
    }
    #expect(allowed(.zeroOrMore) == texts)
    #expect(allowed(.aboveZero) == ["1e-300", "1", "1.5"])
    #expect(allowed(.zeroToOne) == ["0", "1e-300", "1"])
    #expect(allowed(.zeroToBelowOne) == ["0", "1e-300"])
    #expect(allowed(.aboveZeroToOne) == ["1e-300", "1"])
    #expect(try wholeNumber("0", from: 0) == 0)
    #expect(
      complaint { _ = try wholeNumber("0") } == "give a whole number, 1 or more, in plain digits")
  }

  @Test func `the largest counts are taken`() throws {
    let settings = try settings("--optimizer lbfgs --max-iter \(Int.max) --history-size \(Int.max)")
    #expect(settings.mostEvaluations == .max)
    _ = settings.makeOptimizer(as: Float.self, parameterCount: 1)
  }
}

extension String {
  /// The words of a command line; a space at the end is followed by an empty one.
  var words: [String] { split(separator: " ", omittingEmptySubsequences: false).map(String.init) }
}

/// What is said when something is refused, on one line; nil if it is not.
func complaint(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch let error as ValidationError {
    return error.message
  } catch {
    return OptimizerOptions.message(for: error)
  }
}
