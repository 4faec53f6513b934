import Flags
import Models
import Tables

/// How good a model has to be, for scripts.
struct QualityLimits {
  private var mostLoss: Double?
  private var leastAccuracy: Double?
  private var leastR2: Double?

  static var flags: [Flag<Self>] {
    [
      Flag("max-loss", "number", "Exit with code 5 if the loss is above this.") {
        $0.mostLoss = try limit($1)
      },
      Flag("min-accuracy", "number", "Exit with code 5 if the accuracy is below this.") {
        $0.leastAccuracy = try limit($1)
      },
      Flag("min-r2", "number", "Exit with code 5 if R² is below this.") {
        $0.leastR2 = try limit($1)
      },
    ]
  }

  /// Throws if a limit is of what the model has not.
  func check(_ model: Model) throws(Failure) {
    if leastAccuracy != nil, !model.isOfClasses {
      throw Failure(
        .usage, "--min-accuracy: the model predicts a number, not a class; give --min-r2")
    }
    if leastR2 != nil, model.isOfClasses {
      throw Failure(
        .usage, "--min-r2: the model predicts a class, not a number; give --min-accuracy")
    }
  }

  /// Throws if a limit is not met; nan meets none.
  func check(_ report: EvaluationReport) throws(Failure) {
    let found = report.evaluation
    var faults: [String] = []
    if let mostLoss, !(found.loss <= mostLoss) {
      faults.append(
        "the loss \(found.loss.shortestDecimal) is not within --max-loss \(mostLoss.shortestDecimal)"
      )
    }
    let least = [
      ("accuracy", "--min-accuracy", found.accuracy, leastAccuracy),
      ("R²", "--min-r2", found.r2, leastR2),
    ]
    for case (let name, let flag, let value?, let limit?) in least where !(value >= limit) {
      faults.append(
        "the \(name) \(value.shortestDecimal) does not reach \(flag) \(limit.shortestDecimal)")
    }
    if !faults.isEmpty { throw Failure(.checkFailed, faults.joined(separator: "; ")) }
  }
}

private func limit(_ text: String) throws(BadValue) -> Double {
  guard let value = finiteNumber(text) else { throw BadValue("give a finite number") }
  return value
}
