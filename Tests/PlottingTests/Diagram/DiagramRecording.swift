import Testing

@testable import Plotting

/// A diagram to draw in tests.
struct Sample: Sendable {
  let name: String
  let boxes: [Diagram.Box]

  static let named = [
    Sample(name: "nothing", boxes: []),
    Sample(name: "one box", boxes: [box("a")]),
    Sample(
      name: "the lesson",
      boxes: [
        box("w", .parameter), box("x"), box("*", .operation, [0, 1]), box("y"),
        box("-", .operation, [2, 3]), box("^2", .output, [4]),
      ]),
    chain(60),
    Sample(name: "a fan in", boxes: leaves(40) + [box("+", .output, Array(0..<40))]),
    Sample(
      name: "a fan out",
      boxes: [box("a")] + (0..<40).map { _ in box("exp", .operation, [0]) }),
    Sample(
      name: "a diamond",
      boxes: [
        box("a"), box("f", .operation, [0]), box("g", .operation, [0]),
        box("+", .output, [1, 2]),
      ]),
    Sample(
      name: "one box for all",
      boxes: (0..<20).map { box("s", .operation, $0 == 0 ? [] : [0, $0 - 1]) }
    ),
    Sample(
      name: "the same input thrice",
      boxes: [box("a"), box("b", .operation, [0]), box("where", .output, [0, 0, 1, 0])]),
    Sample(
      name: "long names",
      boxes: [
        box(String(repeating: "name", count: 50)), box("目標変数の値", .parameter),
        box("*", .output, [1, 0]),
      ]),
    Sample(
      name: "names alone",
      boxes: [Diagram.Box("w", .parameter), Diagram.Box("*", .output, inputs: [0, 0])]),
  ]

  /// Random graphs of up to 60 boxes; the same ones every time.
  static let random: [Sample] = (1...150).map { seed in
    var generator = Generator(state: UInt64(seed))
    let count = 2 + generator.next(below: 59)
    let reach = 1 + generator.next(below: count)
    let boxes = (0..<count).map { index in
      let arity = index < 2 ? 0 : generator.next(below: 4)
      let inputs = (0..<arity).map { _ in max(0, index - 1 - generator.next(below: reach)) }
      let kind = inputs.isEmpty ? Diagram.Kind.allCases[generator.next(below: 3)] : .operation
      return box(String(repeating: "n", count: 1 + generator.next(below: 9)), kind, inputs)
    }
    return Sample(name: "random \(seed)", boxes: boxes)
  }

  static func chain(_ count: Int) -> Sample {
    Sample(
      name: "a chain", boxes: (0..<count).map { box("exp", .operation, $0 == 0 ? [] : [$0 - 1]) })
  }

  private static func leaves(_ count: Int) -> [Diagram.Box] { (0..<count).map { box("x\($0)") } }

  private static func box(
    _ name: String, _ kind: Diagram.Kind = .data, _ inputs: [Int] = []
  ) -> Diagram.Box {
    let isBare = kind == .constant
    return Diagram.Box(
      name, kind, note: kind == .output ? "loss" : "", above: isBare ? nil : "-1.5",
      below: isBare ? nil : "0.25", inputs: inputs)
  }

  func recorded() throws(PlotError) -> Drawing {
    var diagram = Diagram(boxes: boxes)
    diagram.title = "A title"
    diagram.captions = ["above the name: value; below: gradient of the loss"]
    return try diagram.recorded()
  }
}

extension Diagram {
  func recorded(vector: Bool = false) throws(PlotError) -> Drawing {
    try drawing(vector: vector, measuring: FakeMeasurer())
  }
}

/// What a diagram's drawing calls show.
struct DiagramRecord: CustomTestStringConvertible, Sendable {
  let sample: Sample
  let drawing: Drawing
  let boxes: [Frame]
  /// Arrow heads, the tip first.
  let heads: [[Point]]
  let lines: [[Point]]

  var testDescription: String { sample.name }

  /// All samples, drawn once.
  static let all = (Sample.named + Sample.random).compactMap { try? DiagramRecord($0) }

  private init(_ sample: Sample) throws(PlotError) {
    self.sample = sample
    drawing = try sample.recorded()
    let polygons = drawing.calls.compactMap { call in
      if case .polygon(let points, _, _) = call { points } else { nil }
    }
    heads = polygons.filter { $0.count == 3 }
    boxes = polygons.filter { $0.count > 3 }.prefix(sample.boxes.count).map(\.bounds)
    lines = drawing.calls.compactMap { call in
      if case .polyline(let points, _) = call, points.first != points.last { points } else { nil }
    }
  }

  /// The box that a line's arrow points at.
  func target(of line: Int) -> Int? {
    let end = end(of: line)
    return boxes.firstIndex { abs($0.left - end.x) < 12 && $0.top < end.y && end.y < $0.bottom }
  }

  func end(of line: Int) -> Point { lines[line][lines[line].count - 1] }

  /// The box that a line comes from, through the line that it branches off.
  func source(of line: Int) -> Int? {
    let start = lines[line][0]
    let box = boxes.firstIndex {
      abs($0.right - start.x) < 2 && $0.top < start.y && start.y < $0.bottom
    }
    if let box { return box }
    let stem = lines.indices.first { other in
      let line = lines[other]
      return line[0].x < start.x
        && zip(line, line.dropFirst()).contains { a, b in
          (a.x...b.x).contains(start.x) && a.y == start.y && b.y == start.y || b == start
        }
    }
    return stem.flatMap(source)
  }

  /// Whether a line begins or ends at a box.
  func joins(_ line: [Point], _ box: Frame) -> Bool {
    let (start, end) = (line[0], line[line.count - 1])
    return abs(start.x - box.right) < 2 && box.top < start.y && start.y < box.bottom
      || abs(end.x - box.left) < 12 && box.top < end.y && end.y < box.bottom
  }

  func touches(_ line: [Point], _ box: Frame, margin: Double) -> Bool {
    let box = box.grown(by: margin)
    guard line.bounds.overlaps(box) else { return false }
    return zip(line, line.dropFirst()).contains { a, b in
      b.x >= box.left && a.x <= box.right && box.isCrossed(from: a, to: b)
    }
  }
}

extension [Point] {
  var bounds: Frame {
    var bounds = Frame(left: .infinity, top: .infinity, right: -.infinity, bottom: -.infinity)
    for point in self {
      bounds.left = Swift.min(bounds.left, point.x)
      bounds.right = Swift.max(bounds.right, point.x)
      // A level line has a height, so that it can overlap.
      bounds.top = Swift.min(bounds.top, point.y - 0.01)
      bounds.bottom = Swift.max(bounds.bottom, point.y + 0.01)
    }
    return bounds
  }
}

/// Numbers that look random (Knuth's MMIX).
struct Generator {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
