/// Memory of a fixed size that lives as long as its owner, for kernels to work in.
struct Storage<Element>: ~Copyable {
  private let elements: UnsafeMutableBufferPointer<Element>

  /// Starts at a whole cache line, so that vectors of values do not lie across two.
  init(count: Int, of element: Element) {
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: count * MemoryLayout<Element>.stride, alignment: 64)
    elements = bytes.bindMemory(to: Element.self)
    elements.initialize(repeating: element)
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
