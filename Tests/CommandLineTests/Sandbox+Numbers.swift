import Foundation
import Models
import Testing

extension Sandbox {
  /// A CSV of numbers: its header, and its rows, in which an empty field is nan.
  struct Numbers {
    let header: String
    let rows: [[Double]]

    init(_ text: String) throws {
      #expect(text.hasSuffix("\n"), "the last line ends")
      let lines = text.split(separator: "\n")
      header = String(try #require(lines.first))
      rows = try lines.dropFirst().map { line in
        try line.split(separator: ",", omittingEmptySubsequences: false).map { field in
          field.isEmpty ? .nan : try #require(Double(field))
        }
      }
    }

    /// The fields of a column, found by its name alone in the header.
    func column(_ name: String) throws -> [Double] {
      let place = try #require(header.split(separator: ",").firstIndex { $0 == name })
      return rows.map { $0[place] }
    }
  }

  /// The numbers in a file of the folder.
  func numbers(_ name: String) throws -> Numbers {
    try Numbers(String(decoding: try read(name), as: UTF8.self))
  }

  /// The object in a file of JSON.
  func object(_ name: String) throws -> [String: JSON] {
    try #require(try JSON(parsing: String(decoding: try read(name), as: UTF8.self)).object)
  }

  /// The path of a table that is shipped, for a command line.
  static func sample(_ name: String) -> String {
    repository.appendingPathComponent("samples/\(name)").path
  }
}

/// The fields of each line of a CSV without quotes.
func csvFields(_ text: String) -> [[String]] {
  text.split(separator: "\n").map {
    $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}
