import Flags
import Models
import Tables

/// `backprop show`: what a model file or a checkpoint holds.
struct Show: Command {
  private enum Format: String, CaseIterable {
    case text, csv, json
  }

  private var paths: [Path] = []
  private var format = Format.text

  static let name = "show"
  static let summary = "Show a trained model: its formula, parameters, columns and settings."
  static let usage = "<model> [--format text|csv|json]"

  static var arguments: Arguments<Self>? { .model(\.paths) }

  static var sections: [FlagSection<Self>] {
    [
      FlagSection(
        "Show options",
        [
          Flag<Show>(
            "format", "format",
            """
            Format: text (for reading, with the parameters as CSV at the end), csv (only the parameters) or json \
            (everything). [text]
            """, choices: Format.allCases.map(\.rawValue)
          ) { $0.format = try choice($1) }
        ])
    ]
  }

  static var discussion: String {
    """
    EXAMPLES:
      A model of stopping distances, in the units of the table.
      $ backprop train --data samples/cars.csv --target dist --model linear \\
          --standardize all --optimizer lbfgs --batch-size full --epochs 5 \\
          --csv loss.csv --save cars.safetensors
      $ backprop show cars.safetensors

      Only the parameters.
      $ backprop show cars.safetensors --format csv

    The formula applies to the columns as they are in the table: standardization is already undone. If the formula \
    would be long, as for a network, the steps before and after it are shown instead. For a checkpoint, the progress of \
    its run is shown too.
    """
  }

  func run() throws(Failure) {
    let source = try Source(ofModel: paths, for: Self.name)
    let saved = try SavedModel(of: source)
    let text =
      switch format {
      case .text: ModelReport(saved, name: source.name).text
      case .csv: ModelReport.parameterLines(of: saved)
      case .json: JSON.object(saved.json).lines + "\n"
      }
    try Writer.standardOutput.writeAll(text)
  }
}
