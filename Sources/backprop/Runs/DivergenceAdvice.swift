import Autograd
import Formula
import Glibc
import Models
import Tables
import Training

/// What to try after a run that diverged, computed where it can be, so that one try is enough.
struct DivergenceAdvice {
  let run: BoundModel
  let settings: Settings
  /// The parameters before the first step.
  let initial: [Double]

  /// The advice, as the end of a sentence; `rate` is what the run had, and `flag` what gave it.
  func text(rate: Double, flag: String) -> String {
    guard settings.optimizer is SGD else { return smaller(rate / 10, flag) }
    if let sizes = oversizedInputs, let standardized = standardized() {
      let stable = stableRate(of: standardized)
      let rest = stable.flatMap { $0 < rate ? " \(flag) \(roundedDown($0))" : nil } ?? ""
      return "\(sizes) far from 1 in size: try --standardize inputs\(rest)"
    }
    guard let stable = stableRate(of: run.model), stable < rate else {
      return smaller(rate / 10, flag)
    }
    return "try a smaller learning rate, \(flag) \(roundedDown(stable))"
  }

  private func smaller(_ rate: Double, _ flag: String) -> String {
    "try a smaller learning rate, \(flag) \(brief(rate))"
  }

  /// The inputs that are far from 1 in size, with a verb.
  private var oversizedInputs: String? {
    guard let data = try? run.model.data(from: run.table, as: Double.self) else { return nil }
    let names = run.model.oversizedInputs(of: data)
    if names.isEmpty { return nil }
    return "\(listed(names)) \(names.count == 1 ? "is" : "are")"
  }

  /// The model with its inputs standardised.
  private func standardized() -> Model? {
    var model = run.model
    guard let scalings = try? model.scalings(of: run.table, withTarget: false) else { return nil }
    model.scalings.merge(scalings) { own, _ in own }
    return model
  }

  /// The learning rate at which steps from the start still lead downhill: 2 divided by the largest curvature.
  private func stableRate(of model: Model) -> Double? {
    guard let data = try? model.data(from: run.table, as: Double.self) else { return nil }
    let rows =
      switch settings.batchSize {
      case .rows(let count): count
      case .full: run.rowCount
      }
    return model.largestCurvature(of: data, parameters: initial, batchRows: rows)
      .map { 2 / ($0 + 2 * settings.l2) }
  }

  /// A number to four significant digits, none of them rounded up: a larger rate may be too large.
  private func roundedDown(_ value: Double) -> String {
    let unit = pow(10, (log10(value)).rounded(.down) - 3)
    return brief((value / unit * (1 + 1e-12)).rounded(.down) * unit)
  }
}
