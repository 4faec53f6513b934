/// Hands out names that a language takes, each once.
struct Identifiers {
  private var taken: Set<String>

  /// Names are none of the `reserved` ones.
  init(reserved: Set<String>) { taken = reserved }

  /// A name of letters, digits and underscores that resembles `text`.
  mutating func identifier(_ text: String, prefix: String = "") -> String {
    var name = prefix
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default: if !name.hasSuffix("_") { name += "_" }
      }
    }
    if name.first?.isLetter != true { name = "x" + name }
    var candidate = name
    var number = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(name)_\(number)"
      number += 1
    }
    return candidate
  }
}

/// Items joined by commas, on lines of at most a hundred characters that begin with `indent`.
func wrapped(_ items: [String], indent: String) -> String {
  var lines: [String] = []
  var line = ""
  for item in items {
    if !line.isEmpty, line.utf8.count + item.utf8.count + indent.utf8.count > 97 {
      lines.append(line)
      line = ""
    }
    line += (line.isEmpty ? indent : " ") + item + ","
  }
  if !line.isEmpty { lines.append(line) }
  return lines.joined(separator: "\n")
}
