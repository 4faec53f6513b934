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
  static let summary = "Check a model's gradients against differences of its loss."
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
      The lesson, where w is 1.
      $ backprop check

      A formula at some point.
      $ backprop check --data samples/cars.csv --target dist \\
          --model 'a*exp(b*speed)' --init a=5,b=0.1

      A network's loss.
      $ backprop check --data samples/iris.csv --target species \\
          --model 'inputs |> dense(4) |> tanh |> dense(3)' --loss cross-entropy

    The CSV has the columns parameter,gradient,difference,relative_error,verdict and a row for each element of the \
    parameters. The gradient is that of the mean over all rows, in float64 and without dropout; the difference is \
    central, extrapolated to steps of 0 (Richardson). The verdict is 'agree', 'differ', or 'kink' where the slopes to \
    both sides differ, so that there is no one gradient. The exit code is 5 if one differs.
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
      Flag("of", "loss|prediction", "Whose gradient is checked. [loss]") {
        $0.quantity = try choice($1)
      },
      Flag(
        "seed", "seed",
        "What layers start with, and which of too many elements are checked, comes from it. [0]"
      ) { $0.seed = try seedNumber($1) },
      Flag("threads", "count", "Threads; results do not change with it. [all cores]") {
        $0.threads = try wholeNumber($1)
      },
    ]
  }
}

/// What a check differentiates.
enum CheckedQuantity: String, CaseIterable {
  case loss, prediction
}
