import Training

extension Rule {
  /// The flags that say all that it was told.
  private var settingFlags: String {
    declarations.compactMap { setting, value in
      let flag = "--" + setting.name.replacing("_", with: "-")
      switch value {
      case nil, .flag(false): return nil
      case .flag(true): return flag
      case .number(let number): return "\(flag) \(number)"
      case .pair(let pair): return "\(flag) \(pair.first),\(pair.second)"
      case .count(let count): return "\(flag) \(count)"
      case .epochs(let epochs):
        return "\(flag) \(epochs.map { "\($0)" }.joined(separator: ","))"
      case .choice(let word): return "\(flag) \(word)"
      }
    }.joined(separator: " ")
  }

  /// The flags that choose it, and say all that it was told.
  func flags(_ chooser: String) -> String { "--\(chooser) \(name) \(settingFlags)" }
}

extension OptimizerRule {
  /// The flags that make it; nil where there are none: no flag keeps L-BFGS from searching its lines.
  var flags: String? {
    if let search = self as? LBFGS, search.lineSearch == .none { return nil }
    return flags("optimizer")
  }
}

extension Schedule {
  /// The flags that make it.
  var flags: String {
    let warmup = warmup.map { " --warmup \($0.epochs) --warmup-start \($0.start)" } ?? ""
    return (course?.flags("schedule") ?? "") + warmup
  }
}
