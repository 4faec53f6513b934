internal import Tables

/// Why bytes are not a safetensors file, or why content cannot be written as one.
public struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What can be wrong.
  public enum Reason: Hashable, Sendable {
    case empty
    /// The bytes are a file of another kind: "text", "a zip archive, …".
    case otherFormat(String)
    /// The file ends within the header's length.
    case tooShort(byteCount: Int)
    case headerTooLong(UInt64)
    /// The file ends within the header.
    case headerCutShort(length: Int, available: Int)
    /// The header does not begin with a brace.
    case noHeader
    /// Something else stands where the JSON must go on like this.
    case expected(String)
    /// The JSON goes on after its last brace.
    case textAfterEnd
    /// Lists and objects of JSON nest deeper than any file needs.
    case tooDeep
    /// What stands where a number should, or is none that a double can hold.
    case notANumber(String)
    case unclosedText
    case invalidUTF8
    /// A control character within quotes.
    case controlCharacter
    case invalidEscape
    /// What stands where a dimension or an offset should.
    case notACount(String)
    /// A tensor, a metadata key or a part of a tensor's entry is there twice.
    case duplicateName(String)
    case unknownField(String)
    case missingField(String)
    case unknownElement(String)
    case offsetCount(Int)
    /// The elements are more than can be counted.
    case tooManyElements
    case offsetsReversed(begin: Int, end: Int)
    /// The offsets span another number of bytes than the shape and the type ask for.
    case size(found: Int, expected: Int)
    /// Bytes between two tensors that belong to neither.
    case gap(Range<Int>)
    /// The tensor's bytes begin before those of another end.
    case overlap(begin: Int, previousEnd: Int)
    /// The file ends within the tensors' bytes.
    case dataCutShort(end: Int, available: Int)
    /// The file goes on after the last tensor.
    case bytesLeftOver(Int)
    /// The content is not what was written.
    case checksum(found: String, expected: String)
    /// A tensor that is to be written has the name of the metadata.
    case reservedName
  }

  /// What went wrong, for code that reacts to it.
  public let reason: Reason
  /// The tensor's name; nil if the file as a whole is to blame.
  public let tensor: String?
  /// The byte of the file, counted from 0, at which reading failed; nil if no one byte is to blame.
  public let offset: Int?

  init(_ reason: Reason, tensor: String? = nil, offset: Int? = nil) {
    self.reason = reason
    self.tensor = tensor
    self.offset = offset
  }

  /// One sentence for the person who gave the file: position, what is wrong.
  public var description: String {
    let position = [tensor.map { "tensor \(excerpt($0))" }, offset.map { "byte \($0)" }]
    let parts = position.compactMap(\.self)
    return parts.isEmpty
      ? reason.sentence : "\(parts.joined(separator: ", ")): \(reason.sentence)"
  }
}

extension SafetensorsError.Reason {
  fileprivate var sentence: String {
    switch self {
    case .empty: "the file is empty"
    case .otherFormat(let kind): "this is \(kind), not a safetensors file"
    case .tooShort(let count):
      "the file has only \(counted(count, "byte")); a safetensors file has at least 10"
    case .headerTooLong(let length):
      "this is not a safetensors file: its first 8 bytes give a header of \(length) bytes, "
        + "the limit is \(Safetensors.maximumHeaderLength)"
    case .headerCutShort(let length, let available):
      "the file is cut short: its header should have \(counted(length, "byte")), "
        + "and \(available) follow"
    case .noHeader: "this is not a safetensors file: its header does not begin with '{'"
    case .expected(let what): "the JSON needs \(what) here"
    case .textAfterEnd: "only spaces may follow here"
    case .tooDeep: "the JSON nests deeper than \(JSONReader.deepestNesting) levels"
    case .notANumber(let text): "\(excerpt(text)) is not a number of JSON"
    case .unclosedText: "a double quote opens here and is never closed"
    case .invalidUTF8: "the text that opens here is not UTF-8"
    case .controlCharacter: "a control character is not allowed within double quotes"
    case .invalidEscape: "this backslash begins no escape of JSON"
    case .notACount(let text): "\(excerpt(text)) is not a whole number from 0 to \(Int.max)"
    case .duplicateName(let name): "the name \(excerpt(name)) occurs twice"
    case .unknownField(let name):
      "\(excerpt(name)) is none of 'dtype', 'shape' and 'data_offsets'"
    case .missingField(let name): "its '\(name)' is missing"
    case .unknownElement(let name):
      "\(excerpt(name)) is none of the types "
        + Safetensors.Element.allCases.map(\.rawValue).joined(separator: ", ")
    case .offsetCount(let count): "'data_offsets' has \(counted(count, "number")), not 2"
    case .tooManyElements: "the shape has more elements than can be counted"
    case .offsetsReversed(let begin, let end):
      "its data end at \(end), before they begin at \(begin)"
    case .size(let found, let expected):
      "its shape and type ask for \(counted(expected, "byte")), its offsets span \(found)"
    case .gap(let range):
      "its data begin at \(range.upperBound), but the data before them end at "
        + "\(range.lowerBound)"
    case .overlap(let begin, let previousEnd):
      "its data begin at \(begin), but the data before them end only at \(previousEnd)"
    case .dataCutShort(let end, let available):
      "the file is cut short: the data should have \(counted(end, "byte")) up to the end of this "
        + "tensor, and \(available) follow the header"
    case .bytesLeftOver(let count):
      "the file has \(counted(count, "byte")) too many after the last tensor"
    case .checksum(let found, let expected):
      "the file is damaged: the checksum of its content is \(found), not \(excerpt(expected))"
    case .reservedName: "a tensor cannot have this name, which stands for the metadata"
    }
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
