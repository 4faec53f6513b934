import Flags
import Models
import Tables

/// A checkpoint to go on from, and the flags of its run, which count where the command line does not say
/// otherwise.
struct Resumption {
  let source: Source
  let file: Safetensors
  /// The flags on which the run's results depend; nil where the checkpoint does not have them, so that they must
  /// be given again.
  let flags: [GivenFlag]?

  /// Reads the checkpoint that a command names.
  fileprivate init(_ path: Path, for command: Train) throws(Failure) {
    if command.results.trace != nil {
      throw Failure(
        .usage,
        "--trace shows a run from its first step, and --resume continues one: give one of them")
    }
    if command.model.initial != nil {
      throw Failure(
        .usage, "--init starts a new run, and --resume continues one: give one of them")
    }
    let source = Source(path)
    func refuse(_ reason: String) -> Failure { Failure(.badData, "\(source.name): \(reason)") }
    try [FlaggedDestination]().requireDistinct(
      from: [("--data", try Source(command.model.data, flag: "--data")), ("--resume", source)])
    self.source = source
    file = try RunFile.read(source, try source.bytes())
    let list: JSON?
    do throws(ModelFileError) {
      _ = try SavedModel(file)
      list = try file.json("flags")
    } catch {
      throw refuse("\(error)")
    }
    if file.metadata["state"] == nil {
      throw refuse(
        "this is a model, not a checkpoint with the state of a run; --init starts a new run "
          + "from its parameters")
    }
    guard let list else {
      flags = nil
      return
    }
    let words = list.list?.compactMap(\.text) ?? []
    let flags = words.compactMap { GivenFlag($0) }
    let known = Train.namesOfKeptFlags
    guard words.count == list.list?.count, flags.count == words.count,
      flags.allSatisfy({ known.contains($0.name) })
    else {
      throw refuse("its 'flags' are not a list of options of a run")
    }
    do throws(Failure) { _ = try Train.requested(flags.map(\.word)) } catch {
      throw refuse("its 'flags' cannot be used: \(error.text ?? "")")
    }
    self.flags = flags
  }
}

extension Train {
  /// The command that some words ask for; what it does not say of a run that it goes on with is as in that run.
  static func request(_ words: [Word]) throws(Failure) -> Request<Self> {
    let request = try requested(words)
    guard case .run(let given) = request, let path = given.results.resume else { return request }
    let resumption = try Resumption(path, for: given)
    let own = Set(given.keptFlags.map(\.name))
    let former = (resumption.flags ?? []).filter { !own.contains($0.name) }
    guard case .run(var command) = try requested(former.map(\.word) + words) else { return request }
    let names = Set(former.map(\.name))
    for (flag, path) in command.tables where names.contains(flag) && path.isMissing {
      throw Failure(
        .noInput,
        "--resume \(resumption.source.name): its run read \(path), which does not exist; "
          + "give its new location by --\(flag)")
    }
    command.resumption = resumption
    return .run(command)
  }

  /// The flags on which the run's results depend, in the order of their names.
  var keptFlags: [GivenFlag] {
    let given =
      model.given + training.given + optimizer.given + schedule.given + table.given
      + results.given.filter { $0.name == ResultOptions.columnsFlag }
    // Equal names keep their order.
    return given.enumerated().filter { Self.isKept($0.element.name) }
      .sorted { ($0.element.name, $0.offset) < ($1.element.name, $1.offset) }.map(\.element)
  }

  /// The names that ``keptFlags`` can have.
  static var namesOfKeptFlags: Set<String> {
    Set(
      (ModelOptions.flags.map(\.name) + TrainingOptions.flags.map(\.name)
        + OptimizerOptions.flags.map(\.name) + ScheduleOptions.flags.map(\.name)
        + TableOptions.flags.map(\.name) + [ResultOptions.columnsFlag]).filter(isKept))
  }

  private static func isKept(_ name: String) -> Bool { name != "threads" }

  /// The files of the tables that are read, or patterns of their names, with the flags that name them.
  private var tables: [(flag: String, path: Path)] {
    model.data.map { ("data", $0) } + (training.validation?.paths ?? []).map { ("validation", $0) }
  }
}

extension Path {
  /// Whether no file has the name, or fits the pattern.
  fileprivate var isMissing: Bool {
    guard let source = try? Source([self], flag: "") else { return true }
    if case .file = source { return source.status == nil }
    return false
  }
}
