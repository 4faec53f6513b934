import Autograd
import Fitting
import Formula
import Models
import Tables

extension FitResult {
  /// The columns of the report.
  private static let columns = ["parameter", "estimate", "std_error", "lower", "upper"]

  /// What the report has of one parameter, in the order of the columns; nan for what is not known.
  private func numbers(of fit: Fit, _ index: Int) -> [Double] {
    if fit.verdict == .notFinite { return [.nan, .nan, .nan, .nan] }
    return [
      fit.estimates[index], fit.standardErrors[index], fit.lower[index], fit.upper[index],
    ]
  }

  /// A row for each parameter of each group; what is not known is empty.
  var lines: [UInt8] {
    let header = (task.groupColumn.map { [csvField($0)] } ?? []) + Self.columns
    var lines = Array((header.joined(separator: ",") + "\n").utf8)
    let names = task.names.map { Array(csvField($0).utf8) }
    let comma = UInt8(ascii: ",")
    for (group, fit) in zip(task.groups, fits) {
      let start = task.groupColumn == nil ? [] : Array(csvField(group.name).utf8) + [comma]
      for (index, name) in names.enumerated() {
        lines += start + name
        for number in numbers(of: fit, index) {
          lines.append(comma)
          if !number.isNaN { lines.append(shortestDecimal: number) }
        }
        lines.append(UInt8(ascii: "\n"))
      }
    }
    return lines
  }

  /// The same as a list of objects, with null for what is not known.
  var json: JSON {
    .list(
      zip(task.groups, fits).flatMap { group, fit in
        task.names.enumerated().map { index, name in
          var row: [String: JSON] = ["parameter": .text(name)]
          for (column, number) in zip(Self.columns.dropFirst(), numbers(of: fit, index)) {
            row[column] = .number(number)
          }
          if task.groupColumn != nil { row["group"] = .text(group.name) }
          return .object(row)
        }
      })
  }

  /// All that is known of the fits, and how they were made.
  var metrics: JSON {
    var values: [String: JSON] = [
      "version": .text(Backprop.version), "model": .text(plan.model.formula.text),
      "loss_function": .text(plan.loss.text), "target": .text(task.model.target),
      "response": .text(task.model.responseName), "rows": .count(task.rows.count),
      "seconds": .number(seconds), "threads": .count(plan.threads),
      "instructions": .text(SIMDLevel.chosen.rawValue), "settings": .object(plan.settings),
      "level": .number(plan.level * 100), "parameters": .list(task.names.map(JSON.text)),
    ]
    if Job.count > 1 {
      values["ranks"] = .count(Job.count)
      values["bytes_exchanged"] = .count(bytesExchanged)
    }
    guard task.groupColumn != nil else {
      return .object(values.merging(metrics(of: fits[0])) { own, _ in own })
    }
    values["groups"] = .list(
      zip(task.groups, fits).map { group, fit in
        .object(metrics(of: fit).merging(["group": .text(group.name)]) { own, _ in own })
      })
    return .object(values)
  }

  private func metrics(of fit: Fit) -> [String: JSON] {
    let names = task.names
    func list(_ numbers: [Double]) -> JSON { .list(numbers.map(JSON.number)) }
    func chosen(_ indices: [Int]) -> JSON { .list(indices.map { .text(names[$0]) }) }
    return [
      "verdict": .text(fit.verdict.rawValue), "notes": .list(notes(of: fit).map(JSON.text)),
      "estimates": list(fit.estimates), "std_errors": list(fit.standardErrors),
      "lower": list(fit.lower), "upper": list(fit.upper),
      "covariance": .list(fit.covariance.map(list)),
      "correlation": .list(fit.correlation.map(list)),
      "observations": .count(fit.observations),
      "degrees_of_freedom": .count(fit.degreesOfFreedom), "rank": .count(fit.rank),
      "residual_sum_of_squares": .number(fit.residualSumOfSquares),
      "residual_standard_error": .number(fit.residualStandardError),
      "r2": .number(fit.r2), "adjusted_r2": .number(fit.adjustedR2),
      "log_likelihood": .number(fit.logLikelihood), "aic": .number(fit.aic),
      "bic": .number(fit.bic), "condition_number": .number(fit.conditionNumber),
      "deviance": .number(fit.deviance), "null_deviance": .number(fit.nullDeviance),
      "cost": .number(fit.cost), "at_bound": chosen(fit.atBound),
      "not_identifiable": chosen(fit.notIdentifiable), "iterations": .count(fit.iterations),
      "start": .object(
        Dictionary(zip(names, fit.start.map(JSON.number))) { first, _ in first }),
    ]
  }

  /// What was made small in each iteration.
  var history: [UInt8] {
    let header = (task.groupColumn.map { [csvField($0)] } ?? []) + ["iteration", "loss"]
    var lines = Array((header.joined(separator: ",") + "\n").utf8)
    for (group, fit) in zip(task.groups, fits) {
      let start = task.groupColumn == nil ? "" : csvField(group.name) + ","
      for (iteration, loss) in fit.history.enumerated() {
        lines += Array("\(start)\(iteration),".utf8)
        lines.append(shortestDecimal: loss)
        lines.append(UInt8(ascii: "\n"))
      }
    }
    return lines
  }

  /// A table for a person, and a line or two below it.
  var summary: [String] {
    guard task.groupColumn == nil, let fit = fits.first else {
      let count = fits.count { $0.verdict.isSuccess }
      return ["\(count) of \(fits.count) groups fitted in \(brief(seconds, digits: 2)) s"]
    }
    if fit.verdict == .notFinite { return [] }
    let shown = task.names.indices.map { index in
      (
        name: task.names[index],
        value: ErroneousNumber(fit.estimates[index], error: fit.standardErrors[index]),
        interval: fit.lower[index].isNaN
          ? fit.atBound.contains(index)
            ? "at a bound" : task.settings.fixed[index] == nil ? "" : "fixed"
          : "\(ErroneousNumber.text(of: fit.lower[index], error: fit.standardErrors[index])) to "
            + ErroneousNumber.text(of: fit.upper[index], error: fit.standardErrors[index])
      )
    }
    let nameWidth = (shown.map(\.name.count).max() ?? 0) + 2
    let valueWidth = (shown.map(\.value.text.count).max() ?? 0) + 2
    let title = "\(brief(plan.level * 100, digits: 6)) % interval"
    var lines = shown.map {
      ($0.name.padded(to: nameWidth) + $0.value.text.padded(to: valueWidth) + $0.interval)
        .trimmingEnd
    }
    if task.names.indices.contains(where: { !fit.lower[$0].isNaN }) {
      lines.insert(String(repeating: " ", count: nameWidth + valueWidth) + title, at: 0)
    }
    return lines + [quality(of: fit), ending(of: fit)]
  }

  private func quality(of fit: Fit) -> String {
    var parts = ["\(fit.observations) row\(fit.observations == 1 ? "" : "s")"]
    let numbers = [
      ("residual standard error", fit.residualStandardError, 4), ("cost", fit.cost, 6),
      ("deviance", fit.deviance, 6), ("R²", fit.r2, 6), ("AIC", fit.aic, 6),
    ]
    for (name, value, digits) in numbers where value.isFinite {
      parts.append("\(name) \(brief(value, digits: digits))")
    }
    return parts.joined(separator: ", ")
  }

  private func ending(of fit: Fit) -> String {
    let start = zip(task.names, fit.start).enumerated().map { index, value in
      let isFixed = task.settings.fixed[index] != nil
      let isGiven = task.settings.initial[index] != nil
      return "\(value.0) = \(brief(value.1))\(isFixed ? " (fixed)" : isGiven ? " (given)" : "")"
    }
    let iterations = "\(fit.iterations) iteration\(fit.iterations == 1 ? "" : "s")"
    return "\(fit.verdict.words); \(iterations) from \(start.joined(separator: ", "))"
  }
}

extension String {
  /// The text without blanks at its end.
  fileprivate var trimmingEnd: String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}

/// A number rounded to the first two digits of its error.
struct ErroneousNumber {
  /// As in `4.012 ± 0.031`, `(1.20 ± 0.15)e-09`, or the number alone where it has no error.
  let text: String

  init(_ value: Double, error: Double) {
    guard error.isFinite, error > 0, value.isFinite else {
      text = brief(value, digits: 6) + (error == 0 ? " ± 0" : "")
      return
    }
    if let decimals = Self.decimals(value, error: error) {
      text = "\(fixed(value, decimals)) ± \(fixed(error, decimals))"
      return
    }
    let exponent = exponentOfTen(max(value.magnitude, error))
    let last = exponentOfTen(error, digits: 2) - 1
    let decimals = max(0, exponent - last)
    let (mantissa, ofError) = (scaled(value, by: -exponent), scaled(error, by: -exponent))
    let sign = exponent < 0 ? "-" : "+"
    let digits = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
    text = "(\(fixed(mantissa, decimals)) ± \(fixed(ofError, decimals)))e\(sign)\(digits)"
  }

  /// Another number, rounded as one of that error.
  static func text(of value: Double, error: Double) -> String {
    guard error.isFinite, error > 0, value.isFinite else { return brief(value, digits: 6) }
    if let decimals = decimals(value, error: error) { return fixed(value, decimals) }
    let digits = exponentOfTen(value) - exponentOfTen(error, digits: 2) + 2
    return brief(value, digits: min(max(1, digits), 17), keepsZeros: true)
  }

  /// How many decimals are shown; nil where an exponent is easier to read.
  private static func decimals(_ value: Double, error: Double) -> Int? {
    let last = exponentOfTen(error, digits: 2) - 1
    let largest = max(value.magnitude, error)
    return last <= 0 && last >= -9 && largest < 1e7 && largest >= 1e-3 ? -last : nil
  }
}

/// The exponent of the first digit of a positive number that is rounded to so many digits.
private func exponentOfTen(_ value: Double, digits: Int = 15) -> Int {
  let text = formatted("%.*e", digits - 1, value)
  return text.split(separator: "e").last.flatMap { Int($0) } ?? 0
}

/// The number times a power of ten.
private func scaled(_ value: Double, by exponent: Int) -> Double {
  // Two steps, as a power of its own may be beyond a double.
  let half = exponent / 2
  return value * power(half) * power(exponent - half)
}

private func power(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }

private func fixed(_ value: Double, _ decimals: Int) -> String {
  formatted("%.*f", decimals, value)
}
