import Testing

@testable import Fitting

/// A problem of a cases.json with its answer; the README beside it says what each field means.
struct FitCase: Decodable, Sendable, CustomTestStringConvertible {
  var name, section, data, model, target: String
  var options: Options
  var start: [String: Double]?
  var starts: [String]
  var expect: Expected
  var alternatives: [Expected]?
  var equivalents: [[String: Part]]?
  var periods: [String: Double]?
  var tolerances, absolute: [String: Double]?
  var r2Either: Bool?

  var testDescription: String { name }

  struct Options: Decodable, Sendable {
    var sigma, weights, errors, loss: String?
    var bounds: [String: [Double?]]?
    var fix: [String: Double]?
  }

  struct Expected: Decodable, Sendable {
    var exit: [Int]
    var verdict: String
    var parameters: [String]
    var estimate: [Double?]
    var stdError: [Double?]?
    var interval95, interval95T, interval99, interval99T, profile95: [[Double?]?]?
    var covariance, correlation: [[Double?]]?
    var observations: Int
    var dof, rank: Int?
    var rss, residualStandardError, r2, r2AboutMean, adjustedR2, adjustedR2AboutMean: Double?
    var logLikelihood, aic, bic, deviance, nullDeviance, cost: Double?
    var conditionNumber, conditionNumberScaled: Double?
    var atBound, notIdentifiable: [String]?
    var functions: [Function]?
    var predict: [Row]?
    var sandwichStdError: [Double?]?
    var minimumNorm: [Double?]?
  }

  struct Function: Decodable, Sendable {
    var expression: String
    var value: Double
  }

  /// The curve at a point, with its error and bands.
  struct Row: Decodable, Sendable {
    var at: [String: Field]
    var prediction, stdError: Double
    var confidence95: [Double]
    var prediction95: [Double]?
  }

  /// A number or a text of a table, as CSV.
  struct Field: Decodable, Sendable {
    var text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      text = try (try? container.decode(String.self)) ?? "\(container.decode(Double.self))"
    }
  }

  /// A factor, the parameter that it is of, and what is added.
  struct Part: Decodable, Sendable {
    var factor, shift: Double
    var source: String

    init(from decoder: any Decoder) throws {
      var parts = try decoder.unkeyedContainer()
      factor = try parts.decode(Double.self)
      source = try parts.decode(String.self)
      shift = try parts.decode(Double.self)
    }
  }

  struct File: Decodable {
    var tolerances: [String: Double]
    var cases: [FitCase]
  }

  /// The cases of a folder that a library can run; each has all its tolerances.
  static func all(in folder: String) throws -> [FitCase] {
    let file = try Fixture.read("\(folder)/cases.json", as: File.self)
    return file.cases.map { one in
      var one = one
      one.data = "\(folder)/\(one.data)"
      one.tolerances = file.tolerances.merging(one.tolerances ?? [:]) { $1 }
      return one
    }
  }

  func problem() throws -> Problem {
    try Problem(
      model, file: data, target: target, sigma: options.sigma, weights: options.weights)
  }

  func settings(_ problem: Problem, from start: [String: Double]?) throws -> FitSettings {
    var settings = FitSettings()
    settings.initial = try problem.numbered(start ?? [:])
    settings.fixed = try problem.numbered(options.fix ?? [:])
    settings.bounds = try problem.numbered(options.bounds ?? [:]).mapValues {
      ($0[0] ?? -.infinity)...($0[1] ?? .infinity)
    }
    settings.errors = try #require(FitSettings.Errors(rawValue: options.errors ?? "scaled"))
    if let loss = options.loss { settings.loss = try #require(FitLoss(named: loss)) }
    return settings
  }

  var isRobust: Bool { expect.cost != nil }

  /// All answers that are the same curve.
  var answers: [Equivalent] {
    variants(
      of: expect.parameters,
      (equivalents ?? []).map { $0.mapValues { ($0.factor, $0.source, $0.shift) } })
  }
}

extension FitLoss {
  /// A loss as an option names it, such as `huber:1.5`.
  init?(named text: String) {
    let parts = text.split(separator: ":")
    let size = parts.count > 1 ? Double(parts[1]) ?? .nan : 1
    switch parts.first {
    case "huber": self = .huber(size)
    case "soft-l1": self = .softL1(size)
    case "cauchy": self = .cauchy(size)
    case "bce": self = .bernoulli
    case "poisson": self = .poisson
    default: return nil
    }
  }
}
