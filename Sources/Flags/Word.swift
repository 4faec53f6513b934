/// A word of a command line: bytes, as the system passes them, which are text unless it names a file.
package struct Word: Sendable {
  package let bytes: [UInt8]
  /// The word as text; U+FFFD stands for what is not UTF-8.
  package let text: String

  package init(bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    text = String(decoding: self.bytes, as: UTF8.self)
  }

  package init(_ text: String) {
    bytes = Array(text.utf8)
    self.text = text
  }

  /// The words that the process was started with, its own name the first.
  package static var ofProcess: [Word] {
    CommandLine.unsafeArgv.withMemoryRebound(
      to: UnsafeMutablePointer<UInt8>?.self, capacity: Int(CommandLine.argc)
    ) { words in
      (0..<Int(CommandLine.argc)).compactMap { words[$0] }.map { word in
        Word(bytes: sequence(first: word) { $0 + 1 }.lazy.map(\.pointee).prefix { $0 != 0 })
      }
    }
  }

  /// The word without so many bytes of its beginning.
  func dropFirst(_ count: Int) -> Word { Word(bytes: bytes.dropFirst(count)) }
}
