import Autograd
import Formula
import Foundation
import Models
import Tables
import Testing

@testable import Fitting

/// A formula bound to rows, ready to be fitted.
struct Problem {
  let model: Model
  let fitter: Fitter
  let response: [Double]

  /// The rows, in memory.
  var rows: Rows {
    guard case .memory(let rows, _) = fitter.observations else {
      preconditionFailure("the rows are in memory")
    }
    return rows
  }

  /// Engines for all rows.
  var engines: Engines { Engines(fitter.programs, mostRows: response.count) }

  /// What the formula gives in each row.
  func heights(_ parameters: [Double]) -> [Double] {
    rows.heights(engines[[]], parameters, in: response.indices)
  }

  /// The names of the parameters, in order of appearance in the formula.
  var names: [String] { model.parameters.map(\.name) }

  /// A formula and columns of numbers.
  init(
    _ formula: String, _ columns: [String: [Double]] = [:], response: [Double],
    weights: [Double]? = nil
  ) throws {
    model = try Model(
      formula: Formula(formula), target: "response",
      tableColumns: columns.keys.sorted() + ["response"])
    let names = model.columns.map { $0.name ?? "" }
    let data = Columns<Double>(rowCount: response.count, columnCount: names.count) {
      column, values in
      for (row, value) in (columns[names[column]] ?? response).enumerated() { values[row] = value }
    }
    fitter = Fitter(model, columns: data, response: response, weights: weights)
    self.response = response
  }

  /// A formula and a table of the fixtures; what stands before a `~` is the response.
  init(
    _ formula: String, file: String, target: String, sigma: String? = nil, weights: String? = nil
  ) throws {
    let table = try Fixture.table(file)
    let sides = formula.split(separator: "~").map { $0.trimmingCharacters(in: .whitespaces) }
    let right = try #require(sides.last)
    let specification = try Specification(formula: Formula(right), target: target)
    model = try Preparation(specification).bind(to: table).model
    let transform = try #require(Self.transforms[sides.count == 1 ? target : sides[0]] ?? { $0 })
    response = try table.numbers(of: target).map(transform)
    var rowWeights = try weights.map { name throws in try table.numbers(of: name) }
    if let sigma { rowWeights = try table.numbers(of: sigma).map { 1 / ($0 * $0) } }
    fitter = try Fitter(
      model, columns: model.data(from: table), response: response, weights: rowWeights)
  }

  private static let transforms: [String: @Sendable (Double) -> Double] = [
    "log(y)": { log($0) }, "sqrt(y)": { $0.squareRoot() },
  ]

  /// Values of parameters by their numbers.
  func numbered<Value>(_ values: [String: Value]) throws -> [Int: Value] {
    var numbered: [Int: Value] = [:]
    for (name, value) in values { numbered[try #require(names.firstIndex(of: name))] = value }
    return numbered
  }

  /// The fit with settings that `change` makes of the usual ones.
  func fit(_ change: (inout FitSettings) -> Void = { _ in }) -> Fit {
    var settings = FitSettings()
    change(&settings)
    return fitter.fit(settings)
  }
}

/// Files that tests read.
enum Fixture {
  static func table(_ path: String) throws -> Table {
    try Table(csv: Array(Data(contentsOf: url(path))), name: path)
  }

  static func read<Contents: Decodable>(_ path: String, as type: Contents.Type) throws -> Contents {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: url(path)))
  }

  private static func url(_ path: String) throws -> URL {
    try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
      .appendingPathComponent(path)
  }
}

/// Numbers that look like noise and are the same everywhere: normal ones by the twelve uniform ones they are sums of.
struct Noise {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// From 0 up to 1.
  mutating func uniform() -> Double {
    // Steele, Lea and Flood's splitmix64.
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((bits ^ (bits >> 31)) >> 11) * 0x1p-53
  }

  /// Of mean 0 and standard deviation 1.
  mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
}
