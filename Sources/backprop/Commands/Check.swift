import Autograd
import Flags
import Models
import Tables
import Training

/// `backprop check`: gradients against differences.
struct Check: Command {
  var model = ModelOptions()
  var table = TableOptions()
  var check = CheckOptions()

  static let name = "check"
  static let summary = "Check a model's gradients against finite differences."
  static let usage = "[<options>]"

  static var sections: [FlagSection<Self>] {
    [
      FlagSection("Model options", \Check.model, ModelOptions.flags),
      FlagSection("Check options", \.check, CheckOptions.flags),
      FlagSection("Table options", \.table, TableOptions.flags),
    ]
  }

  static var discussion: String {
    """
    EXAMPLES:
      The built-in lesson, at w = 1.
      $ backprop check

      A formula, at given values of its parameters.
      $ backprop check --data samples/cars.csv --target dist \\
          --model 'a*exp(b*speed)' --init a=5,b=0.1

      The loss of a network.
      $ backprop check --data samples/iris.csv --target species \\
          --model 'inputs |> dense(4) |> tanh |> dense(3)' --loss cross-entropy

    The CSV has the columns parameter,gradient,difference,relative_error,verdict and a row for each element of the \
    parameters. The gradient is that of the mean over all rows, in float64 and without dropout. The difference is a \
    central difference, extrapolated to a step of 0 (Richardson). The verdict is 'agree', 'differ', or 'kink' where \
    the slopes on the two sides differ, so that there is no single gradient. The exit code is 5 if any gradient \
    differs.
    """
  }

  func run() throws(Failure) {
    if let request = SIMDLevel.unmetRequest { throw Failure(unmetLevel: request) }
    try CheckRun(self).run()
  }
}

/// The flags that say what is checked.
struct CheckOptions {
  var quantity = CheckedQuantity.loss
  var seed: UInt64 = 0
  var threads: Int?

  static var flags: [Flag<Self>] {
    [
      Flag("of", "loss|prediction", "Check the gradient of the loss or of the prediction. [loss]") {
        $0.quantity = try choice($1)
      },
      Flag(
        "seed", "seed",
        "Seed of the start values of layers, and of the choice of elements if there are too many to check all. [0]"
      ) { $0.seed = try seedNumber($1) },
      Flag("threads", "count", "Number of threads, which does not affect results. [all cores]") {
        $0.threads = try wholeNumber($1)
      },
    ]
  }
}

/// What a check differentiates.
enum CheckedQuantity: String, CaseIterable {
  case loss, prediction
}
