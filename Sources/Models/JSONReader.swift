/// Reads JSON, and says which byte is wrong.
///
/// FoundationEssentials' `JSONDecoder` keeps one of two equal names without a word, takes `1.0` and `-0`
/// for whole numbers, which the headers of safetensors files forbid, and needs stack for each level.
struct JSONReader {
  /// How deep lists and objects may nest, so that no text can exhaust the stack; no file of ours comes near.
  static let deepestNesting = 32

  private let bytes: [UInt8]
  private var place: Int
  private let end: Int
  /// The tensor whose entry is being read.
  var tensor: String?

  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    place = range.lowerBound
    end = range.upperBound
  }

  /// Reads a value of any kind, at a depth of lists and objects.
  mutating func value(depth: Int = 0) throws(SafetensorsError) -> JSON {
    skipSpace()
    switch next.map({ Unicode.Scalar($0) }) {
    case "{", "[":
      guard depth < Self.deepestNesting else { throw fault(.tooDeep) }
      return next == UInt8(ascii: "{")
        ? .object(try object(depth: depth + 1)) : .list(try list(depth: depth + 1))
    case "\"": return .text(try text())
    case "t", "f", "n": return try word()
    default: return .number(try number())
    }
  }

  /// Passes the space at the end, after which nothing may follow.
  mutating func finish() throws(SafetensorsError) {
    skipSpace()
    if place < end { throw fault(.textAfterEnd) }
  }

  private mutating func object(depth: Int) throws(SafetensorsError) -> [String: JSON] {
    var object: [String: JSON] = [:]
    try members { (reader, name) throws(SafetensorsError) in
      object[name] = try reader.value(depth: depth)
    }
    return object
  }

  private mutating func list(depth: Int) throws(SafetensorsError) -> [JSON] {
    var list: [JSON] = []
    try elements { (reader) throws(SafetensorsError) in list.append(try reader.value(depth: depth))
    }
    return list
  }

  private mutating func word() throws(SafetensorsError) -> JSON {
    let words: [(String, JSON)] = [("true", .flag(true)), ("false", .flag(false)), ("null", .null)]
    for (word, value) in words where bytes[place..<end].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    throw fault(.expected("a value"))
  }

  /// Reads a number that a double can hold.
  private mutating func number() throws(SafetensorsError) -> Double {
    let start = place
    let text = numberText()
    if text.isEmpty { throw fault(.expected("a value")) }
    guard isNumber(text), let number = Double(text), number.isFinite else {
      throw fault(.notANumber(text), at: start)
    }
    return number
  }

  /// Whether what Swift takes for a number is one of JSON too: digits before any point and after it, no plus and
  /// no zeros that lead.
  private func isNumber(_ text: String) -> Bool {
    let unsigned = text.utf8.drop { $0 == UInt8(ascii: "-") }
    let whole = unsigned.prefix(while: isDigit)
    let rest = unsigned.dropFirst(whole.count)
    if whole.isEmpty || whole.count > 1 && whole.first == UInt8(ascii: "0") { return false }
    return rest.first != UInt8(ascii: ".") || rest.dropFirst().first.map(isDigit) == true
  }

  func fault(_ reason: SafetensorsError.Reason, at offset: Int? = nil) -> SafetensorsError {
    SafetensorsError(reason, tensor: tensor, offset: offset ?? place)
  }

  /// The byte that comes next, nil at the end.
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
  mutating func members(
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

  /// Reads a list, of which `element` reads each element.
  private mutating func elements(
    _ element: (inout Self) throws(SafetensorsError) -> Void
  ) throws(SafetensorsError) {
    try expect("[")
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    guard take("]") else { throw fault(.expected("',' or ']'")) }
  }

  /// Reads a list of numbers without sign, fraction, exponent and leading zeros.
  mutating func counts() throws(SafetensorsError) -> [Int] {
    var counts: [Int] = []
    try elements { (reader) throws(SafetensorsError) in counts.append(try reader.count()) }
    return counts
  }

  private mutating func count() throws(SafetensorsError) -> Int {
    skipSpace()
    let start = place
    let text = numberText()
    if text.isEmpty { throw fault(.expected("a whole number")) }
    guard let count = Int(text), count.description == text, count >= 0 else {
      throw fault(.notACount(text), at: start)
    }
    return count
  }

  /// Passes what may be a number, be it one or not.
  private mutating func numberText() -> String {
    let start = place
    while let byte = next, isPartOfNumber(byte) { place += 1 }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private func isPartOfNumber(_ byte: UInt8) -> Bool {
    isDigit(byte) || "+-.eE".utf8.contains(byte)
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// Reads a text in double quotes.
  mutating func text() throws(SafetensorsError) -> String {
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
