import Testing

@testable import Plotting

/// One fit: its points, curve, bands and residuals.
@Suite struct FitFigureTests {
  private static let x = (0...20).map { Double($0) / 2 }
  private static let y = x.enumerated().map { 3 - 0.2 * $1 + ($0 % 3 == 0 ? 0.3 : -0.1) }
  private static func line(_ x: Double) -> Double { 3 - 0.2 * x }

  private func figure(half: Double? = nil, change: (inout FitFigure) -> Void = { _ in })
    -> FitFigure
  {
    FitFigure(x: Self.x, y: Self.y, half: half, sampled: Self.line, change: change)
  }

  @Test func `residuals stand below, a third of the height, on the same axis`() throws {
    let drawing = try figure().recorded()
    let frames = drawing.frames
    try #require(frames.count == 2)
    #expect(frames[0].left == frames[1].left && frames[0].right == frames[1].right)
    #expect(abs(frames[1].height - frames[0].height / 2) <= 1)
    #expect(drawing.texts.filter { $0.text == "conc (µM)" }.count == 1)
    let alongX = drawing.texts.filter {
      $0.color == Palette.light.label && $0.box.left > frames[0].left - 4
    }
    #expect(alongX.allSatisfy { $0.box.top > frames[1].bottom })
    #expect(Set(drawing.texts.filter(\.isRotated).map(\.text)) == ["rate", "residual"])
  }

  @Test func `a line in the frame's colour marks where nothing is left, in the middle`() throws {
    let drawing = try figure().recorded()
    let frame = drawing.frames[1]
    let zero = drawing.polylines(in: Palette.light.frame).map(\.points).filter {
      $0[0].y == $0[1].y && $0[0].x == frame.left && $0[0].y < frame.bottom && $0[0].y > frame.top
    }
    try #require(zero.count == 1)
    #expect(zero[0][1].x == frame.right)
    #expect(abs(zero[0][0].y - (frame.top + frame.bottom) / 2) <= 0.5)
  }

  @Test(arguments: [1e-30, 0.013, 0.31, 0.9, 1, 1.7, 2.2, 3.4, 4.1, 5.8, 7.7, 8, 9.9, 1e30])
  func `residuals have three to five ticks`(size: Double) throws {
    var figure = figure()
    figure.panels[0].residuals = Self.x.indices.map { $0 % 2 == 0 ? size : -size / 3 }
    let drawing = try figure.recorded()
    let frame = drawing.frames[1]
    let ticks = drawing.polylines(in: Palette.light.frame).map(\.points).filter {
      $0[1].x == frame.left && $0[0].y == $0[1].y && $0[0].y > frame.top
    }
    #expect((3...5).contains(ticks.count), "\(ticks.count) ticks")
  }

  @Test func `bands lie below points, and points below the curve`() throws {
    let calls = try figure(half: 0.5).recorded().calls
    let kinds = calls.compactMap { call -> String? in
      switch call {
      case .polygon(_, Palette.light.curves[0], let opacity): "band \(opacity)"
      case .disc(_, 3, Palette.light.label, 0.75): "point"
      case .polyline(_, let stroke) where stroke.color == Palette.light.curves[0]: "curve"
      default: nil
      }
    }
    let order = kinds.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
    #expect(order == ["band 0.12", "band 0.25", "point", "curve", "point"])
  }

  @Test func `the legend names the bands and hides nothing`() throws {
    let drawing = try figure(half: 0.5) { $0.level = "90 %" }.recorded()
    let names = drawing.texts.map(\.text).filter { $0.contains("%") }
    #expect(names == ["90 % confidence", "90 % prediction"])
    let box = try #require(drawing.legendBox)
    #expect(drawing.frames[0].contains(box))
    let covered = drawing.discs.map(\.center) + drawing.bands.flatMap(\.points)
    #expect(!covered.contains(where: box.contains))
    #expect(try figure().recorded().legendBox == nil)
  }

  @Test func `a legend without room stands above the frame`() throws {
    let drawing = try figure(half: 5).recorded()
    let names = drawing.texts.filter { $0.text.contains("%") }
    #expect(names.count == 2)
    #expect(names.allSatisfy { $0.box.bottom < drawing.frames[0].top })
  }

  @Test func `a band of no width is not drawn, nor named`() throws {
    let drawing = try figure(half: 0).recorded()
    #expect(drawing.bands.isEmpty && !drawing.texts.contains { $0.text.contains("%") })
  }

  @Test func `what is no number is a gap in curve and bands`() throws {
    var figure = figure(half: 0.5)
    let curve = try #require(figure.panels[0].curve)
    let (first, second) = (4.0..<5.0, 7.0..<7.5)
    let y = zip(curve.x, curve.y).map { first.contains($0) ? .nan : $1 }
    let lower = zip(curve.x, curve.y).map {
      first.contains($0) || second.contains($0) ? .nan : $1 - 0.4
    }
    figure.panels[0].curve = FitFigure.Curve(
      x: curve.x, y: y, prediction: FitFigure.Band(lower: lower, upper: curve.y.map { $0 + 0.4 }))
    let drawing = try figure.recorded()
    #expect(drawing.curves.count == 2)
    #expect(drawing.bands.count == 3)
    #expect(drawing.points.allSatisfy { $0.x.isFinite && $0.y.isFinite })
  }

  @Test func `an infinite edge reaches the frame`() throws {
    var figure = figure(half: 0.5)
    let count = figure.panels[0].curve?.x.count ?? 0
    figure.panels[0].curve?.prediction?.upper = [Double](repeating: .infinity, count: count)
    let drawing = try figure.recorded()
    let band = try #require(drawing.bands.first)
    #expect(band.points.map(\.y).min() == drawing.frames[0].top)
  }

  @Test func `the view is the data's, and a pole leaves it`() throws {
    let x = [0.5, 1, 1.5, 2.4, 3.1, 3.6, 4, 4.5]
    let drawing = try FitFigure(x: x, y: x.map { 1 / ($0 - 2.03) }) { 1 / ($0 - 2.03) }.recorded()
    let frame = drawing.frames[0]
    let pieces = drawing.curves.map(\.points)
    try #require(pieces.count == 2, "one on each side of the pole")
    #expect(pieces.joined().allSatisfy { frame.grown(by: 1e-6).contains($0) })
    #expect(abs((pieces[0].last?.y ?? 0) - frame.bottom) < 1e-6)
    #expect(abs((pieces[1].first?.y ?? 0) - frame.top) < 1e-6)
    // A quarter of the data's height above and below, and a margin of 5 %.
    let heights = drawing.discs.map(\.center).filter(frame.contains).map(\.y)
    let height = try #require(heights.max()) - (try #require(heights.min()))
    #expect(abs(height / frame.height - 1 / 1.5 / 1.1) < 0.01)
  }

  @Test func `a step is no pole`() throws {
    let x = (0...10).map(Double.init)
    let step = { (x: Double) in x < 5.01 ? 0.0 : 1 }
    let drawing = try FitFigure(x: x, y: x.map(step), sampled: step).recorded()
    #expect(drawing.curves.count == 1)
    let slope = { (x: Double) in x * 1e6 }
    let steep = try FitFigure(x: [-1, 1], y: [-1, 1], sampled: slope).recorded()
    #expect(steep.curves.count == 1)
  }

  @Test func `bands that stay near the data are shown whole`() throws {
    let drawing = try figure(half: 2).recorded()
    let frame = drawing.frames[0]
    let ys = try #require(drawing.bands.first).points.map(\.y)
    let (top, bottom) = (try #require(ys.min()), try #require(ys.max()))
    #expect(top > frame.top + 1 && bottom < frame.bottom - 1)
  }

  @Test(arguments: [(640.0, 2.0, false), (640, 1, true), (1200, 4, false)])
  func `the curve is wanted once per device pixel, from the first point to the last`(
    width: Double, scale: Double, isLogarithmic: Bool
  ) throws {
    var figure = FitFigure(
      panels: [.init(x: [100, 0.02, .nan, 3, -1], y: [1, 2, 3, 4, 5])], xTitle: "", yTitle: "")
    figure.size = Figure.Size(width: width, height: 480)
    figure.scale = scale
    figure.xScale = isLogarithmic ? .log : .linear
    let places = figure.curvePlaces(ofPanel: 0)
    #expect(places.first == (isLogarithmic ? 0.02 : -1) && places.last == 100)
    #expect(zip(places, places.dropFirst()).allSatisfy(<))
    let frame = try figure.recorded().frames[0]
    #expect(Double(places.count) > frame.width * scale)
    let steps = zip(places, places.dropFirst()).map { isLogarithmic ? $1 / $0 : $1 - $0 }
    let (least, most) = (steps.min() ?? 0, steps.max() ?? 0)
    #expect(most - least < 1e-6 * most)
  }

  static let degenerate: [(x: [Double], y: [Double])] = [
    ([2], [3]), ([2, 2, 2], [3, 4, 5]), ([1, 2, 3], [3, 3, 3]), ([0, 0], [0, 0]),
    ([1e-30, 2e-30], [3e-30, 1e-30]), ([1e30, 2e30], [3e30, 1e30]),
    ([-1.7e308, 1.7e308], [1.7e308, 0.8e308]), ([1, 1 + 1e-15], [5, 5 + 1e-14]),
  ]

  @Test(arguments: degenerate)
  func `degenerate data are drawn`(x: [Double], y: [Double]) throws {
    let middle = y[0] / 2 + y[y.count - 1] / 2
    for isLogarithmic in [false, true] {
      let flat = { (_: Double) in middle }
      let figure = FitFigure(x: x, y: y, half: middle.magnitude / 8, sampled: flat) {
        $0.xScale = isLogarithmic ? .log : .linear
        $0.yScale = isLogarithmic ? .log : .linear
      }
      let drawing = try figure.recorded()
      #expect(drawing.points.allSatisfy { $0.x.isFinite && $0.y.isFinite })
      #expect(drawing.frames.count == 2)
      let frame = drawing.frames[0]
      let pieces = drawing.curves.map(\.points)
      #expect(pieces.joined().allSatisfy { frame.grown(by: 1e-6).contains($0) })
      #expect(drawing.discs.contains { frame.contains($0.center) })
      #expect(!pieces.isEmpty || isLogarithmic && middle <= 0)
    }
  }

  @Test func `residuals that are all 0 lie on the line`() throws {
    var figure = figure()
    figure.panels[0].residuals = Self.x.map { _ in 0 }
    let drawing = try figure.recorded()
    let frame = drawing.frames[1]
    let middle = (frame.top + frame.bottom) / 2
    let centers = drawing.discs.map(\.center).filter(frame.contains)
    #expect(centers.count == Self.x.count)
    #expect(centers.allSatisfy { abs($0.y - middle) < 1e-9 })
  }

  @Test func `a point that is no number is counted once, and a residual for itself`() throws {
    var figure = figure()
    figure.panels[0].y[3] = .nan
    figure.panels[0].residuals?[3] = .nan
    #expect(try figure.recorded().texts.contains { $0.text == "1 value is not finite (×)" })
    figure.panels[0].residuals?[4] = .infinity
    #expect(try figure.recorded().texts.contains { $0.text == "2 values are not finite (×)" })
    figure.panels[0].y = Self.x.map { _ in .nan }
    #expect(throws: PlotError(.nothingToDraw)) { try figure.recorded() }
  }

  @Test func `without residuals the points have all the height`() throws {
    var figure = figure()
    figure.panels[0].residuals = nil
    let drawing = try figure.recorded()
    #expect(drawing.frames.count == 1 && drawing.frames[0].height > 380)
  }

  @Test func `a lower edge below 0 reaches the bottom of a logarithmic axis`() throws {
    let drawing = try FitFigure(x: Self.x, y: Self.y, half: 2, sampled: Self.line) {
      $0.yScale = .log
    }.recorded()
    let band = try #require(drawing.bands.first)
    #expect(band.points.contains { $0.y == drawing.frames[0].bottom })
    #expect(drawing.points.allSatisfy { $0.x.isFinite && $0.y.isFinite })
  }

  @Test func `the description tells of curve and bands`() throws {
    let drawing = try figure(half: 0.5).recorded()
    #expect(drawing.title == "rate by conc (µM), residual by conc (µM)")
    #expect(
      drawing.summary.hasPrefix(
        "Scatter plot of rate by conc (µM), with a fitted curve and 95 % prediction and "
          + "95 % confidence: 21 points, "))
  }
}
