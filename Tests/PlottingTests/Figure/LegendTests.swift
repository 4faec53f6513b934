import Glibc
import Testing

@testable import Plotting

@Suite struct LegendTests {
  private static let falling = (0..<100).map { 7 / (1 + 0.2 * Double($0)) }
  private static let rising = falling.reversed().map { $0 }

  private static let valley = (0..<100).map { abs($0 - 40) < 5 ? 0.0 : 7 }

  @Test func `one curve has no legend`() throws {
    let drawing = try Figure(losses: Self.falling).recorded()
    #expect(drawing.legendBox == nil)
    #expect(drawing.curves.count == 1)
  }

  @Test func `a validation curve has its run's colour and dashes`() throws {
    let drawing = try Figure(
      losses: Self.falling, validation: Self.falling.map { $0 + 0.2 }
    ).recorded()
    #expect(drawing.curves.map(\.stroke.dash) == [[], [5, 3]])
    let names = drawing.texts.map(\.text)
    #expect(names.contains("train") && names.contains("validation"))
  }

  @Test func `runs are named before train and validation`() throws {
    let runs = ["a", "b"].map {
      Figure.Run($0, losses: Self.falling, validation: Self.falling)
    }
    let names = try Figure(runs: runs).recorded().texts.map(\.text)
    #expect(
      names.suffix(6) == [
        "epoch", "Loss", "a train", "a validation", "b train", "b validation",
      ])
  }

  @Test(arguments: [
    (falling, falling, "right top"),
    (rising, rising, "left top"),
    (rising.map { -$0 }, rising.map { -$0 }, "right top"),
    (valley, valley, "right bottom"),
    (valley, valley.dropLast() + [0], "left bottom"),
    (falling, rising, "above"),
  ])
  func `a legend takes the first free corner, or stands above`(
    first: [Double], second: [Double], position: String
  ) throws {
    let figure = Figure(runs: [.init("first", losses: first), .init("second", losses: second)])
    let drawing = try figure.recorded()
    let frame = drawing.frame
    if position == "above" {
      let texts = drawing.texts.filter { $0.text == "first" || $0.text == "second" }
      #expect(drawing.legendBox == nil)
      #expect(texts.count == 2 && texts.allSatisfy { $0.box.bottom < frame.top })
      return
    }
    let box = try #require(drawing.legendBox)
    #expect(position.contains("right") == (abs(frame.right - 8 - box.right) < 1e-9))
    #expect(position.contains("top") == (abs(frame.top + 8 - box.top) < 1e-9))
    for piece in drawing.curves(0) + drawing.curves(1) where piece.points.count > 2 {
      let near = box.grown(by: 4)
      let pairs = zip(piece.points, piece.points.dropFirst())
      #expect(!pairs.contains { near.isCrossed(from: $0, to: $1) })
    }
  }

  @Test func `no curve comes closer to the legend than 4 px`() throws {
    for level in stride(from: 5.0, through: 10, by: 0.02) {
      let low = (0..<40).map { $0 == 0 || $0 == 20 ? 10.0 : 0 }
      let flat = Array(repeating: level, count: 40)
      let drawing = try Figure(
        runs: [.init("first", losses: low), .init("second", losses: flat)]
      ).recorded()
      guard let box = drawing.legendBox?.grown(by: 4) else { continue }
      for points in [drawing.curves(0), drawing.curves(1)].map({ $0[0].points }) {
        #expect(!zip(points, points.dropFirst()).contains { box.isCrossed(from: $0, to: $1) })
      }
    }
  }

  @Test func `long names lose their middle`() throws {
    let names = (1...2).map { "experiment-with-a-name-as-long-as-this-one-is/seed-\($0)" }
    let drawing = try Figure(
      runs: names.map { .init($0, losses: Self.falling) }
    ).recorded()
    let shown = drawing.texts.filter { $0.text.contains("…") }
    #expect(shown.count == 2)
    for (text, name) in zip(shown, names) {
      #expect(text.box.width <= 0.4 * drawing.frame.width)
      let ends = text.text.split(separator: "…")
      #expect(name.hasPrefix(ends[0]) && name.hasSuffix(ends[1]) && ends[1].count > 10)
    }
  }

  @Test func `the ninth run starts the colours again, dotted`() throws {
    let runs = (0..<9).map { run in
      Figure.Run("\(run)", losses: Self.falling.map { $0 + Double(run) })
    }
    let drawing = try Figure(runs: runs).recorded()
    #expect(drawing.curves.map(\.stroke.dash) == [[], [1.5, 3]])
    #expect(drawing.curves(7).map(\.stroke.dash) == [[]])
  }

  @Test func `a smoothed curve is the average corrected for its start`() throws {
    let losses = [4.0, 2, .nan, 1] + Array(repeating: 1, count: 30)
    let figure = Figure(runs: [.init(losses: losses)], smoothing: 0.5)
    let average = try #require(figure.panels[0].series.last)
    #expect(average.y[0] == 4)
    #expect(average.y[1] == (0.5 * 2 + 0.5 * 2) / 0.75)
    #expect(average.y[2].isNaN)
    #expect(abs(average.y[3] - (1 + 0.5) / 0.875) < 1e-15)
    let drawing = try figure.recorded()
    #expect(drawing.curves.map(\.stroke.opacity) == [0.3, 0.3, 1, 1])
    #expect(drawing.curves.map(\.stroke.width) == [1, 1, 2, 2])
    #expect(drawing.texts.contains { $0.text == "EMA 0.5" })
    #expect(drawing.texts.last?.text == "1 value is not finite (×)")
  }

  @Test func `the legend of several smoothed curves ends in a remark`() throws {
    let figure = Figure(
      runs: [.init(losses: Self.falling, validation: Self.falling)], smoothing: 0.99)
    let names = try figure.recorded().texts.map(\.text)
    #expect(names.suffix(3) == ["train", "validation", "EMA 0.99"])
  }

  @Test func `the lowest point is ringed and named inside the frame`() throws {
    var figure = Figure(
      losses: Self.falling,
      validation: Self.falling.enumerated().map { $0 == 70 ? 0.1234567 : $1 + 1 })
    figure.marksMinimum = true
    let drawing = try figure.recorded()
    let label = try #require(drawing.texts.first { $0.text == "0.1235 at epoch 70" })
    #expect(drawing.frame.contains(label.box))
    let ring = try #require(
      drawing.polylines(in: Palette.light.curves[0]).first { $0.points.count == 33 })
    let center = ring.points.dropLast().map(\.x).reduce(0, +) / 32
    let x = try FigureAxes(figure).xView.fraction(of: 70)
    #expect(abs(center - drawing.frame.x(x)) < 1e-9)
    #expect(drawing.legendBox?.overlaps(label.box) == false)
  }

  @Test func `a label away from its ring is tied to it`() throws {
    var figure = Figure(losses: (0..<100).map { 3 - Double($0) / 40 })
    figure.marksMinimum = true
    let drawing = try figure.recorded()
    let label = try #require(drawing.texts.first { $0.text == "0.525 at epoch 99" })
    let tie = try #require(drawing.curves.first { $0.stroke.width == 1 }).points
    let lowest = try #require(drawing.curves[0].points.last)
    #expect(abs(hypot(tie[0].x - lowest.x, tie[0].y - lowest.y) - 6) < 1e-9)
    #expect(label.box.grown(by: 3).contains(tie[1]))
  }

  private static func many(_ names: [String]) -> Figure {
    Figure(
      runs: names.enumerated().map { index, name in
        Figure.Run(name, losses: falling.map { $0 + Double(index) })
      })
  }

  @Test(arguments: [17, 40], Figure.Theme.allCases)
  func `many curves have shades, in the order of the numbers in their names`(
    count: Int, theme: Figure.Theme
  ) throws {
    let numbers = (1...count).map { $0 * 7 % count }  // 7 and the counts have no common divisor
    var figure = Self.many(numbers.map { "resnet50 lr \($0)e-2" })
    figure.theme = theme
    let drawing = try figure.recorded()
    let shades = (0..<count).map { theme.colors.color(ofShade: Double($0) / Double(count - 1)) }
    #expect(Set(shades).count == count)
    for (number, series) in zip(numbers, figure.panels[0].series) {
      #expect(series.stroke(in: theme.colors) == Stroke(color: shades[number], width: 2))
    }
    #expect(
      drawing.texts.suffix(3).map(\.text) == [
        "resnet50 lr 0e-2", "… \(count - 2) more between", "resnet50 lr \(count - 1)e-2",
      ])
  }

  @Test func `names without numbers leave the order as it is given`() {
    #expect(rankedByNumber(["c", "a 1", "b"]) == [0, 1, 2])
    #expect(rankedByNumber(["run 10", "run 9", "run 9"]) == [2, 0, 1])
    #expect(rankedByNumber(["lr1e-3_s2", "lr1e-4_s1", "lr0.01_s3"]) == [1, 0, 2])
  }

  @Test(arguments: [
    ["a" + String(repeating: "x", count: 90), "a" + String(repeating: "x", count: 91)],
    (0..<3).map { String(repeating: "p", count: 60) + "\($0)" + String(repeating: "s", count: 60) },
    ["north", "south"].map { side in
      String(repeating: "left ", count: 9) + side + String(repeating: " right", count: 9)
    },
    (0..<12).map { String(repeating: "seed \($0 % 2) ", count: 30 + $0) },
  ])
  func `different names stay different when they are cut`(names: [String]) throws {
    let drawing = try Self.many(names).recorded()
    let shown = drawing.texts.map(\.text).filter { $0.contains("…") }
    #expect(shown.count == names.count && Set(shown).count == names.count)
    let legend = try #require(drawing.texts.last { $0.text.contains("…") })
    #expect(legend.box.width <= 0.4 * drawing.frame.width)
  }

  @Test func `the summary tells points, first, last and lowest`() throws {
    let drawing = try Figure(
      runs: [.init("adam", losses: [3, 0.5, 1]), .init("sgd", losses: [2, .nan])],
      yScale: .log
    ).recorded()
    #expect(drawing.title == "Loss by epoch")
    #expect(
      drawing.summary == """
        Line chart of Loss by epoch on a logarithmic axis: adam, 3 points, first 3.0 at epoch 0, \
        last 1.0 at epoch 2, lowest 0.5 at epoch 1, no gaps; sgd, 1 point, first 2.0 at epoch 0, \
        last 2.0 at epoch 0, lowest 2.0 at epoch 0, 1 value not shown.
        """)
  }
}
