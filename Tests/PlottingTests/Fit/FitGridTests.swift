import Testing

@testable import Plotting

/// Fits by groups: small panels with one scale.
@Suite struct FitGridTests {
  static let counts = [2, 3, 4, 5, 7, 8, 12, 13, 15, 16, 20, 23, 24]

  static let figures: [(String, FitFigure)] = {
    let long = String(repeating: "a long word or two ", count: 12)
    var titled = FitFigure.plates(5)
    titled.title = long
    titled.xTitle = String(repeating: "损失函数曲线", count: 30)
    titled.yTitle = long
    for index in titled.panels.indices { titled.panels[index].title = long + "\(index)" + long }
    var logarithmic = FitFigure.plates(6)
    logarithmic.xScale = .log
    logarithmic.yScale = .log
    var broken = FitFigure.plates(4)
    broken.panels[1].curve = nil
    broken.panels[2].y[3] = .nan
    broken.panels[3] = FitFigure.Panel(title: "empty", x: [], y: [])
    broken.theme = .dark
    let unlike = FitFigure.plates(7) { [1e-9, 1, 1e4, 1e12, -3, 1e30, 1e-30][$0] }
    return counts.map { ("\($0) plates", FitFigure.plates($0)) } + [
      ("titles", titled), ("logarithmic", logarithmic), ("broken", broken), ("unlike", unlike),
    ]
  }()

  @Test(arguments: figures.indices, [(0.0, 0.0), (640, 480), (300, 900), (1600, 400)])
  func `no text is cut or overlaps another, and the rim stays empty`(
    index: Int, size: (Double, Double)
  ) throws {
    var (name, figure) = Self.figures[index]
    if size.0 > 0 { figure.size = Figure.Size(width: size.0, height: size.1) }
    var drawing: Drawing?
    for _ in 0..<4 where drawing == nil {
      do { drawing = try figure.recorded() } catch let error as PlotError {
        guard case .canvasTooSmall(let width, let height) = error.reason else { throw error }
        #expect(size.0 > 0, "\(name) has no room on its own canvas")
        figure.size = Figure.Size(width: Double(width), height: Double(height))
      }
    }
    let found = try #require(drawing)
    let inner = Frame(left: 0, top: 0, right: found.width, bottom: found.height).grown(by: -4)
    let texts = found.texts
    for (index, text) in texts.enumerated() {
      #expect(inner.contains(text.box), "\(name): \(text.text)")
      for other in texts[(index + 1)...] {
        #expect(!text.box.overlaps(other.box), "\(name): \(text.text) and \(other.text)")
      }
    }
    #expect(found.points.allSatisfy(inner.contains), "\(name)")
    let frames = found.frames
    #expect(frames.count == figure.panels.count)
    for (index, frame) in frames.enumerated() {
      #expect(frame.width == frames[0].width && frame.height == frames[0].height)
      #expect(!frames[(index + 1)...].contains(where: frame.overlaps))
      #expect(!texts.contains { frame.overlaps($0.box) })
    }
  }

  @Test(arguments: [2, 3, 5, 12, 24])
  func `shared scales have labels at the left and the bottom edge alone`(count: Int) throws {
    let figure = FitFigure.plates(count)
    let drawing = try figure.recorded()
    let frames = drawing.frames
    let labels = drawing.texts.filter { $0.size == TextStyle.panelLabel.size }
    for (index, frame) in frames.enumerated() {
      let isLowest = !frames.contains { $0.left == frame.left && $0.top > frame.top }
      let below = labels.filter {
        $0.box.top > frame.bottom && $0.box.top < frame.bottom + 20
          && $0.box.right > frame.left && $0.box.left < frame.right
      }
      #expect(below.isEmpty != isLowest, "panel \(index)")
      let beside = labels.filter {
        $0.box.right < frame.left && $0.box.right > frame.left - 12 && $0.box.bottom > frame.top
          && $0.box.top < frame.bottom
      }
      #expect(beside.isEmpty == (frame.left != frames[0].left), "panel \(index)")
    }
    for title in figure.panels.map(\.title) {
      #expect(drawing.texts.filter { $0.text == title }.count == 1)
    }
    #expect(!drawing.texts.contains { $0.text == "residual" })
  }

  @Test func `groups of unlike size have each their own scale`() throws {
    let factors = [1, 100, 1e4, 1e12]
    let drawing = try FitFigure.plates(4) { factors[$0] }.recorded()
    let frames = drawing.frames
    for frame in frames {
      let heights = drawing.discs.map(\.center).filter(frame.contains).map(\.y)
      let height = try #require(heights.max()) - (try #require(heights.min()))
      #expect(height > 0.3 * frame.height)
    }
    #expect(drawing.texts.contains { $0.text == "plate 4, y (×10¹⁴)" })
    #expect(drawing.texts.contains { $0.text == "plate 1" })
  }

  @Test func `long names keep what tells them apart`() throws {
    var figure = FitFigure.plates(3)
    for index in figure.panels.indices {
      figure.panels[index].title = "a name of forty letters or a few more, number \(index) of all"
    }
    let drawing = try figure.recorded()
    let titles = drawing.texts.filter { $0.size == TextStyle.panelTitle.size }
    #expect(titles.count == 3 && Set(titles.map(\.text)).count == 3)
    for (title, frame) in zip(titles, drawing.frames) {
      #expect(title.box.right - title.box.left <= frame.width)
      #expect(title.text.contains("…"))
    }
  }

  @Test func `more groups than fit are an error`() {
    let figure = FitFigure.plates(25)
    #expect(throws: PlotError(.tooManyGroups(25, most: 24))) { try figure.recorded() }
  }

  @Test func `a group without a value leaves its panel empty, unless all do`() throws {
    var figure = FitFigure.plates(2)
    figure.panels[0].y = figure.panels[0].y.map { _ in .nan }
    let drawing = try figure.recorded()
    let frames = drawing.frames
    #expect(!drawing.discs.contains { frames[0].contains($0.center) })
    #expect(drawing.discs.filter { frames[1].contains($0.center) }.count == 12)
    figure.panels[1].y = figure.panels[0].y
    #expect(throws: PlotError(.nothingToDraw)) { try figure.recorded() }
  }

  @Test func `a canvas that is too small names a size that is large enough`() throws {
    var figure = FitFigure.plates(24)
    figure.size = Figure.Size(width: 200, height: 200)
    let error = try #require(throws: PlotError.self) { try figure.recorded() }
    guard case .canvasTooSmall(let width, let height) = error.reason else {
      Issue.record("\(error)")
      return
    }
    figure.size = Figure.Size(width: Double(width), height: Double(height))
    #expect(throws: Never.self) { try figure.recorded() }
  }

  @Test(arguments: PictureFormat.allCases)
  func `the same figure has the same bytes`(format: PictureFormat) throws {
    for figure in [FitFigure.plates(5), FitFigure.plates(1)] {
      let bytes = try figure.picture(as: format, creator: "test").bytes
      #expect(try figure.picture(as: format, creator: "test").bytes == bytes)
    }
  }
}
