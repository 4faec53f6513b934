import Testing

@testable import Plotting

/// Whatever the figure, its texts keep clear of one another and of the rim.
@Suite struct FigureLayoutTests {
  static let long = String(repeating: "a long word or two ", count: 12)
  static let chinese = String(repeating: "损失函数曲线", count: 30)

  static let sizes = [
    (640.0, 480.0), (320, 240), (240, 200), (200, 200), (200, 800), (1200, 200), (8000, 8000),
  ]

  static let figures: [(String, Figure)] = {
    let decay = (0..<100).map { 7.3 / Double($0 + 1) }
    var titled = Figure(
      runs: [.init(long, losses: decay), .init(chinese, losses: decay.reversed())],
      xTitle: chinese, yTitle: long)
    titled.title = long
    titled.theme = .dark
    var marked = Figure(losses: decay, validation: decay.map { $0 + 0.1 })
    marked.marksMinimum = true
    let broken = decay.enumerated().map { $0 % 9 == 4 ? Double.nan : $0 % 9 == 7 ? 0 : $1 }
    return [
      ("decay", Figure(losses: decay)),
      ("one point", Figure(losses: [7.3])),
      ("titles", titled),
      ("minimum", marked),
      ("broken", Figure(losses: broken, yScale: .log)),
      ("narrow log", Figure(losses: [0.21, 4.9, 0.22], yScale: .log)),
      ("wide log", Figure(losses: [1e-300, 1, 1e300], yScale: .log)),
      ("offset", Figure(losses: [1, 1 + 1e-9])),
      ("all doubles", Figure(losses: [-1.7e308, 1.7e308])),
      ("least double", Figure(losses: [0, .leastNonzeroMagnitude])),
      (
        "late epochs",
        Figure(runs: [.init(epochs: [1_234_567_890, 1_234_567_999], losses: [1, 2])])
      ),
      (
        "seven digits",
        Figure(runs: [.init(epochs: [1_000_001, 1_000_002, 1_000_012], losses: [1, 2, 1])])
      ),
      ("two late epochs", Figure(runs: [.init(epochs: [1e6, 1_000_001], losses: [1, 2])])),
      (
        "eleven runs",
        Figure(runs: (0..<11).map { .init("run \($0)", losses: decay.map { $0 * $0 }) })
      ),
      (
        "crossing runs",
        Figure(
          runs: (0..<8).map { run in
            .init("run \(run)", losses: (0..<50).map { Double(($0 * (run + 3)) % 17) })
          })
      ),
    ]
  }()

  @Test(arguments: figures.indices, sizes)
  func `no text is cut or overlaps another, and the rim stays empty`(
    index: Int, size: (Double, Double)
  ) throws {
    var figure = Self.figures[index].1
    figure.size = Figure.Size(width: size.0, height: size.1)
    let drawing: Drawing
    do {
      drawing = try figure.recorded()
    } catch let error as PlotError {
      guard case .canvasTooSmall(let width, let height) = error.reason else { throw error }
      figure.size = Figure.Size(width: Double(width), height: Double(height))
      drawing = try figure.recorded()
    }
    let name = Self.figures[index].0
    let inner = Frame(left: 0, top: 0, right: drawing.width, bottom: drawing.height).grown(by: -4)
    let texts = drawing.texts
    let colors = figure.theme.colors
    for (index, text) in texts.enumerated() {
      #expect(inner.contains(text.box), "\(name): \(text.text)")
      for other in texts[(index + 1)...] {
        #expect(!text.box.overlaps(other.box), "\(name): \(text.text) and \(other.text)")
      }
    }
    let alongX = texts.filter { $0.color == colors.label && $0.box.top > drawing.frame.bottom }
    for (label, next) in zip(alongX, alongX.dropFirst()) where label.size == 13 && next.size == 13 {
      #expect(next.box.left - label.box.right >= 0.8 * 13, "\(name): \(label.text)")
    }
    #expect(drawing.points.allSatisfy(inner.contains), "\(name)")
    #expect(drawing.points.allSatisfy { $0.x.isFinite && $0.y.isFinite })
    #expect(drawing.frame.width >= 119 && drawing.frame.height >= 79)
  }

  @Test func `at the default size the frame takes what the labels leave`() throws {
    let drawing = try Figure(losses: (0..<100).map { 7.3 / Double($0 + 1) }).recorded()
    #expect((560...580).contains(drawing.frame.width))
    #expect((395...412).contains(drawing.frame.height))
    #expect(drawing.texts.map(\.text).suffix(2) == ["epoch", "Loss"])
  }

  @Test func `a canvas that is too small names a size that is just large enough`() throws {
    var figure = Figure(losses: [7.3, 2])
    figure.size = Figure.Size(width: 100, height: 100)
    let error = try #require(throws: PlotError.self) { try figure.recorded() }
    guard case .canvasTooSmall(let width, let height) = error.reason else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.contains("\(width)x\(height)"))
    figure.size = Figure.Size(width: Double(width), height: Double(height))
    #expect(throws: Never.self) { try figure.recorded() }
    figure.size.width -= 2
    #expect(throws: PlotError.self) { try figure.recorded() }
  }

  @Test(arguments: [1.0, 2, 3, 4])
  func `frame, grid and tick marks cover whole device pixels`(scale: Double) throws {
    var figure = Figure(losses: [7.3, 2, 1])
    figure.scale = scale
    let drawing = try figure.recorded()
    let colors = Palette.light
    for (points, stroke) in drawing.polylines(in: colors.grid) + drawing.polylines(in: colors.frame)
    {
      let width = stroke.width * scale
      #expect(width == scale)
      let across =
        points[0].x == points[1].x ? points[0].x : points[0].y
      let edge = across * scale - width / 2
      #expect(abs(edge - edge.rounded()) < 1e-9)
    }
  }

  @Test(arguments: [
    ("Loss", 1, 14.0), (String(repeating: "w", count: 52), 1, 14 * 0.85),
    (String(repeating: "w", count: 90), 2, 14 * 0.85),
  ])
  func `a long axis title shrinks, then breaks`(title: String, lines: Int, size: Double) throws {
    let drawing = try Figure(
      runs: [.init(losses: [3, 2, 1])], yTitle: title
    ).recorded()
    let written = drawing.texts.filter(\.isRotated)
    #expect(written.count == lines)
    #expect(written.allSatisfy { abs($0.size - size) < 1e-9 })
    #expect(written.map(\.text).joined() == title)
  }

  @Test func `a title longer than two lines ends in an ellipsis`() throws {
    let drawing = try Figure(runs: [.init(losses: [3, 2, 1])], yTitle: Self.long).recorded()
    let written = drawing.texts.filter(\.isRotated)
    #expect(written.count == 2)
    #expect(written[1].text.hasSuffix("…"))
    #expect(Self.long.hasPrefix(written[0].text + " "))
  }

  @Test func `control characters become spaces`() throws {
    var figure = Figure(runs: [.init(losses: [3, 2])], yTitle: "a\u{7}b\nc")
    figure.title = "t\u{0}t"
    let drawing = try figure.recorded()
    #expect(drawing.texts.map(\.text).suffix(3).sorted() == ["a b c", "epoch", "t t"])
    #expect(drawing.title == "t t")
  }

  @Test func `without fonts, signs are written in ASCII`() throws {
    let figure = Figure(losses: [-1, -1 - 1e-9, .nan, 0.5e-9 - 1])
    let drawing = try figure.drawing(vector: true, measuring: FakeMeasurer(isASCIIOnly: true))
    let letters = drawing.texts.flatMap(\.text)
    #expect(letters.allSatisfy { $0.isASCII })
    #expect(drawing.texts.contains { $0.text == "1 value is not finite (x)" })
  }

  @Test func `two panels share the horizontal axis and the left edge`() throws {
    var figure = Figure(losses: [3, 2, 1])
    figure.panels.append(
      Panel(
        yTitle: "residual", yScale: .linear,
        series: [Series(name: "", x: [0, 1, 2], y: [-1e-7, 0, 1e-7], run: 0)], share: 0.5))
    let drawing = try figure.recorded()
    let edges = drawing.polylines(in: Palette.light.frame).map(\.points)
    let vertical = edges.filter { $0[0].x == $0[1].x && $0[1].y - $0[0].y > 50 }
    #expect(vertical.count == 2)
    #expect(vertical[0][0].x == vertical[1][0].x)
    #expect(drawing.texts.filter { $0.text == "epoch" }.count == 1)
    #expect(drawing.texts.filter(\.isRotated).map(\.text) == ["Loss", "residual (×10^−7)"])
  }
}
