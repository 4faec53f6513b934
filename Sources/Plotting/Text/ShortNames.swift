/// Names cut to what `fits`, in such a way that different names stay different.
///
/// A long name loses its middle. Where that makes names equal, the part in which they differ is kept
/// instead; where even that is too long, they are numbered.
func shortened(_ names: [String], fits: (String) -> Bool) -> [String] {
  var shown = names.map { losingMiddle($0, fits: fits) }
  for group in equalOnes(shown, of: names) {
    let excerpts = keepingDifferences(of: group.map { names[$0] }, fits: fits)
    for (index, excerpt) in zip(group, excerpts) { shown[index] = excerpt }
  }
  for group in equalOnes(shown, of: names) {
    for index in group {
      shown[index] = losingMiddle("\(index + 1): \(names[index])", fits: fits)
    }
  }
  return shown
}

/// The positions of equal texts that stand for different names, by text.
private func equalOnes(_ shown: [String], of names: [String]) -> [[Int]] {
  Dictionary(grouping: names.indices) { shown[$0] }.values
    .filter { group in group.contains { names[$0] != names[group[0]] } }
}

/// The name with as much of its middle given up as makes it fit.
private func losingMiddle(_ name: String, fits: (String) -> Bool) -> String {
  if fits(name) { return name }
  func kept(_ number: Int) -> String {
    name.prefix((number + 1) / 2) + "…" + name.suffix(number / 2)
  }
  return kept(largest(below: name.count) { fits(kept($0)) })
}

/// Excerpts around the part in which names differ, with as much beside it as fits all of them.
private func keepingDifferences(of names: [String], fits: (String) -> Bool) -> [String] {
  let names = names.map(Array.init)
  let shortest = names.map(\.count).min() ?? 0
  let prefix = (0..<shortest).first { at in names.contains { $0[at] != names[0][at] } } ?? shortest
  let suffix =
    (0..<shortest - prefix).first { at in
      names.contains { $0[$0.count - 1 - at] != names[0][names[0].count - 1 - at] }
    } ?? shortest - prefix
  func excerpt(_ name: [Character], _ context: Int) -> String {
    let start = max(0, prefix - context)
    let end = min(name.count, name.count - suffix + context)
    return (start > 0 ? "…" : "") + String(name[start..<end]) + (end < name.count ? "…" : "")
  }
  let context = largest(below: names.map(\.count).max() ?? 0) { context in
    names.allSatisfy { fits(excerpt($0, context)) }
  }
  return names.map { losingMiddle(excerpt($0, context), fits: fits) }
}

/// The largest number below `bound` that `fits`, by bisection; 0 if none does.
func largest(below bound: Int, _ fits: (Int) -> Bool) -> Int {
  var (low, high) = (0, bound)
  while high - low > 1 {
    let middle = (low + high) / 2
    if fits(middle) { low = middle } else { high = middle }
  }
  return low
}
