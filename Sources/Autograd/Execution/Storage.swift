/// Memory of a fixed size that lives as long as its owner, for kernels to work in.
struct Storage<Element>: ~Copyable {
  private let elements: UnsafeMutableBufferPointer<Element>

  /// `count` times the same value.
  init(count: Int, of element: Element) {
    elements = Self.allocate(count)
    elements.initialize(repeating: element)
  }

  /// The values of an array.
  init(_ array: [Element]) {
    elements = Self.allocate(array.count)
    _ = elements.initialize(from: array)
  }

  /// Starts at a whole cache line, so that vectors of values do not lie across two.
  private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Element> {
    UnsafeMutableRawBufferPointer.allocate(
      byteCount: count * MemoryLayout<Element>.stride, alignment: 64
    ).bindMemory(to: Element.self)
  }

  deinit { elements.deallocate() }

  var count: Int { elements.count }

  var start: UnsafeMutablePointer<Element>? { elements.baseAddress }

  /// The address of an element, or of the end.
  func address(_ index: Int) -> UnsafeMutablePointer<Element>? { start.map { $0 + index } }

  subscript(index: Int) -> Element {
    get { elements[index] }
    nonmutating set { elements[index] = newValue }
  }
}
