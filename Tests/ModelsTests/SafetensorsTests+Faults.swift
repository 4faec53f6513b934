import Models
import Testing

extension SafetensorsTests {
  @Test(
    arguments: [
      ([], .empty), ([9, 0, 0], .tooShort(byteCount: 3)),
      ([0, 0, 0, 0, 0, 0, 0, 0], .noHeader), ([1, 0, 0, 0, 0, 0, 0, 0, 0x5B], .noHeader),
      ([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], .headerCutShort(length: 3, available: 2)),
      ([1, 0xE1, 0xF5, 5, 0, 0, 0, 0, 0x7B], .headerTooLong(100_000_001)),
      ([0, 0xE1, 0xF5, 5, 0, 0, 0, 0], .headerCutShort(length: 100_000_000, available: 0)),
      ([255, 255, 255, 255, 255, 255, 255, 255], .headerTooLong(.max)),
      (Array("x,y\n".utf8), .otherFormat("text")),
      (Array("x,y\n1,2\n2,4\n".utf8), .otherFormat("text")),
      (Array("{\"a\":[1,2]}".utf8), .otherFormat("text")),
      (Array("PK\u{3}\u{4}\0\0\0\0\0\0\0".utf8), .otherFormat("a zip archive, as PyTorch writes")),
      ([0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9], .otherFormat("a pickle of Python")),
      ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], .otherFormat("a gzip file")),
      ([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10], .otherFormat("an HDF5 file")),
      ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0], .otherFormat("a NumPy array")),
    ] as [([UInt8], SafetensorsError.Reason)])
  func `what is no safetensors file is called what it is`(
    bytes: [UInt8], reason: SafetensorsError.Reason
  ) {
    #expect(failure(bytes)?.reason == reason)
  }

  @Test(
    arguments: [
      ("{", .expected("a text in double quotes"), 1), ("{}}", .textAfterEnd, 2),
      ("{}\0", .textAfterEnd, 2), ("{a", .expected("a text in double quotes"), 1),
      (#"{"a"}"#, .expected("':'"), 4), (#"{"a":1}"#, .expected("'{'"), 5),
      (#"{"a":null}"#, .expected("'{'"), 5), (#"{"a":{},}"#, .missingField("dtype"), 7),
      (#"{"__metadata__":{},}"#, .expected("a text in double quotes"), 19),
      (#"{"__metadata__":{} "#, .expected("',' or '}'"), 19),
      (#"{"__metadata__":null}"#, .expected("'{'"), 16),
      (#"{"__metadata__":{"k":1}}"#, .expected("a text in double quotes"), 21),
      (#"{"__metadata__":{"k":"1","k":"2"}}"#, .duplicateName("k"), 25),
      (#"{"__metadata__":{},"__metadata__":{}}"#, .duplicateName("__metadata__"), 19),
      (#"{"ab"#, .unclosedText, 1), ("{\"a\n\"", .controlCharacter, 3),
      (#"{"\x"}"#, .invalidEscape, 2), (#"{"\"#, .invalidEscape, 2),
      (#"{"\u12"}"#, .invalidEscape, 2), (#"{"\u+123"}"#, .invalidEscape, 2),
      (#"{"\ud83d"}"#, .invalidEscape, 2), (#"{"\ud83d\n"}"#, .invalidEscape, 2),
      (#"{"\ude00"}"#, .invalidEscape, 2),
    ] as [(String, SafetensorsError.Reason, Int)])
  func `a header that is not the format's JSON is an error at its byte`(
    header: String, reason: SafetensorsError.Reason, offset: Int
  ) {
    let error = failure(file(header))
    #expect(error?.reason == reason)
    #expect(error?.offset == 8 + offset)
  }

  @Test(
    arguments: [
      (#""shape":[1],"data_offsets":[0,4]"#, .missingField("dtype")),
      (#""dtype":"F32","data_offsets":[0,4]"#, .missingField("shape")),
      (#""dtype":"F32","shape":[1]"#, .missingField("data_offsets")),
      (#""dtype":"F32","dtype":"F32""#, .duplicateName("dtype")),
      (#""dtype":"F32","stride":[1]"#, .unknownField("stride")),
      (#""dtype":"F31""#, .unknownElement("F31")), (#""dtype":"f32""#, .unknownElement("f32")),
      (#""dtype":32"#, .expected("a text in double quotes")),
      (#""shape":4"#, .expected("'['")), (#""shape":[1,]"#, .expected("a whole number")),
      (#""shape":["1"]"#, .expected("a whole number")), (#""shape":[1"#, .expected("',' or ']'")),
      (#""shape":[-1]"#, .notACount("-1")), (#""shape":[-0]"#, .notACount("-0")),
      (#""shape":[1.0]"#, .notACount("1.0")), (#""shape":[1e0]"#, .notACount("1e0")),
      (#""shape":[+1]"#, .notACount("+1")), (#""shape":[01]"#, .notACount("01")),
      (#""shape":[9223372036854775808]"#, .notACount("9223372036854775808")),
      (#""dtype":"F32","shape":[1],"data_offsets":[4]"#, .offsetCount(1)),
      (#""dtype":"F32","shape":[1],"data_offsets":[0,4,8]"#, .offsetCount(3)),
      (#""dtype":"F32","shape":[1],"data_offsets":[4,0]"#, .offsetsReversed(begin: 4, end: 0)),
      (#""dtype":"F32","shape":[2],"data_offsets":[0,4]"#, .size(found: 4, expected: 8)),
      (#""dtype":"F64","shape":[],"data_offsets":[0,4]"#, .size(found: 4, expected: 8)),
      (#""dtype":"F32","shape":[0],"data_offsets":[0,4]"#, .size(found: 4, expected: 0)),
      (#""dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]"#, .tooManyElements),
      (#""dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]"#, .tooManyElements),
      (#""dtype":"F32","shape":[2],"data_offsets":[0,8]"#, .dataCutShort(end: 8, available: 4)),
      (#""dtype":"U8","shape":[3],"data_offsets":[1,4]"#, .gap(0..<1)),
      (
        #""dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]"#,
        .dataCutShort(end: .max, available: 4)
      ),
    ] as [(String, SafetensorsError.Reason)])
  func `a faulty entry is an error that names its tensor`(
    entry: String, reason: SafetensorsError.Reason
  ) {
    let error = failure(file("{\"w\":{\(entry)}}", data: 4))
    #expect(error?.reason == reason)
    #expect(error?.tensor == "w")
  }

  @Test func `tensors must fill the data without gap, overlap and rest`() {
    func error(_ first: String, _ second: String, data: Int) -> SafetensorsError? {
      let entries = [("a", first), ("b", second)].map { name, fields in
        "\"\(name)\":{\"dtype\":\"U8\",\(fields)}"
      }
      return failure(file("{\(entries.joined(separator: ","))}", data: data))
    }
    let two = #""shape":[2],"data_offsets":[0,2]"#
    let gap = error(#""shape":[2],"data_offsets":[3,5]"#, two, data: 5)
    #expect(gap?.reason == .gap(2..<3))
    #expect(gap?.tensor == "a")
    let overlap = error(two, #""shape":[3],"data_offsets":[1,4]"#, data: 4)
    #expect(overlap?.reason == .overlap(begin: 1, previousEnd: 2))
    #expect(overlap?.tensor == "b")
    #expect(error(two, two, data: 4)?.reason == .overlap(begin: 0, previousEnd: 2))
    #expect(error(two, two, data: 2)?.reason == .overlap(begin: 0, previousEnd: 2))
    let rest = error(two, #""shape":[1],"data_offsets":[2,3]"#, data: 7)
    #expect(rest?.reason == .bytesLeftOver(4))
    #expect(rest?.tensor == nil)
  }

  @Test func `two tensors of one name, one spelled with an escape, are an error`() {
    let entry = #"{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
    #expect(failure(file(#"{"a":\#(entry),"\u0061":\#(entry)}"#))?.reason == .duplicateName("a"))
  }

  @Test(arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x9F]] as [[UInt8]])
  func `a text that is not UTF-8 is an error`(text: [UInt8]) {
    let header = Array("{\"".utf8) + text + Array("\":{}}".utf8)
    let error = failure(file(header))
    #expect(error?.reason == .invalidUTF8)
    #expect(error?.offset == 9)
  }

  @Test(arguments: [#"{"a":"#, "[", #"{"__metadata__":{"a":"#])
  func `deep nesting is an error like any other`(opening: String) {
    let deep = #"{"a":"# + String(repeating: opening, count: 100_000)
    #expect(failure(file(deep)) != nil)
  }

  @Test func `an error is one sentence that says where and what`() {
    let header = "{\"w\\n\\u202e\":{\"dtype\":\"F32\",\"shape\":[-1]}}"
    #expect(
      failure(file(header))?.description
        == #"tensor 'w\n\u{202E}', byte 45: '-1' is not a whole number from 0 to 9223372036854775807"#
    )
    #expect(
      failure(file("{}", data: 1))?.description
        == "byte 10: the file has 1 byte too many after the last tensor")
    #expect(
      failure(Array("x,y\n1,2\n".utf8))?.description
        == "this is text, not a safetensors file")
  }

  // MARK: Chance

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `a spoiled file is an error or a content like any other`(seed: UInt64) throws {
    var random = Chance(state: seed)
    let whole = try everything.serialized()
    // Most of a small file is header, where spoiling does most.
    let small = try Safetensors(
      tensors: ["w": .init(shape: [2], [1, 2] as [UInt8]), "v": .init(shape: [0], [] as [Float])],
      metadata: ["k": "\n"]
    ).serialized()
    var accepted = 0
    for _ in 0..<2000 {
      let valid = Bool.random(using: &random) ? whole : small
      var bytes = valid
      let spoilings = Int.random(in: 1...3, using: &random)
      if Bool.random(using: &random) {
        for _ in 0..<spoilings { spoil(&bytes, &random) }
      } else {
        // A header that keeps its true length gets the spoiled bytes as far as the grammar.
        let dataStart = 8 + Int(valid[0]) + Int(valid[1]) << 8
        var header = Array(valid[8..<dataStart])
        for _ in 0..<spoilings { spoil(&header, &random) }
        bytes = file(header) + valid[dataStart...]
      }
      guard let read = try? Safetensors(reading: bytes) else { continue }
      accepted += 1
      let written = try read.serialized()
      let again = try Safetensors(reading: written)
      #expect(again == read)
      #expect(try again.serialized() == written)
    }
    #expect((20..<1900).contains(accepted))
  }

  private func spoil(_ bytes: inout [UInt8], _ random: inout Chance) {
    guard let place = bytes.indices.randomElement(using: &random) else { return }
    let length = min(Int.random(in: 1...4, using: &random), bytes.count - place)
    let signs = Array("{}[]:,\"\\u0919-.e \n".utf8) + [0, 0xC3, 0xFF]
    let sign = signs.randomElement(using: &random) ?? 0
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = sign
    case 2: bytes.insert(sign, at: place)
    case 3: bytes.removeSubrange(place..<(place + length))
    case 4: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
    case 5: bytes.removeSubrange(place...)
    default: bytes.swapAt(place, bytes.indices.randomElement(using: &random) ?? place)
    }
  }
}

/// Random numbers that are the same on every run: SplitMix64 (Steele, Lea and Flood 2014).
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
