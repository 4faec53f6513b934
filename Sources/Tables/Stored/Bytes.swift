/// Bytes ended too early, or make no sense.
package struct BytesEnd: Error {
  /// To be thrown by whoever makes no sense of bytes.
  package init() {}
}

/// What can be written to bytes and read from them again, be it by another process on a machine of the same kind.
package protocol ByteCodable {
  /// Appends the value.
  func write(to bytes: inout ByteWriter)
  /// Reads the next value.
  init(from bytes: inout ByteReader) throws(BytesEnd)
}

/// Values on their way into bytes.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func put(_ number: Int) {
    withUnsafeBytes(of: Int64(number)) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ byte: UInt8) { bytes.append(byte) }

  package mutating func put(text: some Collection<UInt8>) {
    put(text.count)
    bytes += text
  }

  mutating func put<Value: BitwiseCopyable>(_ values: [Value]) {
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  /// How many values there are, and each.
  mutating func put<Values: Sequence>(
    _ values: Values, _ body: (inout ByteWriter, Values.Element) -> Void
  ) {
    let all = Array(values)
    put(all.count)
    for value in all { body(&self, value) }
  }
}

/// Values on their way out of bytes.
package struct ByteReader {
  private let source: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8]) { source = bytes }

  /// Whether all bytes have been read.
  package var isAtEnd: Bool { position == source.count }

  mutating func values<Value: BitwiseCopyable>(
    _ count: Int, as _: Value.Type = Value.self
  ) throws(BytesEnd) -> [Value] {
    let stride = MemoryLayout<Value>.stride
    guard count >= 0, count <= (source.count - position) / stride else { throw BytesEnd() }
    let found = [Value](unsafeUninitializedCapacity: count) { values, filled in
      source.withUnsafeBytes { source in
        UnsafeMutableRawBufferPointer(values).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[position..<position + count * stride]))
      }
      filled = count
    }
    position += count * stride
    return found
  }

  mutating func value() throws(BytesEnd) -> UInt8 { try values(1)[0] }

  package mutating func integer() throws(BytesEnd) -> Int {
    Int(try values(1, as: Int64.self)[0])
  }

  mutating func integers(_ count: Int) throws(BytesEnd) -> [Int] {
    try values(count, as: Int64.self).map { Int($0) }
  }

  package mutating func bytes() throws(BytesEnd) -> [UInt8] { try values(try integer()) }

  package mutating func text() throws(BytesEnd) -> String {
    String(decoding: try bytes(), as: UTF8.self)
  }

  mutating func list<Value>(
    _ body: (inout ByteReader) throws(BytesEnd) -> Value
  ) throws(BytesEnd) -> [Value] {
    let count = try integer()
    guard count >= 0, count <= source.count - position else { throw BytesEnd() }
    var values: [Value] = []
    for _ in 0..<count { values.append(try body(&self)) }
    return values
  }
}

extension Int: ByteCodable {
  package func write(to bytes: inout ByteWriter) { bytes.put(self) }
  package init(from bytes: inout ByteReader) throws(BytesEnd) { self = try bytes.integer() }
}

extension Double: ByteCodable {
  package func write(to bytes: inout ByteWriter) { bytes.put([self]) }
  package init(from bytes: inout ByteReader) throws(BytesEnd) { self = try bytes.values(1)[0] }
}

extension Array: ByteCodable where Element: ByteCodable {
  package func write(to bytes: inout ByteWriter) {
    bytes.put(self) { bytes, element in element.write(to: &bytes) }
  }

  package init(from bytes: inout ByteReader) throws(BytesEnd) {
    self = try bytes.list { bytes throws(BytesEnd) in try Element(from: &bytes) }
  }
}

extension Optional: ByteCodable where Wrapped: ByteCodable {
  package func write(to bytes: inout ByteWriter) { Array(self).write(to: &bytes) }

  package init(from bytes: inout ByteReader) throws(BytesEnd) {
    self = try [Wrapped](from: &bytes).first
  }
}

extension Array {
  /// The value, if there is one.
  fileprivate init(_ value: Element?) { self = value.map { [$0] } ?? [] }
}
