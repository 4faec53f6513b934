import CChecksum
import Models
import Testing

@Suite struct ChecksumTests {
  @Test func `the sum of the digits 1 to 9 is the one that catalogues of checksums give`() {
    #expect(bp_crc32c(0, "123456789", 9) == 0xE306_9283)
    #expect(bp_crc32c_portable(0, "123456789", 9) == 0xE306_9283)
    #expect(bp_crc32c(0, "", 0) == 0)
  }

  @Test func `the processor's instruction gives the sum of the table, in one piece or in two`() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * $0 + $0 / 7) }
    for start in 0..<9 {
      for end in stride(from: start, to: bytes.count, by: 13) {
        let part = Array(bytes[start..<end])
        let sum = bp_crc32c_portable(0, part, part.count)
        #expect(bp_crc32c(0, part, part.count) == sum)
        let half = part.count / 2
        #expect(bp_crc32c(bp_crc32c(0, part, half), Array(part[half...]), part.count - half) == sum)
      }
    }
  }

  private var content: Safetensors {
    Safetensors(
      tensors: [
        "w": .init(shape: [2], [1, -2] as [Float]), "n": .init(shape: [], [7] as [Int64]),
      ], metadata: ["model": "a*x\n+ b", "é": "\u{1}"])
  }

  @Test func `a file with a checksum is read, and keeps it`() throws {
    let signed = try content.withChecksum()
    #expect(signed.metadata["checksum"] == (try content.checksum()))
    #expect(try signed.checksum() == content.checksum())
    #expect(try signed.withChecksum() == signed)
    #expect(try Safetensors(reading: signed.serialized()) == signed)
    // The sum of a small file is this one, and that of the same bytes.
    let bytes = try content.serialized()
    #expect(
      try content.checksum() == "crc32c:" + String(bp_crc32c(0, bytes, bytes.count), radix: 16))
  }

  @Test func `a wrong checksum is an error, whatever it looks like`() throws {
    for text in ["", "crc32c:00000000", "crc32c:", "sha256:0", "\u{202E}"] {
      var file = content
      file.metadata["checksum"] = text
      let found = try file.checksum()
      let bytes = try file.serialized()
      let error = #expect(throws: SafetensorsError.self) { try Safetensors(reading: bytes) }
      #expect(error?.reason == .checksum(found: found, expected: text))
      #expect(error?.description.hasPrefix("the file is damaged: ") == true)
    }
  }

  @Test func `a file that another program has spelled in other words keeps its checksum`() throws {
    let header = String(
      decoding: try content.withChecksum().serialized().dropFirst(8), as: UTF8.self)
    let end = try #require(header.lastIndex(of: "}"))
    let data = try content.serialized().suffix(16)
    let other = header[...end].replacing("{", with: " {\n ").replacing("model", with: "m\\u006Fdel")
      .drop { $0 == " " }
    let length = withUnsafeBytes(of: UInt64(other.utf8.count).littleEndian, Array.init)
    let read = try Safetensors(reading: length + Array(other.utf8) + data)
    #expect(try read == content.withChecksum())
  }

  @Test func `no bit can change without notice`() throws {
    let signed = try content.withChecksum()
    let bytes = try signed.serialized()
    var unnoticed: Set<Safetensors> = []
    for index in bytes.indices {
      for bit in 0..<8 {
        var spoilt = bytes
        spoilt[index] ^= 1 << UInt8(bit)
        if let read = try? Safetensors(reading: spoilt) { unnoticed.insert(read) }
      }
    }
    // Another word for the checksum makes a file that has none, and everything else.
    #expect(!unnoticed.isEmpty)
    for file in unnoticed {
      #expect(file.tensors == content.tensors)
      #expect(
        file.metadata.filter { $0.value.hasPrefix("crc32c:") }.values.first
          == signed.metadata["checksum"])
      #expect(file.metadata.filter { !$0.value.hasPrefix("crc32c:") } == content.metadata)
    }
  }
}
