import Fitting
import Flags
import Tables

/// The flags that say what is fitted to what.
struct FitOptions: NotesFlags {
  var data: [Path] = []
  var target: String?
  var model: String?
  var condition: String?
  var initial: Word?
  var bounds: Bounds?
  var fixed: Assignments?
  var sigma: String?
  var weights: String?
  var loss = FittedLoss.leastSquares
  var group: String?
  var threads: Int?
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static var flags: [Flag<Self>] {
    [
      Flag(
        "data", file: "file",
        """
        CSV table to fit. Can be repeated, or be a pattern such as 'part-*.csv'; the rows of all files form one table. \
        [the built-in lesson]
        """
      ) { $0.data.append(try fileName($1)) },
      Flag(
        "target", "column",
        "Response, the column that the model describes. [the left side of --model, or y]"
      ) { $0.target = $1 },
      Flag(
        "model", "formula",
        """
        Formula of the curve, in columns and parameters, such as 'a*exp(-b*x)', or the response and the curve, such as \
        'log(y) ~ a - b*x'. [w*x]
        """
      ) { $0.model = $1 },
      Flag("where", "formula", "Use only the rows that satisfy this condition, such as 'x > 0'.") {
        $0.condition = $1
      },
      Flag(
        "init", file: "values",
        """
        Start values of some or all parameters, such as a=2,b=0.5, or a file that contains them: a model or JSON. \
        [found by a search]
        """
      ) { $0.initial = $1 },
      Flag(
        "bounds", "ranges",
        "Lower and upper bounds of parameters, such as b=0:,c=-1:1; either bound can be left out."
      ) { $0.bounds = try Bounds($1) },
      Flag("fix", "values", "Hold parameters at these values, such as c=1,d=2.") {
        $0.fixed = try assignments($1)
      },
      Flag(
        "sigma", "column|formula",
        "Standard error of each row's response: a column, or a formula in columns such as 0.05*y."
      ) { $0.sigma = $1 },
      Flag(
        "weights", "column|formula",
        "Weight of each row: a column, or a formula in columns; 0 leaves a row out."
      ) { $0.weights = $1 },
      Flag(
        "loss", "loss",
        "Loss to minimize: \(FittedLoss.words). The number is the residual beyond which rows count less. [mse]"
      ) {
        $0.loss = try FittedLoss($1)
      },
      Flag("by", "column", "Fit each group of rows with the same value in this column separately.")
      {
        $0.group = $1
      },
      Flag("threads", "count", "Number of threads, which does not affect results. [all cores]") {
        $0.threads = try wholeNumber($1)
      },
    ]
  }
}

/// The flags that say how sure the estimates are.
struct IntervalOptions: NotesFlags {
  /// Where the limits come from, but for the bootstrap.
  enum Intervals: String, CaseIterable {
    case standard, profile
  }

  var errors: FitSettings.Errors?
  var level: Double?
  var intervals: Intervals?
  var bootstrap: Int?
  var seed: UInt64?
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static var flags: [Flag<Self>] {
    [
      Flag(
        "errors", "scaled|absolute",
        """
        Meaning of --sigma: relative errors, whose scale is estimated from the residuals (scaled), or errors in the \
        response's own unit (absolute). [scaled]
        """
      ) { $0.errors = try choice($1) },
      Flag("level", "percent", "Confidence level of the intervals, in percent. [95]") {
        $0.level = try percent($1)
      },
      Flag(
        "intervals", "standard|profile",
        "Compute intervals from standard errors, or from the profile likelihood. [standard]"
      ) { $0.intervals = try choice($1) },
      Flag(
        "bootstrap", "count",
        "Compute standard errors and intervals from this many fits (2 or more) of rows drawn with replacement."
      ) { $0.bootstrap = try wholeNumber($1, from: 2) },
      Flag("seed", "seed", "Seed of the random numbers of --bootstrap and --kfold. [0]") {
        $0.seed = try seedNumber($1)
      },
    ]
  }

  /// Sets what the flags say, if they do not contradict each other.
  func apply(
    to settings: inout FitSettings, hasSigma: Bool, hasFolds: Bool
  ) throws(Failure) {
    if errors == .absolute, !hasSigma {
      throw Failure(
        .usage,
        "--errors absolute needs the standard errors of the rows: give --sigma")
    }
    if intervals == .profile, bootstrap != nil {
      throw Failure(
        .usage, "--bootstrap and --intervals profile are two kinds of intervals: give one of them")
    }
    if intervals == .profile, !settings.loss.hasLikelihood {
      throw Failure(
        .usage,
        "--intervals profile needs a likelihood, which a robust --loss does not have; --bootstrap 1000 works with any loss"
      )
    }
    if seed != nil, bootstrap == nil, !hasFolds {
      throw Failure(
        .usage,
        "--seed has no effect without --bootstrap or --kfold")
    }
    settings.errors = errors ?? .scaled
    settings.level = level ?? settings.level
    if intervals == .profile { settings.intervals = .profile }
    if let bootstrap { settings.intervals = .bootstrap(count: bootstrap, seed: seed ?? 0) }
  }
}

/// A part of a hundred, above 0 and below 100, as a part of 1.
func percent(_ text: String) throws(BadValue) -> Double {
  guard let value = finiteNumber(text), value > 0, value < 100, value / 100 > 0, value / 100 < 1
  else {
    throw BadValue("give a percentage above 0 and below 100, such as 95")
  }
  return value / 100
}

/// Ranges by name, as in `b=0:,c=-1:1`.
struct Bounds {
  let values: [(name: String, range: ClosedRange<Double>)]

  init(_ text: String) throws(BadValue) {
    let example = "as in b=0:,c=-1:1"
    var values: [(name: String, range: ClosedRange<Double>)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = part.firstIndex(of: "="), case let name = part[..<equals].trimmed,
        !name.isEmpty, !values.contains(where: { $0.name == name }),
        case let ends = part[part.index(after: equals)...].split(
          separator: ":", omittingEmptySubsequences: false
        ).map(\.trimmed), ends.count == 2
      else { throw BadValue("give each name once, with a lower and an upper bound, \(example)") }
      var numbers = [-Double.infinity, .infinity]
      for (index, end) in ends.enumerated() where !end.isEmpty {
        guard let number = finiteNumber(end) else {
          throw BadValue(
            "'\(end)' is not a finite number; either bound can be left out, \(example)")
        }
        numbers[index] = number
      }
      guard ends.contains(where: { !$0.isEmpty }) else {
        throw BadValue("\(name) has no bound; give one, \(example)")
      }
      guard numbers[0] <= numbers[1] else {
        throw BadValue("the lower bound of \(name) is above its upper bound")
      }
      guard numbers[0] < numbers[1] else {
        throw BadValue(
          "both bounds of \(name) are the same; --fix \(name)=\(ends[0]) holds it there")
      }
      values.append((String(name), numbers[0]...numbers[1]))
    }
    self.values = values
  }
}

/// What a fit makes small, as `--loss` spells it.
struct FittedLoss {
  /// How it was typed.
  let text: String
  let loss: FitLoss

  static let leastSquares = FittedLoss(text: "mse", loss: .leastSquares)
  /// What there is, for the help.
  static let words = "mse, huber:1.345, soft-l1:1, cauchy:1, bce or poisson"

  private static let plain: [String: FitLoss] = [
    "mse": .leastSquares, "bce": .bernoulli, "poisson": .poisson,
  ]
  /// Those that weigh residuals by a size of theirs.
  private static let robust: [String: @Sendable (Double) -> FitLoss] = [
    "huber": { .huber($0) }, "soft-l1": { .softL1($0) }, "cauchy": { .cauchy($0) },
  ]

  private init(text: String, loss: FitLoss) { (self.text, self.loss) = (text, loss) }

  init(_ text: String) throws(BadValue) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if parts.count == 1, let loss = Self.plain[name] {
      self.init(text: text, loss: loss)
      return
    }
    guard let robust = Self.robust[name] else {
      throw BadValue("choose one of \(Self.words); 'train' has others")
    }
    guard let size = parts.count > 1 ? finiteNumber(parts[1]) : 1, size > 0 else {
      throw BadValue(
        "the number of '\(name)' is the residual beyond which rows count less; it must be above 0")
    }
    self.init(text: text, loss: robust(size))
  }

  /// The name of the likelihood; nil for a loss of residuals.
  var likelihood: String? { loss.isLikelihood ? text : nil }

  /// The loss of one row as models have it, of a response that is spelled so in formulas.
  func modelLoss(response: String) -> String {
    switch loss {
    case .softL1(let scale):
      return "\(square(scale))*(sqrt(1 + \(ratio(response, scale))) - 1)"
    case .cauchy(let scale):
      return "\(square(scale))/2*log1p(\(ratio(response, scale)))"
    default: return text
    }
  }

  private func square(_ scale: Double) -> String { scale == 1 ? "1" : "\(scale.shortestDecimal)^2" }

  private func ratio(_ response: String, _ scale: Double) -> String {
    let residual = "(prediction - \(response))"
    return scale == 1 ? "\(residual)^2" : "(\(residual)/\(scale.shortestDecimal))^2"
  }
}
