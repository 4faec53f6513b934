/// Writes JSON, with the members of objects in the order of their names' UTF-8 bytes.
///
/// The bytes are those of FoundationEssentials' `JSONEncoder` with sorted keys and without escaped slashes, which
/// would be a fifth of the program.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  /// Whether each element and member has a line of its own.
  private let hasLines: Bool
  private var depth = 0

  init(hasLines: Bool) { self.hasLines = hasLines }

  /// Writes a value.
  mutating func write(_ value: JSON) {
    switch value {
    case .flag(let value): write(value ? "true" : "false")
    case .number(let value) where value.isFinite: write(number: value)
    case .null, .number: write("null")
    case .text(let value): write(text: value)
    case .list(let values):
      write(values, between: "[", "]") { $0.write($1) }
    case .object(let members):
      let members = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      write(members, between: "{", "}") { writer, member in
        writer.write(text: member.key)
        writer.write(writer.hasLines ? " : " : ":")
        writer.write(member.value)
      }
    }
  }

  private mutating func write(_ text: StaticString) {
    bytes += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// Writes a number, a whole one without a point.
  private mutating func write(number: Double) {
    if let whole = Int(exactly: number), number.magnitude < 0x1p53 {
      bytes += "\(whole)".utf8
    } else {
      let text = "\(number)"
      bytes += text.hasSuffix(".0") ? text.utf8.dropLast(2) : text.utf8[...]
    }
  }

  private mutating func write(text: String) {
    write("\"")
    for byte in text.utf8 {
      switch Unicode.Scalar(byte) {
      case "\"": write("\\\"")
      case "\\": write("\\\\")
      case "\u{8}": write("\\b")
      case "\u{9}": write("\\t")
      case "\u{A}": write("\\n")
      case "\u{C}": write("\\f")
      case "\u{D}": write("\\r")
      case ..<" ":
        write(byte < 0x10 ? "\\u000" : "\\u001")
        bytes += String(byte & 0xF, radix: 16).utf8
      default: bytes.append(byte)
      }
    }
    write("\"")
  }

  /// Writes elements with commas between them.
  private mutating func write<Element>(
    _ elements: [Element], between opening: StaticString, _ closing: StaticString,
    _ element: (inout Self, Element) -> Void
  ) {
    write(opening)
    depth += 1
    for (index, value) in elements.enumerated() {
      if index > 0 { write(",") }
      breakLine()
      element(&self, value)
    }
    depth -= 1
    // An empty list has an empty line between its brackets.
    if elements.isEmpty, hasLines { write("\n") }
    breakLine()
    write(closing)
  }

  private mutating func breakLine() {
    guard hasLines else { return }
    write("\n")
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }
}
