import Flags
import Tables

/// The flags of a sweep itself.
struct SweepOptions: NotesFlags {
  var random: Int?
  var sweepSeed: UInt64?
  var jobs: Int?
  var csv: Path?
  var hasSeconds = false
  var plots: [Path] = []
  var best: Int?
  var save: Path?
  var task: Int?
  var taskCount: Int?
  var collect: Path?
  var isQuiet = false
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  /// The most runs of a sweep.
  static let mostRuns = 1_000_000

  static var flags: [Flag<Self>] {
    [
      Flag(
        "random", "count",
        "Draw the values of this many runs at random instead of running every combination."
      ) {
        $0.random = try wholeNumber($1)
        guard $0.random ?? 0 <= mostRuns else {
          throw BadValue("there may be up to \(mostRuns) runs")
        }
      },
      Flag("sweep-seed", "seed", "Seed of the values that --random draws. [0]") {
        $0.sweepSeed = try seedNumber($1)
      },
      Flag(
        "jobs", "count",
        "Number of runs at the same time, which does not affect results. [all cores]"
      ) {
        $0.jobs = try wholeNumber($1)
      },
      Flag(
        "csv", file: "file",
        "Write the table of runs to this file. Runs that already have a row in it are not repeated. [standard output]"
      ) { $0.csv = try fileName($1) },
      Flag(
        "seconds",
        "Add a column with the seconds that each run took, which differ from call to call."
      ) { $0.hasSeconds = true },
      Flag(
        "plot", file: "file",
        "Draw the curves of all runs; the extension (.png, .svg, .pdf) sets the format. Can be repeated."
      ) { $0.plots.append(try fileName($1)) },
      Flag(
        "best", "count",
        """
        Save this many of the best models in the folder of --save, as best-1.safetensors and so on. The best have the \
        lowest final validation loss or, without validation, the lowest final loss.
        """
      ) { $0.best = try wholeNumber($1) },
      Flag("save", file: "folder", "Folder for the models of --best; it is created if necessary.") {
        $0.save = try fileName($1)
      },
      Flag(
        "task", "number",
        "Run only this task's share of the runs; tasks are numbered from 0, and --of says how many there are."
      ) { $0.task = try wholeNumber($1, from: 0) },
      Flag("of", "count", "Number of tasks that share the runs.") {
        $0.taskCount = try wholeNumber($1)
      },
      Flag(
        "collect", file: "folder",
        """
        Join the tasks' tables in this folder, which together must have a row for every run. Runs that --plot or --best \
        need are repeated.
        """
      ) { $0.collect = try fileName($1) },
      Flag("quiet", "Show no progress and no notes.") { $0.isQuiet = true },
    ]
  }

  /// Throws if the flags contradict each other.
  func check() throws(Failure) {
    if sweepSeed != nil, random == nil {
      throw Failure(.usage, "--sweep-seed has no effect without --random")
    }
    if best != nil, task != nil {
      throw Failure(
        .usage,
        "--best compares all runs, and a task has some: give it with --collect, when all tasks are done"
      )
    }
    if best == nil, save != nil {
      throw Failure(.usage, "--save is the folder for the models of --best: give --best, such as 1")
    }
    if best != nil, save == nil {
      throw Failure(.usage, "--best needs a folder for the models: give --save")
    }
    if collect != nil, task != nil || taskCount != nil {
      throw Failure(
        .usage, "--collect joins what all tasks have written: leave out --task and --of")
    }
    switch (task, taskCount) {
    case (nil, nil): break
    case (let task?, let count?):
      guard task < count else {
        throw Failure(
          .usage,
          "--task \(task) --of \(count): tasks are numbered from 0 to \(count - 1), as with --array=0-\(count - 1)"
        )
      }
    default:
      throw Failure(.usage, "--task and --of go together, as in --task 0 --of 10")
    }
  }
}
