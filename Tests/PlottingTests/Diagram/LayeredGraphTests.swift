import Testing

@testable import Plotting

@Suite struct LayeredGraphTests {
  private func box(_ inputs: [Int], _ kind: Diagram.Kind = .operation) -> Diagram.Box {
    Diagram.Box("b", kind, inputs: inputs)
  }

  @Test func `a box stands in the layer of its longest path, a constant before its reader`() {
    let boxes = [
      box([], .data), box([0]), box([1]), box([], .data), box([], .constant), box([2, 3]),
      box([5, 4]),
    ]
    let graph = LayeredGraph(boxes)
    #expect(boxes.indices.map { graph.items[$0].layer } == [0, 1, 2, 0, 3, 3, 4])
  }

  @Test func `arrows from one box share their lanes`() {
    // 0 → 1 → 2 → 3 → 4, and 0 again enters 3 and 4.
    let graph = LayeredGraph([box([]), box([0]), box([1]), box([2, 0]), box([3, 0])])
    let lanes = graph.items.filter(\.isLane)
    #expect(lanes.map(\.layer) == [1, 2, 3])
    #expect(lanes.allSatisfy { $0.box == 0 })
    #expect(graph.lineStarts.count == 6, "five arrows from boxes, one from a lane")
  }

  @Test func `a tree has no crossings`() {
    for seed in 1...40 as ClosedRange<UInt64> {
      var generator = Generator(state: seed)
      var free: [Int] = []
      var boxes: [Diagram.Box] = []
      for index in 0..<40 {
        let arity = min(generator.next(below: 3), free.count)
        let inputs = (0..<arity).map { _ in free.remove(at: generator.next(below: free.count)) }
        boxes.append(box(inputs))
        free.append(index)
      }
      #expect(LayeredGraph(boxes).crossings == 0)
    }
  }

  @Test func `sweeps take away crossings that can be avoided`() {
    // Read in this order, the arrow from 0 to 4 crosses that from 1 to 3.
    let boxes = [box([]), box([]), box([0]), box([1]), box([0])]
    #expect(LayeredGraph(boxes).crossings == 0)
  }

  @Test func `inversions are pairs in the wrong order`() {
    for seed in 1...50 as ClosedRange<UInt64> {
      var generator = Generator(state: seed)
      let count = generator.next(below: 30)
      let values = (0..<count).map { _ in Double(generator.next(below: 20)) }
      let expected = values.indices.reduce(0) { count, i in
        count + values[..<i].count { $0 > values[i] }
      }
      #expect(inversions(in: values) == expected)
    }
  }

  @Test func `an isotonic regression ascends and is nearest to the values`() {
    let values = [3, 1, 2, 5, 4, 9].map { WeightedValue(value: $0, weight: 1) }
    #expect(isotonicRegression(of: values) == [2, 2, 2, 4.5, 4.5, 9])
    #expect(
      isotonicRegression(of: [
        WeightedValue(value: 3, weight: 3), WeightedValue(value: 1, weight: 1),
      ]) == [2.5, 2.5])
    #expect(isotonicRegression(of: []).isEmpty)
  }

  @Test(arguments: [(40.0, 0.3), (40, 200), (130, -3000)])
  func `a curve is within a tenth of a px of its polyline`(width: Double, height: Double) {
    let (a, b) = (Point(x: 10, y: 20), Point(x: 10 + width, y: 20 + height))
    let points = levelCurve(from: a, to: b)
    #expect(points.first == a && points.last == b)
    let misses = (0...5000).count { step in
      let t = Double(step) / 5000
      let s = 1 - t
      let x = a.x + width * (1.5 * s * t + t * t * t)
      let y = a.y + height * (t * t * t + 3 * s * t * t)
      return !zip(points, points.dropFirst()).contains { p, q in
        let (dx, dy) = (q.x - p.x, q.y - p.y)
        let length = (dx * dx + dy * dy).squareRoot()
        let along = ((x - p.x) * dx + (y - p.y) * dy) / length
        let off = ((x - p.x) * dy - (y - p.y) * dx) / length
        return along >= -0.1 && along <= length + 0.1 && abs(off) <= 0.1
      }
    }
    #expect(misses == 0)
  }
}
