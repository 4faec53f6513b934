import Flags
import Foundation
import Testing

@testable import backprop

/// Every option that has a value, each with every text that may be wrong for it.
///
/// The options are those that the program itself lists, so that a new one fails here until
/// `OptionRule.all` says what it takes.
@Suite struct BadOptionTests {
  /// What is tried with each option.
  static let texts = [
    "nan", "inf", "-inf", "-1", "0", "0.5", "1", "1e5", "1e308", "1e999", "9223372036854775807",
    "99999999999999999999", "0x10", " 1", "1 ", "text", "",
  ]

  static let options = ListedOption.all

  /// About thirty of the texts that are refused, from options of all kinds.
  static let sample: [(option: ListedOption, text: String)] = {
    let refused = options.flatMap { option in
      texts.filter { option.rule?.takes($0) == false }.map { (option, $0) }
    }
    return stride(from: 0, to: refused.count, by: max(1, refused.count / 30)).map { refused[$0] }
  }()

  @Test func `the table has every option of the program, and no other`() {
    let listed = Set(Self.options.map(\.name))
    #expect(Set(OptionRule.all.keys).subtracting(listed) == [])
    #expect(listed.subtracting(OptionRule.all.keys) == [])
    #expect(listed.count == Self.options.count && listed.count > 100)
  }

  @Test(arguments: options)
  func `an option takes what its rule says, and complains of the rest by its name`(
    option: ListedOption
  ) throws {
    let rule = try #require(option.rule)
    for text in Self.texts {
      let refusal = option.refusal(of: text)
      #expect((refusal == nil) == rule.takes(text), "\(option.name) '\(text)'")
      guard let refusal else { continue }
      let line = refusal.split(separator: "\n")[0]
      #expect(line.contains("--\(option.flag)"), "\(option.name) '\(text)': \(refusal)")
      #expect(rule.isFormula || !refusal.contains("\n"), "\(option.name) '\(text)': \(refusal)")
    }
  }

  @Test(arguments: options.filter { $0.rule?.runs != nil })
  func `what an option takes runs`(option: ListedOption) throws {
    let text = try #require(option.rule?.runs)
    let result = try option.run(text, in: try Sandbox())
    // A run may diverge, lack its file, or lack rows.
    let statuses: [Int32] = option.rule?.isData == true ? [0, 65, 66] : [0, 4]
    #expect(statuses.contains(result.status), "\(result)")
    #expect(result.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("backprop: ") })
  }

  @Test(arguments: sample)
  func `a refusal by the program is one line and leaves nothing`(
    option: ListedOption, text: String
  ) throws {
    let sandbox = try Sandbox()
    let result = try option.run(text, in: sandbox)
    #expect(result.status == 64, "\(result)")
    #expect(result.text == "", "\(result)")
    let lines = result.errors.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0].hasPrefix("backprop: ") && lines[0].contains("--\(option.flag)"), "\(result)")
    #expect(lines.count == 2 || option.rule?.isFormula == true, "\(result)")
    #expect(try sandbox.files() == ListedOption.given, "\(result)")
  }
}

/// What an option takes, and the options that it needs beside it.
struct OptionRule: Sendable {
  let taken: Set<String>
  let company: String
  /// A text to run the program with, if there is one that it takes.
  var runs: String?
  /// Whether a caret may follow a complaint.
  var isFormula = false
  /// Whether the text names what is read, so that it may be missing or unfit.
  var isData = false

  func takes(_ text: String) -> Bool { taken.contains(text) }

  /// Texts to be taken of those tried, by default the largest of them to be run.
  private init(_ taken: [String], _ company: String = "", runs: String? = nil) {
    self.taken = Set(taken)
    self.company = company
    self.runs = runs ?? taken.last
  }

  private static let large = ["9223372036854775807", "99999999999999999999", "1e5", "1e308"]

  private static func zeroOrMore(_ company: String = "") -> OptionRule {
    OptionRule(["0", "0.5", "1"] + large, company)
  }

  private static func aboveZero(_ company: String = "") -> OptionRule {
    OptionRule(["0.5", "1"] + large, company)
  }

  private static func zeroToOne(_ company: String = "") -> OptionRule {
    OptionRule(["0", "0.5", "1"], company)
  }

  private static func zeroToBelowOne(_ company: String = "") -> OptionRule {
    OptionRule(["0", "0.5"], company)
  }

  private static func aboveZeroToOne(_ company: String = "") -> OptionRule {
    OptionRule(["0.5", "1"], company)
  }

  private static func fromZero(_ company: String = "") -> OptionRule {
    OptionRule(["0", "1", "9223372036854775807"], company)
  }

  private static func fromOne(_ company: String = "", runs: String? = nil) -> OptionRule {
    OptionRule(["1", "9223372036854775807"], company, runs: runs)
  }

  private static func fromTwo(_ company: String = "") -> OptionRule {
    OptionRule(["9223372036854775807"], company)
  }

  private static func only(_ text: String, _ company: String = "") -> OptionRule {
    OptionRule([text], company)
  }

  /// Takes texts, which only fit another run.
  private static func onlyTaken(_ texts: [String]) -> OptionRule {
    var rule = OptionRule(texts)
    rule.runs = nil
    return rule
  }

  private static let finite = ["-1", "0", "0.5", "1"] + large

  /// Takes a few words, a pair, the name of a column: none of the texts.
  private static func others(_ company: String = "") -> OptionRule { OptionRule([], company) }

  private static func formula(_ taken: [String]) -> OptionRule {
    var rule = OptionRule(taken)
    rule.isFormula = true
    return rule
  }

  private static let anything = OptionRule(BadOptionTests.texts, runs: "text")

  private static let anyName = OptionRule(
    BadOptionTests.texts.filter { !$0.isEmpty }, runs: "text")

  private static let skippedLines: OptionRule = {
    var rule = fromZero()
    rule.isData = true
    return rule
  }()

  private static let dataFile: OptionRule = {
    var rule = anyName
    rule.isData = true
    return rule
  }()

  private static let validation: OptionRule = {
    var rule = OptionRule([" 1", "1 ", "text", "0.5"])
    rule.isData = true
    return rule
  }()

  private static let condition: OptionRule = {
    var rule = formula(["0", " 1", "1 ", "-1", "0.5", "1"] + large)
    rule.isData = true
    return rule
  }()

  private static let probe = OptionRule(["0", "0.5", "1", "-1"] + large, "--trace trace.txt")

  /// A file that is there is no cache.
  private static let cache: OptionRule = {
    var rule = OptionRule(Array(anyName.taken), "--data lesson.csv", runs: "text")
    rule.isData = true
    return rule
  }()

  private static let trained = [
    "data": dataFile, "target": others(), "features": others(), "weights": others(),
    "where": condition, "standardize": others(),
    "model": formula(["nan", "inf", "-inf", "text"]), "loss": formula([]), "init": dataFile,
    "lr": zeroOrMore(), "epochs": fromOne(runs: "1"), "batch-size": fromOne(),
    "validation": validation, "patience": fromOne("--validation 0.5"), "l1": zeroOrMore(),
    "l2": zeroOrMore(), "seed": fromZero(), "shuffle": others(), "precision": others(),
    "epoch-loss": others(),
    "threads": fromOne(),
    "csv": anyName, "columns": others(), "plot": others(), "metrics": anyName, "save": anyName,
    "checkpoint": anyName, "checkpoint-every": fromOne("--checkpoint run.safetensors"),
    "resume": dataFile, "trace": anyName, "predict": probe, "cache": cache,
  ]

  private static let optimized = [
    "optimizer": others(), "momentum": zeroOrMore(), "dampening": zeroToOne("--momentum 0.9"),
    "weight-decay": zeroOrMore(), "betas": others("--optimizer adam"),
    "eps": zeroOrMore("--optimizer adam"), "momentum-decay": zeroOrMore("--optimizer nadam"),
    "alpha": zeroToOne("--optimizer rmsprop"), "lr-decay": zeroOrMore("--optimizer adagrad"),
    "initial-accumulator-value": zeroOrMore("--optimizer adagrad"),
    "rho": zeroToOne("--optimizer adadelta"), "lambd": zeroOrMore("--optimizer asgd"),
    "t0": zeroOrMore("--optimizer asgd"), "etas": others("--optimizer rprop"),
    "step-sizes": others("--optimizer rprop"),
    "max-iter": fromOne("--optimizer lbfgs --max-eval 2"),
    "max-eval": fromTwo("--optimizer lbfgs"), "history-size": fromOne("--optimizer lbfgs"),
    "tolerance-grad": zeroOrMore("--optimizer lbfgs"),
    "tolerance-change": zeroOrMore("--optimizer lbfgs"), "clip-norm": aboveZero(),
    "clip-value": aboveZero(),
  ]

  private static let cycle = "--schedule one-cycle --total-steps 3 --max-lr 0.1"

  private static let waves = "--schedule cyclic --max-lr 0.1"

  private static let scheduled = [
    "schedule": others(), "warmup": only("1"), "warmup-start": aboveZeroToOne("--warmup 1"),
    "step-size": fromOne("--schedule step"), "gamma": aboveZero("--schedule exponential"),
    "milestones": fromOne("--schedule multistep"), "t-max": fromOne("--schedule cosine"),
    "eta-min": zeroOrMore("--schedule cosine --t-max 2"),
    "t-0": fromOne("--schedule warm-restarts"),
    "t-mult": fromOne("--schedule warm-restarts --t-0 1"),
    "start-factor": aboveZeroToOne("--schedule linear"),
    "end-factor": zeroToOne("--schedule linear"), "total-iters": fromOne("--schedule polynomial"),
    "power": aboveZero("--schedule polynomial --total-iters 2"), "max-lr": aboveZero(cycle),
    "total-steps": fromTwo(cycle), "pct-start": zeroToOne(cycle),
    "anneal-strategy": others(cycle), "div-factor": aboveZero(cycle),
    "final-div-factor": aboveZero(cycle), "factor": zeroToBelowOne("--schedule plateau"),
    "plateau-patience": fromZero("--schedule plateau"),
    "threshold": zeroOrMore("--schedule plateau"),
    "threshold-mode": others("--schedule plateau"), "cooldown": fromZero("--schedule plateau"),
    "min-lr": only("0", "--schedule plateau"),
    "base-lr": OptionRule(["0", "0.5"], "--schedule cyclic --max-lr 0.75"),
    "step-size-up": fromOne(waves), "step-size-down": fromOne(waves), "mode": others(waves),
  ]

  private static let read = [
    "delimiter": others(), "decimal": others(), "comment": others(), "na": dataFile,
    "missing": others(), "skip": skippedLines,
  ]

  private static let drawn = [
    "format": others(), "size": others(), "scale": only("1"), "theme": others(),
    "title": anything, "yscale": others(), "xscale": others(), "xtitle": anything,
    "ytitle": anything, "smooth": zeroToBelowOne(), "mark": others(),
  ]

  private static let plotted = [
    "output": others(), "x": others(), "y": others(), "label": anything,
  ]

  private static let graphed = [
    "model": formula(BadOptionTests.texts.filter { !["1e999", "0x10", ""].contains($0) }),
    "loss": formula([]), "target": others(), "columns": others(), "at": others(),
    "precision": others("--at w=1,x=2,y=4"), "output": others(), "format": others(),
    "scale": only("1", "--output graph.png"), "theme": others("--output graph.png"),
    "title": anything,
  ]

  /// What a table is read by, as far as flags alone tell.
  private static let readLater = [
    "delimiter": onlyTaken(["0", "1"]), "decimal": others(), "comment": onlyTaken(["0", "1"]),
    "na": dataFile, "missing": others(), "skip": skippedLines,
  ]

  private static let predicted = [
    "data": dataFile, "name": anyName, "band": onlyTaken(["0.5", "1"]), "unseen": others(),
    "threads": fromOne(),
  ]

  private static let weighed: OptionRule = {
    var rule = condition
    rule.runs = "1"
    return rule
  }()

  private static let fitted = [
    "data": dataFile, "target": others(), "model": formula(["nan", "inf", "-inf", "text"]),
    "cache": onlyTaken(Array(anyName.taken)), "where": condition, "init": dataFile,
    "bounds": others(), "fix": others(), "sigma": condition,
    "weights": weighed, "loss": others(), "by": others(), "threads": fromOne(),
    "errors": others("--sigma 1"), "level": aboveZeroToOne(), "intervals": others(),
    "bootstrap": onlyTaken(["9223372036854775807"]), "seed": fromZero("--bootstrap 2"),
    "output": anyName, "format": others(), "metrics": anyName, "save": anyName, "csv": anyName,
    "plot": others(), "band": aboveZeroToOne(), "plot-format": others(), "plot-size": others(),
    "plot-scale": only("1"), "plot-theme": others(), "plot-title": anything,
    "plot-xscale": others(), "plot-yscale": others(), "plot-xtitle": anything,
    "plot-ytitle": anything, "plot-loss": others(),
  ]

  /// What a sweep takes; its runs change the momentum.
  private static let swept = [
    "random": only("1"), "sweep-seed": fromZero("--random 1"), "jobs": fromOne(), "csv": anyName,
    "plot": others(), "best": fromOne("--save models"),
    "save": OptionRule(Array(anyName.taken), "--best 1", runs: "models"),
    "task": OptionRule(["0", "1"], "--of 2", runs: "0"), "of": fromOne("--task 0"),
    "collect": dataFile,
  ]

  private static let folds: [String: OptionRule] = {
    var rule = fromTwo()
    rule.isData = true
    return ["kfold": rule]
  }()

  private static let checked = [
    "data", "target", "features", "weights", "where", "standardize", "model", "loss", "init",
    "seed", "threads",
  ]

  private static let evaluated = [
    "data": dataFile, "metrics": anyName, "confusion": onlyTaken(Array(anyName.taken)),
    "cache": onlyTaken(Array(anyName.taken)),
    "unseen": others(),
    "max-loss": onlyTaken(finite), "min-accuracy": onlyTaken(finite), "min-r2": onlyTaken(finite),
    "plot": onlyTaken(Array(anyName.taken)), "plot-format": others(),
    "plot-scale": onlyTaken(["1"]),
    "plot-theme": others(), "plot-title": onlyTaken(BadOptionTests.texts),
  ]

  /// The rules by subcommand and option, as in `train lr`.
  static let all: [String: OptionRule] = {
    var rules: [String: OptionRule] = [:]
    let groups: [(prefix: String, rules: [String: OptionRule])] = [
      ("train ", trained), ("train ", optimized), ("train ", scheduled), ("train ", read),
      ("train plot-", drawn), ("plot ", plotted), ("plot ", read), ("plot ", drawn),
      ("graph ", graphed), ("formula ", ["columns": others()]), ("show ", ["format": only("text")]),
      ("export ", ["format": only("c"), "output": anyName]),
      ("train ", folds), ("fit ", folds), ("sweep ", folds), ("sweep ", swept),
      ("sweep plot-", drawn), ("fit ", fitted), ("fit ", read), ("fit plot-loss-", drawn),
      ("check ", read),
      ("check ", trained.filter { checked.contains($0.key) }), ("check ", ["of": others()]),
      ("predict ", readLater), ("predict ", predicted), ("eval ", readLater), ("eval ", evaluated),
    ]
    for (prefix, group) in groups {
      for (name, rule) in group { rules[prefix + name] = rule }
    }
    return rules
  }()
}

/// An option with a value, as the program lists it.
struct ListedOption: Sendable, CustomTestStringConvertible {
  let command: String
  let flag: String
  /// The heading under which the help has it.
  let section: String?
  /// Whether another flag may follow in the value's place, so that a value with a dash is attached.
  let isValueOptional: Bool

  var name: String { "\(command) \(flag)" }
  var rule: OptionRule? { OptionRule.all[name] }
  var testDescription: String { name }

  /// Every option with a value of every subcommand.
  static let all: [ListedOption] = Backprop.commands.flatMap { list($0) }

  private static func list<Listed: Command>(_ command: Listed.Type) -> [ListedOption] {
    command.sections.flatMap { section in
      section.flags.filter { $0.value != nil }.map {
        ListedOption(
          command: command.name, flag: $0.name, section: section.title,
          isValueOptional: $0.isValueOptional)
      }
    }
  }

  /// The files that a run finds in its folder.
  static let given = ["lesson.csv", "loss.csv"]

  private static let lesson = Sandbox.repository.appendingPathComponent("samples/lesson.csv")

  /// Runs the program with the option and what it needs.
  func run(_ text: String, in sandbox: Sandbox) throws -> Sandbox.Result {
    try sandbox.write(String(contentsOf: Self.lesson, encoding: .utf8), to: Self.given[0])
    try sandbox.write("epoch,loss\n0,1\n1,0.5\n", to: Self.given[1])
    let neighbours =
      switch (command, section) {
      case ("train", "Table options"): "--epochs 3 --data lesson.csv"
      case ("train", "Picture options"): "--epochs 3 --plot loss.svg --plot-format png"
      case ("train", _): "--epochs 3"
      case ("fit", _) where ["plot", "plot-loss"].contains(flag): "--data lesson.csv"
      case ("fit", "Picture options"): "--data lesson.csv --plot fit.svg --plot-format png"
      case ("fit", "Loss picture options"):
        "--data lesson.csv --plot-loss loss.svg --plot-loss-format png"
      case ("fit", _) where flag != "data", ("check", _) where flag != "data":
        "--data lesson.csv"

      case ("sweep", "Picture options"): "--momentum 0 --plot loss.svg --plot-format png"
      case ("sweep", _): "--momentum 0"
      case ("plot", _): "loss.csv --output picture.png"
      case ("formula", _): "x*w"
      case ("show", _): "m.st"
      case ("export", _): "m.st --format c"
      case ("predict", _) where flag == "data", ("eval", _) where flag == "data": "m.st"
      case ("predict", _), ("eval", _): "m.st --data lesson.csv"
      default: ""
      }
    if neighbours.hasPrefix("m.st"), rule?.takes(text) == true {
      _ = try sandbox.run("backprop train --epochs 1 --csv loss.csv --save m.st")
    }
    return try sandbox.run(
      "backprop \(command) \(neighbours) \(rule?.company ?? "") --\(flag)\(isValueOptional ? "=" : " ")'\(text)'"
        + (command == "sweep" ? " -- train --epochs 3" : "")
    )
  }

  /// Why a text is refused as a usage error before anything is written; nil if it is not.
  func refusal(of text: String) -> String? {
    let words =
      (rule?.company.split(separator: " ").map(String.init) ?? [])
      + (isValueOptional ? ["--\(flag)=\(text)"] : ["--" + flag, text])
    do {
      switch command {
      case "train":
        let run = ["--epochs", "3", "--data", Self.lesson.path, "--plot", "loss.png"]
        let train = try Train.parsed((flag == "data" ? Array(run[..<2]) : run) + words)
        let planned = try TrainRun<Float>(train, TrainPlan(train))
        // To prepare a run is to write its cache.
        if flag != "cache" { _ = try planned.prepare() }
      case "plot":
        let sandbox = try Sandbox()
        try sandbox.write("epoch,loss\n0,1\n1,0.5\n", to: Self.given[1])
        let table = sandbox.folder.appendingPathComponent(Self.given[1]).path
        let plot = try Plot.parsed([table, "--output", "picture.png"] + words)
        _ = try plot.check()
        _ = try plot.figure()
      case "fit":
        let run = ["--data", Self.lesson.path, "--plot", "fit.png", "--plot-loss", "loss.png"]
        let fit = try FitCommand.parsed((flag == "data" ? Array(run[2...]) : run) + words)
        let planned = try FitRun(fit)
        if flag != "cache" { _ = try planned.prepare() }
      case "check":
        let run = flag == "data" ? [] : ["--data", Self.lesson.path]
        _ = try CheckRun(try Check.parsed(run + words)).prepare()
      case "sweep":
        let run = section == "Picture options" ? ["--plot", "loss.png"] : []
        _ = try Sweep.parsed(run + words).check()
      case "graph": _ = try GraphPlan(GraphCommand.parsed(words))
      case "show": _ = try Show.parsed(["model.safetensors"] + words)
      case "export": _ = try Export.parsed(["model.safetensors"] + words)
      case "predict": _ = try Predict.parsed(["model.safetensors"] + words)
      case "eval": _ = try Evaluate.parsed(["model.safetensors"] + words)
      default: _ = try FormulaCommand.parsed(["x*w"] + words).explanation()
      }
      return nil
    } catch Failure.message(let message, .usage) {
      return message
    } catch {
      return nil
    }
  }
}
