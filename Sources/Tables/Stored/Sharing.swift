/// Processes that read a table together, each one part of it.
///
/// All of them make the same calls in the same order, from one thread each. If one process cannot do its part, each
/// process reads the whole table by itself.
public struct Sharing: Sendable {
  /// This process's number.
  public let rank: Int
  /// How many there are.
  public let count: Int
  private let exchange: @Sendable ([UInt8]?) -> [[UInt8]]?

  /// The process of number `rank` of `count`.
  ///
  /// `exchange` gives all of them the bytes of each, in their order. Where one has none, or makes another call, it
  /// gives nil to all, and from then on without waiting for the others.
  public init(
    rank: Int, count: Int, exchange: @escaping @Sendable (_ own: [UInt8]?) -> [[UInt8]]?
  ) {
    precondition(count > 0 && (0..<count).contains(rank), "a process is one of all")
    (self.rank, self.count, self.exchange) = (rank, count, exchange)
  }

  /// This process's part of so many things.
  package func part(of total: Int) -> Range<Int> {
    total * rank / count..<total * (rank + 1) / count
  }

  /// What each process has found in its part, in their order; nil if one of them has failed.
  package func gather<Found: ByteCodable>(_ find: () throws -> Found) -> [Found]? {
    guard let own = try? find() else {
      stop()
      return nil
    }
    var writer = ByteWriter()
    own.write(to: &writer)
    guard let all = exchange(writer.bytes), all.count == count else { return nil }
    return try? all.enumerated().map { number, bytes in
      if number == rank { return own }
      var reader = ByteReader(bytes)
      let found = try Found(from: &reader)
      if !reader.isAtEnd { throw BytesEnd() }
      return found
    }
  }

  /// Ends the sharing, as all processes do here.
  func stop() { _ = exchange(nil) }
}
