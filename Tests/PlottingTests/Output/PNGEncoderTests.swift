import CCairo
import Foundation
import Testing

@testable import Plotting

@Suite struct PNGEncoderTests {
  /// Pictures of every kind: rows that repeat, noise, pixels that repeat, single specks.
  private static let pictures: [(name: String, pixel: @Sendable (Int, Int) -> UInt32)] = [
    ("white", { _, _ in 0xFFFFFF }),
    ("black", { _, _ in 0 }),
    ("vertical stripes", { x, _ in x % 3 == 0 ? 0x1764D9 : 0xFFFFFF }),
    ("horizontal stripes", { _, y in y % 5 == 0 ? 0xE4E7EB : 0xFFFFFF }),
    ("gradient", { x, y in UInt32(x * 7 + y * 13) & 0xFFFFFF }),
    (
      "noise",
      { x, y in
        UInt32(truncatingIfNeeded: (x &* 73_856_093 ^ y &* 19_349_663) &* 83_492_791) & 0xFFFFFF
      }
    ),
    ("one speck", { x, y in x == 5 && y == 7 ? 0x123456 : 0xFFFFFF }),
    ("specks at the edges", { x, y in (x == 0 || x == 36) && y % 2 == 0 ? 0xC0392B : 0xFFFFFF }),
  ]

  /// The file of some pixels, encoded so many rows at a time.
  private func png(_ pixels: [UInt32], width: Int, rowsAtOnce: Int) -> [UInt8] {
    let height = pixels.count / width
    var encoder = PNGEncoder(width: width, height: height, dotsPerInch: 192)
    pixels.withUnsafeBytes { bytes in
      for row in stride(from: 0, to: height, by: rowsAtOnce) {
        encoder.append(
          UnsafeRawBufferPointer(rebasing: bytes[(4 * width * row)...]),
          rows: min(rowsAtOnce, height - row))
      }
    }
    return encoder.finish()
  }

  @Test(arguments: pictures.indices, [(1, 1), (37, 23), (300, 40)])
  func `a decoder reads back every pixel`(picture: Int, size: (Int, Int)) throws {
    let (width, height) = size
    let (name, pixel) = Self.pictures[picture]
    // The fourth byte is not part of the picture: junk there must not show.
    let pixels = (0..<height).flatMap { y in
      (0..<width).map { x in pixel(x, y) | UInt32(truncatingIfNeeded: x ^ y) << 24 }
    }
    let bytes = png(pixels, width: width, rowsAtOnce: height)
    for rows in [1, 2, 7] { #expect(png(pixels, width: width, rowsAtOnce: rows) == bytes) }
    let image = try DecodedPNG(bytes)
    #expect(image.width == width && image.height == height)
    #expect(image.pixels == pixels.map { $0 & 0xFFFFFF }, "\(name)")
  }

  @Test func `the resolution stands right after the header`() {
    let bytes = png([0xFFFF_FFFF], width: 1, rowsAtOnce: 1)
    let perMeter: [UInt8] = [0, 0, 0x1D, 0x87]  // 7559
    #expect(Array(bytes[37..<50]) == Array("pHYs".utf8) + perMeter + perMeter + [1])
  }
}

/// A PNG as cairo's own reader sees it.
struct DecodedPNG {
  let width: Int
  let height: Int
  /// 0xRRGGBB, row by row.
  let pixels: [UInt32]

  init(_ bytes: [UInt8]) throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("backprop-\(UUID().uuidString).png")
    try Data(bytes).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let surface = try #require(cairo_image_surface_create_from_png(file.path))
    defer { cairo_surface_destroy(surface) }
    try #require(cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
    let (width, height) = (
      Int(cairo_image_surface_get_width(surface)), Int(cairo_image_surface_get_height(surface))
    )
    let stride = Int(cairo_image_surface_get_stride(surface))
    let data = try #require(cairo_image_surface_get_data(surface))
    pixels = (0..<height).flatMap { y in
      (0..<width).map { x in
        UnsafeRawPointer(data + y * stride + 4 * x).load(as: UInt32.self) & 0xFFFFFF
      }
    }
    self.width = width
    self.height = height
  }

  subscript(x: Int, y: Int) -> UInt32 { pixels[y * width + x] }
}
