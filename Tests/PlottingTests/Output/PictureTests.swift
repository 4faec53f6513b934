import Foundation
import FoundationXML
import Testing

@testable import Plotting

@Suite struct PictureTests {
  private static func losses(_ count: Int) -> [Double] {
    (0..<count).map { 7.3 * exp(-0.5 * Double($0)) }
  }
  private static let losses = losses(100)
  private static let epochs = losses.indices.map(Double.init)

  private var figure: Figure { Figure(runs: [.init(epochs: Self.epochs, losses: Self.losses)]) }

  private func bytes(_ figure: Figure, _ format: PictureFormat) throws -> [UInt8] {
    try figure.picture(as: format, creator: "test").bytes
  }

  @Test(arguments: [1.0, 1.5, 2, 4])
  func `a PNG has the size asked for`(scale: Double) throws {
    var figure = figure
    figure.scale = scale
    let image = try DecodedPNG(bytes(figure, .png))
    #expect(image.width == Int(640 * scale) && image.height == Int(480 * scale))
  }

  @Test(arguments: PictureFormat.allCases)
  func `the same figure has the same bytes`(format: PictureFormat) throws {
    #expect(try bytes(figure, format) == bytes(figure, format))
  }

  @Test func `the curve's pixels lie within one pixel of the data, both ways`() throws {
    let image = try DecodedPNG(bytes(figure, .png))
    let curve: UInt32 = 0x1764D9
    let drawing = try figure.drawing(vector: false, measuring: try FontBook())
    let points = drawing.calls.flatMap { call -> [Point] in
      if case .polyline(let points, let stroke) = call, stroke.color.rgb == curve {
        points
      } else {
        []
      }
    }
    // From each datum to a pixel of the curve's colour …
    for point in points {
      let (x, y) = (Int((point.x * 2).rounded(.down)), Int((point.y * 2).rounded(.down)))
      let near = (-1...1).contains { dx in
        (-1...1).contains { dy in image[x + dx, y + dy] == curve }
      }
      #expect(near, "no curve at \(point)")
    }
    // … and from each pixel of that colour to the curve, half whose width is 2 device px.
    for y in 0..<image.height {
      for x in 0..<image.width where image[x, y] == curve {
        let center = Point(x: (Double(x) + 0.5) / 2, y: (Double(y) + 0.5) / 2)
        var nearest = Double.infinity
        for (a, b) in zip(points, points.dropFirst()) {
          nearest = min(nearest, distance(from: center, a, b))
        }
        #expect(nearest * 2 <= 2 + 1)
      }
    }
  }

  @Test(arguments: [16, 33, 64, 333], [1, 1.7, 2])
  func `a PNG drawn in bands has the same bytes`(rows: Int, scale: Double) throws {
    var figure = Figure(losses: (0..<18).map { 2 + sin(Double($0)) }, validation: Self.losses(18))
    figure.title = "Å title (×10⁻³), of gÿps"
    figure.marksMinimum = true
    figure.scale = scale
    let fonts = try FontBook()
    for drawing in [
      try figure.drawing(vector: false, measuring: fonts),
      try Diagram(boxes: Sample.named[2].boxes).drawing(vector: false, measuring: fonts),
    ] {
      let whole = try drawing.png(fonts, bandRows: Int(drawing.height * drawing.scale) + 1)
      #expect(try drawing.png(fonts, bandRows: rows) == whole)
    }
  }

  private func distance(from p: Point, _ a: Point, _ b: Point) -> Double {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let square = dx * dx + dy * dy
    let t = square == 0 ? 0 : min(max(((p.x - a.x) * dx + (p.y - a.y) * dy) / square, 0), 1)
    return hypot(p.x - a.x - t * dx, p.y - a.y - t * dy)
  }

  @Test func `nothing touches the outermost 4 px`() throws {
    var figure = figure
    figure.title = String(repeating: "A very long title ", count: 20)
    for theme in Figure.Theme.allCases {
      figure.theme = theme
      let image = try DecodedPNG(bytes(figure, .png))
      let paper = theme.colors.paper.rgb
      for y in 0..<image.height {
        for x in 0..<image.width where min(x, y, image.width - 1 - x, image.height - 1 - y) < 8 {
          #expect(image[x, y] == paper)
        }
      }
    }
  }

  @Test func `an SVG is well formed, titled and readable`() throws {
    var figure = figure
    figure.title = "a < b & \"c\" \u{7}> d"
    let reader = SVGReader(Data(try bytes(figure, .svg)))
    #expect(reader.isWellFormed)
    #expect(reader.texts["title"] == [#"a < b & "c"  > d"#])
    #expect(reader.texts["desc"]?.first?.contains("100 points") == true)
    let texts = reader.texts["text"] ?? []
    for text in ["epoch", "Loss", "0", "a < b & \"c\"  > d"] {
      #expect(texts.contains(text), "no text '\(text)' in \(texts)")
    }
    #expect(reader.root?["width"] == "640px" && reader.root?["role"] == "img")
    #expect(Set(reader.ids).count == reader.ids.count)
  }

  @Test func `powers in an SVG's text are superscripts`() throws {
    let figure = Figure(runs: [.init(epochs: [0, 1, 2], losses: [1e9, 2e9, 3e9])])
    let reader = SVGReader(Data(try bytes(figure, .svg)))
    #expect(reader.texts["text"]?.contains("Loss (×10⁹)") == true)
  }

  @Test func `a hundred thousand points stay a small SVG`() throws {
    var state: UInt64 = 1
    let losses = (0..<100_000).map { epoch in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return 2 * exp(-Double(epoch) / 2e4) + Double(state >> 40) / 1e8
    }
    let run = Figure.Run(epochs: losses.indices.map(Double.init), losses: losses)
    #expect(try bytes(Figure(runs: [run]), .svg).count < 200_000)
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/pdftotext")))
  func `a PDF's text is found`() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("backprop-\(UUID().uuidString).pdf")
    try Data(bytes(figure, .pdf)).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let words = try output(of: "/usr/bin/pdftotext", [file.path, "-"]).split(separator: "\n")
    #expect(words.contains("epoch") && words.contains("Loss"))
    let about = try output(of: "/usr/bin/pdfinfo", [file.path])
    #expect(about.contains("Loss by epoch") && about.contains("100 points"))
    #expect(about.contains("480 x 360 pts"))
    #expect(!about.contains("CreationDate"))
  }

  private func output(of program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  @Test func `a character that no font has is named, once`() throws {
    var figure = figure
    figure.title = "\u{10FFFD} and \u{10FFFD}"
    let picture = try figure.picture(as: .svg, creator: "test")
    #expect(picture.missingCharacters == ["\u{10FFFD}"])
  }

  @Test(arguments: [
    ("שלום", "םולש"), ("loss של ניסוי", "loss יוסינ לש"), ("ניסוי 12", "12 יוסינ"),
    ("ניסוי 0.01 ועוד", "דועו 0.01 יוסינ"), ("(ניסוי) a", "(יוסינ) a"),
    ("א (ב) c", "(ב) א c"), ("a 1 א", "a 1 א"), ("plain (text)", "plain (text)"),
  ])
  func `Hebrew stands in its order`(text: String, onPaper: String) {
    #expect(visualOrder(of: text) == onPaper)
  }

  @Test func `Arabic is boxes, and is named once`() throws {
    var figure = figure
    figure.title = "סוף تجربة ت"
    let picture = try figure.picture(as: .svg, creator: "test")
    #expect(picture.unshapedCharacters == ["ت", "ج", "ر", "ب", "ة"])
    #expect(picture.missingCharacters.isEmpty)
    let fonts = try FontBook()
    let widths = ["تجر", "□□□"].map { fonts.width(of: TextRun(text: $0, style: .label)) }
    #expect(widths[0] == widths[1])
    let reader = SVGReader(Data(picture.bytes))
    #expect(reader.texts["text"]?.contains("סוף تجربة ت") == true)
  }

  @Test(arguments: ["a.png", "b.PNG", "dir.svg/c.Pdf", "x.svg"])
  func `the extension names the format in any case`(path: String) {
    #expect(PictureFormat(path: path) != nil)
  }

  @Test(arguments: ["a", "a.gif", "a.png/b", ".", "png", "a.png "])
  func `other names name no format`(path: String) {
    #expect(PictureFormat(path: path) == nil)
  }
}

/// What a reader of XML finds in an SVG.
private final class SVGReader: NSObject, XMLParserDelegate {
  private(set) var isWellFormed = false
  private(set) var texts: [String: [String]] = [:]
  private(set) var ids: [String] = []
  private(set) var root: [String: String]?
  private var text = ""

  init(_ data: Data) {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    isWellFormed = parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if root == nil { root = attributes }
    if let id = attributes["id"] { ids.append(id) }
    text = ""
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    texts[name, default: []].append(text)
  }
}
