import Flags
import Formula
import Plotting
import Tables

/// `backprop plot`: curves of one or several CSVs in one picture.
struct Plot: Command {
  private var files: [String] = []
  private var output: String?
  private var x: String?
  private var y: [String] = []
  private var labels: [String] = []
  private var table = TableOptions()
  private var curves = CurveOptions()

  static let name = "plot"
  static let summary = "Draw the loss curves of one or several runs."
  static let usage = "[<options>] <file> ..."

  static var arguments: Arguments<Self>? {
    Arguments(
      name: "file", help: "CSVs with a header to draw, '-' for standard input.", isRequired: true
    ) { $0.files.append(try fileName($1)) }
  }

  static var sections: [FlagSection<Self>] {
    [
      FlagSection(
        "Plot options",
        [
          Flag<Plot>(
            "output", short: "o", "file",
            "Where the picture goes; the extension (.png, .svg, .pdf) is the format."
          ) { $0.output = try fileName($1) },
          Flag("x", "column", "Column along the horizontal axis. [epoch]") { $0.x = $1 },
          Flag(
            "y", "column",
            "Column to draw; can be repeated. [loss, and validation_loss where there is one]"
          ) { $0.y.append($1) },
          Flag("label", "name", "Name of a file in the legend, one for each. [its name]") {
            $0.labels.append($1)
          },
        ]),
      FlagSection("Picture options", \.curves, CurveOptions.flags()),
      FlagSection("Table options", \.table, TableOptions.flags),
    ]
  }

  static var discussion: String {
    """
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
    """
  }

  func run() throws(Failure) {
    let picture = try check()
    let file = try picture?.create()
    let figure = try figure()
    if let picture {
      try file?.write { () throws(PlotError) in
        try figure.picture(as: picture.format, creator: Backprop.creator)
      }
    }
    if curves.preview || picture == nil {
      let preview: String
      do { preview = try figure.preview(in: Terminal(of: .standardOutput)) } catch {
        throw Failure(error)
      }
      try Writer.standardOutput.writeAll(preview)
    }
  }

  /// The picture to make, if one is asked for; throws if flags contradict each other.
  func check() throws(Failure) -> PictureFile? {
    if !labels.isEmpty, labels.count != files.count {
      throw Failure(
        .usage, "give --label once for each of the \(files.count) files, or not at all")
    }
    if Set(y).count < y.count { throw Failure(.usage, "give each column of --y once") }
    let picture = try output.map { path throws(Failure) in
      try PictureFile(
        path, format: curves.format, option: "--output", formatOption: "--format")
    }
    try curves.check(
      formats: picture.map { [$0.format] } ?? [], placeOption: "--output", drawsInTerminal: true)
    let destinations = [
      picture.map { FlaggedDestination(flag: "--output", destination: $0.destination) },
      curves.preview || picture == nil
        ? FlaggedDestination(flag: "--preview", destination: .standardOutput) : nil,
    ]
    try destinations.compactMap(\.self).requireDistinct(from: files.map { ($0, Source($0)) })
    return picture
  }

  /// The figure of all files.
  func figure() throws(Failure) -> Figure {
    var runs: [Figure.Run] = []
    var reading = try table.reading()
    reading.pipe = "backprop plot -"
    for (file, name) in zip(files, legendNames) {
      let table = try self.table(Source(file), reading)
      runs += try self.runs(in: table, named: name)
    }
    if runs.count == 1 { runs[0].name = labels.first ?? "" }
    return curves.figure(
      of: runs, xTitle: horizontal, yTitle: y.count == 1 ? y[0] : "Loss")
  }

  /// The column along the horizontal axis.
  private var horizontal: String { x ?? "epoch" }

  /// What the legend calls each file: as short as tells them apart.
  private var legendNames: [String] {
    if !labels.isEmpty { return labels }
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
