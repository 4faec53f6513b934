import ArgumentParser

/// The flags that say what is written, and where.
struct ResultOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where the epochs' losses go, as CSV. [-]", valueName: "file"),
    transform: { text in try fileName(text) })
  var csv: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Columns of the CSV: \(LogColumn.named.map(\.name).joined(separator: ", ")), or a parameter, \
      such as w. [epoch,loss, and validation_loss with --validation]
      """, valueName: "columns"),
    transform: { text in try columnNames(text) })
  var columns: [String]?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Draw the loss curve; the extension (.png, .svg, .pdf) is the format. Can be repeated.",
      valueName: "file"),
    transform: { text in try fileName(text) })
  var plot: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Settings, losses and quality of the model at the end, as JSON.", valueName: "file"),
    transform: { text in try fileName(text) })
  var metrics: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The model at the end, as safetensors.", valueName: "file"),
    transform: { text in try fileName(text) })
  var save: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "All that is needed to go on later, as safetensors, written on the way and at the end.",
      valueName: "file"),
    transform: { text in try fileName(text) })
  var checkpoint: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Epochs from checkpoint to checkpoint. [1]", valueName: "epochs"),
    transform: { text in try wholeNumber(text) })
  var checkpointEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Go on from a checkpoint, as if the run had never stopped.", valueName: "file"),
    transform: { text in try fileName(text) })
  var resume: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write every step's gradients and every loss.", valueName: "file"),
    transform: { text in try fileName(text) })
  var trace: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "In the trace, predict at this input, before and after training: 4, or x1=0.5,x2=-1.25.",
      valueName: "input"))
  var predict: String?

  @Flag(help: "Show no progress bar.")
  var quiet = false
}

/// Names between commas; one may have commas of its own in square brackets, as `dense1.weight[2,0]`.
private func columnNames(_ text: String) throws(ValidationError) -> [String] {
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
    throw ValidationError("give each column once, as in epoch,loss,lr")
  }
  return names
}
