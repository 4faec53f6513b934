import Autograd
import Flags
import Formula
import Models
import Tables

/// One run of `check`: reads the table, and compares gradients with differences.
struct CheckRun {
  private let plan: ModelPlan
  private let options: CheckOptions
  /// Of more elements a sample is checked, as each takes several passes over the rows.
  private static let mostElements = 2000

  /// Checks all that can be without reading the data.
  init(_ command: Check) throws(Failure) {
    plan = try ModelPlan(
      command.model, table: command.table, threads: command.check.threads, command: Check.name)
    options = command.check
    try [FlaggedDestination]().requireDistinct(from: plan.sources)
  }

  /// Reads the table, and binds the model and its start values to it.
  func prepare() throws(Failure) -> (bound: BoundModel, point: [Double]) {
    let bound = try plan.bind(seed: options.seed)
    let (point, warnings) = try plan.startPoint(of: bound.model, seed: options.seed)
    for warning in warnings { Diagnostics.warn(warning) }
    return (bound, point)
  }

  func run() throws(Failure) {
    let (bound, point) = try prepare()
    let model = bound.model
    let data = try model.numbers(of: bound.table, as: Double.self)
    let quantity: DifferenceCheck.Quantity = options.quantity == .loss ? .loss : .prediction
    var check = DifferenceCheck(
      quantity, of: model, data: data, at: point,
      threads: options.threads ?? coreCount)
    let elements = ElementNames(of: model)
    guard check.value.isFinite, check.gradient.allSatisfy(\.isFinite) else {
      let element = check.gradient.firstIndex { !$0.isFinite }
      let what =
        check.value.isFinite
        ? "its gradient with respect to \(excerpt(elements[element ?? 0]))" : "it"
      throw Failure(
        .checkFailed,
        "the mean \(options.quantity.rawValue) cannot be checked here, as \(what) is not finite; "
          + "give other values by --init")
    }
    var lines: [UInt8] = Array("parameter,gradient,difference,relative_error,verdict\n".utf8)
    var different: [(name: String, finding: DifferenceCheck.Finding)] = []
    var kinks: [String] = []
    for index in chosen(of: model.parameterCount) {
      let finding = check.check(index)
      let name = elements[index]
      lines += Array(csvField(name).utf8)
      for number in [finding.gradient, finding.difference, finding.relativeError] {
        lines.append(UInt8(ascii: ","))
        lines.append(shortestDecimal: number)
      }
      lines += Array(",\(finding.verdict.rawValue)\n".utf8)
      switch finding.verdict {
      case .agree: break
      case .differ: different.append((name, finding))
      case .kink: kinks.append(name)
      }
    }
    try Writer.standardOutput.writeAll(lines)
    if !kinks.isEmpty {
      Diagnostics.say(
        "note: the mean \(options.quantity.rawValue) has a kink or a jump here in \(listed(kinks)), so its "
          + "gradient is not unique; try other values (--init)")
    }
    guard let (name, finding) = different.first else { return }
    let others = different.count - 1
    throw Failure(
      .checkFailed,
      "the gradient with respect to \(excerpt(name)) is \(brief(finding.gradient, digits: 9)), but the difference is "
        + brief(finding.difference, digits: 9)
        + (others == 0 ? "" : "; \(others) more element\(others == 1 ? " differs" : "s differ")"))
  }

  /// The elements to check: all, or a sample in order.
  private func chosen(of count: Int) -> [Int] {
    guard count > Self.mostElements else { return Array(0..<count) }
    Diagnostics.say(
      "note: \(Self.mostElements) of \(count) elements are checked, chosen at random by --seed \(options.seed)"
    )
    let order = RandomNumbers(seed: options.seed, for: .split).permutation(of: count)
    return order[..<Self.mostElements].sorted()
  }
}

extension ModelPlan {
  /// A value for each element of a model's parameters, and what is to be said of those that were given.
  ///
  /// What was given counts where the plan `reads` it.
  func startPoint(
    of model: Model, seed: UInt64, reads: Bool = true
  ) throws(Failure) -> (values: [Double], warnings: [String]) {
    let given = reads ? try start?.values(for: model) : nil
    do throws(GivenValues.Fault) {
      return (try model.parameters.start(given?.values, seed: seed), given?.warnings ?? [])
    } catch {
      throw Failure(.usage, "--init: \(error.sentence(known: model.parameters.map(\.name)))")
    }
  }
}
