import Flags
import Models

/// The flags that say what is trained on what.
struct ModelOptions {
  var data: String?
  var target: String?
  var features: [String]?
  var weights: String?
  var condition: String?
  var standardize: Standardization?
  var model: String?
  var loss: String?
  var initial: String?

  static var flags: [Flag<Self>] {
    [
      Flag("data", "file", "Table to train on, as CSV. [the lesson]") {
        $0.data = try fileName($1)
      },
      Flag("target", "column", "Column to predict. [y]") { $0.target = $1 },
      Flag(
        "features", "columns",
        "Columns that 'inputs' joins, such as a,b. [all but the target and the weights]"
      ) { $0.features = try distinctNames($1, example: "a,b") },
      Flag("weights", "column", "Column with each row's weight in the loss.") { $0.weights = $1 },
      Flag("where", "formula", "Use only rows for which this holds, such as 'x > 0'.") {
        $0.condition = $1
      },
      Flag(
        "standardize", "inputs|all",
        "Bring columns to mean 0 and standard deviation 1: inputs, or all, the target too."
      ) { $0.standardize = try choice($1) },
      Flag(
        "model", "formula", "Prediction, from columns and parameters, or a preset. [w*x]"
      ) { $0.model = $1 },
      Flag(
        "loss", "loss",
        "Loss of one row: a name, or a formula in 'prediction' and columns. [the preset's, or mse]"
      ) { $0.loss = $1 },
      Flag(
        "init", "values",
        "Start values, such as w=0.5,b=0, or a JSON file of them. [1 each; layers at random]"
      ) { $0.initial = $1 },
    ]
  }
}
