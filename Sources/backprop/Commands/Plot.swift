import ArgumentParser
import Formula
import Plotting
import Tables

/// `backprop plot`: curves of one or several CSVs in one picture.
struct Plot: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw the loss curves of one or several runs.",
    discussion: """
      EXAMPLES:
        The losses of a run, from its CSV.
        $ backprop train | backprop plot - --output loss.svg

        Two runs in one picture, on a logarithmic axis.
        $ backprop train --lr 0.001 > slow.csv
        $ backprop train --lr 0.02 > quick.csv
        $ backprop plot slow.csv quick.csv --yscale log --output compare.png

        A look over ssh, without any file.
        $ backprop train | backprop plot -

      Without --output the curves are drawn in the terminal.
      """)

  @Argument(
    help: ArgumentHelp("CSVs with a header to draw, '-' for standard input.", valueName: "file"),
    transform: { text in try fileName(text) })
  var files: [String]

  @Option(
    name: [.short, .long], parsing: .unconditional,
    help: ArgumentHelp(
      "Where the picture goes; the extension (.png, .svg, .pdf) is the format.", valueName: "file"),
    transform: { text in try fileName(text) })
  var output: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Column along the horizontal axis. [epoch]", valueName: "column"))
  var x: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Column to draw; can be repeated. [loss, and validation_loss where there is one]",
      valueName: "column"))
  var y: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Name of a file in the legend, one for each. [its name]", valueName: "name"))
  var label: [String] = []

  @OptionGroup(title: "Table options") var tableOptions: TableOptions

  @OptionGroup var curves: CurveOptions<PlainSpelling>

  func validate() throws {
    if files.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input can be read once: give one '-'")
    }
    if !label.isEmpty, label.count != files.count {
      throw ValidationError("give --label once for each of the \(files.count) files, or not at all")
    }
    let picture = try picture()
    try curves.check(
      formats: picture.map { [$0.format] } ?? [], placeOption: "--output", drawsInTerminal: true)
    if let picture {
      for file in files where file != "-" && picture.place.isSamePlace(as: .file(file)) {
        throw ValidationError("--output would overwrite \(file)")
      }
      if curves.preview, picture.place == .standardOutput {
        throw ValidationError("--preview and --output - would both write to standard output")
      }
    }
    if Set(y).count < y.count { throw ValidationError("give each column of --y once") }
  }

  func run() throws {
    let picture = try picture()
    try picture?.check()
    let figure = try figure()
    do {
      try picture?.write(figure)
      if curves.preview || picture == nil {
        try Writer.standardOutput.writeAll(figure.preview(in: Terminal(of: .standardOutput)))
      }
    } catch let error as PlotError {
      throw Failure(error)
    }
  }

  /// The figure of all files.
  func figure() throws -> Figure {
    var runs: [Figure.Run] = []
    var reading = try tableOptions.reading()
    reading.pipe = "backprop plot -"
    for (file, name) in zip(files, legendNames) {
      let table = try table(Source(file), reading)
      runs += try self.runs(in: table, named: name)
    }
    if runs.count == 1 { runs[0].name = label.first ?? "" }
    return curves.figure(
      of: runs, xTitle: horizontal, yTitle: y.count == 1 ? y[0] : "Loss")
  }

  /// The column along the horizontal axis.
  private var horizontal: String { x ?? "epoch" }

  private func picture() throws(ValidationError) -> PictureFile? {
    try output.map { path throws(ValidationError) in
      try PictureFile(
        path, format: curves.picture.format, option: "--output", formatOption: "--format")
    }
  }

  /// What the legend calls each file: as short as tells them apart.
  private var legendNames: [String] {
    if !label.isEmpty { return label }
    let names = files.map { file in
      if file == "-" { return "standard input" }
      let name = file.split(separator: "/").last ?? file[...]
      let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name
      return String(stem.isEmpty ? name : stem)
    }
    return Set(names).count == names.count ? names : files
  }

  /// The table of one file, in which no value of a column to draw is missing.
  private func table(_ source: Source, _ reading: TableReading) throws(Failure) -> Table {
    let table = try source.table(reading)
    let drawn = [horizontal] + (y.isEmpty ? ["loss", "validation_loss"] : y)
    return try table.complete(
      in: drawn.filter(table.columnNames.contains), reading.missing)
  }

  /// The curves of one file: one for each column asked for.
  private func runs(in table: Table, named name: String) throws(Failure) -> [Figure.Run] {
    let epochs = try numbers(of: horizontal, in: table, namedBy: "--x")
    if y.isEmpty {
      let hasValidation = table.columnNames.contains("validation_loss")
      return [
        Figure.Run(
          name: name, epochs: epochs,
          losses: try numbers(of: "loss", in: table, namedBy: "--y"),
          validationLosses: hasValidation
            ? try numbers(of: "validation_loss", in: table, namedBy: "--y") : nil)
      ]
    }
    return try y.map { column throws(Failure) in
      let ownName = y.count == 1 ? name : files.count == 1 ? column : "\(name) \(column)"
      let losses = try numbers(of: column, in: table, namedBy: "--y")
      return Figure.Run(name: ownName, epochs: epochs, losses: losses)
    }
  }

  private func numbers(
    of column: String, in table: Table, namedBy flag: String
  ) throws(Failure) -> [Double] {
    guard table.columnNames.contains(column) else {
      let complaint = unknown("column", column, among: table.columnNames)
      throw Failure(.usage, "\(table.file): \(complaint) (\(flag) names another)")
    }
    do throws(TableError) {
      return try table.numbers(of: column)
    } catch {
      throw Failure(error)
    }
  }
}
