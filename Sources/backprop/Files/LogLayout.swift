/// Which columns of a log count steps and which hold losses, told by the names that training programs
/// give them.
struct LogLayout {
  /// A loss that is drawn, with the validation loss that belongs to it.
  struct Loss: Hashable {
    var column: String
    var validation: String?
  }

  /// The columns that count epochs or steps, likely ones first.
  let places: [String]
  /// The columns to draw; none if no name tells.
  let losses: [Loss]

  init(_ columns: [String]) {
    let named = columns.map { (name: $0, words: words(of: $0)) }
    places = Self.placeNames.flatMap { place in
      named.filter { $0.words == place.split(separator: " ").map(String.init) }.map(\.name)
    }
    if columns.count == 1 {
      losses = [Loss(column: columns[0])]
      return
    }
    let all = named.filter { Self.isLoss($0.words) }
    // Beside a column `loss`, one that is called otherwise is a part of it or a summary.
    let hasPlainLoss = all.contains { $0.words == ["loss"] }
    let kept = all.filter {
      !hasPlainLoss || $0.words.filter { !Self.validationWords.contains($0) } == ["loss"]
    }
    var losses: [Loss] = []
    var validations = kept.filter { Self.isValidation($0.words) }
    for loss in kept where !Self.isValidation(loss.words) {
      let partner = validations.firstIndex { Self.stem($0.words) == Self.stem(loss.words) }
      losses.append(
        Loss(column: loss.name, validation: partner.map { validations.remove(at: $0).name }))
    }
    losses += validations.map { Loss(column: $0.name) }
    let values = named.filter { $0.words == ["value"] }.map { Loss(column: $0.name) }
    self.losses = losses.isEmpty ? values : losses
  }

  /// The words of columns that count, likely ones first.
  private static let placeNames = [
    "epoch", "epochs", "step", "steps", "global step", "trainer global step", "iteration",
    "iterations", "iter", "round", "batch",
  ]
  private static let trainingWords: Set = ["train", "training"]
  private static let validationWords: Set = [
    "val", "valid", "validation", "eval", "evaluation", "test", "dev",
  ]
  /// Words of columns that are about a loss but are none.
  private static let otherWords: Set = ["scale", "scaler", "weight", "min", "max", "std", "best"]

  /// Whether no word of a column's name says that it holds losses.
  static func isNoLoss(_ column: String) -> Bool { !isLoss(words(of: column)) }

  private static func isLoss(_ words: [String]) -> Bool {
    words.contains { $0.hasSuffix("loss") || $0 == "losses" }
      && !words.contains(where: otherWords.contains)
  }

  private static func isValidation(_ words: [String]) -> Bool {
    words.contains(where: validationWords.contains)
  }

  /// What a training loss and its validation loss have in common.
  private static func stem(_ words: [String]) -> [String] {
    words.filter { !trainingWords.contains($0) && !validationWords.contains($0) }
  }
}

/// The words of a name such as `val/box_loss`, `Validation Loss` or `valLoss`, in lower case.
private func words(of name: String) -> [String] {
  var words: [String] = []
  var previous: Character?
  for character in name {
    defer { previous = character }
    guard character.isLetter || character.isNumber else { continue }
    let continues = previous.map { $0.isLetter || $0.isNumber } ?? false
    let isNewWord = !continues || character.isUppercase && previous?.isLowercase == true
    if isNewWord { words.append("") }
    words[words.count - 1] += character.lowercased()
  }
  return words
}

/// The words that names have in common at their ends, or else at their beginnings; empty if none.
func commonName(of names: [String]) -> String {
  guard let first = names.first.map(Array.init) else { return "" }
  func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }
  let others = names.dropFirst().map { Array($0.lowercased()) }
  let lowercased = first.map { $0.lowercased() }.joined()
  guard lowercased.count == first.count else { return "" }
  let letters = Array(lowercased)
  let starts = first.indices.filter { at in
    isWord(first[at]) && (at == 0 || !isWord(first[at - 1]))
  }
  for start in starts {
    let end = letters[start...]
    let isCommon = others.allSatisfy { other in
      let before = other.count - end.count
      return before >= 0 && other[before...].elementsEqual(end)
        && (before == 0 || !isWord(other[before - 1]))
    }
    if isCommon { return String(first[start...]) }
  }
  let ends = first.indices.filter { at in
    isWord(first[at]) && (at + 1 == first.count || !isWord(first[at + 1]))
  }
  for end in ends.reversed() {
    let isCommon = others.allSatisfy { other in
      other.starts(with: letters[...end])
        && (other.count == end + 1 || !isWord(other[end + 1]))
    }
    if isCommon { return String(first[...end]) }
  }
  return ""
}
