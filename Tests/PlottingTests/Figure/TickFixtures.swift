import Foundation
import Testing

@testable import Plotting

/// A range to mark, and what matplotlib makes of it.
struct TickCase: Decodable, Sendable, CustomTestStringConvertible {
  let id: String
  let kind: String
  let data: [Double]
  /// The ends of matplotlib's axis; nothing if it gave up.
  let view: [Double]?
  /// How many ticks a good axis can have.
  let count: [Int]

  private enum CodingKeys: String, CodingKey {
    case id, data, view, count
    case kind = "class"
  }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    id = try values.decode(String.self, forKey: .id)
    kind = try values.decode(String.self, forKey: .kind)
    data = try values.decode([Double].self, forKey: .data)
    view = try values.decodeIfPresent([Double].self, forKey: .view)
    count = try values.decodeIfPresent([Int].self, forKey: .count) ?? [4, 10]
  }

  var testDescription: String { "\(id) \(kind) \(data)" }
  var isEpoch: Bool { id.hasPrefix("e") }
  var isLogarithmic: Bool { id.hasPrefix("l") }

  /// The view that is made from the data.
  var ownView: View {
    let range = data[0]...data[1]
    return isLogarithmic
      ? View(logarithmicOver: range) : View(linearOver: range, ofWholeNumbers: isEpoch)
  }

  /// The view to mark: matplotlib's where it has one.
  var givenView: View {
    guard let view else { return ownView }
    return View(low: view[0], high: view[1], isLogarithmic: isLogarithmic)
  }

  /// The best ticks on a view at the default size.
  func ticks(on view: View) -> Ticks? {
    let candidates =
      isLogarithmic
      ? Ticks.logarithmic(over: view, target: 6.5)
      : Ticks.linear(over: view, target: 6.5, wholeNumbersOnly: isEpoch)
    return candidates.first
  }

  /// Every case of the fixture.
  static let all: [TickCase] = {
    struct File: Decodable {
      let y: [TickCase]
      let epoch: [TickCase]
      let log: [TickCase]
    }
    guard
      let url = Bundle.module.url(
        forResource: "ticks", withExtension: "json", subdirectory: "Fixtures"),
      let data = try? Data(contentsOf: url),
      let file = try? JSONDecoder().decode(File.self, from: data)
    else { return [] }
    return file.y + file.epoch + file.log
  }()
}
