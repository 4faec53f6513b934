internal import CChecksum

extension Table {
  /// A number that tells the table from another: of the names and values of all columns that were read.
  ///
  /// It is a CRC-32C, and the same for equal tables however their files are written.
  public var checksum: UInt32 {
    var checksum: UInt32 = 0
    func add(_ bytes: UnsafeRawBufferPointer) {
      checksum = bp_crc32c(checksum, bytes.baseAddress, bytes.count)
    }
    for column in columns {
      Array("\(column.name)\0".utf8).withUnsafeBytes(add)
      switch column.content {
      case .numbers(let numbers): numbers.withUnsafeBytes(add)
      case .texts(let texts, _, _):
        texts.codes.withUnsafeBytes(add)
        for level in 0..<texts.levelCount {
          texts.withLevel(level) { add(UnsafeRawBufferPointer($0)) }
          Array("\0".utf8).withUnsafeBytes(add)
        }
      }
    }
    return checksum
  }
}

/// A number that tells bytes from others: their CRC-32C.
package func checksum(of bytes: [UInt8]) -> UInt32 { bp_crc32c(0, bytes, bytes.count) }
