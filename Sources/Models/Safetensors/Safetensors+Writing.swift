internal import Tables

extension Safetensors {
  /// The bytes of a file, which are the same whenever the content is.
  ///
  /// The header is padded so that the tensors' bytes begin at a multiple of 8. Throws if a tensor has
  /// the name that stands for the metadata, or if the header would be longer than the format allows.
  public func serialized() throws(SafetensorsError) -> [UInt8] {
    var bytes = try header()
    bytes.reserveCapacity(bytes.count + tensors.values.reduce(0) { $0 + $1.bytes.count })
    for name in names { bytes += tensors[name]?.bytes ?? [] }
    return bytes
  }

  /// The content's checksum, to be kept in the metadata as `checksum`; one that is there does not count.
  ///
  /// It is the CRC-32C of the bytes of a file of the content, so that it does not change where another program
  /// spells the header in other words. A file is read only if the checksum that it may have is this one.
  public func checksum() throws(SafetensorsError) -> String {
    var unsigned = self
    unsigned.metadata[Self.checksumKey] = nil
    var sum = Checksum(try unsigned.header())
    for name in names { sum.add(tensors[name]?.bytes ?? []) }
    return "crc32c:" + sum.digits
  }

  /// The same content with its checksum.
  public func withChecksum() throws(SafetensorsError) -> Safetensors {
    var signed = self
    signed.metadata[Self.checksumKey] = try checksum()
    return signed
  }

  /// What stands before the tensors' bytes: the header and its length.
  private func header() throws(SafetensorsError) -> [UInt8] {
    if tensors[Self.metadataKey] != nil {
      throw SafetensorsError(.reservedName, tensor: Self.metadataKey)
    }
    var entries: [String] = []
    if !metadata.isEmpty {
      let texts = Self.inUTF8Order(metadata.keys).map {
        "\(quotedJSON($0)):\(quotedJSON(metadata[$0] ?? ""))"
      }
      entries.append("\"\(Self.metadataKey)\":{\(texts.joined(separator: ","))}")
    }
    var begin = 0
    for name in names {
      guard let tensor = tensors[name] else { continue }
      let end = begin + tensor.bytes.count
      entries.append(
        "\(quotedJSON(name)):{\"dtype\":\"\(tensor.element.rawValue)\",\"shape\":\(list(tensor.shape)),"
          + "\"data_offsets\":\(list([begin, end]))}")
      begin = end
    }
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    guard header.count <= Self.maximumHeaderLength else {
      throw SafetensorsError(.headerTooLong(UInt64(header.count)))
    }
    return littleEndian([UInt64(header.count)]) + header
  }

  private func list(_ numbers: [Int]) -> String {
    "[\(numbers.map(\.description).joined(separator: ","))]"
  }
}

/// A text as JSON, with nothing spelled out that need not be.
private func quotedJSON(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": quoted += "\\\""
    case "\\": quoted += "\\\\"
    case "\u{8}": quoted += "\\b"
    case "\u{C}": quoted += "\\f"
    case "\n": quoted += "\\n"
    case "\r": quoted += "\\r"
    case "\t": quoted += "\\t"
    case "\0"..<" ":
      let digits = String(scalar.value, radix: 16)
      quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}
