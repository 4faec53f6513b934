extension Panel {
  /// The most runs that colours and dots tell apart.
  static let mostColors = 16
  /// The most runs of points alone, which have no dots.
  static let mostPointColors = 8

  var runCount: Int { (series.map(\.run).max() ?? -1) + 1 }

  /// Gives every run a shade if they are more than `most`: by the number in their names, or in the
  /// order given.
  mutating func shadeRuns(moreThan most: Int) {
    for index in series.indices { series[index].shade = nil }
    let count = runCount
    guard count > most else { return }
    var names = [String](repeating: "", count: count)
    for series in series.reversed() { names[series.run] = series.name }
    let ranks = rankedByNumber(names)
    for index in series.indices {
      series[index].shade = Double(ranks[series[index].run]) / Double(count - 1)
    }
  }
}

extension Figure {
  /// Colours runs along the ramp by a value of each, equal ones alike; the legend names one of them for all.
  ///
  /// There is a value for each run, and none is nan.
  public mutating func shadeRuns(by values: [Double]) {
    let ranks = Dictionary(
      Set(values).sorted().enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let last = Double(max(1, ranks.count - 1))
    for panel in panels.indices {
      panels[panel].isShadedByValue = true
      for index in panels[panel].series.indices {
        let rank = ranks[values[panels[panel].series[index].run]] ?? 0
        panels[panel].series[index].shade = Double(rank) / last
      }
    }
  }
}

/// The rank of each name by the first number in which the names differ, or else by position.
///
/// Each name must have such a number; names with the same one keep their order.
func rankedByNumber(_ names: [String]) -> [Int] {
  let numbers = names.map(numbersWritten)
  let common = numbers.map(\.count).min() ?? 0
  let telling = (0..<common).first { at in numbers.contains { $0[at] != numbers[0][at] } }
  let order = names.indices.sorted { a, b in
    guard let telling, numbers[a][telling] != numbers[b][telling] else { return a < b }
    return numbers[a][telling] < numbers[b][telling]
  }
  var ranks = [Int](repeating: 0, count: names.count)
  for (rank, index) in order.enumerated() { ranks[index] = rank }
  return ranks
}

/// The numbers in a text, as in `lr0.001_wd1e-4`; a hyphen before a digit joins words.
private func numbersWritten(in text: String) -> [Double] {
  var numbers: [Double] = []
  var rest = text.utf8[...]
  /// How many digits stand at a distance from the start of the rest.
  func digits(at start: Int) -> Int {
    rest.dropFirst(start).prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.count
  }
  func has(_ marks: String, at place: Int) -> Bool {
    rest.dropFirst(place).first.map { marks.utf8.contains($0) } == true
  }
  while !rest.isEmpty {
    var length = digits(at: 0)
    if length == 0 {
      rest = rest.dropFirst()
      continue
    }
    if has(".", at: length), case let count = digits(at: length + 1), count > 0 {
      length += 1 + count
    }
    if has("eE", at: length) {
      let sign = has("-+", at: length + 1) ? 1 : 0
      let count = digits(at: length + 1 + sign)
      if count > 0 { length += 1 + sign + count }
    }
    if let number = Double(Substring(rest.prefix(length))) { numbers.append(number) }
    rest = rest.dropFirst(length)
  }
  return numbers
}

extension Palette {
  /// The colour of a shade, from 0 to 1.
  func color(ofShade shade: Double) -> Color {
    let position = shade * Double(ramp.count - 1)
    let index = min(Int(position), ramp.count - 2)
    let part = position - Double(index)
    let (from, to) = (ramp[index].rgb, ramp[index + 1].rgb)
    let channels = [16, 8, 0].map { shift -> UInt32 in
      let (a, b) = (Double(from >> UInt32(shift) & 0xFF), Double(to >> UInt32(shift) & 0xFF))
      return UInt32((a + part * (b - a)).rounded()) << UInt32(shift)
    }
    return Color(channels.reduce(0, |))
  }
}
