import Glibc
import Testing

@testable import Plotting

@Suite struct CurveTests {
  static let noise: [Double] = {
    var state: UInt64 = 1
    return (0..<100_000).map { epoch in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return exp(-Double(epoch) / 2e4) + Double(state >> 40) / 0x1p24
    }
  }()

  @Test func `things are drawn in order: grid, curves, points, frame, labels`() throws {
    var figure = Figure(losses: [3, .nan, 2, 1], validation: [4, 3, 2, 2])
    figure.marksMinimum = true
    let colors = Palette.light
    let order = try figure.recorded().calls.map { call in
      switch call {
      case .polyline(_, let stroke) where stroke.color == colors.grid: "grid"
      case .polyline(_, let stroke) where stroke.color == colors.curves[0] && stroke.width == 2:
        "curve"
      case .polyline(_, let stroke) where stroke.color == colors.frame: "frame"
      case .polyline(_, let stroke) where stroke.color == colors.warning: "mark"
      case .polyline: "ring"
      case .disc, .dots: "disc"
      case .polygon: "mark"
      case .fill: "legend"
      case .text(_, _, _, let color, _): color == colors.label ? "label" : "title"
      }
    }
    let changes = zip([""] + order, order).filter { $0 != $1 }.map(\.1)
    #expect(
      changes == [
        "grid", "curve", "disc", "mark", "ring", "frame", "label", "title", "legend", "grid",
        "curve", "title", "curve", "title", "label",
      ])
  }

  @Test func `points lie where their values do`() throws {
    let drawing = try Figure(losses: [0, 4, 1]).recorded()
    let frame = drawing.frame
    let points = try #require(drawing.curves.first).points
    #expect(points.count == 3)
    for (point, (x, y)) in zip(
      points, [(0.1 / 2.2, 0.2 / 4.4), (0.5, 4.2 / 4.4), (2.1 / 2.2, 1.2 / 4.4)])
    {
      #expect(abs(point.x - (frame.left + x * frame.width)) < 1e-9)
      #expect(abs(point.y - (frame.bottom - y * frame.height)) < 1e-9)
    }
  }

  @Test(arguments: [1, 2, 20, 21])
  func `short curves carry discs, lone points larger ones`(count: Int) throws {
    let drawing = try Figure(losses: (0..<count).map(Double.init)).recorded()
    let radii = drawing.discs.map(\.radius)
    #expect(radii == (count == 1 ? [4] : count <= 20 ? Array(repeating: 3, count: count) : []))
  }

  @Test func `what is not finite leaves a gap and a cross, and never moves the view`() throws {
    var losses = (0..<60).map { 7 - Double($0) / 10 }
    losses[20] = .nan
    losses[22] = .infinity
    losses[59] = -.infinity
    let drawing = try Figure(losses: losses).recorded()
    #expect(drawing.curves.map(\.points.count) == [20, 36])
    #expect(drawing.discs.map(\.radius) == [4])
    let crosses = drawing.polylines(in: Palette.light.warning)
    #expect(crosses.count == 6)
    let middle = crosses[0].points.map(\.y).reduce(0, +) / 2
    #expect(abs(middle - drawing.frame.top) < 1e-9)
    #expect(drawing.texts.last?.text == "3 values are not finite (×)")
    #expect(drawing.summary.contains("57 points"))
    #expect(drawing.summary.contains("3 values not shown"))
  }

  @Test func `values that a log axis cannot show are marked at its foot`() throws {
    let drawing = try Figure(losses: [3, 0, 1, -2, 0.5, 0.2], yScale: .log).recorded()
    #expect(drawing.curves.map(\.points.count) == [2])
    let triangles = drawing.calls.compactMap { call -> [Point]? in
      guard case .polygon(let points, Palette.light.warning, _) = call else { return nil }
      return points
    }
    #expect(triangles.count == 2)
    #expect(triangles.allSatisfy { $0.contains { $0.y == drawing.frame.bottom } })
    #expect(drawing.texts.last?.text == "2 values ≤ 0 are not on a log axis (▾)")
  }

  @Test func `marks closer than 2 px are one mark, and the caption keeps the count`() throws {
    var losses = Self.noise
    for index in stride(from: 1, to: losses.count, by: 2) { losses[index] = .nan }
    let drawing = try Figure(losses: losses).recorded()
    let crosses = drawing.polylines(in: Palette.light.warning).count / 2
    #expect(crosses > 200 && Double(crosses) <= drawing.frame.width / 2)
    #expect(drawing.texts.last?.text == "50000 values are not finite (×)")
    #expect(drawing.discs.count <= Int(drawing.frame.width * 2 + 1) * 4)
  }

  @Test(arguments: [[Double](), [.nan, .infinity]])
  func `nothing to draw is an error`(losses: [Double]) {
    #expect(throws: PlotError(.nothingToDraw)) { try Figure(losses: losses).recorded() }
  }

  @Test(arguments: [[0.0, -1], [-3, .nan, -2], [0]])
  func `without a positive value, an axis is linear and says so`(losses: [Double]) throws {
    let linear = Figure(losses: losses)
    let figure = Figure(losses: losses, yScale: .log)
    #expect(figure.axesWithoutPositiveValues == [.vertical])
    #expect(linear.axesWithoutPositiveValues.isEmpty)
    #expect(try figure.recorded() == linear.recorded())
    #expect(throws: PlotError(.nothingToDraw)) { try Figure(runs: []).recorded() }
  }

  @Test func `places spread by their ratios on a logarithmic axis`() throws {
    var figure = Figure(runs: [.init(epochs: [0, 1, 10, 100], losses: [4, 3, 2, 1])])
    figure.xScale = .log
    let drawing = try figure.recorded()
    let xs = try #require(drawing.curves.first).points.map(\.x)
    #expect(xs.count == 3 && abs(xs[2] - 2 * xs[1] + xs[0]) < 1e-9)
    #expect(drawing.texts.last?.text == "1 value at epoch ≤ 0 is not on a log axis")
    #expect(["1", "10", "100"].allSatisfy { label in drawing.texts.contains { $0.text == label } })
    let nowhere = Figure(runs: [.init(epochs: [-1, 0], losses: [4, 3])])
    var logarithmic = nowhere
    logarithmic.xScale = .log
    #expect(logarithmic.axesWithoutPositiveValues == [.horizontal])
    #expect(try logarithmic.recorded() == nowhere.recorded())
  }

  @Test(arguments: [(9, 9...9), (21, 21...21), (30_000, 2000...6000)])
  func `points alone have no lines, and none covers another`(
    count: Int, drawn: ClosedRange<Int>
  ) throws {
    var figure = Figure(losses: (0..<count).map { Double($0 % 10) })
    figure.drawsPoints = true
    figure.scale = 1
    let drawing = try figure.recorded()
    #expect(drawing.curves.isEmpty)
    let centers = drawing.discs.map(\.center) + drawing.dots
    #expect(drawn.contains(centers.count))
    #expect(Set(centers).count == centers.count)
  }

  @Test func `the average of points is a line`() throws {
    var figure = Figure(runs: [.init(losses: [3, 2, 1])], smoothing: 0.5)
    figure.drawsPoints = true
    let drawing = try figure.recorded()
    #expect(drawing.curves.map(\.points.count) == [3])
    #expect(drawing.discs.count == 3 + 3)
  }

  @Test func `the points of a validation loss are rings`() throws {
    var figure = Figure(losses: [3, 2, 1], validation: [4, 3, 2])
    figure.drawsPoints = true
    let drawing = try figure.recorded()
    #expect(drawing.discs.count == 3 + 1)
    #expect(drawing.curves.map(\.points.count) == [33, 33, 33, 33])
  }

  @Test func `many points of noise are a thin line, as many of a smooth curve are not`() throws {
    let smooth = (0..<10_000).map { exp(-Double($0) / 2e3) }
    let noise = Array(Self.noise.prefix(10_000))
    #expect(try Figure(losses: smooth).recorded().curves.map(\.stroke.width) == [2])
    let strokes = try Figure(losses: noise).recorded().curves.map(\.stroke)
    #expect(strokes == [Stroke(color: Palette.light.curves[0], opacity: 0.6, width: 0.5)])
    #expect(try Figure(losses: Array(noise.prefix(2000))).recorded().curves[0].stroke.width == 2)
  }

  @Test(arguments: [(false, 1.0), (false, 2.0), (true, 2.0)])
  func `many points keep each column's first, lowest, highest and last`(
    vector: Bool, scale: Double
  ) throws {
    var figure = Figure(losses: Self.noise)
    figure.scale = scale
    let drawing = try figure.recorded(vector: vector)
    let frame = drawing.frame
    let kept = try #require(drawing.curves.first).points
    let columnWidth = vector ? 0.5 : 1 / scale
    let axes = try FigureAxes(figure)
    let all = Self.noise.enumerated().map { epoch, loss in
      Point(
        x: frame.x(axes.xView.fraction(of: Double(epoch))),
        y: frame.y(axes.panels[0].view.fraction(of: loss)))
    }
    func columns(_ points: [Point]) -> [Int: [Point]] {
      Dictionary(grouping: points) { Int(($0.x - frame.left) / columnWidth) }
    }
    let (before, after) = (columns(all), columns(kept))
    #expect(before.keys.sorted() == after.keys.sorted())
    for (column, points) in before {
      let left = try #require(after[column])
      #expect(left.count <= 5)
      #expect(left.map(\.y).max() == points.map(\.y).max())
      #expect(left.map(\.y).min() == points.map(\.y).min())
      #expect(left.first == points.first && left.last == points.last)
    }
    #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.x <= $1.x })
  }

  @Test func `a curve with few points a column keeps them all`() throws {
    let drawing = try Figure(losses: Array(Self.noise.prefix(2000))).recorded()
    #expect(drawing.curves.first?.points.count == 2000)
  }

  @Test func `values at the ends of the doubles stay inside the frame`() throws {
    for losses in [[-1.7e308, 1.7e308, 0], [0, .leastNonzeroMagnitude], [1e300, -1e-300]] {
      let drawing = try Figure(losses: losses).recorded()
      let inside = drawing.frame.grown(by: 1e-9)
      let points = drawing.curves.flatMap(\.points)
      #expect(points.count == losses.count)
      #expect(points.allSatisfy(inside.contains))
    }
  }

  static let lesson = (0..<100).map { 7.3 * exp(-0.29 * Double($0)) }
  static let line = (0..<100).map { 2.4 - 0.02 * Double($0) }

  @Test(arguments: [
    (lesson, true), (line, false), (lesson + [0], false), ([0.5, 0.5, 0.5], false),
  ])
  func `an automatic axis is logarithmic where a linear one would crowd`(
    losses: [Double], isLogarithmic: Bool
  ) throws {
    let axes = try FigureAxes(Figure(losses: losses, yScale: .auto))
    #expect(axes.panels[0].view.isLogarithmic == isLogarithmic)
  }

  @Test(arguments: [
    [Double](repeating: 0.1, count: 40),
    [Double](repeating: Double.leastNonzeroMagnitude, count: 9),
    [.greatestFiniteMagnitude, .greatestFiniteMagnitude],
    [1, 1.1, 1, 3].map { $0 * 1e-155 * 1e-155 },
    [-.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0],
  ])
  func `an average lies among the values, however large or small they are`(values: [Double]) throws
  {
    for weight in [1e-300, 0.3, 0.9, 1.0.nextDown] {
      let figure = Figure(runs: [.init(losses: values)], smoothing: weight)
      let average = try #require(figure.panels[0].series.first { $0.role == .average }).y
      for (index, mean) in average.enumerated() {
        let before = values[...index]
        let (low, high) = (try #require(before.min()), try #require(before.max()))
        #expect(low <= mean && mean <= high, "\(mean) of \(before)")
      }
      _ = try figure.recorded()
    }
  }
}
