import Fitting
import Formula
import Tables

/// What is said of fits, to people.
extension FitResult {
  /// What is said of fits that are what was asked for, and of parameters at their bounds.
  var notes: [String] { said { notes(of: $0) } }

  /// What is said of each of the others.
  var faults: [String] { said { fault(of: $0).map { [$0] } ?? [] } }

  private func said(_ sentences: (Fit) -> [String]) -> [String] {
    zip(task.groups, fits).flatMap { group, fit in
      let prefix = task.groupColumn.map { "\(shortened($0)) \(excerpt(group.name)): " } ?? ""
      return sentences(fit).map { prefix + $0 }
    }
  }

  /// What is to be known of a fit beside its numbers.
  func notes(of fit: Fit) -> [String] {
    let ending = fit.verdict.isSuccess ? explanation(of: fit).map { [$0] } ?? [] : []
    return ending + fit.notes.map(sentence)
      + fit.atBound.map { index in
        "\(name(index)) is at its bound \(fit.estimates[index].shortestDecimal), so it has no standard error"
      }
  }

  /// Why a fit is not what was asked for, with the row that is to blame; nil of a success.
  private func fault(of fit: Fit) -> String? {
    guard !fit.verdict.isSuccess, let explanation = explanation(of: fit) else { return nil }
    guard case .formula(let row?) = fit.fault, plan.model.data != .lesson,
      let position = task.rows.position(ofRow: row)
    else { return explanation }
    return "\(position): \(explanation)"
  }

  /// What the verdict means for the answer; nil where there is nothing to explain.
  private func explanation(of fit: Fit) -> String? {
    switch fit.verdict {
    case .converged: return nil
    case .exact:
      return "the curve goes through all points"
        + (task.settings.knowsErrors ? "" : ", so its errors are 0")
    case .noDegreesOfFreedom:
      return "there are as many parameters as rows, so the errors cannot be estimated"
    case .rankDeficient:
      let idle = fit.withoutEffect
      let others = fit.notIdentifiable.filter { !idle.contains($0) }
      let parts = [
        idle.isEmpty
          ? nil : "\(names(idle)) \(idle.count == 1 ? "has" : "have") no effect on the curve",
        others.isEmpty
          ? nil : "the data do not determine \(names(others)): other values give the same curve",
      ]
      return parts.compactMap(\.self).joined(separator: "; ")
    case .noOptimum:
      return "there is no best value: the loss keeps falling as the parameters grow without limit"
    case .notConverged:
      return
        "the search ended after \(fit.iterations) steps away from a minimum: try other start values"
    case .notFinite:
      switch fit.fault {
      case .noRowCounts: return "all weights are 0: no row counts"
      case .responseTooLarge: return "the response is too large to square: give it in another unit"
      case .responseTooSmall: return "the response is too small to square: give it in another unit"
      case .formula, .unreadable, nil:
        return "the formula is not finite in some row, for all start values that were tried"
      }
    }
  }

  private func sentence(_ note: Fit.Note) -> String {
    switch note {
    case .givenStartLeadsHigher:
      return "the start values lead to a higher minimum; this one was found from others"
    case .otherMinimum(let parameters, let rise):
      let place = zip(task.names, parameters).map { "\(shortened($0))=\(brief($1))" }
      return "another minimum is nearly as deep, \(brief(100 * rise)) % above this one: "
        + place.joined(separator: ", ")
    case .drawsLeftOut(let count, let all):
      return "\(count) of \(all) draws have no minimum and are left out"
    }
  }

  private func name(_ parameter: Int) -> String { shortened(task.names[parameter]) }

  private func names(_ parameters: [Int]) -> String {
    parameters.map(name).joined(separator: ", ")
  }
}

extension Fit.Verdict {
  /// The verdict in a word or two.
  var words: String { String(rawValue.map { $0 == "_" ? " " : $0 }) }
}
