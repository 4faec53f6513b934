import Flags
import Models
import Tables

/// `backprop export`: a trained model as a file that is used without this program.
struct Export: Command {
  private var paths: [Path] = []
  private var format: ExportFormat?
  private var output: Path?

  static let name = "export"
  static let summary = "Write a trained model as C, Python, ONNX or a formula."
  static let usage = "<model> [--format c|python|onnx|formula] [--output <file>]"

  static var arguments: Arguments<Self>? { .model(\.paths) }

  static var sections: [FlagSection<Self>] {
    [
      FlagSection(
        "Export options",
        [
          Flag<Export>(
            "format", "format",
            """
            Format: c, python, onnx or formula. [by the extension of --output: .c, .py, .onnx, .txt]
            """, choices: ExportFormat.allCases.map(\.rawValue)
          ) { $0.format = try choice($1) },
          Flag(
            "output", short: "o", file: "file", "Write to this file. [standard output]"
          ) { $0.output = try fileName($1) },
        ])
    ]
  }

  static var discussion: String {
    """
    EXAMPLES:
      A network that classifies flowers, as C.
      $ backprop train --data samples/iris.csv --target species --model mlp:8 \\
          --loss cross-entropy --standardize inputs --optimizer adam --epochs 20 \\
          --csv loss.csv --save iris.safetensors
      $ backprop export iris.safetensors --output iris.c

      The same for Python, without packages, and for ONNX runtimes.
      $ backprop export iris.safetensors --output iris.py
      $ backprop export iris.safetensors --output iris.onnx

      A straight line as a formula.
      $ backprop train --data samples/cars.csv --target dist --model linear \\
          --standardize all --optimizer lbfgs --batch-size full --epochs 5 \\
          --csv loss.csv --save cars.safetensors
      $ backprop export cars.safetensors --format formula

    Scaling, one-hot encoding and class names are included: every format takes the columns as they are in the table, \
    and gives the target in its own unit, or the class by name.

    c is C11 that needs only the math library: a struct of the columns, and a function of it. python is a module with \
    predict(row), where row is a dict of columns; run as a script, it reads a CSV table and writes it with an \
    additional column 'prediction'. onnx has one input per column, with the column's name and the shape Nx1; texts \
    that the model does not know are encoded as zeros. formula is what the loss compares with the target, which for \
    classes is the score or the scores.

    Results differ from those of 'predict' only by rounding: by about 1e-6 of their size in float32, and 1e-12 in \
    float64.
    """
  }

  func run() throws(Failure) {
    let source = try Source(ofModel: paths, for: Self.name)
    let format = try chosenFormat()
    let destination = output.map { Destination($0) } ?? .standardOutput
    if format == .onnx, destination == .standardOutput, Writer.standardOutput.isTerminal {
      throw Failure(.usage, "an ONNX file would garble the terminal; redirect it to a file")
    }
    try [FlaggedDestination(flag: "--output", destination: destination)].requireDistinct(
      from: [(flag: "the model", source: source)])
    let saved = try SavedModel(of: source)
    let file = try WholeFile(destination)
    let bytes: [UInt8]
    do throws(ExportError) {
      bytes = try saved.exported(as: format, creator: Backprop.creator)
    } catch {
      let others = ExportFormat.allCases.filter { $0 != format && $0 != .formula }
      throw Failure(
        .usage,
        "\(source.name) cannot be written as \(format.rawValue): \(error); use --format "
          + alternatives(others.map(\.rawValue)))
    }
    try file.write(bytes)
  }

  /// As in `c, python or onnx`.
  private func alternatives(_ words: [String]) -> String {
    [words.dropLast().joined(separator: ", "), words[words.count - 1]].joined(separator: " or ")
  }

  private func chosenFormat() throws(Failure) -> ExportFormat {
    if let format { return format }
    guard let output else {
      throw Failure(
        .usage,
        "export: give a format with --format \(ExportFormat.allCases.map(\.rawValue).joined(separator: "|"))"
      )
    }
    let name = "\(output)".lowercased()
    let known: [(ending: String, format: ExportFormat)] = [
      (".c", .c), (".py", .python), (".onnx", .onnx), (".txt", .formula),
    ]
    guard let format = known.first(where: { name.hasSuffix($0.ending) })?.format else {
      throw Failure(
        .usage,
        "--output: the extension of \(excerpt("\(output)")) does not tell the format; give --format "
          + ExportFormat.allCases.map(\.rawValue).joined(separator: "|"))
    }
    return format
  }
}
