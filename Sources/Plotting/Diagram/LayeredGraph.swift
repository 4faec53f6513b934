/// The boxes of a diagram in layers, in an order in which few arrows cross.
///
/// An arrow that passes a layer has a lane there. Arrows from one box share their lanes, since they
/// carry the same thing, and part where they must.
struct LayeredGraph {
  /// What stands in a layer: a box, or a lane for arrows that pass.
  struct Item {
    /// The box, or the box that the lane's arrows come from.
    let box: Int
    let isLane: Bool
    let layer: Int
    /// Indices in ``links``: what comes in, from top to bottom, and what goes out.
    var entering: [Int] = []
    var leaving: [Int] = []
  }

  /// The stretch of an arrow from one layer to the next.
  struct Link {
    let from: Int
    let to: Int
  }

  /// The boxes in their order, then the lanes.
  private(set) var items: [Item] = []
  private(set) var links: [Link] = []
  /// The items of each layer, from top to bottom.
  private(set) var layers: [[Int]] = []
  /// Where each link enters its item, among the others that do, between −0.5 and 0.5.
  private var ports: [Double] = []

  init(_ boxes: [Diagram.Box]) {
    let depths = Self.depths(of: boxes)
    items = zip(boxes.indices, depths).map { Item(box: $0, isLane: false, layer: $1) }
    layers = Array(repeating: [], count: (depths.max() ?? -1) + 1)
    join(boxes)
    for index in readingOrder { layers[items[index].layer].append(index) }
    reduceCrossings()
  }

  /// The link that carries on the line that enters a lane; others branch off there.
  func continuation(of lane: Int) -> Int {
    let leaving = items[lane].leaving
    return leaving.first { items[links[$0].to].isLane } ?? leaving[0]
  }

  /// The links with which lines begin: at boxes, and where lines branch.
  var lineStarts: [Int] {
    links.indices.filter { link in
      let source = links[link].from
      return !items[source].isLane || link != continuation(of: source)
    }
  }

  /// How many pairs of links cross.
  var crossings: Int {
    let positions = positions
    return (1..<max(1, layers.count)).reduce(0) { count, layer in
      // Links leave in this order from top to bottom; where they arrive, each inversion is a crossing.
      let arrivals = layers[layer - 1].flatMap { item in
        items[item].leaving.map { positions[links[$0].to] + ports[$0] }.sorted()
      }
      return count + inversions(in: arrivals)
    }
  }

  /// The longest path to each box, except that constants stand right before their first reader.
  private static func depths(of boxes: [Diagram.Box]) -> [Int] {
    var depths = [Int](repeating: 0, count: boxes.count)
    for (index, box) in boxes.enumerated() {
      depths[index] = (box.inputs.map { depths[$0] }.max() ?? -1) + 1
    }
    for (index, box) in boxes.enumerated() where box.kind == .constant && box.inputs.isEmpty {
      let readers = boxes.indices.filter { boxes[$0].inputs.contains(index) }
      depths[index] = (readers.map { depths[$0] }.min() ?? 1) - 1
    }
    return depths
  }

  /// Makes links and lanes.
  private mutating func join(_ boxes: [Diagram.Box]) {
    var lastLane = Array(boxes.indices)
    func lane(of source: Int, before layer: Int) -> Int {
      // Lanes are made in the order of their layers, so the newest is the farthest.
      var item = lastLane[source]
      while items[item].layer >= layer { item = links[items[item].entering[0]].from }
      while items[item].layer < layer - 1 {
        items.append(Item(box: source, isLane: true, layer: items[item].layer + 1))
        link(from: item, to: items.count - 1)
        item = items.count - 1
        lastLane[source] = item
      }
      return item
    }
    for (index, box) in boxes.enumerated() {
      for source in box.inputs {
        link(from: lane(of: source, before: items[index].layer), to: index)
      }
    }
    ports = links.indices.map { port in
      let entering = items[links[port].to].entering
      let position = entering.firstIndex(of: port) ?? 0
      return (Double(position) + 0.5) / Double(entering.count) - 0.5
    }
  }

  private mutating func link(from: Int, to: Int) {
    links.append(Link(from: from, to: to))
    items[from].leaving.append(links.count - 1)
    items[to].entering.append(links.count - 1)
  }

  /// All items in the order in which a reader of the formula meets them: a tree has no crossings in it.
  private var readingOrder: [Int] {
    var isMet = [Bool](repeating: false, count: items.count)
    var order: [Int] = []
    func meet(_ item: Int) {
      if isMet[item] { return }
      isMet[item] = true
      for link in items[item].entering { meet(links[link].from) }
      order.append(item)
    }
    for item in items.indices where items[item].leaving.isEmpty { meet(item) }
    return order
  }
}

extension LayeredGraph {
  /// Sweeps over the layers, down and up, until it no longer helps (Sugiyama, Tagawa and Toda 1981).
  private mutating func reduceCrossings() {
    var best = (layers: layers, crossings: crossings)
    var patience = 0
    var goesRight = true
    while best.crossings > 0, patience < 6 {
      sweep(goesRight: goesRight)
      swapNeighbours()
      goesRight.toggle()
      patience += 1
      let crossings = crossings
      if crossings < best.crossings {
        best = (layers, crossings)
        patience = 0
      }
    }
    layers = best.layers
  }

  /// Orders each layer by the mean position of what its items are linked to in the one before.
  private mutating func sweep(goesRight: Bool) {
    var positions = positions
    let order = goesRight ? Array(layers.indices) : layers.indices.reversed()
    for layer in order.dropFirst() {
      let means = layers[layer].map { item in
        let links = goesRight ? items[item].entering : items[item].leaving
        let sum = links.reduce(0) { $0 + position(of: $1, atStart: goesRight, positions) }
        return links.isEmpty ? positions[item] : sum / Double(links.count)
      }
      // Ties keep their order.
      let sorted = layers[layer].indices.sorted { (means[$0], $0) < (means[$1], $1) }
      layers[layer] = sorted.map { layers[layer][$0] }
      for (position, item) in layers[layer].enumerated() { positions[item] = Double(position) }
    }
  }

  /// Swaps neighbours in a layer while that takes crossings away.
  private mutating func swapNeighbours() {
    var positions = positions
    var hasImproved = true
    var rounds = 0
    while hasImproved, rounds < 8 {
      hasImproved = false
      rounds += 1
      for layer in layers.indices {
        for position in layers[layer].indices.dropLast() {
          let (upper, lower) = (layers[layer][position], layers[layer][position + 1])
          guard
            crossings(ofUpper: lower, lower: upper, positions)
              < crossings(ofUpper: upper, lower: lower, positions)
          else { continue }
          layers[layer].swapAt(position, position + 1)
          positions.swapAt(upper, lower)
          hasImproved = true
        }
      }
    }
  }

  /// How many links of two neighbours cross each other.
  private func crossings(ofUpper upper: Int, lower: Int, _ positions: [Double]) -> Int {
    func count(_ upper: [Int], _ lower: [Int], atStart: Bool) -> Int {
      let others = lower.map { position(of: $0, atStart: atStart, positions) }
      return upper.reduce(0) { count, link in
        let own = position(of: link, atStart: atStart, positions)
        return count + others.count { $0 < own }
      }
    }
    let (upper, lower) = (items[upper], items[lower])
    return count(upper.entering, lower.entering, atStart: true)
      + count(upper.leaving, lower.leaving, atStart: false)
  }

  /// Where a link begins in its layer, or where it ends in the next.
  private func position(of link: Int, atStart: Bool, _ positions: [Double]) -> Double {
    atStart ? positions[links[link].from] : positions[links[link].to] + ports[link]
  }

  /// The position of each item in its layer.
  private var positions: [Double] {
    var positions = [Double](repeating: 0, count: items.count)
    for layer in layers {
      for (position, item) in layer.enumerated() { positions[item] = Double(position) }
    }
    return positions
  }
}

/// How many pairs stand in the wrong order, by merging.
func inversions(in values: [Double]) -> Int {
  var values = values
  var merged = values
  var count = 0
  var width = 1
  while width < values.count {
    for start in stride(from: 0, to: values.count, by: 2 * width) {
      let (middle, end) = (min(start + width, values.count), min(start + 2 * width, values.count))
      var (left, right) = (start, middle)
      for position in start..<end {
        if left < middle, right == end || values[left] <= values[right] {
          merged[position] = values[left]
          left += 1
        } else {
          merged[position] = values[right]
          right += 1
          count += middle - left
        }
      }
    }
    swap(&values, &merged)
    width *= 2
  }
  return count
}
