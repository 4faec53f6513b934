/// Compresses a stream in which bytes and pixels repeat (DEFLATE, RFC 1951, in zlib's frame, RFC 1950).
///
/// Repetitions are looked for at distances 1 and 3 alone, which are a byte and a pixel of a filtered
/// picture. Codes are Huffman's, made for the whole stream.
struct DeflateWriter {
  /// What is written: a byte, or a repetition of what stood `distance` before.
  ///
  ///     0…255        the byte
  ///     256…514      256 + the length of a repetition at distance 1
  ///     768…1026     768 + the length of a repetition at distance 3
  private struct Token {
    let number: UInt16

    static let count = 1027
    static let distances = [1, 3]

    init(literal byte: UInt8) { number = UInt16(byte) }
    init(length: Int, distance: Int) {
      number = UInt16(truncatingIfNeeded: length + (distance == 1 ? 256 : 768))
    }
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
    var counts = [Int](repeating: 0, count: Token.count)
    for token in tokens { counts[Int(token.number)] += 1 }
    let (literals, distances) = Self.codes(for: counts)
    var bits = BitWriter()
    bits.write(Bits(0x0178, count: 16))  // deflate, 32 KiB window, fastest
    bits.write(Bits(0b101, count: 3))  // the last block, with codes of its own
    writeCodes(literals, distances, to: &bits)
    let words = Self.words(literals, distances)
    for token in tokens { bits.write(words[Int(token.number)]) }
    bits.write(literals[Self.endOfBlock])
    var bytes = bits.finish()
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: checksum.value >> UInt32(shift)))
    }
    return bytes
  }

  /// The codes for literals with lengths, and for distances, of tokens that occur so often.
  private static func codes(for counts: [Int]) -> (literals: HuffmanCode, distances: HuffmanCode) {
    var literalCounts = counts[..<256] + [Int](repeating: 0, count: 30)
    var distanceCounts = [Int](repeating: 0, count: 30)
    literalCounts[endOfBlock] = 1
    for distance in Token.distances {
      for length in shortestMatch...longestMatch {
        let count = counts[Int(Token(length: length, distance: distance).number)]
        literalCounts[lengthCode(length).symbol] += count
        distanceCounts[distance - 1] += count  // distances 1 to 4 are symbols of their own
      }
    }
    return (
      HuffmanCode(counts: Array(literalCounts), longest: 15),
      HuffmanCode(counts: distanceCounts, longest: 15)
    )
  }

  /// The bits of each token.
  private static func words(_ literals: HuffmanCode, _ distances: HuffmanCode) -> [Bits] {
    var words = (0..<Token.count).map { $0 < 256 ? literals[$0] : Bits(0, count: 0) }
    for distance in Token.distances {
      for length in shortestMatch...longestMatch {
        let (symbol, extra) = lengthCode(length)
        words[Int(Token(length: length, distance: distance).number)] =
          literals[symbol] + extra + distances[distance - 1]
      }
    }
    return words
  }

  private static let endOfBlock = 256

  /// The symbol of a length from 3 to 258, and the bits that follow it.
  private static func lengthCode(_ length: Int) -> (symbol: Int, extra: Bits) {
    if length == longestMatch { return (285, Bits(0, count: 0)) }
    let offset = length - 3
    if offset < 8 { return (257 + offset, Bits(0, count: 0)) }
    let extraBits = Int.bitWidth - offset.leadingZeroBitCount - 3
    let group = offset >> extraBits
    return (257 + 4 * extraBits + group, Bits(offset - group << extraBits, count: extraBits))
  }

  /// Writes the lengths of both codes, themselves in a code, without run lengths but for zeros.
  private func writeCodes(
    _ literals: HuffmanCode, _ distances: HuffmanCode, to bits: inout BitWriter
  ) {
    let lengths = literals.lengths + distances.lengths
    var symbols: [(symbol: Int, extra: Bits)] = []
    var position = 0
    while position < lengths.count {
      var run = 0
      while run < 138, position + run < lengths.count, lengths[position + run] == 0 { run += 1 }
      switch run {
      case 0...2:
        symbols.append((lengths[position], Bits(0, count: 0)))
        position += 1
      case 3...10:
        symbols.append((17, Bits(run - 3, count: 3)))
        position += run
      default:
        symbols.append((18, Bits(run - 11, count: 7)))
        position += run
      }
    }
    var counts = [Int](repeating: 0, count: 19)
    for symbol in symbols { counts[symbol.symbol] += 1 }
    let code = HuffmanCode(counts: counts, longest: 7)
    bits.write(Bits(literals.lengths.count - 257, count: 5))
    bits.write(Bits(distances.lengths.count - 1, count: 5))
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    bits.write(Bits(order.count - 4, count: 4))
    for symbol in order { bits.write(Bits(code.lengths[symbol], count: 3)) }
    for (symbol, extra) in symbols { bits.write(code[symbol] + extra) }
  }
}

/// A prefix code for the symbols 0, 1, …, short for the frequent ones (Huffman 1952).
private struct HuffmanCode {
  /// The number of bits of each symbol; 0 for one that does not occur.
  let lengths: [Int]
  private let codes: [Int]

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

  /// The bits of a symbol.
  subscript(symbol: Int) -> Bits { Bits(codes[symbol], count: lengths[symbol]) }

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
  private static func canonicalCodes(_ lengths: [Int]) -> [Int] {
    var next = 0
    var codes = [Int](repeating: 0, count: lengths.count)
    for length in 1...15 {
      next <<= 1
      for symbol in lengths.indices where lengths[symbol] == length {
        codes[symbol] = (0..<length).reduce(0) { $0 << 1 | next >> $1 & 1 }
        next += 1
      }
    }
    return codes
  }
}

/// Some bits, 63 at most, of which the lowest goes first.
private struct Bits {
  let value: UInt64
  let count: Int

  init(_ value: Int, count: Int) {
    self.value = UInt64(value)
    self.count = count
  }

  private init(value: UInt64, count: Int) {
    self.value = value
    self.count = count
  }

  /// The bits of `a`, then those of `b`.
  static func + (a: Bits, b: Bits) -> Bits {
    Bits(value: a.value | b.value << a.count, count: a.count + b.count)
  }
}

/// Packs bits into bytes, the lowest first.
private struct BitWriter {
  private var words: [UInt64] = []
  private var waiting: UInt64 = 0
  private var count = 0

  mutating func write(_ bits: Bits) {
    waiting |= bits.value &<< count
    count &+= bits.count
    guard count >= 64 else { return }
    words.append(waiting.littleEndian)
    count &-= 64
    waiting = bits.value >> (bits.count &- count)
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

  var value: UInt32 { UInt32(b % 65521) << 16 | UInt32(a % 65521) }

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
