import CMemory
import Flags
import Formula
import Glibc
import Tables

/// A subcommand, and what it does.
protocol Command: CommandDeclaration {
  mutating func run() throws(Failure)
  /// What the words that follow the subcommand ask for.
  static func request(_ words: [Word]) throws(Failure) -> Request<Self>
  /// Whether several processes that were launched together share its work.
  static var isShared: Bool { get }
}

extension Command {
  static var isShared: Bool { false }

  static func request(_ words: [Word]) throws(Failure) -> Request<Self> { try requested(words) }

  /// Reads words, none of which need be told from elsewhere.
  static func requested(_ words: [Word]) throws(Failure) -> Request<Self> {
    do throws(UsageError) { return try parse(words) } catch { throw Failure(error) }
  }

  /// Does what the words that follow the subcommand ask for.
  static func perform(_ words: some Sequence<Word>) throws(Failure) {
    if isShared { try Job.join() }
    switch try request(Array(words)) {
    case .run(var command): try command.run()
    case .help where !Job.isFirst, .version where !Job.isFirst: break
    case .help: try Writer.standardOutput.writeAll(help(of: "backprop"))
    case .version: try Writer.standardOutput.writeAll(Backprop.creator + "\n")
    }
  }
}

/// The program: finds the subcommand, runs it, and turns what goes wrong into a message and a code.
@main enum Backprop {
  static let version = "0.1.0"
  /// What the program calls itself in the documents that it makes.
  static let creator = "backprop \(version)"

  static var commands: [any Command.Type] {
    [
      Train.self, FitCommand.self, Sweep.self, Predict.self, Evaluate.self, Show.self, Export.self,
      Plot.self,
      GraphCommand.self, FormulaCommand.self, Check.self,
    ]
  }

  /// What other programs call the subcommands.
  private static let otherNames = [
    "learn": "train", "nls": "fit", "lm": "fit", "curve_fit": "fit", "regress": "fit",
    "grid": "sweep", "search": "sweep", "tune": "sweep", "run": "train", "draw": "plot",
    "chart": "plot",
    "dot": "graph", "explain": "formula", "functions": "formula", "model": "formula",
    "apply": "predict", "infer": "predict", "test": "eval", "score": "eval", "evaluate": "eval",
    "onnx": "export", "convert": "export",
  ]

  static func main() {
    // A closed pipe and a file that may not grow are errors of write(2) here, so that no file is left half made.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    Interruption.handleSignals()
    bp_end_without_memory(ExitStatus.inputOutput.rawValue, clearUp)
    do throws(Failure) {
      try StandardStreams.open()
      try perform(Word.ofProcess.dropFirst())
    } catch {
      Job.end(error)?.report()
      return
    }
    Job.end(nil)?.report()
  }

  /// Does what the words after the program's name ask for.
  static func perform(_ words: ArraySlice<Word>) throws(Failure) {
    switch words.first?.text {
    case nil, "--help", "-h": try Writer.standardOutput.writeAll(help)
    case "--version": try Writer.standardOutput.writeAll(creator + "\n")
    case "--generate-completion-script":
      guard let shell = words.dropFirst().first.flatMap({ Shell(rawValue: $0.text) }) else {
        let shells = Shell.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(.usage, "--generate-completion-script: choose one of \(shells)")
      }
      let instead = [
        ("--generate-completion-script", Shell.allCases.map(\.rawValue)),
        ("--generate-manual", [manualList] + manual.pages),
      ]
      try Writer.standardOutput.writeAll(
        shell.completions(of: "backprop", commands, instead: instead))
    case "--generate-manual":
      try Writer.standardOutput.writeAll(try manualText(words.dropFirst().first?.text))
    case "help":
      guard let name = words.dropFirst().first else {
        return try Writer.standardOutput.writeAll(help)
      }
      try Writer.standardOutput.writeAll(try command(named: name.text).help(of: "backprop"))
    case let name?: try command(named: name).perform(words.dropFirst())
    }
  }

  private static func command(named name: String) throws(Failure) -> any Command.Type {
    if let command = commands.first(where: { $0.name == name }) { return command }
    let names = commands.map { $0.name }
    if name.hasPrefix("-") {
      throw Failure(
        .usage,
        "Unknown option \(excerpt(name, limit: 100)); a subcommand comes first: \(names.joined(separator: ", "))"
      )
    }
    if name.contains(".") || name.contains("*") {
      let flag = name.contains("*") ? "--model" : "--data"
      let shown = excerpt(name, limit: 100)
      throw Failure(
        .usage,
        "\(shown) is not a subcommand; give it to one, as in: backprop train \(flag) \(shown)")
    }
    let meant =
      otherNames[name.lowercased()] ?? names.first { $0.hasPrefix(name) || name.hasPrefix($0) }
    guard let meant else { throw Failure(.usage, unknown("subcommand", name, among: names)) }
    throw Failure(.usage, "no subcommand is named \(excerpt(name))\(didYouMean(meant))")
  }

  static let summary = "Fit a formula to a table, watch the loss fall, and get a picture."

  static let examples = """
    EXAMPLES:
      Train the built-in lesson, y = w*x through three points:
      $ backprop train --lr 0.01 --epochs 100 --plot loss.png

      Fit a curve, with standard errors of its parameters:
      $ backprop fit --data samples/cars.csv --model 'dist ~ a*speed^b'

      Draw the losses of the lesson in the terminal:
      $ backprop train | backprop plot -

      Draw what the lesson computes, with every gradient:
      $ backprop graph --at w=1,x=2,y=4 --output graph.svg
    """

  /// What may stand in place of a subcommand, besides the flags that all of them have.
  static let options: [(label: String, text: String)] = [
    ("--generate-completion-script <shell>", "Print completions for bash, zsh or fish."),
    (
      "--generate-manual <page>",
      "Print the source of a manual page, or with '\(manualList)' the names of all pages."
    ),
  ]

  private static var help: String {
    [
      Help.paragraphs("OVERVIEW: \(summary)"),
      Help.paragraphs("\(examples)\n\nEXIT CODES:\n\(ExitStatus.summary)"),
      Help.paragraphs("USAGE: backprop <subcommand>"),
      Help.section("OPTIONS", options + Help.ofEveryCommand),
      Help.section("SUBCOMMANDS", commands.map { ($0.name, $0.summary) }),
      "  See 'backprop help <subcommand>' for detailed help.\n",
    ].joined(separator: "\n")
  }
}

/// Takes away what is not to be left when memory is out.
///
/// It is no closure of `main`, which would want the main thread, and bring along the library of concurrency.
private func clearUp() { TemporaryFiles.removeAll() }
