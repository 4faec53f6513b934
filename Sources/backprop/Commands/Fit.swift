import Autograd
import Flags

/// `backprop fit`: its flags, checked one by one and against each other.
struct FitCommand: SweptCommand {
  var fit = FitOptions()
  var intervals = IntervalOptions()
  var folds = FoldOptions()
  var results = FitResultOptions()
  var table = TableOptions()
  var storage = StorageOptions()
  var picture = FitPictureOptions()
  var lossPicture = FitLossPictureOptions()

  static let name = "fit"
  static let summary = "Fit a formula to a table by least squares, with standard errors."
  static let usage = "[<options>]"
  static let isShared = true

  static var sections: [FlagSection<Self>] {
    [
      FlagSection("Fit options", \FitCommand.fit, FitOptions.flags),
      FlagSection("Interval options", \.intervals, IntervalOptions.flags),
      FlagSection("Cross-validation options", \.folds, FoldOptions.flags),
      FlagSection("Result options", \.results, FitResultOptions.flags),
      FlagSection("Table options", \.table, TableOptions.flags),
      FlagSection("Storage options", \.storage, StorageOptions.flags),
      FlagSection("Picture options", \.picture, FitPictureOptions.flags),
      FlagSection("Loss picture options", \.lossPicture, FitLossPictureOptions.flags),
    ]
  }

  static var discussion: String {
    """
    EXAMPLES:
      Stopping distances of cars, with the curve, its bands and the residuals.
      $ backprop fit --data samples/cars.csv --model 'dist ~ a*speed + b*speed^2' \\
          --plot cars.svg --band 95

      A line through logarithms, and predictions for new rows with their bands.
      $ backprop fit --data samples/cars.csv --model 'log(dist) ~ a + b*log(speed)' \\
          --save cars.safetensors
      $ printf 'speed\\n12\\n25\\n' | backprop predict cars.safetensors --band 95

      A curve for each species, with all details as JSON.
      $ backprop fit --data samples/iris.csv --by species --metrics iris.json \\
          --model 'petal_width ~ a*petal_length^b'

      Rows with known errors, and a loss in which outliers count less.
      $ backprop fit --data samples/cars.csv --model 'dist ~ a + b*speed' \\
          --sigma '0.1*dist' --errors absolute
      $ backprop fit --data samples/cars.csv --model 'dist ~ a + b*speed' --loss huber:10

    The report has the columns parameter,estimate,std_error,lower,upper; with --by, the column of groups comes first. \
    Values that cannot be determined are empty. The report goes to standard output unless --output names a file or \
    '-' is given to another option. '-' stands for standard input or output wherever a file is expected.

    In a formula, names of columns are data and all other names are parameters. Each parameter is a single number; \
    for networks, use 'train'. Parameters need no start values, but --init can give them. The loss is minimized in \
    float64 with exact derivatives.

    The exit code is 3 if the parameters could not be found or the data do not determine them. The message says which \
    ones and why, and the report contains what is known. With --by, it is 3 if this happens in any group.
    """
  }

  func run() throws(Failure) {
    if let request = SIMDLevel.unmetRequest { throw Failure(unmetLevel: request) }
    if folds.count != nil {
      return try crossValidate(
        FitExperiment.self, into: results.output, flag: "--output", nil, isQuiet: results.quiet)
    }
    try FitRun(self).run()
  }
}

extension Failure {
  /// A level of SIMD instructions that was asked for and is not to be had.
  init(unmetLevel request: String) {
    let known = SIMDLevel.allCases.filter(\.isSupported).map(\.rawValue).joined(separator: ", ")
    self.init(.usage, "BACKPROP_SIMD=\(request): this machine has \(known)")
  }
}
