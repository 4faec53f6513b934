extension FormulaError {
  /// How many columns of a terminal an excerpt takes at most.
  static let excerptWidth = 79

  /// The formula on one line and a caret under the part to blame on the next.
  ///
  /// Of a long formula only what is near that part is shown, with `…` where something is left out.
  /// Control characters are shown as spaces, and wide ones counted as two, so that the caret stays under
  /// its part.
  public var excerpt: String {
    let cells = formula.map { Cell($0) }
    let before = cellCount(upTo: range.lowerBound)
    let blamed = max(1, cellCount(upTo: range.upperBound) - before)
    let shown = window(of: cells, from: before, count: blamed)
    func width(_ cells: some Sequence<Cell>) -> Int { cells.reduce(0) { $0 + $1.width } }
    let (prefix, suffix) = (
      shown.lowerBound > 0 ? "…" : "", shown.upperBound < cells.count ? "…" : ""
    )
    let text = prefix + String(cells[shown].map(\.character)) + suffix
    let start = min(before, shown.upperBound)
    let indent = prefix.count + width(cells[shown.lowerBound..<start])
    let carets = max(1, width(cells[start..<min(before + blamed, shown.upperBound)]))
    return text + "\n" + String(repeating: " ", count: indent)
      + String(repeating: "^", count: carets)
  }

  /// How many characters end at or before an offset, and the one that it cuts.
  private func cellCount(upTo offset: Int) -> Int {
    String(decoding: formula.utf8.prefix(offset), as: UTF8.self).count
  }

  /// The characters to show: all if they fit, else from somewhat before the part to blame.
  private func window(of cells: [Cell], from first: Int, count: Int) -> Range<Int> {
    let wholeWidth = cells.reduce(0) { $0 + $1.width }
    // The caret may stand after the end.
    if wholeWidth < Self.excerptWidth { return cells.indices }
    // Two columns are for the signs that something is left out.
    var room = Self.excerptWidth - 2
    func fits(_ index: Int) -> Bool { cells.indices.contains(index) && cells[index].width <= room }
    var (lower, upper) = (min(first, cells.count), min(first, cells.count))
    while upper < first + count, fits(upper) {
      (room, upper) = (room - cells[upper].width, upper + 1)
    }
    while fits(lower - 1) || fits(upper) {
      if fits(lower - 1) { (room, lower) = (room - cells[lower - 1].width, lower - 1) }
      if fits(upper) { (room, upper) = (room - cells[upper].width, upper + 1) }
    }
    return lower..<upper
  }
}

/// A character as it is shown, and how many columns of a terminal it takes.
private struct Cell {
  let character: Character
  let width: Int

  init(_ character: Character) {
    self.character = character.isControl ? " " : character
    width = character.isWide ? 2 : 1
  }
}

extension Character {
  /// Whether it has no shape of its own, or does something else to a terminal than to show itself.
  fileprivate var isControl: Bool {
    isNewline || unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// Whether terminals give it two columns: scripts of East Asia, and emoji.
  fileprivate var isWide: Bool {
    guard let scalar = unicodeScalars.first, scalar.value >= 0x1100 else { return false }
    if scalar.properties.isEmojiPresentation { return true }
    return [
      0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
    ].contains { $0.contains(scalar.value) }
  }
}

/// A part of a formula as it stands in a sentence: on one line, and without its middle if it is longer than one
/// reads.
func shown(_ text: String, limit: Int = 40) -> String {
  let isLong = text.prefix(limit + 1).count > limit
  let tail = isLong ? limit / 3 : 0
  let parts = [text.prefix(isLong ? limit - 1 - tail : limit), text.suffix(tail)]
  return parts.map { String($0.map { $0.isControl ? " " : $0 }) }.joined(
    separator: isLong ? "…" : "")
}

/// A character as it stands in a sentence: one that cannot be seen by its number.
func shown(_ character: Character) -> String {
  let scalars = character.unicodeScalars
  let isVisible = scalars.contains {
    switch $0.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned,
      .nonspacingMark, .privateUse:
      false
    default: true
    }
  }
  if isVisible { return String(character) }
  return scalars.map { scalar in
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }.joined(separator: " ")
}
