import Autograd
import Testing

@testable import Training

/// Clipped gradients against PyTorch's.
@Suite struct ClippingTests {
  @Test(arguments: try ClippingCase.all())
  func `norms and clipped gradients agree within 16 eps`(example: ClippingCase) throws {
    switch example.dtype {
    case "float32": try compare(example, as: Float.self, eps: 0x1p-23)
    default: try compare(example, as: Double.self, eps: 0x1p-52)
    }
  }

  private func compare<Scalar: Precision>(
    _ example: ClippingCase, as type: Scalar.Type, eps: Double
  ) throws {
    func agree(_ found: Scalar, _ expected: Double, _ what: String) {
      let found = Double(found)
      let isSame = found == expected || found.isNaN && expected.isNaN
      let isNear = abs(found - expected) <= 16 * eps * max(1, abs(expected))
      #expect(isSame || isNear, "\(what): \(found), PyTorch has \(expected)")
    }
    // A loss stands before the gradients, as where steps are made.
    let loss: Scalar = 123
    var results = [loss] + example.grads.flatMap(\.data).map { Scalar($0.value) }
    if let expected = example.totalNorm, let order = example.normType {
      let norm = Clipping.norm(of: Array(results[1...]).span, order: order.value)
      agree(norm, expected.value, "norm")
    }
    try example.clipping().apply(to: &results, from: 1)
    #expect(results[0] == loss)
    for (index, expected) in example.clipped.flatMap(\.data).enumerated() {
      agree(results[1 + index], expected.value, "element \(index)")
    }
  }

  @Test func `sums go by chunks of 64 as a tree, and on in double`() {
    // 2^24 + 1 is not a float: an element is lost in its chunk, but not between chunks.
    var values = [Float](repeating: 0, count: 65)
    values[0] = 0x1p24
    values[32] = 1
    #expect(Summation.magnitudes(values.span) == 0x1p24)
    values[32] = 0
    values[64] = 1
    #expect(Summation.magnitudes(values.span) == 0x1p24 + 1)
    // Lanes 0 and 32 meet first, so that the pair of small ones is whole when it meets the large one.
    values = [Float](repeating: 0, count: 64)
    values[0] = 0x1p24
    values[1] = 1
    values[33] = 1
    #expect(Summation.magnitudes(values.span) == 0x1p24 + 2)
    #expect(Summation.magnitudes([Float]().span) == 0)
  }
}

/// A case of optimizers.json's clip_grad_norm or clip_grad_value.
struct ClippingCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Tensor: Decodable, Sendable { let data: [Number] }
  let id, dtype: String
  let maxNorm, clipValue: Double?
  let normType, totalNorm: Number?
  let grads, clipped: [Tensor]

  var testDescription: String { id }

  func clipping() throws -> Clipping {
    if let clipValue { return .value(clipValue) }
    return try .norm(#require(maxNorm), order: #require(normType).value)
  }

  static func all() throws -> [ClippingCase] {
    struct File: Decodable { let clipGradNorm, clipGradValue: [ClippingCase] }
    let file = try Fixture.read("optimizers", as: File.self)
    return file.clipGradNorm + file.clipGradValue
  }
}
