import Testing

@testable import Plotting

@Suite struct ConfusionMatrixTests {
  private func recorded(_ classes: [String], _ counts: [[Double]]) throws -> Drawing {
    try ConfusionMatrix(classes: classes, counts: counts)
      .drawing(vector: false, measuring: FakeMeasurer())
  }

  @Test(arguments: [2, 3, 12, 60, 100])
  func `names and counts lie on the canvas and touch no other`(count: Int) throws {
    let classes = (0..<count).map { "class number \($0)" }
    let drawing = try recorded(
      classes, classes.indices.map { row in classes.indices.map { Double(row * $0) } })
    let canvas = Frame(left: 0, top: 0, right: drawing.width, bottom: drawing.height).grown(by: -4)
    let texts = drawing.texts
    #expect(texts.count >= 2 * count + 2)
    for (index, text) in texts.enumerated() {
      #expect(canvas.contains(text.box), "\(text.text)")
      for other in texts[..<index] { #expect(!text.box.overlaps(other.box)) }
    }
  }

  @Test func `a count is written in its cell, and weighed by its share of the row`() throws {
    let drawing = try recorded(["a", "b"], [[3, 1], [0, 2.5]])
    #expect(
      drawing.texts.map(\.text) == [
        "3", "1", "0", "2.5", "a", "a", "b", "b", "predicted", "observed",
      ])
    let fills = drawing.calls.compactMap { call -> Color? in
      if case .fill(_, _, _, let color, _) = call { color } else { nil }
    }
    let colors = Palette.light
    #expect(
      fills == [
        colors.paper.mixed(with: colors.curves[0], 0.12 + 0.78 * 0.75),
        colors.paper.mixed(with: colors.warning, 0.12 + 0.78 * 0.25),
        colors.paper.mixed(with: colors.curves[0], 0.9),
      ])
  }

  @Test func `more classes than can be told apart are an error`() {
    let classes = (0...ConfusionMatrix.mostClasses).map(String.init)
    let row = classes.map { _ in 1.0 }
    #expect(throws: PlotError(.tooManyClasses(101, most: 100))) {
      _ = try recorded(classes, classes.map { _ in row })
    }
  }

  @Test func `predicted values are points on a line where they are right`() throws {
    let figure = Figure(
      observed: [1, 2, 4], predicted: [1, 3, .nan], xTitle: "observed", yTitle: "predicted")
    let calls = try figure.recorded().calls
    let dashed = calls.filter {
      if case .polyline(_, let stroke) = $0 { stroke.dash == [5, 3] } else { false }
    }
    #expect(dashed.count == 1)
    let discs = calls.count { if case .disc = $0 { true } else { false } }
    #expect(discs == 2, "the line has no discs, and what is no number no point")
    let texts = try figure.recorded().texts.map(\.text)
    #expect(texts.contains("1 value is not finite (×)"))
  }
}
