/// Reads the header of a safetensors file, and no other JSON.
///
/// FoundationEssentials' `JSONDecoder` keeps one of two equal names without a word and takes `1.0`
/// and `-0` for a whole number, all of which the format forbids; nor does it say which byte is wrong.
/// The header's grammar needs no recursion, so that deep nesting ends at its second level.
struct SafetensorsHeaderReader {
  private let bytes: [UInt8]
  private var place: Int
  private let end: Int
  /// The tensor whose entry is being read.
  private var tensor: String?

  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    place = range.lowerBound
    end = range.upperBound
  }

  /// The whole header.
  mutating func header() throws(SafetensorsError) -> (
    entries: [SafetensorsEntry], metadata: [String: String]
  ) {
    var entries: [SafetensorsEntry] = []
    var metadata: [String: String] = [:]
    try members { (reader, name) throws(SafetensorsError) in
      if name == Safetensors.metadataKey {
        try reader.members { (reader, key) throws(SafetensorsError) in
          metadata[key] = try reader.text()
        }
      } else {
        entries.append(try reader.entry(name))
      }
    }
    skipSpace()
    if place < end { throw fault(.textAfterHeader) }
    return (entries, metadata)
  }

  private mutating func entry(_ name: String) throws(SafetensorsError) -> SafetensorsEntry {
    tensor = name
    defer { tensor = nil }
    var element: Safetensors.Element?
    var shape: [Int]?
    var offsets: [Int]?
    try members { (reader, field) throws(SafetensorsError) in
      switch field {
      case "dtype": element = try reader.element()
      case "shape": shape = try reader.counts()
      case "data_offsets": offsets = try reader.counts()
      default: throw reader.fault(.unknownField(field))
      }
    }
    guard let element else { throw fault(.missingField("dtype")) }
    guard let shape else { throw fault(.missingField("shape")) }
    guard let offsets else { throw fault(.missingField("data_offsets")) }
    guard offsets.count == 2 else { throw fault(.offsetCount(offsets.count)) }
    return SafetensorsEntry(
      name: name, element: element, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private mutating func element() throws(SafetensorsError) -> Safetensors.Element {
    let name = try text()
    guard let element = Safetensors.Element(rawValue: name) else {
      throw fault(.unknownElement(name))
    }
    return element
  }
}

// MARK: JSON

extension SafetensorsHeaderReader {
  private func fault(_ reason: SafetensorsError.Reason, at offset: Int? = nil) -> SafetensorsError {
    SafetensorsError(reason, tensor: tensor, offset: offset ?? place)
  }

  /// The byte that comes next, nil at the header's end.
  private var next: UInt8? { place < end ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      place += 1
    }
  }

  /// Passes space and then `scalar`, if it comes next.
  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: scalar) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws(SafetensorsError) {
    guard take(scalar) else { throw fault(.expected("'\(scalar)'")) }
  }

  /// Reads an object, whose names must differ; `member` reads what each of them names.
  private mutating func members(
    _ member: (inout Self, String) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    var seen: Set<String> = []
    try expect("{")
    if take("}") { return }
    repeat {
      skipSpace()
      let start = place
      let name = try text()
      guard seen.insert(name).inserted else { throw fault(.duplicateName(name), at: start) }
      try expect(":")
      try member(&self, name)
    } while take(",")
    guard take("}") else { throw fault(.expected("',' or '}'")) }
  }

  private mutating func counts() throws(SafetensorsError) -> [Int] {
    var counts: [Int] = []
    try expect("[")
    if take("]") { return counts }
    repeat { counts.append(try count()) } while take(",")
    guard take("]") else { throw fault(.expected("',' or ']'")) }
    return counts
  }

  /// Reads a number without sign, fraction, exponent and leading zeros.
  private mutating func count() throws(SafetensorsError) -> Int {
    skipSpace()
    let start = place
    while let byte = next, isPartOfNumber(byte) { place += 1 }
    if place == start { throw fault(.expected("a whole number")) }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    guard let count = Int(text), count.description == text, count >= 0 else {
      throw fault(.notACount(text), at: start)
    }
    return count
  }

  private func isPartOfNumber(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
  }

  /// Reads a text in double quotes.
  private mutating func text() throws(SafetensorsError) -> String {
    guard take("\"") else { throw fault(.expected("a text in double quotes")) }
    let start = place - 1
    var content: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      if byte < 0x20 { throw fault(.controlCharacter) }
      if byte == UInt8(ascii: "\\") {
        content += Array(String(try escape()).utf8)
      } else {
        content.append(byte)
        place += 1
      }
    }
    guard take("\"") else { throw fault(.unclosedText, at: start) }
    guard let text = String(validating: content, as: UTF8.self) else {
      throw fault(.invalidUTF8, at: start)
    }
    return text
  }

  /// Reads a backslash and what it escapes, two of them for a surrogate pair.
  private mutating func escape() throws(SafetensorsError) -> Unicode.Scalar {
    let start = place
    guard let first = codeUnit() else { throw fault(.invalidEscape, at: start) }
    var units = [first]
    if UTF16.isLeadSurrogate(first), let second = codeUnit() { units.append(second) }
    guard let text = String(validating: units, as: UTF16.self),
      let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1
    else { throw fault(.invalidEscape, at: start) }
    return scalar
  }

  /// Passes one escape and gives its UTF-16 code unit; nil if none is here.
  private mutating func codeUnit() -> UInt16? {
    let rest = bytes[place..<end]
    guard rest.first == UInt8(ascii: "\\"), let kind = rest.dropFirst().first else { return nil }
    if kind == UInt8(ascii: "u") {
      let digits = rest.dropFirst(2).prefix(4)
      // The initializer below would take a sign for the first of the four.
      guard digits.count == 4, let first = digits.first, first != UInt8(ascii: "+"),
        first != UInt8(ascii: "-")
      else { return nil }
      place += 6
      return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
    place += 2
    switch Unicode.Scalar(kind) {
    case "\"", "\\", "/": return UInt16(kind)
    case "b": return 0x08
    case "f": return 0x0C
    case "n": return 0x0A
    case "r": return 0x0D
    case "t": return 0x09
    default: return nil
    }
  }
}
