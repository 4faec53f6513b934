/// A text as one field of a CSV line: in double quotes if it could not be read back without them.
public func csvField(_ text: String) -> String {
  let bytes = text.utf8
  let isPlain = !bytes.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") || $0 < 0x20 }
  let blank = UInt8(ascii: " ")
  if isPlain, !bytes.isEmpty, bytes.first != blank, bytes.last != blank { return text }
  let doubled = text.split(separator: "\"", omittingEmptySubsequences: false).joined(
    separator: "\"\"")
  return "\"\(doubled)\""
}
