import ArgumentParser
import Formula
import Models

/// The flags that say what is trained on what.
struct ModelOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Table to train on, as CSV. [the lesson]", valueName: "file"),
    transform: { text in try fileName(text) })
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Column to predict. [y]", valueName: "column"))
  var target: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Columns that 'inputs' joins, such as a,b. [all but the target and the weights]",
      valueName: "columns"),
    transform: { text in try distinctNames(text, example: "a,b") })
  var features: [String]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Column with each row's weight in the loss.", valueName: "column"))
  var weights: String?

  @Option(
    name: .customLong("where"), parsing: .unconditional,
    help: ArgumentHelp(
      "Use only rows for which this holds, such as 'x > 0'.", valueName: "formula"))
  var condition: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Bring columns to mean 0 and standard deviation 1: inputs, or all, the target too.",
      valueName: "inputs|all"),
    transform: { text in try choice(text) })
  var standardize: Standardization?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Prediction, from columns and parameters, or a preset. [w*x]", valueName: "formula"))
  var model: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Loss of one row: a name, or a formula in 'prediction' and columns. [the preset's, or mse]",
      valueName: "loss"))
  var loss: String?

  @Option(
    name: .customLong("init"), parsing: .unconditional,
    help: ArgumentHelp(
      "Start values, such as w=0.5,b=0, or a JSON file of them. [1 each; layers at random]",
      valueName: "values"))
  var initial: String?
}
