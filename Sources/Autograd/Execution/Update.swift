internal import CKernels

/// One step of the parameters along their gradients, by a rule that moves each element by itself.
///
/// The formulas of the rules are in the kernels' `updates.inc`, which names the settings of each. They are computed
/// in the precision of the run, to which settings are rounded too, and every operation rounds once.
public struct Update: Sendable {
  private let rule: UpdateRule
  private let settings: [Double]

  /// A step by a rule, with its settings in the formula's order.
  public init(_ rule: UpdateRule, _ settings: [Double]) {
    precondition(
      settings.count == bp_update_settings(rule.rawValue), "as many settings as the formula reads")
    self.rule = rule
    self.settings = settings
  }

  /// Moves parameters along as many gradients; whether all end up finite.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func move<Scalar: Precision>(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>,
    memory: inout UpdateMemory<Scalar>
  ) -> Bool {
    precondition(gradients.count == parameters.count, "one gradient for each element")
    return parameters.withUnsafeMutableBufferPointer { parameters in
      gradients.withUnsafeBufferPointer { gradients in
        withKernel(
          from: UnsafeBufferPointer(parameters), to: parameters, along: gradients, memory: &memory
        ) { Scalar.kernels(.chosen).move(&$0, 0) }
      }
    }
  }

  /// Lends the step to a kernel, which does it; whether all parameters end up finite.
  @inline(__always)
  func withKernel<Scalar: Precision>(
    from parameters: UnsafeBufferPointer<Scalar>, to moved: UnsafeMutableBufferPointer<Scalar>,
    along gradients: UnsafeBufferPointer<Scalar>? = nil, memory: inout UpdateMemory<Scalar>,
    _ body: (inout bp_update) -> Void
  ) -> Bool {
    let count = parameters.count
    precondition(moved.count == count && memory.elementCount == count, "as many of all elements")
    precondition(
      memory.vectorCount >= bp_update_vectors(rule.rawValue), "as many vectors as are remembered")
    return settings.withUnsafeBufferPointer { settings in
      memory.withValues { memory in
        var update = bp_update(
          rule: rule.rawValue, settings: settings.baseAddress, count: count,
          parameters: parameters.baseAddress, moved: moved.baseAddress,
          memory: memory.baseAddress, gradients: gradients?.baseAddress, next: 0, has_failed: 0)
        body(&update)
        return update.has_failed == 0
      }
    }
  }
}

/// The rules that move each element of the parameters by itself, in the order of the kernels' formulas.
public enum UpdateRule: UInt32, CaseIterable, Sendable {
  case descent, momentum, nesterov
  case adam, amsgrad, nadam
  case radam
  /// RAdam's first steps, which do without the mean square.
  case radamStart
  case adamax
  case rmsprop, rmspropCentred, rmspropMomentum, rmspropCentredMomentum
  case adagrad, adadelta
  case asgd
  case rprop
}

/// What an update rule remembers of every element of the parameters.
public struct UpdateMemory<Scalar: Precision>: Sendable {
  /// How many elements each vector has.
  public let elementCount: Int
  /// How many vectors there are.
  public private(set) var vectorCount: Int
  /// One vector after the other.
  private var values: [Scalar]

  /// Vectors of one value.
  public init(vectors: Int, elements: Int, of value: Scalar = 0) {
    elementCount = elements
    vectorCount = vectors
    values = [Scalar](repeating: value, count: vectors * elements)
  }

  /// Vectors with this many elements each.
  public init(_ vectors: [[Scalar]], elements: Int) {
    precondition(vectors.allSatisfy { $0.count == elements }, "vectors of one length")
    elementCount = elements
    vectorCount = vectors.count
    values = Array(vectors.joined())
  }

  /// All vectors.
  public var vectors: [[Scalar]] {
    (0..<vectorCount).map { Array(values[$0 * elementCount..<($0 + 1) * elementCount]) }
  }

  /// Adds a vector of one value.
  public mutating func append(of value: Scalar = 0) {
    values += repeatElement(value, count: elementCount)
    vectorCount += 1
  }

  @inline(__always)
  fileprivate mutating func withValues<Result>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) -> Result
  ) -> Result {
    values.withUnsafeMutableBufferPointer { body($0) }
  }
}
