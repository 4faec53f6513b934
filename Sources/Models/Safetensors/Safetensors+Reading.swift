extension Safetensors {
  /// The content of a file.
  ///
  /// Stricter than the format's own library, as its specification asks: no name is there twice, and a
  /// tensor's entry holds nothing but the three fields. A `checksum` in the metadata must be right.
  public init(reading bytes: [UInt8]) throws(SafetensorsError) {
    let dataStart = try Self.headerEnd(in: bytes)
    var reader = JSONReader(bytes, in: Self.lengthByteCount..<dataStart)
    let header = try reader.header()
    self.init(metadata: header.metadata)

    let available = bytes.count - dataStart
    var previousEnd = 0
    for entry in header.entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      try entry.check(after: previousEnd, available: available)
      previousEnd = entry.end
      tensors[entry.name] = Tensor(
        entry.element, shape: entry.shape,
        bytes: Array(bytes[(dataStart + entry.begin)..<(dataStart + entry.end)]))
    }
    guard previousEnd == available else {
      throw SafetensorsError(
        .bytesLeftOver(available - previousEnd), offset: dataStart + previousEnd)
    }
    if let expected = metadata[Self.checksumKey] {
      let found = try checksum()
      guard found == expected else {
        throw SafetensorsError(.checksum(found: found, expected: expected))
      }
    }
  }

  /// Where the header ends and the tensors' bytes begin.
  private static func headerEnd(in bytes: [UInt8]) throws(SafetensorsError) -> Int {
    if bytes.isEmpty { throw SafetensorsError(.empty) }
    let other = otherFormat(of: bytes).map { SafetensorsError(.otherFormat($0)) }
    guard bytes.count >= lengthByteCount else {
      throw other ?? SafetensorsError(.tooShort(byteCount: bytes.count))
    }
    let length = bytes[..<lengthByteCount].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumHeaderLength) else {
      throw other ?? SafetensorsError(.headerTooLong(length))
    }
    let end = lengthByteCount + Int(length)
    guard end <= bytes.count else {
      let available = bytes.count - lengthByteCount
      throw other
        ?? SafetensorsError(.headerCutShort(length: Int(length), available: available))
    }
    guard bytes[lengthByteCount..<end].first == UInt8(ascii: "{") else {
      throw other ?? SafetensorsError(.noHeader, offset: lengthByteCount)
    }
    return end
  }

  /// What else a file may be, by its first bytes; a guess, for a file that is not safetensors.
  private static func otherFormat(of bytes: [UInt8]) -> String? {
    if bytes.starts(with: "PK\u{3}\u{4}".utf8) { return "a zip archive, as PyTorch writes" }
    if bytes.starts(with: [0x1F, 0x8B]) { return "a gzip file" }
    if bytes.starts(with: [0x89] + Array("HDF".utf8)) { return "an HDF5 file" }
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) { return "a NumPy array" }
    if bytes[0] == 0x80, bytes.count > 1, 2...5 ~= bytes[1] { return "a pickle of Python" }
    let isText = bytes.prefix(64).allSatisfy { 0x20..<0xF8 ~= $0 && $0 != 0x7F || 9...13 ~= $0 }
    return isText ? "text" : nil
  }
}

/// What the header says of one tensor; the offsets count from the header's end.
struct SafetensorsEntry {
  let name: String
  let element: Safetensors.Element
  let shape: [Int]
  let begin: Int
  let end: Int

  /// Checks that the offsets fit the shape and follow the data before them, which end at `previousEnd`.
  func check(after previousEnd: Int, available: Int) throws(SafetensorsError) {
    func fault(_ reason: SafetensorsError.Reason) -> SafetensorsError {
      SafetensorsError(reason, tensor: name)
    }
    guard let size = element.byteCount(of: shape) else { throw fault(.tooManyElements) }
    if end < begin { throw fault(.offsetsReversed(begin: begin, end: end)) }
    if end - begin != size { throw fault(.size(found: end - begin, expected: size)) }
    if begin < previousEnd { throw fault(.overlap(begin: begin, previousEnd: previousEnd)) }
    if begin > previousEnd { throw fault(.gap(previousEnd..<begin)) }
    if end > available { throw fault(.dataCutShort(end: end, available: available)) }
  }
}
