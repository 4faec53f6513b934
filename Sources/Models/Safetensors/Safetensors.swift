/// The content of a safetensors file: tensors by name, and texts by key.
///
/// The format is that of https://github.com/huggingface/safetensors: the length of a header, the header in JSON,
/// then the bytes of the tensors without gaps. The order of tensors has no meaning in the format, and is not kept.
/// Names that differ only in how Unicode composes a letter are the same name here, although not in every program.
public struct Safetensors: Hashable, Sendable {
  /// The tensors.
  public var tensors: [String: Tensor]
  /// What the file says about itself, its `__metadata__`.
  public var metadata: [String: String]

  /// Tensors and texts to be written.
  public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensors' names in the order in which a file holds them.
  ///
  /// The order is that of the format's own library: the larger elements come first, so that each
  /// tensor starts at a multiple of its element's size, and equal types go by name.
  public var names: [String] {
    let groups = Dictionary(grouping: tensors.keys) { tensors[$0]?.element }
    return Element.allCases.reversed().flatMap { Self.inUTF8Order(groups[$0] ?? []) }
  }

  /// The key of the header's entry that is no tensor.
  static let metadataKey = "__metadata__"
  /// The key of the metadata's entry that holds the checksum.
  static let checksumKey = "checksum"
  /// The most bytes that a header may have, so that no reader is made to parse more.
  static let maximumHeaderLength = 100_000_000
  /// How many bytes the header's length takes.
  static let lengthByteCount = 8

  /// Texts in the order of their UTF-8 bytes, which is what other programs sort by.
  static func inUTF8Order(_ texts: some Sequence<String>) -> [String] {
    texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension Safetensors {
  /// What the elements of a tensor are, in the format's order.
  public enum Element: String, CaseIterable, Sendable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case int16 = "I16"
    case uint16 = "U16"
    case float16 = "F16"
    /// The upper half of a `float32`.
    case bfloat16 = "BF16"
    case int32 = "I32"
    case uint32 = "U32"
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"
    case uint64 = "U64"

    /// How many bytes one element takes.
    public var byteCount: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .int16, .uint16, .float16, .bfloat16: 2
      case .int32, .uint32, .float32: 4
      case .float64, .int64, .uint64: 8
      }
    }

    /// How many bytes a tensor takes; nil for a negative dimension or more bytes than can be counted.
    func byteCount(of shape: [Int]) -> Int? {
      var count = 1
      for factor in shape + [byteCount] {
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        if overflow || factor < 0 { return nil }
        count = product
      }
      return count
    }
  }
}
