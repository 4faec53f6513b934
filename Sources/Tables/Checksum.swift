internal import CChecksum

/// The CRC-32C of the bytes that were added, by which they are told from others.
package struct Checksum: Hashable, Sendable {
  /// The sum, 0 of no bytes.
  package private(set) var value: UInt32 = 0

  /// That of no bytes.
  package init() {}

  /// That of some bytes.
  package init(_ bytes: [UInt8]) { add(bytes) }

  /// Adds bytes to those before.
  package mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    value = bp_crc32c(value, bytes.baseAddress, bytes.count)
  }

  /// The sum in eight hexadecimal digits.
  package var digits: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
