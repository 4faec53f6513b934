import Formula
import Models
import Tables

/// A small table, written as CSV.
func table(_ text: String) throws -> Table { try Table(csv: Array(text.utf8), name: "d.csv") }

/// A specification of formulas as texts.
func specification(
  _ formula: String, loss: String = "mse", target: String = "y", features: [String]? = nil,
  weights: String? = nil
) throws -> Specification {
  try Specification(
    formula: Formula(formula), loss: ModelLoss(loss), target: target, features: features,
    weights: weights)
}
