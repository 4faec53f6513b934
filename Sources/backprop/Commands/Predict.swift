import Autograd
import Fitting
import Flags
import Formula
import Models
import Tables

/// `backprop predict`: what a trained model says of new rows, or of one point.
struct Predict: Command {
  /// What becomes of a row that lacks a value.
  private enum Missing: String, CaseIterable {
    case error, empty
  }

  private var model: Path?
  private var point: [String] = []
  private var data: Path?
  private var column: String?
  private var givesProbabilities = false
  private var band: Double?
  private var missing = Missing.error
  private var unseen = Unseen.error
  private var threads: Int?
  private var table = TableOptions()

  static let name = "predict"
  static let summary = "Predict new rows, or a single point, with a trained model."
  static let usage = "<model> [--data <file>] [<name>=<value> ...] [<options>]"

  static var arguments: Arguments<Self>? {
    Arguments(
      name: "model",
      help:
        "File that 'train' or 'fit' wrote with --save or --checkpoint; the values of a point can follow it.",
      isRequired: true
    ) {
      if $0.model == nil { $0.model = try fileName($1) } else { $0.point.append($1.text) }
    }
  }

  static var sections: [FlagSection<Self>] {
    [
      FlagSection(
        "Predict options",
        [
          Flag<Predict>(
            "data", file: "file", "CSV table to predict; '-' is standard input. [standard input]"
          ) {
            if $0.data != nil { throw BadValue("predict reads one table at a time: give one file") }
            $0.data = try fileName($1)
          },
          Flag(
            "name", "column",
            "Name of the new column. [prediction, or the model's response, such as log(y)]"
          ) {
            if $1.isEmpty { throw BadValue("give the name of a column") }
            $0.column = $1
          },
          Flag(
            "probabilities",
            "Also add the probability of each class, in columns such as probability_setosa."
          ) { $0.givesProbabilities = true },
          Flag(
            "band", "percent",
            """
            Add the confidence band of the curve at this level, such as 95, in the columns lower and upper, and the \
            prediction band of new rows in prediction_lower and prediction_upper. The model must come from 'fit'.
            """
          ) { $0.band = try percent($1) },
          Flag(
            "missing", "error|empty",
            """
            What to do about a missing value in a column that is used: report an error, or leave the prediction empty. \
            With empty, words such as NA, nan and null count as missing in columns of numbers. [error]
            """
          ) { $0.missing = try choice($1) },
          Unseen.flag { $0.unseen = $1 },
          Flag("threads", "count", "Number of threads, which does not affect results. [all cores]")
          {
            $0.threads = try wholeNumber($1)
          },
        ]),
      FlagSection("Table options", \.table, TableOptions.formatFlags),
    ]
  }

  static var discussion: String {
    """
    EXAMPLES:
      Stopping distances for new speeds.
      $ backprop train --data samples/cars.csv --target dist --model linear --standardize all \\
          --optimizer lbfgs --batch-size full --epochs 5 --csv loss.csv --save cars.safetensors
      $ printf 'speed,driver\\n12,Ann\\n25,Bo\\n' | backprop predict cars.safetensors

      One point.
      $ backprop predict cars.safetensors speed=12

    The table is copied byte for byte, with the prediction added at the end of each row. Comments, empty lines and the \
    lines above the column names are kept, and a line of units gets an empty field, so that the same options can read \
    the result. Columns are found by name: the table can have other columns too, and does not need the target. The \
    table options describe this table; the table that the model was trained on may have had another format.

    Rows are written in order, as they arrive. If there is an error, the rows before it have been written. A class is \
    written by name and a standardized target in its own unit; with the loss poisson, the prediction is the count, not \
    its logarithm. A row can have up to 64 MB.
    """
  }

  func run() throws(Failure) {
    guard let model else { throw Failure(.usage, "predict: give a model file") }
    let source = Source(model)
    if !point.isEmpty, let flag = flagOfTables {
      throw Failure(.usage, "\(flag) is for a table, and a point is given: leave one of them out")
    }
    if point.isEmpty {
      if data == nil, Source.isTerminalStandardInput {
        throw Failure(
          .usage, "predict: give a table by --data or a pipe, or the values of a point, as in x=4")
      }
      try [FlaggedDestination]().requireDistinct(from: [
        ("the model", source), ("--data", Source(data ?? Path("-"))),
      ])
    }
    let saved = try SavedModel(of: source)
    let column = column ?? saved.model.specification.response?.text ?? "prediction"
    switch saved.values {
    case .float32(let values): try predict(by: predictor(of: saved, values), column: column)
    case .float64(let values): try predict(by: predictor(of: saved, values), column: column)
    }
  }

  /// A flag that was given and has no meaning for a point.
  private var flagOfTables: String? {
    let flags = [
      ("--data", data != nil), ("--name", column != nil), ("--missing", missing != .error),
      ("--threads", threads != nil),
    ]
    return flags.first(where: \.1)?.0 ?? table.given.first.map { "--\($0.name)" }
  }

  private func predictor<Scalar: Precision>(
    of saved: SavedModel, _ values: [Scalar]
  ) throws(Failure) -> Predictor<Scalar> {
    guard
      let predictor = Predictor(
        saved.model, parameters: values, withProbabilities: givesProbabilities,
        band: try band(of: saved))
    else {
      throw Failure(
        .usage,
        "--probabilities: a model with the loss \(excerpt(saved.model.specification.loss.text)) gives none"
      )
    }
    return predictor
  }

  /// The band that a flag asks for.
  private func band(of saved: SavedModel) throws(Failure) -> Band? {
    guard let level = band else { return nil }
    if givesProbabilities {
      throw Failure(.usage, "--band and --probabilities are of different models: give one of them")
    }
    guard let uncertainty = saved.uncertainty else {
      throw Failure(
        .usage,
        "--band: the model has no covariance of its parameters; a model saved by 'backprop fit' has it "
          + "if it was fitted by least squares and has standard errors")
    }
    return Band(uncertainty, quantile: uncertainty.quantile(level: level))
  }

  private func predict<Scalar: Precision>(
    by predictor: Predictor<Scalar>, column: String
  ) throws(Failure) {
    if point.isEmpty {
      try predictTable(by: predictor, column: column)
    } else {
      try predictPoint(by: predictor)
    }
  }

  private func predictTable<Scalar: Precision>(
    by predictor: Predictor<Scalar>, column: String
  ) throws(Failure) {
    var reading = try table.reading()
    if let threads { reading.threads = threads }
    reading.advice = TableAdvice(
      pipe: "backprop predict … --data -",
      precision: "train the model with --precision float64",
      policies: ["--missing empty leaves such predictions empty"])
    var stream = try Source(data ?? Path("-")).stream(reading)
    let added =
      [column] + predictor.probabilityClasses.map { "probability_\($0)" }
      + (band == nil ? [] : Band.limitNames)
    try require(predictor.columns.map(\.name), in: stream.columnNames, of: stream.name)
    if let name = added.first(where: stream.columnNames.contains) {
      throw Failure(
        .usage,
        "\(stream.name): there is a column \(excerpt(name)) already; "
          + (name == added[0] ? "give the new one another --name" : "rename it in the table")
      )
    }
    if let fault = stream.fault(of: predictor.columns.map(\.name)) {
      throw Failure(fault, advice: reading.advice)
    }
    try Writer.standardOutput.writeAll(stream.head(adding: added))
    var columns = StreamedColumns(predictor.columns)
    columns.allowsMissing = missing == .empty
    columns.allowsUnknown = unseen == .zero
    while true {
      let rows: [[UInt8]]?
      do throws(TableError) { rows = try stream.next(columns, add: predictor.add) } catch {
        throw Failure(error, advice: reading.advice)
      }
      guard let rows else { return }
      for part in rows { try Writer.standardOutput.writeAll(part) }
    }
  }

  private func predictPoint<Scalar: Precision>(by predictor: Predictor<Scalar>) throws(Failure) {
    let values = try PointWords(point).values(of: predictor.columns, allowsUnknown: unseen == .zero)
    guard let (prediction, others) = predictor.predict(at: values) else {
      throw Failure(
        .usage, "\(point.joined(separator: " ")): a number is too large for the model's precision")
    }
    var texts = others.map { $0?.shortestDecimal ?? "" }
    switch prediction {
    case .number(let number): texts.insert(number.shortestDecimal, at: 0)
    case .name(let name): texts.insert(csvField(name), at: 0)
    }
    try Writer.standardOutput.writeAll(texts.joined(separator: ",") + "\n")
  }
}

extension Uncertainty {
  /// How many standard errors an interval of some confidence reaches to both sides.
  func quantile(level: Double) -> Double {
    Quantile.ofInterval(
      level: level, degreesOfFreedom: hasKnownErrors ? nil : degreesOfFreedom)
  }
}
