import Flags
import Tables

/// The flags that say what is written, and where.
struct ResultOptions: NotesFlags {
  var csv: Path?
  var columns: [String]?
  var plots: [Path] = []
  var metrics: Path?
  var save: Path?
  var checkpoint: Path?
  var checkpointEvery: Int?
  var resume: Path?
  var trace: Path?
  var predict: String?
  var quiet = false
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static let columnsFlag = "columns"

  static var flags: [Flag<Self>] {
    [
      Flag(
        "csv", file: "file", "Write the loss of every epoch to this file, as CSV. [standard output]"
      ) {
        $0.csv = try fileName($1)
      },
      Flag(
        columnsFlag, "columns",
        """
        Columns of the CSV: \(LogColumn.named.map(\.name).joined(separator: ", ")), a parameter such \
        as w, or 'parameters' for all of them. [epoch,loss, and validation_loss with --validation]
        """
      ) { $0.columns = try columnNames($1) },
      Flag(
        "plot", file: "file",
        "Draw the loss curve; the extension (.png, .svg, .pdf) sets the format. Can be repeated."
      ) { $0.plots.append(try fileName($1)) },
      Flag(
        "metrics", file: "file",
        "Write settings, losses and the quality of the trained model, as JSON."
      ) {
        $0.metrics = try fileName($1)
      },
      Flag("save", file: "file", "Save the trained model, as safetensors.") {
        $0.save = try fileName($1)
      },
      Flag(
        "checkpoint", file: "file",
        "Write checkpoints to this file during and after training, as safetensors; --resume continues from them."
      ) { $0.checkpoint = try fileName($1) },
      Flag("checkpoint-every", "epochs", "Number of epochs between checkpoints. [1]") {
        $0.checkpointEvery = try wholeNumber($1)
      },
      Flag(
        "resume", file: "file",
        "Continue from a checkpoint as if the run had never stopped; options that are not given keep their values from that run."
      ) {
        $0.resume = try fileName($1)
      },
      Flag(
        "trace", file: "file",
        "Write the gradients of every step and the loss of every epoch, as text."
      ) {
        $0.trace = try fileName($1)
      },
      Flag(
        "predict", "input",
        "With --trace, predict before and after training at this input: 4, or x1=0.5,x2=-1.25."
      ) { $0.predict = $1 },
      Flag("quiet", "Show no progress bar.") { $0.quiet = true },
    ]
  }
}

/// Names between commas; one may have commas of its own in square brackets, as `dense1.weight[2,0]`.
private func columnNames(_ text: String) throws(BadValue) -> [String] {
  var names = [""]
  var depth = 0
  for character in text {
    if character == ",", depth == 0 {
      names.append("")
    } else {
      depth += character == "[" ? 1 : character == "]" ? -1 : 0
      names[names.count - 1].append(character)
    }
  }
  if names.contains("") || Set(names).count < names.count {
    throw BadValue("give each column once, as in epoch,loss,lr")
  }
  return names
}
