import Autograd
import Glibc
import Models
import Tables

/// What is wanted of a study besides its rows.
struct StudyWishes {
  /// How many runs there may be at once.
  var jobs = coreCount
  /// Whether settings differ from run to run, so that each row has its run's number and identity.
  var isSwept = true
  var hasSeconds = false
  /// Whether curves are drawn.
  var wantsCurves = false
  /// How many of the best models are kept.
  var bestCount = 0
  var isQuiet = false
}

/// A run of a study.
struct StudyRun: Sendable {
  /// Counted from 0, in the order of the table.
  let number: Int
  /// The values of the settings that differ from run to run.
  let settings: [String]
}

/// Runs of one command that differ in some settings or in the rows held out, done side by side, a row of numbers each.
///
/// What is found does not depend on how many run at once, nor on the order in which they end.
struct Study<E: Experiment> {
  typealias Make = @Sendable (StudyRun) throws(Failure) -> E.Subject

  let runs: [StudyRun]
  let table: StudyTable
  /// What each run's numbers depend on, in short.
  private let identities: [String]
  /// The files that any of the runs reads, with their flags.
  let inputs: [(flag: String, source: Source)]
  /// The commands of the runs, unless these are many.
  private let subjects: [E.Subject?]
  /// So many commands are kept, which takes some megabytes.
  private static var mostSubjects: Int { 4096 }
  let wishes: StudyWishes
  private let make: Make
  private let shelf: TableShelf

  /// One fold of a run, or the whole of it.
  struct Unit: Hashable, Sendable {
    /// The run's place among ``runs``.
    let run: Int
    let fold: Int?
  }

  /// Checks every run as far as that is possible before the first begins, and reads the tables.
  ///
  /// `make` gives the command of a run. All shares of a study have the same columns: those of `all` runs.
  init(
    _ runs: [StudyRun], of all: [StudyRun], settings: [String], _ wishes: StudyWishes,
    make: @escaping Make
  ) throws(Failure) {
    self.runs = runs
    self.wishes = wishes
    self.make = make
    let shelf = TableShelf()
    self.shelf = shelf
    if let request = SIMDLevel.unmetRequest { throw Failure(unmetLevel: request) }
    let names = wishes.isSwept ? settings : nil
    table = try Self.table(of: all, settings, wishes, make, at: Bench(shelf))
    let found = Slots<Result<Checked, Failure>>(
      runs.map { _ in .failure(Failure(.inputOutput, "a run was not checked")) })
    let counter = Counter()
    concurrently(min(wishes.jobs, runs.count)) { _ in
      let bench = Bench(shelf)
      while let index = counter.next(below: runs.count) {
        do throws(Failure) {
          found[index] = try Self.naming(runs[index], names) { () throws(Failure) in
            let subject = try make(runs[index])
            let experiment = try E(subject, threads: 1, at: bench)
            // Nobody asks for that of a single run.
            let identity =
              wishes.isSwept ? Checksum(Array(try experiment.identity().utf8)).digits : ""
            let kept = runs.count <= Self.mostSubjects ? subject : nil
            return .success((identity, kept, experiment.inputs))
          }
        } catch {
          found[index] = .failure(error)
        }
      }
    }
    var (identities, subjects): ([String], [E.Subject?]) = ([], [])
    var inputs: [(flag: String, source: Source)] = []
    for index in runs.indices {
      let checked = try found[index].get()
      identities.append(checked.identity)
      subjects.append(checked.subject)
      inputs += checked.inputs.filter { input in
        !inputs.contains { $0.flag == input.flag && $0.source == input.source }
      }
    }
    (self.identities, self.subjects, self.inputs) = (identities, subjects, inputs)
  }

  /// What is known of a run that was checked.
  private typealias Checked = (
    identity: String, subject: E.Subject?, inputs: [(flag: String, source: Source)]
  )

  /// The table of all runs, which has every column that one of them has.
  private static func table(
    of runs: [StudyRun], _ settings: [String], _ wishes: StudyWishes, _ make: Make,
    at bench: Bench
  ) throws(Failure) -> StudyTable {
    let telling = settings.indices.filter { E.columnSettings.contains(settings[$0]) }
    var seen: Set<[String]> = []
    var columns: [String] = []
    var foldCount: Int?
    for run in runs where seen.insert(telling.map { run.settings[$0] }).inserted {
      let own = try naming(run, wishes.isSwept ? settings : nil) { () throws(Failure) in
        let experiment = try E(try make(run), threads: 1, at: bench)
        foldCount = experiment.foldCount
        return try experiment.columns()
      }
      columns += own.filter { !columns.contains($0) }
    }
    return StudyTable(
      settings: settings, isSwept: wishes.isSwept, foldCount: foldCount, columns: columns,
      hasSeconds: wishes.hasSeconds)
  }

  /// The experiment of a run, on so many threads; what goes wrong with `body` is said of that run.
  private func experiment<Result>(
    of run: Int, threads: Int, at bench: Bench, _ body: (E) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try Self.naming(runs[run], wishes.isSwept ? table.settings : nil) { () throws(Failure) in
      let subject = if let kept = subjects[run] { kept } else { try make(runs[run]) }
      return try body(try E(subject, threads: threads, at: bench))
    }
  }

  /// Does something for a run, and names it where that fails.
  private static func naming<Result>(
    _ run: StudyRun, _ names: [String]?, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    do throws(Failure) { return try body() } catch {
      guard let names, case .message(let text, let status) = error else { throw error }
      let flags = zip(names, run.settings).map { "--\($0) \(shortened($1))" }
      throw Failure(status, "run \(run.number + 1) (\(flags.joined(separator: " "))): \(text)")
    }
  }

  // MARK: Rows that are there already

  /// The rows of a file, each of which must be of this study and be there once, and the bytes of its whole lines.
  func rows(in path: Path, flag: String) throws(Failure) -> (
    rows: [StudyTable.ReadRow], lines: [UInt8]
  ) {
    let read = try table.rows(in: try Source.file(path).bytes(), of: path, flag: flag)
    let identities = identitiesBySettings
    var seen: Set<StudyTable.Key> = []
    for row in read.rows {
      func fault(_ reason: String) -> Failure {
        Failure(.badData, "\(path):\(row.line): \(reason) (\(flag))")
      }
      guard let identity = identities[row.key.settings] else {
        throw fault(
          "the values of this row are not among those of this call, which can add values but not leave any out"
        )
      }
      guard row.identity == identity else {
        throw fault(
          "this row belongs to another sweep, with other options or data; give another file, or remove this one"
        )
      }
      guard isComplete(row.row) else { throw fault("this is not a row of a sweep") }
      guard seen.insert(row.key).inserted else { throw fault("this run has a row above already") }
    }
    return read
  }

  /// What the numbers of runs depend on, by their settings.
  private var identitiesBySettings: [[String]: String] {
    Dictionary(zip(runs.map(\.settings), identities), uniquingKeysWith: { first, _ in first })
  }

  /// Whether a row is one that a run of this study can have.
  private func isComplete(_ row: StudyTable.Row) -> Bool {
    E.outcomes.contains(row.outcome) && row.values.first.flatMap(\.self) != nil
  }

  /// The rows of all tables in a folder that are of this study, one for every run and fold.
  ///
  /// Rows of other studies are passed over: what is missing then is an error.
  func collected(in folder: Path) throws(Failure) -> [StudyTable.ReadRow] {
    guard let entries = folder.withCString({ opendir($0) }) else {
      throw Failure(.noInput, "--collect \(folder): \(reason(errno))")
    }
    defer { closedir(entries) }
    var names: [[UInt8]] = []
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name.suffix(4).elementsEqual(".csv".utf8) { names.append(name) }
    }
    let identities = identitiesBySettings
    let header = Array(table.header.utf8)
    var rows: [StudyTable.Key: (row: StudyTable.ReadRow, path: Path)] = [:]
    for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let path = Path(bytes: folder.bytes + [UInt8(ascii: "/")] + name)
      guard Source.file(path).status?.isRegular == true else { continue }
      let bytes = try Source.file(path).bytes()
      guard bytes.starts(with: header) else { continue }
      for row in try table.rows(in: bytes, of: path, flag: "--collect").rows
      where identities[row.key.settings] == row.identity && isComplete(row.row) {
        if let former = rows.updateValue((row, path), forKey: row.key),
          !former.row.row.isEqual(to: row.row)
        {
          throw Failure(
            .badData,
            "\(path):\(row.line): this run has different numbers in \(former.path), line \(former.row.line)"
          )
        }
      }
    }
    let missing = units.filter { rows[key($0)] == nil }.map { runs[$0.run].number + 1 }
    guard missing.isEmpty else {
      let shown = Array(Set(missing)).sorted()
      throw Failure(
        .noInput,
        "--collect \(folder): \(shown.count) of \(runs.count) runs have no row there, or one with other options or "
          + "data: run \(shown.prefix(5).map { "\($0)" }.joined(separator: ", "))"
          + (shown.count > 5 ? " and others" : ""))
    }
    return rows.values.map(\.row)
  }

  var units: [Unit] {
    runs.indices.flatMap { run in
      table.foldCount.map { count in (0..<count).map { Unit(run: run, fold: $0) } }
        ?? [Unit(run: run, fold: nil)]
    }
  }

  private func key(_ unit: Unit) -> StudyTable.Key {
    StudyTable.Key(settings: runs[unit.run].settings, fold: unit.fold)
  }

  private func line(_ row: StudyTable.Row, of unit: Unit) -> [UInt8] {
    table.line(row, of: key(unit), run: runs[unit.run].number, identity: identities[unit.run])
  }

  /// The means of a run's folds, as they stand in the table.
  private func meanLine(_ rows: [StudyTable.Row], of run: Int) -> [UInt8] {
    line(table.mean(of: rows, isSuccess: E.isSuccess), of: Unit(run: run, fold: nil))
  }

  /// The whole table of a study that has come to its end.
  func lines(of result: StudyResult) -> [UInt8] {
    var lines = Array(table.header.utf8)
    for (index, unit) in units.enumerated() {
      lines += line(result.rows[index], of: unit)
      if let count = table.foldCount, unit.fold == count - 1 {
        lines += meanLine(Array(result.rows[index - count + 1...index]), of: unit.run)
      }
    }
    return lines
  }

  /// How many lines the table has below its header.
  var lineCount: Int { runs.count * linesPerRun }

  private var linesPerRun: Int { table.foldCount.map { $0 + 1 } ?? 1 }

  private func place(of unit: Unit) -> Int {
    unit.run * linesPerRun + (unit.fold ?? table.foldCount ?? 0)
  }

  // MARK: Running

  /// Does the runs that have no row yet, and writes their rows.
  ///
  /// `known` are rows that need no run, and `former` the lines of an older file that is gone on with. Throws what keeps
  /// the study from its end.
  func run(
    _ output: StudyOutput?, known: [StudyTable.ReadRow] = [], in former: [UInt8] = []
  ) throws(Failure) -> StudyResult {
    let ledger = Ledger(rows: units.count, wishes: wishes, output)
    let units = units
    var rows: [StudyTable.Key: StudyTable.Row] = [:]
    for row in known { rows[row.key] = row.row }
    var kept: [(place: Int, line: [UInt8])] = []
    for (index, unit) in units.enumerated() {
      guard let row = rows[key(unit)] else { continue }
      ledger.rows[index] = row
      kept.append((place(of: unit), line(row, of: unit)))
      if let lines = finishedLine(after: index, in: ledger.rows) { kept.append(lines) }
    }
    ledger.doneCount = ledger.rows.count { $0 != nil }
    let due = units.indices.filter { ledger.rows[$0] == nil || wishes.wantsCurves }
    let again = due.count { ledger.rows[$0] != nil }
    if again > 0, !wishes.isQuiet {
      Diagnostics.say(
        "note: \(again) finished \(again == 1 ? "run is" : "runs are") repeated, to draw \(again == 1 ? "its curve" : "their curves")"
      )
    }
    ledger.firstDone = ledger.doneCount
    try output?.begin(header: table.header, kept, in: former)
    Interruption.listen()
    if !due.isEmpty { work(on: due, of: units, ledger) }
    Interruption.stopListening()
    StatusLine.erase()
    if let failure = ledger.failure {
      // The rows that are there are kept, if they can be.
      try? output?.end(header: table.header, isFinished: false)
      throw failure.failure
    }
    if let signal = Interruption.signal {
      try output?.end(header: table.header, isFinished: false)
      throw .interrupted(signal: signal)
    }
    try output?.end(header: table.header, isFinished: true)
    return StudyResult(
      rows: ledger.rows.compactMap(\.self), curves: ledger.curves, models: ledger.models,
      seconds: Clock.now - ledger.start)
  }

  private func work(on due: [Int], of units: [Unit], _ ledger: Ledger) {
    let counter = Counter()
    let jobs = min(wishes.jobs, due.count)
    let threads = max(1, coreCount / jobs)
    concurrently(jobs) { _ in
      let bench = Bench(shelf)
      while !ledger.isOver, let next = counter.next(below: due.count) {
        let index = due[next]
        let unit = units[index]
        do throws(Failure) {
          let measurement = try experiment(of: unit.run, threads: threads, at: bench) {
            experiment throws(Failure) in
            try experiment.run(fold: unit.fold, wanted(of: unit))
          }
          guard let measurement else { return }
          try take(measurement, of: index, unit, ledger)
        } catch {
          ledger.fail(error, at: index)
        }
      }
    }
  }

  private func wanted(of unit: Unit) -> Wanted {
    var wanted: Wanted = []
    if wishes.wantsCurves { wanted.insert(.curve) }
    if wishes.bestCount > 0, unit.fold == nil { wanted.insert(.model) }
    return wanted
  }

  /// Notes what was measured, and writes its row.
  private func take(
    _ measurement: Measurement, of index: Int, _ unit: Unit, _ ledger: Ledger
  ) throws(Failure) {
    precondition(
      Set(measurement.values.keys).isSubset(of: table.columns), "what is measured has a column")
    let row = StudyTable.Row(
      outcome: measurement.outcome, values: table.columns.map { measurement.values[$0] },
      seconds: wishes.hasSeconds ? measurement.seconds : nil)
    try ledger.locked { () throws(Failure) in
      for remark in measurement.remarks { ledger.say(remark) }
      ledger.curves[index] = measurement.curve
      if let model = measurement.model, let rank = rank(of: row) {
        ledger.keep(model, of: unit.run, rank: rank)
      }
      if let former = ledger.rows[index] {
        if !row.isEqual(to: former) {
          throw Failure(
            .badData,
            "run \(runs[unit.run].number + 1) now gives other numbers than its row has: was that made on another "
              + "kind of machine? Remove the file to repeat all runs on this one")
        }
        return
      }
      ledger.rows[index] = row
      try ledger.output?.take(line(row, of: unit), at: place(of: unit))
      if let (place, line) = finishedLine(after: index, in: ledger.rows) {
        try ledger.output?.take(line, at: place)
      }
      ledger.doneCount += 1
      ledger.show(best: unit.fold == nil ? rank(of: row) : nil, of: runs[unit.run].number)
    }
  }

  /// The line of means that follows once the last of a run's folds has its row, whichever that is.
  private func finishedLine(
    after index: Int, in rows: [StudyTable.Row?]
  ) -> (place: Int, line: [UInt8])? {
    guard let count = table.foldCount else { return nil }
    let run = index / count
    let folds = rows[run * count..<(run + 1) * count].compactMap(\.self)
    guard folds.count == count else { return nil }
    return (place(of: Unit(run: run, fold: nil)), meanLine(folds, of: run))
  }

  /// The first run whose numbers are those of an earlier one, and that one; nil if all differ.
  var repeated: (run: Int, earlier: Int)? {
    var seen: [String: Int] = [:]
    for (run, identity) in identities.enumerated() {
      if let earlier = seen.updateValue(run, forKey: identity) { return (run, earlier) }
    }
    return nil
  }

  // MARK: Comparing

  /// The column by which runs are compared: the validation loss where there is one.
  private var rankColumn: String {
    table.columns.contains("validation_loss") ? "validation_loss" : "loss"
  }

  /// What a run is compared by, the lower the better; nil where it failed.
  private func rank(of row: StudyTable.Row) -> Double? {
    guard E.isSuccess(row.outcome), let column = table.columns.firstIndex(of: rankColumn),
      let value = row.values[column], !value.isNaN
    else { return nil }
    return value
  }

  /// The runs by what they are compared by, the best first; equal ones in their order.
  func ranking(_ result: StudyResult) -> [(run: Int, value: Double)] {
    let count = table.foldCount ?? 1
    let ranked = runs.indices.compactMap { run -> (run: Int, value: Double)? in
      let rows = Array(result.rows[run * count..<(run + 1) * count])
      let row = table.foldCount == nil ? rows[0] : table.mean(of: rows, isSuccess: E.isSuccess)
      return rank(of: row).map { (run, $0) }
    }
    return ranked.sorted { ($0.value, $0.run) < ($1.value, $1.run) }
  }

  /// The model of a run, trained on all rows where folds were held out.
  func model(of run: Int, _ result: StudyResult) throws(Failure) -> [UInt8]? {
    if let model = result.models[run] { return model }
    return try experiment(of: run, threads: coreCount, at: Bench(shelf)) {
      experiment throws(Failure) in
      try experiment.run(fold: nil, .model)?.model
    }
  }

  /// What a run is called in a message.
  func name(of run: Int) -> String {
    let settings = zip(table.settings, runs[run].settings).map { "\($0) \(shortened($1))" }
    return "run \(runs[run].number + 1) (\(settings.joined(separator: ", ")))"
  }

  /// What its runs, or its folds, are compared by, in words.
  var rankTitle: String { rankColumn.split(separator: "_").joined(separator: " ") }
}

/// What a study has come to.
struct StudyResult {
  /// A row for each fold of each run, or for each run.
  let rows: [StudyTable.Row]
  /// The curves of those that were run, by the places of their rows.
  let curves: [Int: LossCurve]
  /// The best models of those that were run, by run.
  let models: [Int: [UInt8]]
  let seconds: Double
}

extension StudyTable.Row {
  /// Whether both say the same; a nan is like another.
  fileprivate func isEqual(to other: Self) -> Bool {
    outcome == other.outcome
      && zip(values, other.values).allSatisfy { $0 == $1 || $0?.isNaN == true && $1?.isNaN == true }
  }
}
