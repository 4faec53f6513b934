/// The candidate that a misspelt name most likely stands for, or nil if none is close.
///
/// A candidate is close if at most `edits` edits separate the two, and at most a third as many as the longer name
/// has letters: the restricted Damerau-Levenshtein distance (insert, delete, replace, swap neighbours). Case does
/// not count. Of equally close candidates one with the same letters wins, else the first. Names of more than 200
/// letters are not compared.
public func closest(
  to name: String, in candidates: some Sequence<String>, within edits: Int = 2
) -> String? {
  var best: (candidate: String, rank: Int)?
  let letters = Array(name.lowercased())
  for candidate in candidates {
    let others = Array(candidate.lowercased())
    let limit = min(edits, max(letters.count, others.count) / 3)
    // Each letter too many is an edit: a very long name is far from all others that are not as long.
    guard max(letters.count, others.count) <= longestGuess,
      abs(letters.count - others.count) <= limit
    else { continue }
    let distance = editDistance(letters, others)
    guard distance <= limit else { continue }
    let rank = 2 * distance + (candidate.sorted() == name.sorted() ? 0 : 1)
    if rank < best?.rank ?? .max { best = (candidate, rank) }
  }
  return best?.candidate
}

/// Longer names are not compared, which would take time in proportion to the square of their length.
private let longestGuess = 200

/// The end of a sentence about a misspelt name, such as `; did you mean 'x'?`; empty if there is no suggestion.
public func didYouMean(_ suggestion: String?) -> String {
  suggestion.map { "; did you mean '\(shown($0, limit: 60))'?" } ?? ""
}

/// A sentence about a name that does not exist, with the name that was likely meant, else the names that exist.
///
/// `kind` is the kind of name, such as `column`.
public func unknown(_ kind: String, _ name: String, among known: [String]) -> String {
  let sentence = "no \(kind) is named '\(shown(name))'"
  if let suggestion = closest(to: name, in: known) { return sentence + didYouMean(suggestion) }
  if known.isEmpty { return sentence + "; there is none" }
  return sentence + "; there \(known.count == 1 ? "is" : "are") \(listed(known))"
}

/// Names in quotes, separated by commas: the first twelve, and `…` if there are more.
public func listed(_ names: [String]) -> String {
  let quoted = names.prefix(12).map { "'\(shown($0))'" } + (names.count > 12 ? ["…"] : [])
  return quoted.joined(separator: ", ")
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var distance = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        distance = min(distance, beforePrevious[j - 1] + 1)
      }
      row.append(distance)
    }
    (beforePrevious, previous) = (previous, row)
  }
  return previous[b.count]
}
