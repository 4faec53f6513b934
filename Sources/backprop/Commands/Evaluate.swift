import Autograd
import Flags
import Models
import Plotting
import Tables

/// `backprop eval`: how well a trained model predicts a table.
struct Evaluate: Command {
  /// What becomes of a row that lacks a value.
  private enum Missing: String, CaseIterable {
    case error, drop

    var policy: MissingPolicy { self == .drop ? .drop : .error }
  }

  private var model: [Path] = []
  private var data: [Path] = []
  private var missing = Missing.error
  private var unseen = Unseen.error
  private var metrics: Path?
  private var confusion: Path?
  private var plot: [Path] = []
  private var format: PictureFormat?
  private var look = LookOptions(prefix: "plot-")
  private var limits = QualityLimits()
  private var table = TableOptions()
  private var storage = StorageOptions()

  static let name = "eval"
  static let summary = "Measure how well a trained model predicts a table."
  static let usage = "<model> [--data <file>] [<options>]"
  static let isShared = true

  static var arguments: Arguments<Self>? {
    Arguments(
      name: "model", help: "File that 'train' or 'fit' wrote with --save or --checkpoint.",
      isRequired: true
    ) { $0.model.append(try fileName($1)) }
  }

  static var sections: [FlagSection<Self>] {
    [
      FlagSection(
        "Evaluation options",
        [
          Flag<Evaluate>(
            "data", file: "file",
            """
            CSV table that includes the target; '-' is standard input. Can be repeated, or be a pattern such as 'part-*.csv'; the rows of all \
            files form one table. [standard input]
            """
          ) { $0.data.append(try fileName($1)) },
          Flag("metrics", file: "file", "Write all metrics as JSON.") {
            $0.metrics = try fileName($1)
          },
          Flag(
            "confusion", file: "file",
            "Write the confusion matrix as CSV, with a row per observed class and a column per predicted class."
          ) { $0.confusion = try fileName($1) },
          Flag(
            "missing", "error|drop",
            """
            What to do about a missing value in a column that is used: report an error, or drop the row. With drop, \
            words such as NA, nan and null count as missing in columns of numbers. [error]
            """
          ) { $0.missing = try choice($1) },
          Unseen.flag { $0.unseen = $1 },
        ]),
      FlagSection("Checks", \.limits, QualityLimits.flags),
      FlagSection(
        "Picture options",
        [
          Flag<Evaluate>(
            "plot", file: "file",
            """
            Draw predicted against observed values, or the confusion matrix; the extension (.png, .svg, .pdf) sets the \
            format. Can be repeated.
            """
          ) { $0.plot.append(try fileName($1)) },
          Flag(
            "plot-format", "format",
            "Format of the picture (png, svg, pdf), whatever its extension; required with '-'."
          ) { $0.format = try choice($1) },
        ] + LookOptions.flags(prefix: "plot-").map { $0.lifted(\.look) }),
      FlagSection("Table options", \.table, TableOptions.formatFlags),
      FlagSection("Storage options", \.storage, StorageOptions.flags),
    ]
  }

  static var discussion: String {
    """
    EXAMPLES:
      Irises that were not used in training, and which species are confused.
      $ awk 'NR == 1 || NR % 3' samples/iris.csv > train.csv
      $ awk 'NR == 1 || NR % 3 == 0' samples/iris.csv > test.csv
      $ backprop train --data train.csv --target species --model softmax --loss cross-entropy \\
          --optimizer adam --lr 0.1 --batch-size full --csv loss.csv --save iris.safetensors
      $ backprop eval iris.safetensors --data test.csv --confusion confusion.csv

      In a script: exit code 5 if the accuracy is too low.
      $ backprop eval iris.safetensors --data test.csv --min-accuracy 0.9

    For a model of numbers, the CSV has the columns metric,value and gives the number of rows, loss, mae, rmse and r2. \
    For a classifier it has the columns metric,class,value and gives rows, loss and accuracy of all classes together, \
    then precision, recall, f1 and rows of each class. Undefined values, such as the precision of a class that is never \
    predicted, are nan. With --confusion - or --metrics -, that file goes to standard output instead of this CSV.

    The loss is the one used in training, without penalties; the other numbers are in the target's own unit. If the \
    model was trained with weights and the table has their column, rows are weighted here too. The table must have the \
    columns that the model and its loss use; other columns are ignored.
    """
  }

  func run() throws(Failure) {
    let (source, table) = try sources()
    var reading = try self.table.reading()
    reading.advice = TableAdvice(
      pipe: "backprop eval … --data -",
      precision: "train the model with --precision float64",
      policies: ["--missing drop leaves such rows out"])
    let pictures = try checkedPictures()
    try destinations(pictures).requireDistinct(from: [("the model", source), ("--data", table)])
    let saved = try SavedModel(of: source)
    try check(saved.model)
    let outputs = try EvaluationOutputs(
      confusion: confusion, metrics: metrics, pictures: pictures, look: look)
    let needed = NewTable.columnsNeeded(by: saved.model)
    let wanted = needed.union(saved.model.specification.weights.map { [$0] } ?? [])
    let whole = try table.table(reading, storage) { _ in wanted }
    try require(needed.sorted(), in: whole.columnNames, of: whole.file)
    let new: NewTable
    do throws(BindingError) {
      new = try NewTable(
        kept: whole, for: saved.model, missing: missing.policy, allowsUnknown: unseen == .zero)
    } catch {
      throw failure(error, reading.advice)
    }
    try Job.begin(with: Job.count > 1 ? try identity(of: new, saved) : "")
    let isDrawn = Job.isFirst && !plot.isEmpty
    let report: EvaluationReport
    do throws(TableError) {
      report =
        switch saved.values {
        case .float32(let values): try EvaluationReport(new, values, isDrawn: isDrawn)
        case .float64(let values): try EvaluationReport(new, values, isDrawn: isDrawn)
        }
    } catch {
      throw Failure(error, advice: reading.advice)
    }
    Job.finish()
    if Job.isFirst { try outputs.write(report) }
    try limits.check(report)
  }

  /// What must be the same for all processes.
  private func identity(of new: NewTable, _ saved: SavedModel) throws(Failure) -> String {
    let rows = try new.model.numbers(of: new.table, as: Double.self).fingerprint
    let count = new.storedRows.map { "\($0.rowCount) stored" } ?? "\(new.table.rowCount)"
    return "\(rows) \(count) \(Columns<Double>([saved.values.doubles]).fingerprint)"
  }

  /// The model and the table.
  private func sources() throws(Failure) -> (model: Source, table: Source) {
    let source = try Source(ofModel: model, for: Self.name, advice: "; --data names the table")
    if data.isEmpty, Source.isTerminalStandardInput {
      throw Failure(.usage, "eval: give a table by --data or a pipe")
    }
    let table = try Source(data.isEmpty ? [Path("-")] : data, flag: "--data")
    try Job.check([table, source])
    return (source, table)
  }

  private func checkedPictures() throws(Failure) -> [PictureFile] {
    let pictures = try plot.map { path throws(Failure) in
      try PictureFile(path, format: format, option: "--plot", formatOption: "--plot-format")
    }
    let given =
      (format == nil ? [] : ["--plot-format"]) + look.given
      + (look.title == nil ? [] : [look.flag("title")])
    if pictures.isEmpty, let flag = given.first {
      throw Failure(.usage, "\(flag) has no effect without --plot")
    }
    try look.checkPixels(of: pictures.map(\.format), placeOption: "--plot")
    return pictures
  }

  private func destinations(_ pictures: [PictureFile]) -> [FlaggedDestination] {
    var all = pictures.map { FlaggedDestination(flag: "--plot", destination: $0.destination) }
    all += storage.destinations
    for (flag, path) in [("--confusion", confusion), ("--metrics", metrics)] {
      guard let path else { continue }
      all.append(FlaggedDestination(flag: flag, destination: Destination(path)))
    }
    return all
  }

  /// Throws if a flag asks for what the model has not.
  private func check(_ model: Model) throws(Failure) {
    if model.classNames.isEmpty, confusion != nil {
      throw Failure(.usage, "--confusion: the model predicts a number, not a class")
    }
    try limits.check(model)
  }

  private func failure(_ error: BindingError, _ advice: TableAdvice) -> Failure {
    switch error.reason {
    case .table(let error): Failure(error, advice: advice)
    case .unknownLevel:
      Failure(.badData, "\(error); --unseen zero encodes it as zeros")
    default: Failure(.badData, "\(error)")
    }
  }
}
