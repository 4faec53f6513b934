/// The name of a file: bytes, as the system has them, which need not be valid text.
public struct Path: Hashable, Sendable {
  /// What the system is given.
  public let bytes: [UInt8]

  /// A name of any bytes; none of them may be 0.
  public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// A name that is text, as UTF-8.
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// Lends the name to a call of the system.
  public func withCString<R, E: Error>(
    _ body: (UnsafePointer<CChar>) throws(E) -> R
  ) throws(E) -> R {
    let characters = bytes.map(CChar.init(bitPattern:)) + [0]
    return try characters.withUnsafeBufferPointer { (buffer) throws(E) in
      guard let start = buffer.baseAddress else { preconditionFailure("a buffer with an element") }
      return try body(start)
    }
  }
}

extension Path: CustomStringConvertible {
  /// The name as messages show it, on one line: a byte that is not UTF-8 as `\xff`, and spelled out what would
  /// break or reorder the line.
  public var description: String {
    if let text = String(validating: bytes, as: UTF8.self) { return text.onOneLine }
    var shown = ""
    var text = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var passed = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let scalar):
        text.append(Unicode.UTF8.decode(scalar))
        passed += scalar.count
      case .error(let length):
        shown += String(text).onOneLine
        text = String.UnicodeScalarView()
        for byte in bytes[passed..<passed + length] { shown += "\\x" + String(byte, radix: 16) }
        passed += length
      case .emptyInput: return shown + String(text).onOneLine
      }
    }
  }
}
