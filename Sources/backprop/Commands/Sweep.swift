import Flags
import Formula
import Glibc
import Plotting
import Tables

/// `backprop sweep`: many runs of a command, a row of numbers each.
struct Sweep: Command {
  private var options = SweepOptions()
  private var folds = FoldOptions()
  private var curves = CurveOptions(prefix: "plot-")
  /// The flags of the command whose values differ from run to run, as they were given.
  private var swept: [(name: String, text: String)] = []
  /// The words of the command, its name the first; nil where there is no '--'.
  private var command: [Word]?

  static let name = "sweep"
  static let summary = "Run 'train' or 'fit' with many settings, and tabulate the results."
  static let usage = "[<options>] [--<option of the command> <values>]... -- train|fit [<options>]"

  static var sections: [FlagSection<Self>] {
    [
      FlagSection("Sweep options", \Sweep.options, SweepOptions.flags),
      FlagSection("Cross-validation options", \.folds, FoldOptions.flags),
      FlagSection(
        "Picture options", \.curves, CurveOptions.flags(prefix: "plot-", usualScale: .auto)),
    ]
  }

  static let commandsAfterDashes = [Train.name, FitCommand.name]

  static func otherFlag(named name: String) -> Flag<Sweep>? {
    let help = Train.sweptFlag(named: name)?.help ?? FitCommand.sweptFlag(named: name)?.help
    return help.map { help in Flag(name, "values", help) { $0.swept.append((name, $1)) } }
  }

  static var otherFlagNames: [String] { Train.sweptNames.union(FitCommand.sweptNames).sorted() }

  static func request(_ words: [Word]) throws(Failure) -> Request<Self> {
    let end = words.firstIndex { $0.text == "--" }
    let request = try requested(Array(words[..<(end ?? words.endIndex)]))
    guard case .run(var sweep) = request, let end else { return request }
    sweep.command = Array(words[(end + 1)...])
    return .run(sweep)
  }

  static var discussion: String {
    """
    EXAMPLES:
      Three learning rates with ten seeds each, on all cores.
      $ backprop sweep --lr 0.001,0.01,0.1 --seed 0..9 -- train --data samples/iris.csv \\
          --target species --model mlp:8 --loss cross-entropy --standardize inputs \\
          --batch-size 16 --shuffle --validation 0.2 --epochs 30 > runs.csv

      Twenty random settings, the curves of their runs, and the best model.
      $ backprop sweep --random 20 --lr 0.001..0.5:log --momentum 0..0.9 --plot runs.png \\
          --best 1 --save models --csv random.csv -- train --epochs 50

      Cross-validation of polynomials of two degrees.
      $ backprop sweep --kfold 5 --model 'a + b*speed;a + b*speed + c*speed^2' -- \\
          fit --data samples/cars.csv --target dist

      A sweep divided into three tasks, which different machines can run.
      $ for task in 0 1 2; do backprop sweep --lr 0.001,0.01,0.1 --task $task --of 3 \\
          --csv share-$task.csv -- train; done
      $ backprop sweep --lr 0.001,0.01,0.1 --collect . --csv all.csv -- train

    Give the options that vary before '--', each with its values, together with the options of the sweep itself. After \
    '--' comes the command, 'train' or 'fit', with the options that stay the same. Every combination is run; the last \
    option varies fastest. Separate values by commas, or by semicolons if they contain commas, as in \
    --betas '0.9,0.999;0.8,0.99'. The range 0..9 is ten whole numbers, 0.1..0.5:5 is five evenly spaced numbers, and \
    0.001..0.1:log:5 is five numbers evenly spaced in log; if both ends are whole, so are the numbers. With --random, \
    numbers are drawn from ranges such as 0.1..0.5 or 0.001..0.1:log. Options without a value take 'on' and 'off'.

    The table has one row per run: its number, its values, the outcome, the number of epochs, the final and the lowest \
    loss, with validation also the validation loss and the quality of the predictions, and an id that stands for \
    everything that determines the results: options, data and model. For 'fit' it has the loss, the residual standard \
    error, R², AIC and the estimates. With --kfold, each run has a row per fold and a row with their means.

    The bytes of the table do not depend on --jobs. A file given by --csv gets a row whenever a run ends, and is sorted \
    when all runs have ended. Called again with that file, even after a crash or with values added, the command \
    runs only what has no row yet. A run that diverged has a row too. The exit code is 4 (3 for fits) if all runs \
    failed, otherwise 0.
    """
  }

  func run() throws(Failure) {
    guard let command, let name = command.first?.text else {
      throw Failure(
        .usage,
        "sweep: after the options that vary, give '--' and a command, as in: backprop sweep --lr 0.001,0.01 -- train"
      )
    }
    switch name {
    case Train.name: try run(TrainExperiment.self, Array(command.dropFirst()))
    case FitCommand.name: try run(FitExperiment.self, Array(command.dropFirst()))
    default:
      throw Failure(
        .usage,
        "sweep: \(excerpt(name)) cannot be swept; after '--' give \(Train.name) or \(FitCommand.name)"
      )
    }
  }

  /// Throws if the sweep's own flags contradict each other; gives the pictures that they ask for.
  func check() throws(Failure) -> CurvePictures? {
    try options.check()
    return try CurvePictures(options.plots, curves, option: "--plot")
  }

  private func run<E: Experiment>(_: E.Type, _ words: [Word]) throws(Failure) {
    let pictures = try check()
    let fixed: E.Subject
    switch try E.Subject.request(words) {
    case .run(let command): fixed = command
    case .help: return try Writer.standardOutput.writeAll(E.Subject.help(of: "backprop"))
    case .version: return try Writer.standardOutput.writeAll(Backprop.creator + "\n")
    }
    if let (flag, reason) = try fixed.refusal(areOutputsOwn: true) {
      throw Failure(.usage, "\(flag) cannot be used after '--' in a sweep: \(reason)")
    }
    if folds.count != nil, fixed.folds.count != nil {
      throw Failure(.usage, "--kfold is given both before and after '--': leave one of them out")
    }
    let flags = try sweptFlags(of: fixed)
    let all = try runs(of: flags)
    let share =
      options.task.map { task in all.filter { $0.number % (options.taskCount ?? 1) == task } }
      ?? all
    if share.isEmpty, !options.isQuiet {
      Diagnostics.say(
        "note: there are only \(all.count) runs, so this task has none")
    }
    var wishes = StudyWishes()
    wishes.jobs = options.jobs ?? max(1, coreCount / (fixed.givenThreads ?? 1))
    wishes.hasSeconds = options.hasSeconds
    wishes.wantsCurves = pictures != nil
    wishes.bestCount = min(options.best ?? 0, share.count)
    wishes.isQuiet = options.isQuiet
    let folds = folds.given.map(\.word)
    let study = try Study<E>(share, of: all, settings: flags.map(\.name), wishes) {
      run throws(Failure) in
      let own = zip(flags, run.settings).flatMap { $0.words($1) }
      guard case .run(let command) = try E.Subject.requested(words + folds + own) else {
        preconditionFailure("help has been given")
      }
      return command
    }
    if options.random == nil, let (run, earlier) = study.repeated {
      throw Failure(.usage, "\(study.name(of: run)) is the same as \(study.name(of: earlier))")
    }
    if options.best != nil, !options.isQuiet,
      let flag = flags.first(where: { E.columnSettings.contains($0.name) && $0.name != "model" })
    {
      Diagnostics.warn(
        "--best compares losses, and runs that differ in --\(flag.name) have losses of different meanings"
      )
    }
    try run(study, pictures)
  }

  /// The flags that change, which must be the command's and not be given to it.
  private func sweptFlags<Subject: SweptCommand>(of command: Subject) throws(Failure) -> [SweptFlag]
  {
    if swept.isEmpty, folds.count == nil {
      throw Failure(
        .usage,
        "sweep: before '--', give an option that varies and its values, as in --lr 0.001,0.01")
    }
    var flags: [SweptFlag] = []
    for (name, text) in swept {
      guard let flag = Subject.sweptFlag(named: name) else {
        throw Failure(.usage, "--\(name) is not an option of '\(Subject.name)'")
      }
      if flags.contains(where: { $0.name == name }) {
        throw Failure(
          .usage, "--\(name) is given twice; give all its values in one list, separated by commas")
      }
      if command.givenNames.contains(name) {
        throw Failure(
          .usage, "--\(name) is given both before and after '--': leave one of them out")
      }
      do throws(BadValue) {
        flags.append(
          SweptFlag(name: name, values: try SweptValues(text), isSwitch: flag.mayStandAlone))
      } catch {
        throw Failure(error, of: text, for: "--\(name) <values>")
      }
    }
    return flags
  }

  private func runs(of flags: [SweptFlag]) throws(Failure) -> [StudyRun] {
    if let count = options.random {
      if flags.isEmpty {
        throw Failure(.usage, "--random draws values: give an option that varies before '--'")
      }
      let seed = options.sweepSeed ?? 0
      return (0..<count).map { number in
        StudyRun(
          number: number,
          settings: flags.enumerated().map { $1.values.draw(seed: seed, run: number, setting: $0) })
      }
    }
    var combinations: [[String]] = [[]]
    for flag in flags {
      let values: [String]
      do throws(BadValue) { values = try flag.values.all() } catch {
        throw Failure(error, of: flag.values.text, for: "--\(flag.name) <values>")
      }
      guard combinations.count * values.count <= SweepOptions.mostRuns else { throw tooMany }
      combinations = combinations.flatMap { start in values.map { start + [$0] } }
    }
    return combinations.enumerated().map { StudyRun(number: $0, settings: $1) }
  }

  private var tooMany: Failure {
    Failure(
      .usage,
      "sweep: there would be more than \(SweepOptions.mostRuns) runs; --random draws some of them")
  }

  // MARK: Running

  private func run<E>(_ study: Study<E>, _ pictures: CurvePictures?) throws(Failure) {
    let models = modelDestinations(count: study.wishes.bestCount)
    let others = (pictures?.destinations ?? []) + models
    let table = FlaggedDestination(options.csv, flag: "--csv", beside: others)
    try ((table.map { [$0] } ?? []) + others).requireDistinct(from: study.inputs)
    let destination = table?.destination
    var known: [StudyTable.ReadRow] = []
    var former: [UInt8] = []
    var output: StudyOutput?
    var joined: WholeFile?
    if let folder = options.collect {
      known = try study.collected(in: folder)
      if let destination {
        if let path = StudyOutput.canGoOn(in: destination) {
          try StudyTable.checkIsOne(path, flag: "--csv")
        }
        joined = try WholeFile(destination)
      }
    } else if let destination {
      // It is locked before it is read.
      output = try StudyOutput(destination, lineCount: study.lineCount, flag: "--csv")
      if let path = StudyOutput.canGoOn(in: destination) {
        (known, former) = try study.rows(in: path, flag: "--csv")
      }
    }
    try pictures?.create()
    let files = try modelFiles(models)
    let result = try study.run(output, known: known, in: former)
    var failures: [Failure] = []
    do throws(Failure) { try joined?.write(study.lines(of: result)) } catch {
      failures.append(error)
    }
    let ranking = study.ranking(result)
    for (place, file) in files.enumerated() where place < ranking.count {
      do throws(Failure) {
        if let bytes = try study.model(of: ranking[place].run, result) { try file.write(bytes) }
      } catch {
        failures.append(error)
      }
    }
    if let pictures, !result.rows.isEmpty {
      do throws(Failure) {
        try pictures.draw(study.figure(of: result, pictures.curves))
      } catch {
        failures.append(error)
      }
    }
    if !options.isQuiet { say(result, of: study, ranking) }
    if !failures.isEmpty { throw .several(failures) }
    if ranking.isEmpty, !result.rows.isEmpty { throw .said(E.failing.status) }
  }

  /// Where the best models go.
  private func modelDestinations(count: Int) -> [FlaggedDestination] {
    guard let folder = options.save else { return [] }
    return (0..<count).map { place in
      let path = Path(bytes: folder.bytes + Array("/best-\(place + 1).safetensors".utf8))
      return FlaggedDestination(flag: "--save", destination: .file(path))
    }
  }

  /// Creates the files of the best models, and their folder.
  private func modelFiles(_ models: [FlaggedDestination]) throws(Failure) -> [WholeFile] {
    if let folder = options.save, folder.withCString({ mkdir($0, 0o777) }) != 0, errno != EEXIST {
      throw .cannotCreate(folder, errno)
    }
    return try models.map { model throws(Failure) in try WholeFile(model.destination) }
  }

  private func say<E>(
    _ result: StudyResult, of study: Study<E>, _ ranking: [(run: Int, value: Double)]
  ) {
    let failed = result.rows.count { !E.isSuccess($0.outcome) }
    let noun = study.table.foldCount == nil ? "runs" : "folds"
    if failed > 0 {
      Diagnostics.say("note: \(failed) of \(result.rows.count) \(noun) \(E.failing.words)")
    }
    if ranking.count < study.wishes.bestCount {
      Diagnostics.say(
        "note: only \(ranking.count) of \(study.runs.count) runs can be compared, so that no more models are saved"
      )
    }
    guard StatusLine.isPossible, StatusLine.isInForeground, let best = ranking.first else { return }
    Diagnostics.tell(
      "\(study.runs.count) runs in \(brief(result.seconds, digits: 3)) s; best: \(study.name(of: best.run)), "
        + "\(study.rankTitle) \(brief(best.value))")
  }
}
