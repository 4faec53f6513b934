import Flags
import Testing
import Training

@testable import backprop

/// The options of optimizers, as text in and plain values or a complaint out.
@Suite struct OptimizerOptionTests {
  /// What a setting needs beside it.
  private func company(of name: String) -> String {
    ["dampening", "nesterov"].contains(name) ? " --momentum 0.5" : ""
  }

  @Test(arguments: optimizerRules)
  func `an optimizer without options has PyTorch's defaults`(rule: any OptimizerRule) throws {
    for name in [rule.name, rule.name.uppercased()] {
      let settings = try Train.settings("--optimizer \(name)")
      #expect(AnyHashable(settings.optimizer) == AnyHashable(rule))
      #expect(settings.clipping == nil)
      #expect(settings.learningRate == (rule.name == "sgd" ? 0.01 : rule.defaultLearningRate))
    }
  }

  @Test(arguments: optimizerRules)
  func `each setting has a flag, which sets it alone`(rule: any OptimizerRule) throws {
    for (setting, _) in rule.declarations {
      let line = "--optimizer \(rule.name) \(setting.exampleFlag)" + company(of: setting.name)
      let told = try Train.settings(line).optimizer
      for ((own, found), (_, before)) in zip(told.declarations, rule.declarations) {
        if own.name == setting.name {
          #expect(found == setting.kind.example.value && found != before, "\(line)")
        } else if company(of: setting.name).isEmpty, setting.name != "max_iter" {
          #expect(found == before, "\(line) changes \(own.name)")
        }
      }
    }
  }

  @Test func `a setting goes where its name says`() throws {
    func rule<Rule: OptimizerRule>(_ line: String, as _: Rule.Type) throws -> Rule {
      try #require(try Train.settings(line).optimizer as? Rule)
    }
    let sgd = try rule("--momentum 0.9 --dampening 0.5 --weight-decay 0.1", as: SGD.self)
    #expect(sgd.momentum == 0.9 && sgd.dampening == 0.5 && sgd.weightDecay == 0.1)
    #expect(try rule("--momentum 0.9 --nesterov", as: SGD.self).nesterov)
    let adamw = try rule(
      "--optimizer adamw --betas 0.8,0.95 --eps 0 --amsgrad --weight-decay 0", as: Adam.self)
    #expect(adamw.betas == Pair(0.8, 0.95) && adamw.eps == 0 && adamw.amsgrad)
    #expect(adamw.weightDecay == 0 && adamw.variant == .adamw)
    let nadam = try rule("--optimizer nadam --momentum-decay 0.01", as: NAdam.self)
    #expect(nadam.momentumDecay == 0.01)
    let rmsprop = try rule(
      "--optimizer rmsprop --alpha 0.9 --centered --momentum 0.5", as: RMSprop.self)
    #expect(rmsprop.alpha == 0.9 && rmsprop.centered && rmsprop.momentum == 0.5)
    let adagrad = try rule(
      "--optimizer adagrad --lr-decay 0.1 --initial-accumulator-value 2", as: Adagrad.self)
    #expect(adagrad.lrDecay == 0.1 && adagrad.initialAccumulatorValue == 2)
    #expect(try rule("--optimizer adadelta --rho 0.8", as: Adadelta.self).rho == 0.8)
    let adamax = try rule("--optimizer adamax --betas 0.8,0.95 --eps 0", as: Adamax.self)
    #expect(adamax.betas == Pair(0.8, 0.95) && adamax.eps == 0)
    let asgd = try rule(
      "--optimizer asgd --lambd 0.1 --alpha 0.6 --t0 10 --average", as: ASGD.self)
    #expect(asgd.lambd == 0.1 && asgd.alpha == 0.6 && asgd.t0 == 10 && asgd.average)
    let rprop = try rule("--optimizer rprop --etas 0.4,1.3 --step-sizes 0.1,2", as: Rprop.self)
    #expect(rprop.etas == Pair(0.4, 1.3) && rprop.stepSizes == Pair(0.1, 2))
    let lbfgs = try rule(
      "--optimizer lbfgs --max-iter 1 --max-eval 30 --history-size 5 --tolerance-grad 0"
        + " --tolerance-change 1", as: LBFGS.self)
    #expect(lbfgs.maxIterations == 1 && lbfgs.maxEvaluations == 30 && lbfgs.historySize == 5)
    #expect(lbfgs.toleranceGrad == 0 && lbfgs.toleranceChange == 1)
    #expect(try Train.settings("--clip-norm 2").clipping == .norm(2))
    #expect(try Train.settings("--clip-value 0.5").clipping == .value(0.5))
  }

  @Test(arguments: optimizerRules)
  func `an option of other optimizers is refused by its name`(rule: any OptimizerRule) {
    let own = Set(rule.declarations.map(\.setting.name))
    for other in optimizerRules {
      for (setting, _) in other.declarations where !own.contains(setting.name) {
        let owners = optimizerRules.filter { rule in
          rule.declarations.contains { $0.setting.name == setting.name }
        }.map(\.name).joined(separator: ", ")
        #expect(
          complaint { _ = try Train.settings("\(setting.exampleFlag) --optimizer \(rule.name)") }
            == "\(setting.flag) is not an option of \(rule.name); it belongs to \(owners)")
      }
    }
  }

  @Test func `rules that share a setting spell its value alike`() {
    for rules in [optimizerRules as [any Rule], scheduleRules as [any Rule]] {
      var isSwitch: [String: Bool] = [:]
      for (setting, _) in rules.flatMap(\.declarations) {
        #expect(isSwitch[setting.name, default: setting.kind == .flag] == (setting.kind == .flag))
        isSwitch[setting.name] = setting.kind == .flag
      }
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
      "the line search of lbfgs needs at least 2 evaluations per step: give --max-eval 2 or more"
    ),
    (
      "--optimizer rprop --step-sizes 2,1",
      "--step-sizes are the smallest and the largest, in this order"
    ),
    (
      "--clip-norm 1 --clip-value 1",
      "--clip-norm and --clip-value contradict each other: give one of them"
    ),
    (
      "--optimizer lbfgs --clip-value 1",
      "--clip-value is not an option of lbfgs: its line search needs the unclipped gradient"
    ),
  ])
  func `options that contradict each other are refused`(line: String, expected: String) throws {
    #expect(complaint { _ = try Train.settings(line) } == expected)
  }

  @Test func `one-cycle sets the momentum`() throws {
    let cycle = "--schedule one-cycle --max-lr 1"
    let sgd = try Train.settings("\(cycle) --nesterov").optimizer as? SGD
    #expect(sgd?.momentum == 0.95)
    let adam = try Train.settings("\(cycle) --optimizer adam").optimizer as? Adam
    #expect(adam == Adam())
    #expect(
      complaint { _ = try Train.settings("\(cycle) --momentum 0.9") }
        == "--momentum and --schedule one-cycle, which sets the momentum, contradict each other")
  }

  @Test(arguments: optimizerRules, ["nan", "-1", ""])
  func `a number that is none, or out of bounds, is refused`(
    rule: any OptimizerRule, text: String
  ) {
    for (setting, _) in rule.declarations where setting.kind != .flag {
      let words = ["--optimizer", rule.name, setting.flag, text]
      let message = complaint {
        let train = try Train.parsed(words)
        _ = try train.training.settings(optimizer: train.optimizer, schedule: train.schedule)
      }
      #expect(
        message?.contains("The value '\(text)' is invalid for '\(setting.flag) <") == true
          && message?.contains("give ") == true, "\(message ?? "taken")")
    }
  }

  @Test(arguments: [
    "--dampening 1.1", "--optimizer rmsprop --alpha 1.1", "--optimizer adadelta --rho 1.1",
    "--optimizer adam --betas 1,0.9", "--optimizer adam --betas 0.9,1",
    "--optimizer adam --betas 0.9", "--optimizer adam --betas 0.9,0.9,0.9",
    "--optimizer lbfgs --max-iter 0", "--optimizer lbfgs --max-eval 0",
    "--optimizer lbfgs --history-size 0", "--optimizer lbfgs --max-iter 1.5", "--clip-norm 0",
    "--clip-value 0", "--optimizer lbfgs --max-iter 99999999999999999999", "--optimizer ",
  ])
  func `a number at the wrong side of a bound is refused`(line: String) {
    #expect(complaint { _ = try Train.settings(line) }?.contains("is invalid for '--") == true)
  }

  @Test(arguments: [
    ("--optimizer adm", "did you mean 'adam'?"), ("--schedule StepLR", "did you mean 'step'?"),
    ("--schedule CosineAnnealingLR", "did you mean 'cosine'?"),
    ("--schedule reducelronplateau", "did you mean 'plateau'?"),
    ("--optimizer newton", "choose one of sgd, adam,"),
  ])
  func `what was probably meant is suggested`(line: String, expected: String) {
    #expect(complaint { _ = try Train.settings(line) }?.contains(expected) == true)
  }

  @Test(arguments: [
    "nan", "inf", "-inf", "-1", "-0.1", "1e999", "", " ", "text", "0x10", "1,2", "1 ", "+", "--1",
  ])
  func `text that is no finite number, or a negative one, is refused`(text: String) {
    for bound: NumberBound in [
      .zeroOrMore, .aboveZero, .zeroToOne, .zeroToBelowOne, .aboveZeroToOne,
      .aboveZeroToBelowOne, .aboveOne,
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
    #expect(allowed(.aboveZeroToBelowOne) == ["1e-300"])
    #expect(allowed(.aboveOne) == ["1.5"])
    #expect(try wholeNumber("0", from: 0) == 0)
    #expect(
      complaint { _ = try wholeNumber("0") } == "give a whole number, 1 or more, in plain digits")
  }

  @Test func `the largest counts are taken`() throws {
    let settings = try Train.settings(
      "--optimizer lbfgs --max-iter \(Int.max) --history-size \(Int.max)")
    #expect((settings.optimizer as? LBFGS)?.mostEvaluations == .max)
    _ = settings.optimizer.makeOptimizer(as: Float.self, parameterCount: 1)
  }
}
