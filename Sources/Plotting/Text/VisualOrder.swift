/// How a character is written when text runs from left to right on the whole.
private enum WritingDirection {
  case leftToRight, rightToLeft, digit, neutral

  init(_ character: Character) {
    guard let scalar = character.unicodeScalars.first else {
      self = .neutral
      return
    }
    if scalar.isRightToLeft {
      self = .rightToLeft
    } else if scalar.properties.numericType != nil {
      self = .digit
    } else {
      self = scalar.properties.isAlphabetic ? .leftToRight : .neutral
    }
  }
}

extension Unicode.Scalar {
  /// Whether the scalar is a letter of a script that is written from right to left.
  fileprivate var isRightToLeft: Bool {
    switch value {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF:
      properties.isAlphabetic
    default: false
    }
  }

  /// Whether the scalar is Hebrew, whose letters look the same wherever they stand.
  fileprivate var isHebrew: Bool {
    (0x0590...0x05FF).contains(value) || (0xFB1D...0xFB4F).contains(value)
  }
}

extension Character {
  /// Whether the character can only be drawn by shaping: a letter of Arabic and the like, whose form
  /// and place depend on its neighbours.
  var needsShaping: Bool {
    unicodeScalars.first.map { $0.isRightToLeft && !$0.isHebrew } ?? false
  }
}

/// The characters of a line in the order in which they stand on paper, from left to right.
///
/// The line runs from left to right. Within it a stretch that begins with a letter of a script from
/// right to left is turned round, up to the last such letter or number before a letter of another
/// script; numbers in it keep their order, and brackets are mirrored. That is Unicode's bidirectional
/// algorithm without embeddings.
func visualOrder(of text: String) -> String {
  guard text.unicodeScalars.contains(where: \.isRightToLeft) else { return text }
  let characters = Array(text)
  let directions = characters.map(WritingDirection.init)
  var shown: [Character] = []
  var start = 0
  while start < characters.count {
    guard directions[start] == .rightToLeft else {
      shown.append(characters[start])
      start += 1
      continue
    }
    let limit = directions[start...].firstIndex(of: .leftToRight) ?? characters.count
    var last = (start..<limit).last { directions[$0] != .neutral } ?? start
    // A bracket that closes one of the stretch belongs to it.
    while last + 1 < limit, let opening = mirrored[characters[last + 1]],
      characters[start...last].contains(opening), ")]}»".contains(characters[last + 1])
    { last += 1 }
    shown += turnedRound(Array(characters[start...last]), Array(directions[start...last]))
    start = last + 1
  }
  return String(shown)
}

/// The characters from last to first, but numbers as they are.
private func turnedRound(
  _ characters: [Character], _ directions: [WritingDirection]
) -> [Character] {
  var shown: [Character] = []
  var end = characters.count
  while end > 0 {
    var start = end - 1
    if directions[start] == .digit {
      // A point or comma between two digits belongs to the number.
      while start > 0,
        directions[start - 1] == .digit
          || start > 1 && ".,:/".contains(characters[start - 1]) && directions[start - 2] == .digit
      { start -= 1 }
      shown += characters[start..<end]
    } else {
      shown.append(mirrored[characters[start]] ?? characters[start])
    }
    end = start
  }
  return shown
}

private let mirrored: [Character: Character] = [
  "(": ")", ")": "(", "[": "]", "]": "[", "{": "}", "}": "{", "<": ">", ">": "<", "«": "»",
  "»": "«",
]
