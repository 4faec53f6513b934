/// A text as one field of a line, in double quotes if it could not be read back without them.
///
/// That is so of an empty text, of blanks at either end, and of delimiters, quotes and control characters.
public func csvField(_ text: String, delimiter: UInt8 = UInt8(ascii: ",")) -> String {
  let bytes = text.utf8
  let isPlain = !bytes.contains { $0 == UInt8(ascii: "\"") || $0 == delimiter || $0 < 0x20 }
  let blank = UInt8(ascii: " ")
  if isPlain, !bytes.isEmpty, bytes.first != blank, bytes.last != blank { return text }
  let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
  return "\"\(parts.joined(separator: "\"\""))\""
}
