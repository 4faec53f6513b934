import Tables

/// A destination, and the flag that names it.
struct FlaggedDestination {
  let flag: String
  let destination: Destination
}

extension FlaggedDestination {
  /// Where a command's main result goes: to the path that a flag gives, else to standard output, unless one of its
  /// other outputs goes there.
  init?(_ path: Path?, flag: String, beside others: [FlaggedDestination]) {
    if let path {
      self.init(flag: flag, destination: Destination(path))
    } else if others.contains(where: { $0.destination == .standardOutput }) {
      return nil
    } else {
      self.init(flag: "standard output", destination: .standardOutput)
    }
  }
}

extension [FlaggedDestination] {
  /// Complains of two outputs to one destination, two inputs from standard input, and inputs that would be
  /// overwritten.
  ///
  /// Inputs have the flag that names them, or are called by their own names.
  func requireDistinct(
    from inputs: [(flag: String, source: Source)],
    except mayOverwrite: (_ output: String, _ input: String) -> Bool = { _, _ in false }
  ) throws(Failure) {
    let inputs = inputs.flatMap { flag, source in source.parts.map { (flag: flag, source: $0) } }
    let streams = inputs.filter(\.source.isStream)
    for (index, input) in streams.enumerated() {
      if let other = streams[..<index].first(where: { $0.source.isSameStream(as: input.source) }) {
        let isStandard = [input.source, other.source].contains(.standardInput)
        throw Failure(
          .usage,
          "\(other.flag) and \(input.flag) would both read "
            + (isStandard ? "standard input" : "the same pipe"))
      }
    }
    for (index, output) in enumerated() {
      for other in self[..<index] where output.destination.isSamePlace(as: other.destination) {
        throw Failure(.usage, "\(other.flag) and \(output.flag) would write to the same place")
      }
      for (flag, source) in inputs where !mayOverwrite(output.flag, flag) {
        if output.destination.wouldOverwrite(source) {
          let input = flag.hasPrefix("--") ? "the file of \(flag)" : flag
          throw Failure(.usage, "\(output.flag) would overwrite \(input)")
        }
      }
    }
  }
}
