import Flags
import Formula
import Plotting
import Tables

/// `backprop plot`: curves of one or several CSVs in one picture.
struct Plot: Command {
  private var files: [Path] = []
  private var output: Path?
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
      name: "file", help: "CSV files with a header; '-' is standard input.", isRequired: true,
      // A point or a slash tells the name of a file from an option's.
      mayBe: { $0.contains(".") || $0.contains("/") },
      add: { $0.files.append(try fileName($1)) })
  }

  static var sections: [FlagSection<Self>] {
    [
      FlagSection(
        "Plot options",
        [
          Flag<Plot>(
            "output", short: "o", file: "file",
            "Write the picture to this file; the extension (.png, .svg, .pdf) sets the format."
          ) { $0.output = try fileName($1) },
          Flag(
            "x", "column",
            "Column for the horizontal axis. [epoch, step or similar, otherwise the row number]"
          ) { $0.x = $1 },
          Flag(
            "y", "column",
            "Column to draw. Can be repeated. [columns named like losses, such as loss and val_loss]"
          ) { $0.y.append($1) },
          Flag(
            "label", "name",
            "Name of a file in the legend; give one for every file. [the file name]"
          ) {
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

      A look at a run over ssh, without any file.
      $ backprop train | backprop plot -

      Only losses, one per line.
      $ printf '2.3\\n1.9\\n1.5\\n' | backprop plot - --no-header

    Logs of Keras, Lightning, Hugging Face, TensorBoard and YOLO can be read as they are; an empty cell is left out of \
    its curve. Without --output, the curves are drawn in the terminal.
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
    try destinations.compactMap(\.self).requireDistinct(from: files.map { ("\($0)", Source($0)) })
    return picture
  }

  /// The figure of all files.
  func figure() throws(Failure) -> Figure {
    var reading = try table.reading()
    reading.advice.pipe = "backprop plot -"
    reading.format.missing.formUnion(Self.missingWords)
    var drawn: [DrawnTable] = []
    for (file, name) in zip(files, legendNames) {
      drawn.append(try drawnTable(of: try Source(file).table(reading), named: name))
    }
    for table in drawn.dropFirst() where table.xTitle != drawn[0].xTitle {
      throw Failure(
        .usage,
        "\(drawn[0].file) would be drawn over \(excerpt(drawn[0].xTitle)) and \(table.file) over "
          + "\(excerpt(table.xTitle)); give --x with a column that all files have")
    }
    let yTitles = Set(drawn.map(\.yTitle))
    let figure = curves.figure(
      of: drawn.flatMap(\.runs), xTitle: drawn.first?.xTitle ?? "",
      yTitle: yTitles.count == 1 ? yTitles.first ?? "" : "")
    curves.warn(of: figure)
    return figure
  }

  /// What programs write in a log where they have no value.
  private static let missingWords: Set = ["NA", "N/A", "#N/A", "null", "NULL", "None", "none"]

  /// What the legend calls each file: as short as tells them apart; nothing for a single one.
  private var legendNames: [String] {
    if !labels.isEmpty { return labels }
    if files.count == 1 { return [""] }
    let paths = files.map(\.description)
    let names = paths.map { file in
      if file == "-" { return "standard input" }
      let name = file.split(separator: "/").last ?? file[...]
      let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name
      return String(stem.isEmpty ? name : stem)
    }
    return Set(names).count == names.count ? names : paths
  }

  /// The curves of one file and what they are drawn over.
  private struct DrawnTable {
    let file: String
    let runs: [Figure.Run]
    let xTitle: String
    let yTitle: String
  }

  /// The curves of one file: the columns asked for, or those that its names show to be losses.
  private func drawnTable(of whole: Table, named name: String) throws(Failure) -> DrawnTable {
    let layout = LogLayout(whole.columnNames)
    let losses =
      !y.isEmpty
      ? y.map { LogLayout.Loss(column: $0) }
      : layout.losses.isEmpty ? [LogLayout.Loss(column: "loss")] : layout.losses
    let columns = losses.flatMap { [$0.column] + ($0.validation.map { [$0] } ?? []) }
    for column in columns { try require(column, in: whole, namedBy: "--y") }
    if let x { try require(x, in: whole, namedBy: "--x") }
    var table = whole
    if self.table.missing != nil {
      let places = x.map { [$0] } ?? Array(layout.places.prefix(1))
      table = try whole.complete(in: places + columns, self.table.missing ?? .error)
    }
    var values: [String: [Double?]] = [:]
    for column in columns { values[column] = try numbers(of: column, in: table) }
    let isAlone = whole.columnNames.count == 1
    let (place, xTitle) = try places(
      in: table, among: isAlone ? [] : layout.places, of: columns.map { values[$0] ?? [] })
    var misplaced = 0
    func line(_ column: String, _ name: String, isValidation: Bool = false) -> Figure.Run.Line {
      var (xs, ys): ([Double], [Double]) = ([], [])
      for (x, y) in zip(place, values[column] ?? []) {
        guard let y else { continue }
        guard let x else {
          misplaced += 1
          continue
        }
        xs.append(x)
        ys.append(y)
      }
      return Figure.Run.Line(name: name, x: xs, y: ys, isValidation: isValidation)
    }
    let isOwn = y.isEmpty && columns == ["loss", "validation_loss"]
    let prefix = name.isEmpty ? "" : name + " "
    let runs = losses.map { loss in
      let isOnly = columns.count == 1
      let own = isOnly ? name : isOwn ? prefix + "train" : named(loss.column, in: name)
      return Figure.Run(
        lines: [line(loss.column, own)]
          + (loss.validation.map { column in
            let own = isOwn ? prefix + "validation" : named(column, in: name)
            return [line(column, own, isValidation: true)]
          } ?? []))
    }
    if misplaced > 0 {
      Diagnostics.warn(
        "\(table.file): column \(excerpt(xTitle)) is empty in \(misplaced) "
          + "\(misplaced == 1 ? "place" : "places") that a curve needs, which \(misplaced == 1 ? "is" : "are") "
          + "left out; --x names another column")
    }
    return DrawnTable(
      file: table.file, runs: y.isEmpty ? withoutEmptyLines(runs) : runs, xTitle: xTitle,
      yTitle: yTitle(of: losses))
  }

  /// What the legend calls one of several columns of a file.
  private func named(_ column: String, in name: String) -> String {
    files.count == 1 ? column : "\(name) \(column)"
  }

  /// What the vertical axis shows: losses, or the name that all columns share.
  private func yTitle(of losses: [LogLayout.Loss]) -> String {
    guard y.isEmpty else { return commonName(of: y) }
    if losses.count == 1, LogLayout.isNoLoss(losses[0].column) {
      return table.hasNoHeader ? "" : losses[0].column
    }
    return "Loss"
  }

  /// The runs without curves that have no value, unless none has any.
  private func withoutEmptyLines(_ runs: [Figure.Run]) -> [Figure.Run] {
    let filled = runs.map { run in Figure.Run(lines: run.lines.filter { !$0.x.isEmpty }) }
      .filter { !$0.lines.isEmpty }
    return filled.isEmpty ? runs : filled
  }

  /// The places along the horizontal axis and what they are: those of `--x`, or of the first column
  /// that counts and counts on along every curve, or the numbers of the rows.
  private func places(
    in table: Table, among candidates: [String], of curves: [[Double?]]
  ) throws(Failure) -> ([Double?], String) {
    if let x { return (try numbers(of: x, in: table), x) }
    var first: ([Double?], String)?
    for column in candidates {
      let places = try numbers(of: column, in: table)
      first = first ?? (places, column)
      let countsOn = curves.allSatisfy { curve in
        let own = zip(places, curve).filter { $0.1 != nil }.map(\.0)
        return !own.contains(nil) && zip(own, own.dropFirst()).allSatisfy { $0 != $1 }
      }
      if countsOn { return (places, column) }
    }
    return first ?? ((1...table.rowCount).map { Double($0) }, "row")
  }

  private func require(
    _ column: String, in table: Table, namedBy flag: String
  ) throws(Failure) {
    if table.columnNames.contains(column) { return }
    let complaint = unknown("column", column, among: table.columnNames)
    throw Failure(.usage, "\(table.file): \(complaint) (\(flag) names another)")
  }

  private func numbers(of column: String, in table: Table) throws(Failure) -> [Double?] {
    do throws(TableError) {
      return try table.numbersOrMissing(of: column)
    } catch {
      throw Failure(error)
    }
  }
}
