import Autograd

/// A rule that moves each element of the parameters by itself, by a formula of the kernels.
///
/// The formula stands in `updates.inc` of CKernels, its name in `BP_UPDATES` of that module's header and in
/// ``Autograd/UpdateRule``; the rule's own file says what the formula's settings are in a step. The kernels then take
/// the fold of the batch, the step and the check of the parameters in one pass, with all vector instructions and
/// threads. An ``Optimizer`` with a loop of its own in Swift, and no formula anywhere, works as well, but slower.
protocol ElementwiseOptimizer<Scalar>: Optimizer {
  /// What the rule remembers.
  var memory: UpdateMemory<Scalar> { get set }

  /// Counts a step, and says how it moves each element.
  mutating func nextUpdate(learningRate: Double) -> Update
}

extension ElementwiseOptimizer {
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let update = nextUpdate(learningRate: learningRate)
    _ = update.move(&parameters, along: gradients, memory: &memory)
  }

  mutating func step(
    learningRate: Double, _ move: (Update, inout UpdateMemory<Scalar>) -> Bool
  ) -> Bool? {
    move(nextUpdate(learningRate: learningRate), &memory)
  }
}

extension OptimizerState {
  /// The vectors of a memory by their names, and single numbers.
  init(
    _ names: [String], _ memory: UpdateMemory<Scalar>, numbers: [(name: String, value: Double)] = []
  ) {
    self.init(
      vectors: zip(names, memory.vectors).map { (name: $0, values: $1) }, numbers: numbers)
  }

  /// All vectors as a memory of so many elements.
  func memory(elements: Int) -> UpdateMemory<Scalar> {
    UpdateMemory(vectors.map(\.values), elements: elements)
  }
}
