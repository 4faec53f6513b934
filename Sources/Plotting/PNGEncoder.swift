/// Writes pictures as PNG (W3C Recommendation, third edition), quickly where rows repeat.
///
/// A plot's rows are mostly the row above: each row is filtered by that row (Up), so that what is
/// the same becomes zeros, and only the stretch that differs is looked at byte by byte.
struct PNGEncoder {
  let width: Int
  let height: Int
  let dotsPerInch: Double

  /// The file's bytes, from rows of 4 bytes a pixel: blue, green, red and one that is not read.
  func encode(_ pixels: UnsafeRawPointer, stride: Int) -> [UInt8] {
    var deflate = DeflateWriter()
    let rowBytes = 3 * width
    var filtered = [UInt8](repeating: 0, count: rowBytes)
    let blank = [UInt8](repeating: 0, count: stride)
    blank.withUnsafeBytes { blank in
      for row in 0..<height {
        let current = UnsafeRawBufferPointer(start: pixels + row * stride, count: stride)
        let above =
          row == 0
          ? blank
          : UnsafeRawBufferPointer(start: current.baseAddress.map { $0 - stride }, count: stride)
        deflate.append(Filter.up)
        guard let span = differingPixels(current, above) else {
          deflate.appendZeros(rowBytes)
          continue
        }
        deflate.appendZeros(3 * span.lowerBound)
        for (index, pixel) in span.enumerated() {
          for channel in 0..<3 {
            let byte = 4 * pixel + 2 - channel
            filtered[3 * index + channel] = current[byte] &- above[byte]
          }
        }
        deflate.append(filtered[..<(3 * span.count)])
        deflate.appendZeros(3 * (width - span.upperBound))
      }
    }
    let dotsPerMeter = UInt32((dotsPerInch / 0.0254).rounded())
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let eightBitRGB: [UInt8] = [8, 2, 0, 0, 0]
    append("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + eightBitRGB, to: &file)
    let perMeter: [UInt8] = [1]
    append("pHYs", bigEndian(dotsPerMeter) + bigEndian(dotsPerMeter) + perMeter, to: &file)
    append("IDAT", deflate.finish(), to: &file)
    append("IEND", [], to: &file)
    return file
  }

  private enum Filter {
    static let up: UInt8 = 2
  }

  /// The pixels from the first to the last that differ from the row above; nil if none does.
  private func differingPixels(
    _ row: UnsafeRawBufferPointer, _ above: UnsafeRawBufferPointer
  ) -> Range<Int>? {
    func differs(_ pixel: Int) -> Bool {
      row.loadUnaligned(fromByteOffset: 4 * pixel, as: UInt32.self) & 0xFFFFFF
        != above.loadUnaligned(fromByteOffset: 4 * pixel, as: UInt32.self) & 0xFFFFFF
    }
    var first = 0
    while first < width, !differs(first) { first += 1 }
    if first == width { return nil }
    var last = width - 1
    while !differs(last) { last -= 1 }
    return first..<last + 1
  }

  /// Adds a chunk: its length, type, data and check sum.
  private func append(_ type: StaticString, _ data: [UInt8], to file: inout [UInt8]) {
    file += bigEndian(UInt32(data.count))
    let start = file.count
    type.withUTF8Buffer { file += $0 }
    file += data
    file += bigEndian(CRC32.checksum(of: file[start...]))
  }
}

private func bigEndian(_ value: UInt32) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

/// The cyclic redundancy check of PNG's chunks (ISO 3309), a byte at a time.
private enum CRC32 {
  static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
    let table = (0..<256).map { byte in
      (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~bytes.reduce(~0) { value, byte in
      table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8
    }
  }
}
