extension Safetensors {
  /// A type of element, a shape, and the elements, row by row.
  public struct Tensor: Hashable, Sendable {
    /// What the elements are.
    public let element: Element
    /// The length along each dimension; empty for a single number.
    public let shape: [Int]
    /// The elements, each with its lowest byte first.
    public let bytes: [UInt8]

    /// A tensor of bytes, which must be as many as the shape and the type ask for.
    public init(_ element: Element, shape: [Int], bytes: [UInt8]) {
      precondition(
        element.byteCount(of: shape) == bytes.count, "a tensor's bytes must fill its shape")
      self.element = element
      self.shape = shape
      self.bytes = bytes
    }

    /// A `float32` tensor, every bit of whose values is kept.
    public init(shape: [Int], _ values: [Float]) {
      self.init(.float32, shape: shape, bytes: littleEndian(values))
    }

    /// A `float64` tensor, every bit of whose values is kept.
    public init(shape: [Int], _ values: [Double]) {
      self.init(.float64, shape: shape, bytes: littleEndian(values))
    }

    /// An `int64` tensor.
    public init(shape: [Int], _ values: [Int64]) {
      self.init(.int64, shape: shape, bytes: littleEndian(values))
    }

    /// A `uint8` tensor.
    public init(shape: [Int], _ values: [UInt8]) {
      self.init(.uint8, shape: shape, bytes: values)
    }
  }
}

extension Safetensors.Tensor {
  /// How many elements there are.
  public var count: Int { bytes.count / element.byteCount }

  /// The values of a `float32` tensor, bit for bit; nil for any other.
  public var floats: [Float]? {
    element == .float32 ? integers(UInt32.self).map(Float.init(bitPattern:)) : nil
  }

  /// The values of an `int64` tensor; nil for any other.
  public var int64s: [Int64]? { element == .int64 ? integers() : nil }

  /// The values of a `uint8` tensor; nil for any other.
  public var uint8s: [UInt8]? { element == .uint8 ? bytes : nil }

  /// The values of a tensor of numbers of any type; nil if not all of them are doubles, or for truth values.
  ///
  /// Those of a `float64` tensor keep every bit. A signalling NaN of a narrower type becomes quiet.
  public var doubles: [Double]? {
    switch element {
    case .bool: nil
    case .uint8: exactDoubles(UInt8.self)
    case .int8: exactDoubles(Int8.self)
    case .int16: exactDoubles(Int16.self)
    case .uint16: exactDoubles(UInt16.self)
    case .float16: integers(UInt16.self).map { Double(Float16(bitPattern: $0)) }
    case .bfloat16: integers(UInt16.self).map { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .int32: exactDoubles(Int32.self)
    case .uint32: exactDoubles(UInt32.self)
    case .float32: integers(UInt32.self).map { Double(Float(bitPattern: $0)) }
    case .float64: integers(UInt64.self).map(Double.init(bitPattern:))
    case .int64: exactDoubles(Int64.self)
    case .uint64: exactDoubles(UInt64.self)
    }
  }

  private func exactDoubles<Value: FixedWidthInteger>(_ type: Value.Type) -> [Double]? {
    let values = integers(type).compactMap { Double(exactly: $0) }
    return values.count == count ? values : nil
  }

  /// The elements' bits.
  private func integers<Bits: FixedWidthInteger>(_ type: Bits.Type = Bits.self) -> [Bits] {
    bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: MemoryLayout<Bits>.size).map { offset in
        Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Bits.self))
      }
    }
  }
}

/// The bytes of numbers, the lowest byte of each first; most machines have them so in memory.
func littleEndian<Number>(_ numbers: [Number]) -> [UInt8] {
  let bytes = numbers.withUnsafeBytes { [UInt8]($0) }
  if 1.littleEndian == 1 { return bytes }
  let width = MemoryLayout<Number>.size
  return stride(from: 0, to: bytes.count, by: width).flatMap { bytes[$0..<$0 + width].reversed() }
}
