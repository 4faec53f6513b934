import Autograd
import Flags
import Models

/// `backprop train`: its flags, checked one by one and against each other.
struct Train: SweptCommand {
  var model = ModelOptions()
  var training = TrainingOptions()
  var folds = FoldOptions()
  var results = ResultOptions()
  var optimizer = OptimizerOptions()
  var schedule = ScheduleOptions()
  var table = TableOptions()
  var storage = StorageOptions()
  var curves = CurveOptions(prefix: "plot-")
  /// What is gone on with, once it has been read.
  var resumption: Resumption?

  static let name = "train"
  static let summary = "Train a formula or a network by gradient descent."
  static let usage = "[<options>]"
  static let isShared = true

  static var sections: [FlagSection<Self>] {
    [
      FlagSection("Model options", \Train.model, ModelOptions.flags),
      FlagSection("Training options", \.training, TrainingOptions.flags),
      FlagSection("Cross-validation options", \.folds, FoldOptions.flags),
      FlagSection("Result options", \.results, ResultOptions.flags),
      FlagSection("Optimizer options", \.optimizer, OptimizerOptions.flags),
      FlagSection("Schedule options", \.schedule, ScheduleOptions.flags),
      FlagSection("Table options", \.table, TableOptions.flags),
      FlagSection("Storage options", \.storage, StorageOptions.flags),
      FlagSection("Picture options", \.curves, CurveOptions.flags(prefix: "plot-")),
    ]
  }

  func run() throws(Failure) {
    if folds.count != nil {
      return try crossValidate(
        TrainExperiment.self, into: results.csv, flag: "--csv",
        try CurvePictures(results.plots, curves, option: "--plot"), isQuiet: results.quiet)
    }
    let plan = try TrainPlan(self)
    switch plan.precision {
    case .float32: try TrainRun<Float>(self, plan).run()
    case .float64: try TrainRun<Double>(self, plan).run()
    }
  }

  static var discussion: String {
    """
    EXAMPLES:
      The built-in lesson, y = w*x through three points, which needs no file.
      $ backprop train --lr 0.01 --epochs 100 --plot loss.png

      All gradients of the lesson, and a prediction before and after training.
      $ backprop train --predict 4 --trace -

      Your own table, with all rows in each step.
      $ backprop train --data samples/cars.csv --target dist \\
          --model 'a*(speed/15) + b*(speed/15)^2' --lr 0.05 --batch-size full \\
          --csv loss.csv --plot loss.svg

      A network that learns the species of irises from all other columns.
      $ backprop train --data samples/iris.csv --target species \\
          --model 'inputs |> dense(16) |> relu |> dense(3)' \\
          --loss cross-entropy --standardize inputs --batch-size 16 \\
          --lr 0.1 --csv iris-loss.csv --plot iris.png

      A run, its continuation to 100 epochs, and a new run from its model.
      $ backprop train --epochs 50 --checkpoint run.safetensors --csv first.csv
      $ backprop train --resume run.safetensors --epochs 100 --csv second.csv
      $ backprop train --init run.safetensors --lr 0.001 --csv third.csv

      In a pipeline.
      $ backprop train --data - --epoch-loss mean < samples/lesson.csv | tail -1

    In a formula, names of columns are data and all other names are parameters. 'backprop formula' lists the \
    operators, functions and layers. Without --data, the table is the built-in lesson: x = 1, 2, 3 and y = 2, 4, 6. \
    The model can also be one of these presets, which set the default loss too:

    \(presetLines)

    The loss can be one of these names. A number after the colon can be changed or left out:

    \(lossLines)

    The CSV has the columns epoch,loss and a row per epoch. It goes to standard output unless --csv names a file or \
    '-' is given to another option. '-' stands for standard input or output wherever a file is expected, except for \
    --checkpoint. If an option is given twice, the last one counts, unless its help says that it can be repeated.
    """
  }
}

/// The presets and the formulas that they stand for, for the help.
private let presetLines = Preset.all.map { preset in
  let widths = preset.hasWidths ? [64, 32] : []
  let name = ([preset.name] + (widths.isEmpty ? [] : ["64,32"])).joined(separator: ":")
  return "  \(name): \(preset.summary),\n    \(preset.text(widths: widths)), --loss \(preset.loss)"
}.joined(separator: "\n")

/// The losses by name, for the help.
private let lossLines = Loss.all.map { loss in
  let values = loss.settings.map { ":\(brief($0.value))" }.joined()
  let names = loss.settings.map { " (\($0.name)=\(brief($0.value)))" }.joined()
  return "  \((loss.name + values).padded(to: 18)) \(loss.summary)\(names)"
}.joined(separator: "\n")
