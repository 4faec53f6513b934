/// Where the boxes and lanes of a diagram stand.
struct Placement {
  /// From the left to the right edge of a layer.
  struct Column: Hashable {
    var left: Double
    var right: Double
  }

  let layering: Layering
  let cards: [Card]
  private(set) var columns: [Column] = []
  /// The middle of each item, from top to bottom.
  private(set) var centers: [Double]

  /// Distances in px between neighbours in a layer.
  static let boxGap = 22.0
  static let laneGap = 14.0
  /// The smallest and largest distance between layers.
  static let layerGap = 46.0...130.0

  init(_ layering: Layering, cards: [Card]) {
    self.layering = layering
    self.cards = cards
    centers = [Double](repeating: 0, count: layering.items.count)
    stack()
    relax()
    straighten()
    moveToOrigin()
    placeColumns()
  }

  /// The box's rectangle: as wide as its layer.
  func frame(ofBox box: Int) -> Frame {
    let column = columns[layering.items[box].layer]
    let half = cards[box].height / 2
    return Frame(
      left: column.left, top: centers[box] - half, right: column.right,
      bottom: centers[box] + half)
  }

  var width: Double { columns.last?.right ?? 0 }
  var height: Double { layering.items.indices.map { centers[$0] + height(of: $0) / 2 }.max() ?? 0 }

  /// Where a link ends, from top to bottom.
  func arrival(of link: Int) -> Double {
    let target = layering.links[link].to
    return centers[target] + offset(of: link)
  }

  /// How far from the middle of its target a link ends.
  private func offset(of link: Int) -> Double {
    let item = layering.items[layering.links[link].to]
    guard !item.isLane else { return 0 }
    let port = item.entering.firstIndex(of: link) ?? 0
    return cards[item.box].offset(ofPort: port, of: item.entering.count)
  }

  private func height(of item: Int) -> Double {
    let item = layering.items[item]
    return item.isLane ? 0 : cards[item.box].height
  }

  /// The smallest distance between the middles of two neighbours.
  private func separation(_ upper: Int, _ lower: Int) -> Double {
    let areBoxes = !layering.items[upper].isLane && !layering.items[lower].isLane
    let gap = areBoxes ? Self.boxGap : Self.laneGap
    return (height(of: upper) + height(of: lower)) / 2 + gap
  }

  /// Each layer as tight as it goes, around the line 0.
  private mutating func stack() {
    for layer in layering.layers {
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
        ? Array(layering.layers.indices) : layering.layers.indices.reversed()
      for layer in order { relax(layering.layers[layer]) }
    }
  }

  /// Gives the items of a layer the places nearest to those that they want, in their order.
  private mutating func relax(_ layer: [Int]) {
    var depth = 0.0
    var wishes: [Wish] = []
    var depths: [Double] = []
    for (position, item) in layer.enumerated() {
      if position > 0 { depth += separation(layer[position - 1], item) }
      depths.append(depth)
      var wish = wish(of: item)
      wish.place -= depth
      wishes.append(wish)
    }
    for ((item, depth), place) in zip(zip(layer, depths), ascending(wishes)) {
      centers[item] = place + depth
    }
  }

  /// The mean of the places at which the links of an item would be level.
  private func wish(of item: Int) -> Wish {
    let (items, links) = (layering.items, layering.links)
    // What nothing is linked to stays near the middle, out of the way of the rest.
    var weight = 0.01
    var sum = 0.0
    func add(_ place: Double, _ share: Double) {
      sum += share * place
      weight += share
    }
    // A lane goes on where it comes from, and a box stands amidst what it is computed from; where
    // they lead to matters less.
    for link in items[item].entering {
      add(centers[links[link].from] - offset(of: link), items[item].isLane ? 8 : 1)
    }
    for link in items[item].leaving { add(arrival(of: link), 0.3) }
    return Wish(place: sum / weight, weight: weight)
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
    let (items, links) = (layering.items, layering.links)
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
    let layer = layering.layers[layering.items[item].layer]
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
    let top = layering.items.indices.map { centers[$0] - height(of: $0) / 2 }.min() ?? 0
    for item in centers.indices { centers[item] -= top }
  }

  /// Layers from left to right, farther apart where arrows climb more.
  private mutating func placeColumns() {
    var x = 0.0
    for layer in layering.layers {
      let width = layer.filter { !layering.items[$0].isLane }.map { cards[$0].width }.max() ?? 0
      columns.append(Column(left: x, right: x + width))
      let climbs = layer.flatMap { layering.items[$0].leaving }.map { link in
        abs(arrival(of: link) - centers[layering.links[link].from])
      }
      let gap = Self.layerGap.lowerBound + 0.15 * (climbs.max() ?? 0)
      x += width + min(gap, Self.layerGap.upperBound).rounded()
    }
  }
}

/// Where something wants to stand, and how much it does.
struct Wish {
  var place: Double
  var weight: Double
}

/// The ascending places that are nearest to the wishes, in weighted least squares.
///
/// Neighbours whose wishes are in the wrong order share their mean (pool adjacent violators).
func ascending(_ wishes: [Wish]) -> [Double] {
  var pools: [(wish: Wish, count: Int)] = []
  for wish in wishes {
    var pool = (wish: wish, count: 1)
    while let last = pools.last, last.wish.place >= pool.wish.place {
      let weight = last.wish.weight + pool.wish.weight
      let sum = last.wish.place * last.wish.weight + pool.wish.place * pool.wish.weight
      pool = (Wish(place: sum / weight, weight: weight), last.count + pool.count)
      pools.removeLast()
    }
    pools.append(pool)
  }
  return pools.flatMap { Array(repeating: $0.wish.place, count: $0.count) }
}
