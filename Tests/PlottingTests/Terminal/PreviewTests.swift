import Foundation
import Testing

@testable import Plotting

@Suite struct PreviewTests {
  private func figure(_ count: Int) -> Figure {
    Figure(
      runs: (0..<count).map { index in
        Figure.Run(
          "a run of the name \(index)",
          losses: (0..<50).map { Double(index) + 9 / (1 + Double($0)) })
      })
  }

  private func lines(_ figure: Figure, _ terminal: Terminal) throws -> [String] {
    let text = try figure.preview(in: terminal)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map(String.init)
  }

  @Test(arguments: [1, 2, 3, 6, 7, 12, 16, 17, 40, 70], [24, 30, 50])
  func `a picture fits the terminal, and its legend a quarter of it`(
    count: Int, rows: Int
  ) throws {
    let lines = try lines(figure(count), Terminal(columns: 80, rows: rows))
    #expect(lines.count < rows)
    #expect(lines.allSatisfy { $0.count <= 80 })
    let axis = try #require(lines.firstIndex { $0.contains("└") })
    #expect(lines.count - axis - 3 <= rows / 4)
  }

  @Test(arguments: [2, 12, 40], [true, false])
  func `every curve shows a letter of its own`(count: Int, isUnicode: Bool) throws {
    let lines = try lines(figure(count), Terminal(columns: 80, rows: 24, isUnicode: isUnicode))
    let plot = lines.prefix { !$0.contains("└") && !$0.contains("+---") }.dropFirst().joined()
    #expect(Set(plot.filter { $0.isASCII && $0.isLetter }).count == count)
  }

  @Test(arguments: [2, 12, 16])
  func `every curve has a colour of its own`(count: Int) throws {
    let lines = try lines(figure(count), Terminal(columns: 80, hasColor: true))
    let codes = lines.flatMap { $0.matches(of: /\u{1B}\[([0-9;]+)m⠒/).map { String($0.output.1) } }
    #expect(codes.count >= count && Set(codes).count == count)
  }

  @Test func `the factor of an axis is never cut`() throws {
    let long = String(repeating: "a long title ", count: 12)
    var figure = Figure(
      runs: [.init(epochs: [0, 1e9], losses: [1e9, 2e9])], xTitle: long, yTitle: long)
    figure.title = long
    let lines = try lines(figure, Terminal(columns: 60))
    #expect(lines.filter { $0.hasSuffix("… (×10⁹)") }.count == 2)
    #expect(lines.allSatisfy { $0.count <= 60 })
  }
}
