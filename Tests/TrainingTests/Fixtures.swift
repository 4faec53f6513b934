import Foundation
import Testing

/// A file of reference numbers.
enum Fixture {
  static func read<Contents: Decodable>(_ name: String, as type: Contents.Type) throws -> Contents {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: url))
  }
}
