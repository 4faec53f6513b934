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
  static let summary = "Fit a formula's parameters by least squares, with their errors."
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
      FlagSection("Options of the loss picture", \.lossPicture, FitLossPictureOptions.flags),
    ]
  }

  static var discussion: String {
    """
    EXAMPLES:
      Stopping distances of cars, with the curve, its bands and the residuals.
      $ backprop fit --data samples/cars.csv --model 'dist ~ a*speed + b*speed^2' \\
          --plot cars.svg --band 95

      A line through logarithms, and the model for new rows with their bands.
      $ backprop fit --data samples/cars.csv --model 'log(dist) ~ a + b*log(speed)' \\
          --save cars.safetensors
      $ printf 'speed\\n12\\n25\\n' | backprop predict cars.safetensors --band 95

      A curve for each species, and what is known of each as JSON.
      $ backprop fit --data samples/iris.csv --by species --metrics iris.json \\
          --model 'petal_width ~ a*petal_length^b'

      Rows with errors that are known, and outliers that count less.
      $ backprop fit --data samples/cars.csv --model 'dist ~ a + b*speed' \\
          --sigma '0.1*dist' --errors absolute
      $ backprop fit --data samples/cars.csv --model 'dist ~ a + b*speed' --loss huber:10

    The report has the columns parameter,estimate,std_error,lower,upper, with --by the column of groups before them; \
    what cannot be known is empty. It goes to standard output unless --output says otherwise or another result is \
    sent there. '-' stands for a stream wherever a file is asked.

    In a formula a name that is a column is data; any other is a parameter, and each is one number: networks are \
    trained by 'train'. Parameters need no start values, but --init can give some. Sums of squares are made small by \
    exact derivatives in float64.

    The exit code is 3 where the parameters could not be found, or cannot be told apart by the data: the message says \
    which and why, and the report has what there is. With --by it is 3 if that is so of one group.
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
