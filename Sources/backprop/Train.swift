import ArgumentParser
import Autograd
import Models
import Plotting
import Training

/// `backprop train`: its flags, checked one by one and against each other.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a formula's parameters by gradient descent.",
    discussion: """
      EXAMPLES:
        The lesson: y = w*x on three points, which need no file.
        $ backprop train --lr 0.01 --epochs 100 --plot loss.png

        Every gradient of it, and a prediction before and after.
        $ backprop train --predict 4 --trace -

        A table of your own, all rows a step.
        $ backprop train --data samples/cars.csv --target dist \\
            --model 'a*(speed/15) + b*(speed/15)^2' --lr 0.05 --batch-size full \\
            --csv loss.csv --plot loss.svg

        A network that learns the species of irises from all other columns.
        $ backprop train --data samples/iris.csv --target species \\
            --model 'inputs |> dense(16) |> relu |> dense(3)' \\
            --loss cross-entropy --standardize inputs --batch-size 16 \\
            --lr 0.1 --csv iris-loss.csv --plot iris.png

        In a pipeline.
        $ backprop train < samples/lesson.csv --data - | tail -1

      In a formula a name that is a column is data; any other is a parameter. 'backprop formula' lists \
      the operators, functions and layers. A model can also be one of

      \(presetLines)

      and a loss one of

      \(lossLines)

      The CSV has a row an epoch, epoch,loss, and goes to standard output unless --csv says \
      otherwise or another result is sent there. '-' stands for a stream wherever a file is asked.
      """)

  @OptionGroup(title: "Model options") var model: ModelOptions

  @Option(
    name: .customLong("lr"), parsing: .unconditional,
    help: ArgumentHelp("Learning rate. [0.01]", valueName: "number"),
    transform: { text in try nonNegative(text) })
  var learningRate = 0.01

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many times all rows are seen. [100]", valueName: "count"),
    transform: { text in try count(text) })
  var epochs = 100

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Rows a step, or 'full' for all. [1]", valueName: "count"),
    transform: { text in text == "full" ? .full : .rows(try count(text, or: "'full'")) })
  var batchSize: Settings.BatchSize?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Add this times the sum of all parameters' magnitudes to the loss. [0]",
      valueName: "number"),
    transform: { text in try nonNegative(text) })
  var l1 = 0.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Add this times the sum of all parameters' squares to the loss. [0]", valueName: "number"),
    transform: { text in try nonNegative(text) })
  var l2 = 0.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What random numbers come from; the same seed gives the same ones. [0]", valueName: "seed"),
    transform: { text in try seedNumber(text) })
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Arithmetic of the run, float32 or float64. [float32]", valueName: "precision"),
    transform: { text in try choice(text) })
  var precision = PrecisionName.float32

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What an epoch's loss is: that of its last step, or the mean over its rows. \
      [last when a step is one row, else mean]
      """, valueName: "last|mean"),
    transform: { text in try choice(text) })
  var epochLoss: Settings.EpochLoss?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Threads that share large batches; no number depends on it. [all cores]", valueName: "count"),
    transform: { text in try count(text) })
  var threads: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where the epochs' losses go, as CSV. [-]", valueName: "file"))
  var csv: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Draw the loss curve; the extension (.png, .svg, .pdf) is the format. Can be repeated.",
      valueName: "file"))
  var plot: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write every step's gradients and every loss.", valueName: "file"))
  var trace: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "In the trace, predict at this input, before and after: 4, or x1=0.5,x2=-1.25.",
      valueName: "input"))
  var predict: String?

  @Flag(help: "Show no progress bar.")
  var quiet = false

  @OptionGroup(title: "Table options") var table: TableOptions

  @OptionGroup(title: "Picture options") var curves: CurveOptions<PlotSpelling>

  mutating func validate() throws {
    _ = try TrainPlan(self)
  }

  mutating func run() throws {
    let plan = try TrainPlan(self)
    switch precision {
    case .float32: try TrainRun<Float>(plan).run()
    case .float64: try TrainRun<Double>(plan).run()
    }
  }
}

/// The presets and the formulas that they stand for, for the help.
private let presetLines = Preset.all.map { preset in
  let widths = preset.hasWidths ? [64, 32] : []
  let name = ([preset.name] + (widths.isEmpty ? [] : ["64,32"])).joined(separator: ":")
  return "  \(name): \(preset.summary), \(preset.text(widths: widths)) with --loss \(preset.loss)"
}.joined(separator: "\n")

/// The losses by name, for the help.
private let lossLines = Loss.all.map { loss in
  let setting = loss.settings.map { ":\($0.value)" }.joined()
  return "  \(loss.name)\(setting): \(loss.summary)"
}.joined(separator: "\n")

private func nonNegative(_ text: String) throws -> Double {
  guard let value = finiteNumber(text), value >= 0 else {
    throw ValidationError("give a finite number, 0 or more")
  }
  return value
}

private func seedNumber(_ text: String) throws -> UInt64 {
  guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let value = UInt64(text)
  else {
    throw ValidationError("give a whole number from 0 to 18446744073709551615, in plain digits")
  }
  return value
}

private func count(_ text: String, or alternative: String? = nil) throws -> Int {
  guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
    let value = Int(text), value > 0
  else {
    throw ValidationError(
      "give a whole number, 1 or more, in plain digits" + (alternative.map { ", or \($0)" } ?? ""))
  }
  return value
}

/// Numbers by name, or a complaint.
