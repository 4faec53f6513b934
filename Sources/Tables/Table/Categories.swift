/// The texts of a column, each as the index of its level.
public struct Categories: Hashable, Sendable {
  /// The different texts, in order of first appearance.
  public let levels: [String]
  /// For each row the index of its text in ``levels``.
  public let codes: [Int32]

  /// Categories by their levels, which differ, and a code for each row.
  public init(levels: [String], codes: [Int32]) {
    self.levels = levels
    self.codes = codes
  }
}

/// The texts of a column, each different one kept once.
struct TextCodes: Sendable {
  /// The code of a missing value.
  static let missing: Int32 = -1

  private(set) var codes: [Int32] = []
  /// The levels' bytes, one after the other.
  private var bytes: [UInt8] = []
  /// Where each level ends in ``bytes``.
  private var ends: [Int] = []
  /// Open addressing: the level at its hash, or in the next slots; empty ones hold −1.
  private var slots: [Int32] = []

  var levelCount: Int { ends.count }

  /// Lends the text of a level to `body`.
  func withLevel<R>(_ level: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range(of: level)])) }
  }

  /// The number that a level spells, nil if it spells none.
  func number(ofLevel level: Int, point: UInt8) -> Double? {
    withLevel(level) { spelledNumber($0, point: point) }
  }

  mutating func appendMissing() { codes.append(Self.missing) }

  /// Appends a row's text; true if it is a new level.
  @discardableResult
  mutating func append(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let (code, isNew) = self.code(of: text)
    codes.append(code)
    return isNew
  }

  /// The code of a text, nil if it is no level.
  func code(ofKnown text: UnsafeBufferPointer<UInt8>) -> Int32? {
    let code = slots[slot(of: text)]
    return code < 0 ? nil : code
  }

  /// Texts by their levels, which differ and all occur, and a code for each row.
  init(levels: [[UInt8]], codes: [Int32]) {
    for level in levels { level.withUnsafeBufferPointer { _ = code(of: $0) } }
    self.codes = codes
  }

  /// No texts.
  init() {}

  /// Appends the rows of `other`.
  mutating func append(contentsOf other: TextCodes) {
    if codes.isEmpty {
      self = other
      return
    }
    let newCodes = (0..<other.levelCount).map { other.withLevel($0) { code(of: $0).code } }
    codes.append(contentsOf: other.codes.lazy.map { $0 < 0 ? $0 : newCodes[Int($0)] })
  }

  /// These rows and then those of `other`.
  func appending(_ other: TextCodes) -> TextCodes {
    var joined = self
    joined.append(contentsOf: other)
    return joined
  }

  /// The given rows alone, with the levels that they have; those with other levels lack a value.
  func keeping(rows: [Int], without missing: [Int] = []) -> TextCodes {
    var kept = TextCodes()
    var newCodes = [Int32](repeating: -1, count: levelCount)
    var isMissing = [Bool](repeating: false, count: levelCount)
    for level in missing { isMissing[level] = true }
    for row in rows {
      let code = Int(codes[row])
      if code < 0 || isMissing[code] {
        kept.appendMissing()
        continue
      }
      if newCodes[code] < 0 {
        newCodes[code] = withLevel(code) { kept.code(of: $0).code }
      }
      kept.codes.append(newCodes[code])
    }
    return kept
  }

  private func range(of level: Int) -> Range<Int> {
    (level == 0 ? 0 : ends[level - 1])..<ends[level]
  }

  private mutating func code(of text: UnsafeBufferPointer<UInt8>) -> (code: Int32, isNew: Bool) {
    if 2 * (levelCount + 1) > slots.count { growSlots() }
    let slot = slot(of: text)
    if slots[slot] >= 0 { return (slots[slot], false) }
    let code = Int32(levelCount)
    slots[slot] = code
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
    return (code, true)
  }

  /// The slot that holds this text, or the empty one where it belongs.
  private func slot(of text: UnsafeBufferPointer<UInt8>) -> Int {
    // Swift's own hash, which nobody can prepare a file against.
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(text))
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] >= 0, !withLevel(Int(slots[slot]), { $0.elementsEqual(text) }) {
      slot = (slot + 1) & (slots.count - 1)
    }
    return slot
  }

  private mutating func growSlots() {
    slots = [Int32](repeating: -1, count: max(8, 2 * slots.count))
    for level in 0..<levelCount { slots[withLevel(level, slot)] = Int32(level) }
  }
}
