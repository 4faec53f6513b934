/// Reads the header of a safetensors file.
///
/// Its grammar needs no recursion, so that deep nesting ends at its second level.
extension JSONReader {
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
    try finish()
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
