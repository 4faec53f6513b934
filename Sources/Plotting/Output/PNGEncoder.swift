internal import Glibc

/// Writes pictures as PNG (W3C Recommendation, third edition), quickly where rows repeat.
///
/// A plot's rows are mostly the row above: each row is filtered by that row (Up), so that what is
/// the same becomes zeros, and only the stretch that differs is looked at byte by byte.
struct PNGEncoder {
  private let width: Int
  private let height: Int
  private let dotsPerInch: Double
  private var deflate = DeflateWriter()
  /// The last row that was added; before the first, PNG thinks of a row of zeros.
  private var lastRow: [UInt8]

  init(width: Int, height: Int, dotsPerInch: Double) {
    self.width = width
    self.height = height
    self.dotsPerInch = dotsPerInch
    lastRow = [UInt8](repeating: 0, count: 4 * width)
  }

  /// Adds the next rows, the first of `pixels`, which have 4 bytes: blue, green, red and one that is not
  /// read.
  mutating func append(_ pixels: UnsafeRawBufferPointer, rows: Int) {
    precondition(pixels.count >= 4 * width * rows, "there are as many pixels as the rows have")
    guard rows > 0, let pixels = pixels.baseAddress else { return }
    let lastRow = lastRow
    lastRow.withUnsafeBytes { lastRow in
      withUnsafeTemporaryAllocation(byteCount: 3 * width + 2, alignment: 8) { filtered in
        for row in 0..<rows {
          let current = pixels + 4 * width * row
          guard let above = row > 0 ? current - 4 * width : lastRow.baseAddress else { return }
          deflate.append(Filter.up)
          let span = differingPixels(current, above)
          deflate.appendZeros(3 * span.lowerBound)
          filter(current, above, span, into: filtered)
          deflate.append(UnsafeRawBufferPointer(rebasing: filtered[..<(3 * span.count)]))
          deflate.appendZeros(3 * (width - span.upperBound))
        }
      }
    }
    self.lastRow = Array(
      UnsafeRawBufferPointer(start: pixels + 4 * width * (rows - 1), count: 4 * width))
  }

  /// The bytes of the file, when all rows have been added.
  mutating func finish() -> [UInt8] {
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

  /// The pixels from the first to the last that differ from the row above.
  private func differingPixels(_ row: UnsafeRawPointer, _ above: UnsafeRawPointer) -> Range<Int> {
    func areSame(_ pixel: Int, count: Int) -> Bool {
      memcmp(row + 4 * pixel, above + 4 * pixel, 4 * count) == 0
    }
    if areSame(0, count: width) { return 0..<0 }
    var (first, end) = (0, width)
    // By large strides first, then by small ones.
    for count in [64, 8, 1] {
      while first + count <= width, areSame(first, count: count) { first += count }
      while end - count > first, areSame(end - count, count: count) { end -= count }
    }
    return first..<end
  }

  /// What is to be added to the row above to get this one, as red, green and blue.
  ///
  ///     a pixel          blue  green  red  unread
  ///     bytes swapped    unread  red  green  blue
  ///     shifted          red  green  blue  0         the next pixel is written over the 0
  private func filter(
    _ row: UnsafeRawPointer, _ above: UnsafeRawPointer, _ span: Range<Int>,
    into filtered: UnsafeMutableRawBufferPointer
  ) {
    var (pixel, out) = (span.lowerBound, 0)
    while pixel < span.upperBound {
      let isPair = pixel + 2 <= span.upperBound
      if isPair, load(row, pixel, as: UInt64.self) == load(above, pixel, as: UInt64.self) {
        filtered.storeBytes(of: 0, toByteOffset: out, as: UInt64.self)
        (pixel, out) = (pixel + 2, out + 6)
      } else {
        let difference = load(row, pixel, as: UInt32.self)
          .bytewiseSubtracting(load(above, pixel, as: UInt32.self))
        filtered.storeBytes(of: difference.byteSwapped >> 8, toByteOffset: out, as: UInt32.self)
        (pixel, out) = (pixel + 1, out + 3)
      }
    }
  }

  /// One or two pixels as a number.
  private func load<Pixels: FixedWidthInteger>(
    _ row: UnsafeRawPointer, _ pixel: Int, as type: Pixels.Type
  ) -> Pixels {
    Pixels(littleEndian: row.loadUnaligned(fromByteOffset: 4 * pixel, as: type))
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

extension UInt32 {
  /// The differences of the four bytes, each modulo 256: no byte borrows from its neighbour.
  fileprivate func bytewiseSubtracting(_ other: UInt32) -> UInt32 {
    let tops: UInt32 = 0x8080_8080
    return ((self | tops) &- (other & ~tops)) ^ ((self ^ ~other) & tops)
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
