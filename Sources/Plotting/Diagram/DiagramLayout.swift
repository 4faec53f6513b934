/// Where the boxes and lanes of a diagram stand.
struct DiagramLayout {
  /// From the left to the right edge of a layer.
  struct Span: Hashable {
    var left: Double
    var right: Double
  }

  let graph: LayeredGraph
  let boxes: [MeasuredBox]
  private(set) var spans: [Span] = []
  /// The middle of each item, from top to bottom.
  private(set) var centers: [Double]

  /// Distances in px between neighbours in a layer.
  static let boxGap = 22.0
  static let laneGap = 14.0
  /// The smallest and largest distance between layers.
  static let layerGap = 46.0...130.0

  init(_ graph: LayeredGraph, boxes: [MeasuredBox]) {
    self.graph = graph
    self.boxes = boxes
    centers = [Double](repeating: 0, count: graph.items.count)
    stack()
    relax()
    straighten()
    moveToOrigin()
    spreadLayers()
  }

  /// The box's rectangle: as wide as its layer.
  func frame(ofBox box: Int) -> Frame {
    let span = spans[graph.items[box].layer]
    let half = boxes[box].height / 2
    return Frame(
      left: span.left, top: centers[box] - half, right: span.right,
      bottom: centers[box] + half)
  }

  var width: Double { spans.last?.right ?? 0 }
  var height: Double { graph.items.indices.map { centers[$0] + height(of: $0) / 2 }.max() ?? 0 }

  /// Where a link ends, from top to bottom.
  func arrival(of link: Int) -> Double {
    let target = graph.links[link].to
    return centers[target] + offset(of: link)
  }

  /// How far from the middle of its target a link ends.
  private func offset(of link: Int) -> Double {
    let item = graph.items[graph.links[link].to]
    guard !item.isLane else { return 0 }
    let port = item.entering.firstIndex(of: link) ?? 0
    return boxes[item.box].offset(ofPort: port, of: item.entering.count)
  }

  private func height(of item: Int) -> Double {
    let item = graph.items[item]
    return item.isLane ? 0 : boxes[item.box].height
  }

  /// The smallest distance between the middles of two neighbours.
  private func separation(_ upper: Int, _ lower: Int) -> Double {
    let areBoxes = !graph.items[upper].isLane && !graph.items[lower].isLane
    let gap = areBoxes ? Self.boxGap : Self.laneGap
    return (height(of: upper) + height(of: lower)) / 2 + gap
  }

  /// Each layer as tight as it goes, around the line 0.
  private mutating func stack() {
    for layer in graph.layers {
      var y = 0.0
      for (position, item) in layer.enumerated() {
        if position > 0 { y += separation(layer[position - 1], item) }
        centers[item] = y
      }
      for item in layer { centers[item] -= y / 2 }
    }
  }

  /// Moves items towards those that they are linked to, layer by layer, until all links are short.
  private mutating func relax() {
    for round in 0..<30 {
      let order =
        round.isMultiple(of: 2)
        ? Array(graph.layers.indices) : graph.layers.indices.reversed()
      for layer in order { relax(graph.layers[layer]) }
    }
  }

  /// Moves the items of a layer as near to where they are drawn as their order and room allow.
  private mutating func relax(_ layer: [Int]) {
    var depth = 0.0
    var targets: [WeightedValue] = []
    var depths: [Double] = []
    for (position, item) in layer.enumerated() {
      if position > 0 { depth += separation(layer[position - 1], item) }
      depths.append(depth)
      var target = target(of: item)
      target.value -= depth
      targets.append(target)
    }
    for ((item, depth), top) in zip(zip(layer, depths), isotonicRegression(of: targets)) {
      centers[item] = top + depth
    }
  }

  /// The mean of the centres at which the links of an item would be level.
  private func target(of item: Int) -> WeightedValue {
    let (items, links) = (graph.items, graph.links)
    // What nothing is linked to stays near the middle, out of the way of the rest.
    var weight = 0.01
    var sum = 0.0
    func add(_ center: Double, _ share: Double) {
      sum += share * center
      weight += share
    }
    // A lane goes on where it comes from, and a box stands amidst what it is computed from; where
    // they lead to matters less.
    for link in items[item].entering {
      add(centers[links[link].from] - offset(of: link), items[item].isLane ? 8 : 1)
    }
    for link in items[item].leaving { add(arrival(of: link), 0.3) }
    return WeightedValue(value: sum / weight, weight: weight)
  }

  /// Levels chains of items that have the room to stand at one height.
  private mutating func straighten() {
    for chain in chains() {
      var rest = chain[...]
      while let first = rest.first {
        var room = self.room(around: first)
        var count = 1
        for item in rest.dropFirst() {
          let next = self.room(around: item)
          guard max(room.lowerBound, next.lowerBound) <= min(room.upperBound, next.upperBound)
          else { break }
          room = room.clamped(to: next)
          count += 1
        }
        let run = rest.prefix(count)
        let mean = run.reduce(0) { $0 + centers[$1] } / Double(count)
        let level = min(max(mean, room.lowerBound), room.upperBound)
        if count > 1 { for item in run { centers[item] = level } }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Items one after the other that nothing but a single link joins, and arrows along their lanes.
  private func chains() -> [[Int]] {
    let (items, links) = (graph.items, graph.links)
    func next(_ item: Int) -> Int? {
      let targets = items[item].leaving.map { links[$0].to }
      if let lane = targets.first(where: { items[$0].isLane }) { return lane }
      guard targets.count == 1, items[targets[0]].entering.count == 1 else { return nil }
      return targets[0]
    }
    var isContinuation = [Bool](repeating: false, count: items.count)
    for item in items.indices { if let next = next(item) { isContinuation[next] = true } }
    return items.indices.filter { !isContinuation[$0] }.map { first in
      var chain = [first]
      while let next = next(chain[chain.count - 1]) { chain.append(next) }
      return chain
    }
  }

  /// How far an item can move before it meets its neighbours.
  private func room(around item: Int) -> ClosedRange<Double> {
    let layer = graph.layers[graph.items[item].layer]
    let position = layer.firstIndex(of: item) ?? 0
    let lowest =
      position > 0
      ? centers[layer[position - 1]] + separation(layer[position - 1], item) : -.infinity
    let highest =
      position + 1 < layer.count
      ? centers[layer[position + 1]] - separation(item, layer[position + 1]) : .infinity
    // Neighbours that touch leave no room, whatever the rounding says.
    return min(lowest, centers[item])...max(highest, centers[item])
  }

  private mutating func moveToOrigin() {
    let top = graph.items.indices.map { centers[$0] - height(of: $0) / 2 }.min() ?? 0
    for item in centers.indices { centers[item] -= top }
  }

  /// Layers from left to right, farther apart where arrows climb more.
  private mutating func spreadLayers() {
    var x = 0.0
    for layer in graph.layers {
      let width = layer.filter { !graph.items[$0].isLane }.map { boxes[$0].width }.max() ?? 0
      spans.append(Span(left: x, right: x + width))
      let climbs = layer.flatMap { graph.items[$0].leaving }.map { link in
        abs(arrival(of: link) - centers[graph.links[link].from])
      }
      let gap = Self.layerGap.lowerBound + 0.15 * (climbs.max() ?? 0)
      x += width + min(gap, Self.layerGap.upperBound).rounded()
    }
  }
}

/// A number and how much it counts.
struct WeightedValue {
  var value: Double
  var weight: Double
}

/// The ascending numbers that are nearest to the values, in weighted least squares.
///
/// Neighbours that are in the wrong order share their mean (pool adjacent violators).
func isotonicRegression(of values: [WeightedValue]) -> [Double] {
  var pools: [(mean: WeightedValue, count: Int)] = []
  for value in values {
    var pool = (mean: value, count: 1)
    while let last = pools.last, last.mean.value >= pool.mean.value {
      let weight = last.mean.weight + pool.mean.weight
      let sum = last.mean.value * last.mean.weight + pool.mean.value * pool.mean.weight
      pool = (WeightedValue(value: sum / weight, weight: weight), last.count + pool.count)
      pools.removeLast()
    }
    pools.append(pool)
  }
  return pools.flatMap { Array(repeating: $0.mean.value, count: $0.count) }
}
