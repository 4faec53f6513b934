import Foundation
import Models
import Testing

/// The coefficients that `show` gives, against those of least squares on the raw table.
@Suite struct ShowTests {
  /// The numbers before each column of a formula such as `2.5*x - y + 3`, and the last one, which stands alone.
  private func coefficients(_ formula: String) -> [String: Double] {
    var found: [String: Double] = [:]
    let signed = formula.replacing(" - ", with: " + -")
    for term in signed.split(separator: " + ") {
      let factors = term.split(separator: "*")
      let number = Double(factors[0])
      let name = factors.count == 2 ? String(factors[1]) : number == nil ? String(factors[0]) : ""
      found[name] = number ?? (factors[0].hasPrefix("-") ? -1 : 1)
    }
    return found
  }

  // The expected coefficients are solutions of the normal equations in rational numbers, which R's lm gives too.
  @Test(
    arguments: [
      (
        "diabetes.csv", "progression", "--precision float64 --momentum 0.9 --epochs 6000", 1e-10,
        [
          "age": -0.03636122422362544, "sex": -22.85964809049839, "bmi": 5.602962091923705,
          "bp": 1.1168079933181907, "s1": -1.08999633406324, "s2": 0.7464504555142257,
          "s3": 0.37200471508915295, "s4": 6.533831935990338, "s5": 68.48312496478827,
          "s6": 0.28011698932150436, "": -334.5671385187872,
        ]
      ),
      (
        "cars.csv", "dist", "--epochs 300", 1e-5,
        ["speed": 3.9324087591240877, "": -17.579094890510948]
      ),
    ] as [(String, String, String, Double, [String: Double])])
  func `a standardised linear model has the coefficients of least squares`(
    table: String, target: String, flags: String, tolerance: Double, expected: [String: Double]
  ) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      backprop train --data '\(Sandbox.sample(table))' --target \(target) --model linear \
        --standardize all --lr 0.2 --batch-size full --csv /dev/null --save m.st \(flags) \
        && backprop show m.st --format json
      """)
    #expect(result.status == 0, "\(result)")
    let equations = JSON.parsed(result.text)?.object?["equations"]?.object
    let found = coefficients(try #require(equations?[target]?.text))
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (name, value) in expected {
      let error = abs((found[name] ?? .nan) - value) / abs(value)
      #expect(error <= tolerance, "\(name): \(error)")
    }
  }
}

extension JSON {
  fileprivate static func parsed(_ text: String) -> JSON? { try? JSON(parsing: text) }
}
