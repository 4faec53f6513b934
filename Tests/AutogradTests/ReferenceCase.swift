import Foundation
import Testing

@testable import Autograd

/// The operations of ops.json, as PyTorch computed them; its README says what each field means.
struct ReferenceFile: Decodable {
  var ops: [ReferenceOp]

  static let shared = Result { try fixture("ops", as: ReferenceFile.self) }
}

/// What a JSON file of the fixtures holds.
func fixture<File: Decodable>(_ name: String, as type: File.Type) throws -> File {
  let url = try #require(
    Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try decoder.decode(type, from: Data(contentsOf: url))
}

struct ReferenceOp: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var group: String
  var inputs: [String]
  var params: Params
  var exactOutput: Bool
  var cases: [ReferenceCase]

  struct Params: Decodable, Sendable {
    var dim: Int?
    var exponent, base, alpha, beta, threshold, min, max, negativeSlope: Double?
    var formula: String?
  }

  var testDescription: String { name }
}

struct ReferenceCase: Decodable, Sendable {
  var id: String
  var dtype: String
  var kind: String
  var inputs: [String: Tensor]
  var output: Tensor
  var upstream: Tensor
  var grads: [String: Tensor]
  var gradsAtZeroUpstream: [String: Tensor]?
  var positionDependent: Places<Int>?
  var inexact: Places<Inexact>?

  struct Places<Place: Decodable & Sendable>: Decodable, Sendable {
    var output: [Place]?
    var grads: [String: [Place]]?
  }
}

/// An element that PyTorch rounds badly, with its exact value.
struct Inexact: Decodable, Sendable {
  var index: Int
  var value: Double

  init(from decoder: any Decoder) throws {
    var pair = try decoder.unkeyedContainer()
    index = try pair.decode(Int.self)
    value = try pair.decode(Number.self).value
  }
}

struct Tensor: Decodable, Sendable {
  var shape: [Int]
  var values: [Double]

  private enum CodingKeys: String, CodingKey {
    case shape
    case values = "data"
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    shape = try container.decode([Int].self, forKey: .shape)
    values = try container.decode([Number].self, forKey: .values).map(\.value)
  }

  /// The shape of a parameter that holds the tensor.
  var matrixShape: Shape {
    shape.count == 2 ? .matrix(rows: shape[0], columns: shape[1]) : .vector(values.count)
  }

  /// The places of the elements of each example, where those of one lie along an axis, or are all.
  func examples(along axis: Int?) -> [[Int]] {
    guard let axis else { return [Array(values.indices)] }
    let (rows, columns) = (shape[0], shape[1])
    if axis == 1 { return (0..<rows).map { row in (0..<columns).map { row * columns + $0 } } }
    return (0..<columns).map { column in (0..<rows).map { $0 * columns + column } }
  }

  /// For each element of a tensor of the given shape, which of ours is broadcast to it.
  func sources(of outer: [Int]) -> [Int] {
    let padded = [Int](repeating: 1, count: outer.count - shape.count) + shape
    return (0..<outer.reduce(1, *)).map { position in
      var (rest, index, stride) = (position, 0, 1)
      for (size, own) in zip(outer, padded).reversed() {
        index += own == 1 ? 0 : rest % size * stride
        stride *= own
        rest /= size
      }
      return index
    }
  }
}

/// A JSON number, or one of the strings nan, inf and -inf.
struct Number: Decodable, Sendable {
  var value: Double

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      value = try #require(Double(text))
    } else {
      value = try container.decode(Double.self)
    }
  }
}
