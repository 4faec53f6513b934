import Models
import Testing

@Suite struct SafetensorsTests {
  /// A file of a header and so many zeros of data.
  func file(_ header: String, data: Int = 0) -> [UInt8] {
    file(Array(header.utf8)) + [UInt8](repeating: 0, count: data)
  }

  func file(_ header: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header
  }

  func failure(_ bytes: [UInt8]) -> SafetensorsError? {
    #expect(throws: SafetensorsError.self) { try Safetensors(reading: bytes) }
  }

  /// A tensor of every type, with a name or a text that needs care here and there.
  var everything: Safetensors {
    var file = Safetensors(metadata: ["formula": "w*x\n+ \"b\"\\", "é\u{2028}\u{1}😀": "", "": "/"])
    for (index, element) in Safetensors.Element.allCases.enumerated() {
      let bytes = (0..<(6 * element.byteCount)).map { UInt8(truncatingIfNeeded: 37 * $0 + index) }
      file.tensors["\(element)"] = .init(element, shape: [2, 3], bytes: bytes)
    }
    file.tensors["tab\tüber"] = .init(.float16, shape: [], bytes: [1, 2])
    file.tensors[""] = .init(.int32, shape: [4, 0], bytes: [])
    return file
  }

  // MARK: What is written

  @Test func `a small file is these bytes`() throws {
    let small = Safetensors(
      tensors: [
        "b": .init(shape: [], [-2] as [Float]), "a": .init(shape: [2], [1, -0.0] as [Float]),
      ], metadata: ["m": "1"])
    let header =
      #"{"__metadata__":{"m":"1"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}    "#
    #expect(header.utf8.count == 0x88)
    let expected: [UInt8] =
      [0x88, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
      + [0, 0, 0x80, 0x3F, 0, 0, 0, 0x80, 0, 0, 0, 0xC0]
    #expect(try small.serialized() == expected)
    #expect(try Safetensors(reading: expected) == small)
  }

  @Test func `nothing at all is a header without entries`() throws {
    #expect(try Safetensors().serialized() == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
  }

  @Test func `larger elements come first, then names in the order of their bytes`() throws {
    var file = Safetensors()
    file.tensors["z"] = .init(shape: [1], [1] as [Double])
    for name in ["b", "\u{E000}", "😀", "a", "B"] {
      file.tensors[name] = .init(shape: [1], [1] as [Float])
    }
    file.tensors["c"] = .init(shape: [1], [1] as [Int64])
    file.tensors["0"] = .init(shape: [1], [1] as [UInt8])
    #expect(file.names == ["c", "z", "B", "a", "b", "\u{E000}", "😀", "0"])
  }

  @Test func `control characters, quotes and backslashes are escaped, and nothing else`() throws {
    let text = "\u{8}\t\n\u{C}\r\0\u{1F}\u{7F}\"\\/é\u{2028}😀"
    let bytes = try Safetensors(metadata: ["k": text]).serialized()
    let escaped = #"\b\t\n\f\r\u0000\u001f"# + "\u{7F}" + #"\"\\/"# + "é\u{2028}😀"
    #expect(
      String(decoding: bytes.dropFirst(8), as: UTF8.self)
        .hasPrefix(#"{"__metadata__":{"k":""# + escaped + #""}}"#))
    #expect(try Safetensors(reading: bytes).metadata == ["k": text])
  }

  @Test func `the data begin at a multiple of 8, whatever the header's length`() throws {
    for length in 0..<16 {
      let name = String(repeating: "n", count: length)
      let bytes = try Safetensors(tensors: [name: .init(shape: [1], [7] as [UInt8])]).serialized()
      #expect(bytes.count % 8 == 1)
      #expect(bytes.last == 7)
    }
  }

  @Test func `a tensor cannot be called as the metadata are`() {
    let file = Safetensors(tensors: ["__metadata__": .init(shape: [1], [7] as [UInt8])])
    let error = #expect(throws: SafetensorsError.self) { try file.serialized() }
    #expect(error?.reason == .reservedName)
    #expect(error?.tensor == "__metadata__")
  }

  // MARK: What is read

  @Test func `every type survives a round trip`() throws {
    let bytes = try everything.serialized()
    let again = try Safetensors(reading: bytes)
    #expect(again == everything)
    #expect(try again.serialized() == bytes)
  }

  @Test func `values keep every bit`() throws {
    let floats: [UInt32] = [0, 1 << 31, 1, 0x007F_FFFF, 0x7F80_0000, 0x7FC0_1234, 0xFFA0_0001]
    let doubles: [UInt64] = [1 << 63, 1, 0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_1234, ~0]
    var file = Safetensors()
    file.tensors["f"] = .init(shape: [7], floats.map(Float.init(bitPattern:)))
    file.tensors["d"] = .init(shape: [5, 1], doubles.map(Double.init(bitPattern:)))
    file.tensors["i"] = .init(shape: [3], [.min, -1, .max] as [Int64])
    file.tensors["u"] = .init(shape: [1, 2], [0, 255] as [UInt8])
    let read = try Safetensors(reading: file.serialized()).tensors
    #expect(read["f"]?.floats?.map(\.bitPattern) == floats)
    #expect(read["d"]?.doubles?.map(\.bitPattern) == doubles)
    #expect(read["i"]?.int64s == [.min, -1, .max])
    #expect(read["u"]?.uint8s == [0, 255])
    #expect(read["d"]?.shape == [5, 1])
    #expect(read["d"]?.floats == nil)
    #expect(read["f"]?.int64s == nil)
    #expect(read["f"]?.uint8s == nil)
  }

  @Test(
    arguments: [
      (.uint8, [0, 255], [0, 255]), (.int8, [1, 0xFF], [1, -1]),
      (.int16, [0, 0x80], [-32768]), (.uint16, [0, 0x80], [32768]),
      (.float16, [0, 0x3E, 1, 0, 0xFF, 0xFB], [1.5, 0x1p-24, -65504]),
      (.bfloat16, [0xC0, 0xBF, 1, 0], [-1.5, 0x1p-133]),
      (.int32, [0xFE, 0xFF, 0xFF, 0xFF], [-2]),
      (.uint32, [0xFE, 0xFF, 0xFF, 0xFF], [4_294_967_294]),
      (.float32, [1, 0, 0, 0, 0xCD, 0xCC, 0xCC, 0x3D], [0x1p-149, Double(0.1 as Float)]),
      (.float64, [0x9A, 0x99, 0x99, 0x99, 0x99, 0x99, 0xB9, 0x3F], [0.1]),
      (.int64, [0, 0, 0, 0, 0, 0, 0, 0x80], [-0x1p63]), (.int64, [1, 0, 0, 0, 0, 0, 0x20, 0], nil),
      (.uint64, [0, 0, 0, 0, 0, 0, 0, 0x80], [0x1p63]),
      (.uint64, [255, 255, 255, 255, 255, 255, 255, 255], nil), (.bool, [1], nil),
    ] as [(Safetensors.Element, [UInt8], [Double]?)])
  func `numbers become doubles where that is exact`(
    element: Safetensors.Element, bytes: [UInt8], expected: [Double]?
  ) {
    let count = bytes.count / element.byteCount
    let tensor = Safetensors.Tensor(element, shape: [count], bytes: bytes)
    #expect(tensor.doubles == expected)
    #expect(tensor.count == count)
  }

  @Test func `entries may stand in any order, with spaces and without padding`() throws {
    let header =
      " \n{ \"late\" : {\"data_offsets\":[1 , 3],\"shape\":[ 2],\t\"dtype\":\"U8\"},\r\n"
      + #" "none":{"dtype":"F64","shape":[3,0],"data_offsets":[1,1]} ,"#
      + #""\u0065arl\u0079 \ud83d\ude00":{"dtype":"BOOL","shape":[1,1],"data_offsets":[0,1]}}"#
    let trimmed = String(header.drop { $0.isWhitespace })
    let read = try Safetensors(reading: file(trimmed) + [1, 2, 3])
    #expect(read.names == ["none", "late", "early 😀"])
    #expect(read.tensors["late"]?.uint8s == [2, 3])
    #expect(read.tensors["early 😀"]?.bytes == [1])
    #expect(read.metadata.isEmpty)
    #expect(failure(file(header, data: 3))?.reason == .noHeader)
  }
}
