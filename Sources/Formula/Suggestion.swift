/// The candidate that a misspelt name was most likely meant to be, or nil if none is near.
///
/// Near is a distance of at most `edits`, and of at most a third of the longer name, by the
/// restricted Damerau-Levenshtein distance (insert, delete, replace, swap neighbours); a difference of
/// case alone is always near. Of equally near candidates one with the same letters wins, else the first.
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

/// The end of a sentence about a misspelt name, as `; did you mean 'x'?`; nothing if there is no suggestion.
public func didYouMean(_ suggestion: String?) -> String {
  suggestion.map { "; did you mean '\(shown($0, limit: 60))'?" } ?? ""
}

/// A sentence about a name that is not there: what was likely meant, else what there is.
///
/// `kind` says what it would be, as in `column`.
public func unknown(_ kind: String, _ name: String, among known: [String]) -> String {
  let sentence = "no \(kind) is named '\(shown(name))'"
  if let suggestion = closest(to: name, in: known) { return sentence + didYouMean(suggestion) }
  if known.isEmpty { return sentence + "; there is none" }
  return sentence + "; there \(known.count == 1 ? "is" : "are") \(listed(known))"
}

/// Names in quotes with commas between, the first twelve of them.
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
