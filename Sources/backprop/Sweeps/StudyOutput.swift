import Tables

/// Where the rows of a study go while it runs, and at its end.
///
/// A file takes each row when its run has ended, so that none is lost when the study is stopped, and is replaced by one
/// in the order of the runs at the end. A stream takes rows in that order, each as soon as those before it are there.
final class StudyOutput {
  private let destination: Destination
  private let log: Log
  /// What replaces the file; nil for what is written in place.
  private let sorted: WholeFile?
  /// The lines by their places, as far as they are there.
  private var lines: [[UInt8]?]
  /// The first place whose line a stream does not have yet.
  private var next = 0
  /// Whether the file has its lines in the order of their places so far.
  private var isInOrder = true
  private var last = -1

  /// Creates the file, or opens an older one, of which nothing is changed yet.
  init(_ destination: Destination, lineCount: Int, flag: String) throws(Failure) {
    self.destination = destination
    log = try Log(destination)
    lines = [[UInt8]?](repeating: nil, count: lineCount)
    guard case .file(let path) = destination, try Place(path).kind != .special else {
      sorted = nil
      return
    }
    guard log.lock() else {
      throw Failure(.cannotCreate, "\(flag) \(path): another sweep is writing it")
    }
    sorted = try WholeFile(destination)
  }

  /// Whether rows of an earlier call can be gone on with.
  static func canGoOn(in destination: Destination) -> Path? {
    guard case .file(let path) = destination, Source.file(path).status?.isRegular == true else {
      return nil
    }
    return path
  }

  /// Begins with the header and with lines that are known already, or goes on in an older file that has them.
  func begin(
    header: String, _ known: [(place: Int, line: [UInt8])], in former: [UInt8]
  ) throws(Failure) {
    var start = Array(header.utf8)
    for (place, line) in known {
      lines[place] = line
      last = max(last, place)
      start += line
    }
    if sorted == nil {
      log.begin()
      try log.write(header)
      try writeWhatIsNext()
    } else if former.isEmpty {
      log.begin()
      try log.write { $0 += start }
    } else {
      log.begin(keeping: former.count)
      isInOrder = former == start
    }
    try log.flush()
  }

  /// Takes the line of a place.
  func take(_ line: [UInt8], at place: Int) throws(Failure) {
    lines[place] = line
    if sorted == nil {
      try writeWhatIsNext()
    } else {
      if place < last { isInOrder = false }
      last = place
      try log.write { $0 += line }
    }
    try log.endOfLines()
  }

  private func writeWhatIsNext() throws(Failure) {
    while next < lines.count, let line = lines[next] {
      try log.write { $0 += line }
      next += 1
    }
  }

  /// Writes what waits; a finished study's lines are brought into order.
  ///
  /// Of one that has not come to its end a stream takes the lines that are there.
  func end(header: String, isFinished: Bool) throws(Failure) {
    if sorted == nil, !isFinished {
      for line in lines[next...] { try log.write { $0 += line ?? [] } }
    }
    try log.flush()
    // Nobody else writes the file until it is closed.
    if isFinished, !isInOrder, let sorted {
      try sorted.write(Array(header.utf8) + lines.joined { $0 ?? [] })
    }
    try log.close()
  }
}

extension Array {
  /// What the elements are made into, one after the other.
  fileprivate func joined(_ bytes: (Element) -> [UInt8]) -> [UInt8] {
    var all: [UInt8] = []
    for element in self { all += bytes(element) }
    return all
  }
}
