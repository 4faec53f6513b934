/// A message of Protocol Buffers, which is built field by field.
struct Protobuf {
  private(set) var bytes: [UInt8] = []

  /// A whole number.
  mutating func add(_ field: Int, _ value: Int) {
    appendVarint(UInt64(field) << 3)
    appendVarint(UInt64(bitPattern: Int64(value)))
  }

  /// Bytes, a packed list, or a message.
  mutating func add(_ field: Int, _ content: [UInt8]) {
    appendVarint(UInt64(field) << 3 | 2)
    appendVarint(UInt64(content.count))
    bytes += content
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: Int, _ message: Protobuf) { add(field, message.bytes) }

  /// A float32.
  mutating func add(_ field: Int, _ value: Float) {
    appendVarint(UInt64(field) << 3 | 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
