/// Compresses a stream in which bytes and pixels repeat (DEFLATE, RFC 1951, in zlib's frame, RFC 1950).
///
/// Repetitions are looked for at distances 1 and 3 alone, which are a byte and a pixel of a filtered
/// picture. Codes are Huffman's, made for the whole stream.
struct DeflateWriter {
  /// What is written: a byte, or a repetition of what stood `distance` before.
  ///
  ///     bits 0…8   9…10       the length, or 0, of a match; its distance
  ///     bits 16…23            the byte, if the length is 0
  private struct Token {
    private let bits: UInt32

    init(literal byte: UInt8) { bits = UInt32(byte) << 16 }
    init(length: Int, distance: Int) { bits = UInt32(length) | UInt32(distance) << 9 }

    /// Nil for a byte.
    var match: (length: Int, distance: Int)? {
      let length = Int(bits & 0x1FF)
      return length == 0 ? nil : (length, Int(bits >> 9 & 3))
    }
    var literal: Int { Int(bits >> 16) }
  }

  private static let longestMatch = 258
  private static let shortestMatch = 4

  private var tokens: [Token] = []
  private var checksum = Adler32()
  /// How many zeros are waiting to be written.
  private var zeros = 0

  /// Adds one byte.
  mutating func append(_ byte: UInt8) {
    checksum.add(byte)
    checksum.reduce()
    flushZeros()
    tokens.append(Token(literal: byte))
  }

  /// Adds so many zeros, in no time.
  mutating func appendZeros(_ count: Int) {
    checksum.addZeros(count)
    zeros += count
  }

  /// Adds bytes.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var position = 0
    while position < bytes.count {
      let zeros = Self.zeros(in: bytes, from: position)
      if zeros >= Self.shortestMatch {
        appendZeros(zeros)
        position += zeros
        continue
      }
      flushZeros()
      let start = position
      if let (length, distance) = Self.longestRepetition(in: bytes, at: position) {
        tokens.append(Token(length: length, distance: distance))
        position += length
      } else {
        tokens.append(Token(literal: bytes[position]))
        position += 1
      }
      for byte in bytes[start..<position] { checksum.add(byte) }
    }
    checksum.reduce()
  }

  /// How many zeros follow each other, eight at a time.
  private static func zeros(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var end = start
    while end + 8 <= bytes.count, bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self) == 0 {
      end += 8
    }
    while end < bytes.count, bytes[end] == 0 { end += 1 }
    return end - start
  }

  /// The longest match at a position; nil if none is worth it.
  private static func longestRepetition(
    in bytes: UnsafeRawBufferPointer, at position: Int
  ) -> (length: Int, distance: Int)? {
    guard position + shortestMatch <= bytes.count else { return nil }
    func fourBytes(_ start: Int) -> UInt32 {
      bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self)
    }
    let first = fourBytes(position)
    func length(at distance: Int) -> Int {
      guard position >= distance, first == fourBytes(position - distance) else { return 0 }
      var length = shortestMatch
      let most = min(longestMatch, bytes.count - position)
      while length < most, bytes[position + length] == bytes[position + length - distance] {
        length += 1
      }
      return length
    }
    let (near, far) = (length(at: 1), length(at: 3))
    if max(near, far) == 0 { return nil }
    return near >= far ? (near, 1) : (far, 3)
  }

  /// Writes waiting zeros: one, and repetitions of it.
  private mutating func flushZeros() {
    guard zeros > 0 else { return }
    tokens.append(Token(literal: 0))
    zeros -= 1
    while zeros >= Self.shortestMatch {
      let length = min(zeros, Self.longestMatch)
      tokens.append(Token(length: length, distance: 1))
      zeros -= length
    }
    for _ in 0..<zeros { tokens.append(Token(literal: 0)) }
    zeros = 0
  }

  /// Ends the stream and gives its bytes.
  mutating func finish() -> [UInt8] {
    flushZeros()
    checksum.reduce()
    var literalCounts = [Int](repeating: 0, count: 286)
    var distanceCounts = [Int](repeating: 0, count: 30)
    literalCounts[Self.endOfBlock] = 1
    for token in tokens {
      if let (length, distance) = token.match {
        literalCounts[Self.lengthCode(length).symbol] += 1
        distanceCounts[distance - 1] += 1  // distances 1 to 4 are symbols of their own
      } else {
        literalCounts[token.literal] += 1
      }
    }
    let literals = HuffmanCode(counts: literalCounts, longest: 15)
    let distances = HuffmanCode(counts: distanceCounts, longest: 15)
    var bits = BitWriter()
    bits.write(0x0178, count: 16)  // deflate, 32 KiB window, fastest
    bits.write(0b101, count: 3)  // the last block, with codes of its own
    writeCodes(literals, distances, to: &bits)
    for token in tokens {
      if let (length, distance) = token.match {
        let (symbol, extra, extraBits) = Self.lengthCode(length)
        literals.write(symbol, followedBy: extra, count: extraBits, to: &bits)
        distances.write(distance - 1, to: &bits)
      } else {
        literals.write(token.literal, to: &bits)
      }
    }
    literals.write(Self.endOfBlock, to: &bits)
    var bytes = bits.finish()
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: checksum.value >> UInt32(shift)))
    }
    return bytes
  }

  private static let endOfBlock = 256

  /// The symbol of a length from 3 to 258, with the bits that follow it.
  private static func lengthCode(_ length: Int) -> (symbol: Int, extra: Int, extraBits: Int) {
    if length == longestMatch { return (285, 0, 0) }
    let offset = length - 3
    if offset < 8 { return (257 + offset, 0, 0) }
    let extraBits = Int.bitWidth - offset.leadingZeroBitCount - 3
    let group = offset >> extraBits
    return (257 + 4 * extraBits + group, offset - group << extraBits, extraBits)
  }

  /// Writes the lengths of both codes, themselves in a code, without run lengths but for zeros.
  private func writeCodes(
    _ literals: HuffmanCode, _ distances: HuffmanCode, to bits: inout BitWriter
  ) {
    let lengths = literals.lengths + distances.lengths
    var symbols: [(symbol: Int, extra: Int, extraBits: Int)] = []
    var position = 0
    while position < lengths.count {
      var run = 0
      while run < 138, position + run < lengths.count, lengths[position + run] == 0 { run += 1 }
      switch run {
      case 0...2:
        symbols.append((lengths[position], 0, 0))
        position += 1
      case 3...10:
        symbols.append((17, run - 3, 3))
        position += run
      default:
        symbols.append((18, run - 11, 7))
        position += run
      }
    }
    var counts = [Int](repeating: 0, count: 19)
    for symbol in symbols { counts[symbol.symbol] += 1 }
    let code = HuffmanCode(counts: counts, longest: 7)
    bits.write(UInt64(literals.lengths.count - 257), count: 5)
    bits.write(UInt64(distances.lengths.count - 1), count: 5)
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    bits.write(UInt64(order.count - 4), count: 4)
    for symbol in order { bits.write(UInt64(code.lengths[symbol]), count: 3) }
    for (symbol, extra, extraBits) in symbols {
      code.write(symbol, followedBy: extra, count: extraBits, to: &bits)
    }
  }
}

/// A prefix code for the symbols 0, 1, …, short for the frequent ones (Huffman 1952).
private struct HuffmanCode {
  /// The number of bits of each symbol; 0 for one that does not occur.
  let lengths: [Int]
  private let codes: [UInt64]

  /// The best code, or nearly the best, with no symbol longer than `longest`.
  init(counts: [Int], longest: Int) {
    var counts = counts
    // A decoder wants a complete code: two symbols at the least.
    for symbol in 0..<2 where counts.count(where: { $0 > 0 }) < 2 && counts[symbol] == 0 {
      counts[symbol] = 1
    }
    var lengths = Self.lengths(for: counts)
    while lengths.contains(where: { $0 > longest }) {
      counts = counts.map { $0 == 0 ? 0 : $0 / 2 + 1 }
      lengths = Self.lengths(for: counts)
    }
    self.lengths = lengths
    codes = Self.canonicalCodes(lengths)
  }

  /// Writes a symbol and the bits that belong to it.
  func write(
    _ symbol: Int, followedBy extra: Int = 0, count: Int = 0, to bits: inout BitWriter
  ) {
    let length = lengths[symbol]
    bits.write(codes[symbol] | UInt64(extra) &<< UInt64(length), count: length + count)
  }

  /// Joins the two rarest trees until one is left; a symbol's length is its depth.
  private static func lengths(for counts: [Int]) -> [Int] {
    var parents = [Int](repeating: -1, count: counts.count)
    var trees = counts.indices.filter { counts[$0] > 0 }.map { (count: counts[$0], node: $0) }
    // Descending, ties by symbol, so that the code depends on the counts alone.
    trees.sort { ($0.count, $0.node) > ($1.count, $1.node) }
    while trees.count > 1 {
      let (a, b) = (trees.removeLast(), trees.removeLast())
      let joined = (count: a.count + b.count, node: parents.count)
      parents.append(-1)
      parents[a.node] = joined.node
      parents[b.node] = joined.node
      let index = trees.firstIndex { $0.count < joined.count } ?? trees.count
      trees.insert(joined, at: index)
    }
    var depths = [Int](repeating: 0, count: parents.count)
    for node in parents.indices.reversed() where parents[node] >= 0 {
      depths[node] = depths[parents[node]] + 1
    }
    return Array(depths[..<counts.count])
  }

  /// The codes that RFC 1951 derives from lengths, their bits reversed: the first one goes first.
  private static func canonicalCodes(_ lengths: [Int]) -> [UInt64] {
    var next: UInt64 = 0
    var codes = [UInt64](repeating: 0, count: lengths.count)
    for length in 1...15 {
      next <<= 1
      for symbol in lengths.indices where lengths[symbol] == length {
        codes[symbol] = (0..<length).reduce(0) { $0 << 1 | next >> UInt64($1) & 1 }
        next += 1
      }
    }
    return codes
  }
}

/// Packs bits into bytes, the lowest first.
private struct BitWriter {
  private var words: [UInt64] = []
  private var waiting: UInt64 = 0
  private var count = 0

  /// Writes `count` bits, 63 at most; those above are zeros.
  mutating func write(_ bits: UInt64, count: Int) {
    waiting |= bits << self.count
    self.count += count
    guard self.count >= 64 else { return }
    words.append(waiting.littleEndian)
    self.count -= 64
    waiting = bits >> (count - self.count)
  }

  /// The bytes; the last one is filled with zeros.
  consuming func finish() -> [UInt8] {
    words.append(waiting.littleEndian)
    let byteCount = 8 * (words.count - 1) + (count + 7) / 8
    return words.withUnsafeBytes { Array($0.prefix(byteCount)) }
  }
}

/// zlib's check sum: two sums modulo 65521.
private struct Adler32 {
  private var a: UInt64 = 1
  private var b: UInt64 = 0

  var value: UInt32 { UInt32(b) << 16 | UInt32(a) }

  mutating func add(_ byte: UInt8) {
    a &+= UInt64(byte)
    b &+= a
  }

  /// Zeros leave the first sum as it is, so that it is added to the second so many times.
  mutating func addZeros(_ count: Int) { b &+= a &* UInt64(count) }

  /// Takes the remainders, after each row: the sums of one row do not overflow.
  mutating func reduce() {
    a %= 65521
    b %= 65521
  }
}
