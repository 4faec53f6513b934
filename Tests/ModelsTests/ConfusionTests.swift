import Autograd
import Formula
import Tables
import Testing

@testable import Models

@Suite struct ConfusionTests {
  /// The observed and the predicted class of ten rows, and their weights.
  static let rows: [(String, String, Double)] = [
    ("a", "a", 1), ("a", "a", 2), ("a", "b", 0.5), ("a", "c", 3), ("b", "b", 1), ("b", "b", 0.25),
    ("b", "a", 4), ("c", "c", 2), ("c", "b", 1), ("d", "c", 5),
  ]

  /// The confusion of a model whose highest score is that of the predicted class.
  private func confusion(weights: String?) throws -> (Confusion, accuracy: Double?) {
    let classes = ["a", "b", "c", "d"]
    let lines = Self.rows.map { observed, predicted, weight in
      classes.map { $0 == predicted ? "1," : "0," }.joined() + "\(weight),\(observed)"
    }
    let bound = try Preparation(
      specification("concat(k*p, k*q, k*r, k*s)", loss: "cross-entropy", weights: weights)
    ).bind(to: table("p,q,r,s,n,y\n" + lines.joined(separator: "\n") + "\n"))
    let data = try bound.model.data(from: bound.table, as: Double.self)
    let evaluation = try bound.model.evaluate(bound.table, data, parameters: [1])
    let confusion = bound.model.confusion(of: [1], on: data)
    return (try #require(confusion), evaluation.accuracy)
  }

  private func check(_ found: [Double], _ expected: [Double]) {
    for (found, expected) in zip(found, expected) {
      #expect(found.isNaN ? expected.isNaN : abs(found - expected) < 1e-8)
    }
    #expect(found.count == expected.count)
  }

  // The numbers are those of scikit-learn's precision_recall_fscore_support with zero_division=nan.

  @Test func `precision, recall and F1 are those of scikit-learn`() throws {
    let (found, accuracy) = try confusion(weights: nil)
    #expect(found.classes == ["a", "b", "c", "d"])
    #expect(found.counts == [[2, 1, 1, 0], [1, 2, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0]])
    check((0..<4).map(found.precision), [0.66666667, 0.5, 0.33333333, .nan])
    check((0..<4).map(found.recall), [0.5, 0.66666667, 0.5, 0])
    check((0..<4).map(found.f1), [0.57142857, 0.57142857, 0.4, 0])
    check((0..<4).map(found.rows), [4, 3, 2, 1])
    #expect(accuracy == 0.5)
  }

  @Test func `rows count by their weights`() throws {
    let (found, accuracy) = try confusion(weights: "n")
    #expect(found.counts == [[3, 0.5, 3, 0], [4, 1.25, 0, 0], [0, 1, 2, 0], [0, 0, 5, 0]])
    check((0..<4).map(found.precision), [0.42857143, 0.45454545, 0.2, .nan])
    check((0..<4).map(found.recall), [0.46153846, 0.23809524, 0.66666667, 0])
    check((0..<4).map(found.f1), [0.44444444, 0.3125, 0.30769231, 0])
    check((0..<4).map(found.rows), [6.5, 5.25, 3, 5])
    check([accuracy ?? 0], [0.31645569620253167])
  }

  @Test func `a probability between two classes has no matrix`() throws {
    let bound = try Preparation(specification("w*x", loss: "bce-logits"))
      .bind(to: table("x,y\n1,0.5\n2,1\n"))
    let data = try bound.model.data(from: bound.table, as: Double.self)
    let found = bound.model.confusion(of: [1], on: data)
    #expect(found == nil)
  }

  @Test func `the lower of two values can be below 0`() throws {
    let bound = try Preparation(specification("w*x", loss: "hinge"))
      .bind(to: table("x,y\n1,1\n-2,1\n-3,-1\n"))
    let data = try bound.model.data(from: bound.table, as: Double.self)
    let confusion = bound.model.confusion(of: [1], on: data)
    let found = try #require(confusion)
    #expect(found.classes == ["-1", "1"] && found.counts == [[1, 0], [1, 1]])
  }
}
