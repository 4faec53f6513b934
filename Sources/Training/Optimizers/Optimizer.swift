public import Autograd

/// A rule by which gradients move parameters.
///
/// Each rule computes in the run's precision, in PyTorch's order, every operation rounded once; numbers that
/// depend on the step alone, such as corrections of bias, are computed in double and rounded where they
/// meet a value. So an update has the same bits on every machine.
public protocol Optimizer<Scalar>: Sendable {
  /// The precision of parameters and gradients.
  associatedtype Scalar: Precision

  /// Moves every parameter against its gradient.
  ///
  /// `parameters` and `gradients` have as many elements as were announced when the rule was made.
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double)

  /// Takes a step whose work `move` does, and returns what that returns, where the rule moves each element by
  /// itself; returns nil and does nothing where it does not.
  ///
  /// `move` is given how the elements move, and what the rule remembers of them. Rules do well to be
  /// `ElementwiseOptimizer`s, which have this from their formula.
  mutating func step(
    learningRate: Double, _ move: (Update, inout UpdateMemory<Scalar>) -> Bool
  ) -> Bool?

  /// Moves every parameter, looking at the objective elsewhere where the rule wants to.
  ///
  /// `loss` and `gradients` are the objective's at `parameters`; `evaluate` returns its loss at other
  /// ones and writes their gradients. Rules that do not search never call it. Where it throws, the step ends
  /// with the parameters as far as they have come, and the rule is not to be used any more.
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, loss: Scalar,
    learningRate: Double,
    evaluate: (_ parameters: [Scalar], _ gradients: inout [Scalar]) throws(SearchStopped) -> Scalar
  ) throws(SearchStopped)

  /// Takes another momentum from the next step on, as one-cycle schedules want.
  ///
  /// That is the first of the betas where the rule has betas; a rule without momentum ignores it.
  mutating func setMomentum(_ momentum: Double)

  /// The parameters that the rule promises, where those are not the ones that the last step left.
  var result: [Scalar]? { get }

  /// All that must be kept to go on later as if never stopped, but for the settings.
  ///
  /// What is set must pass ``canResume(from:)``.
  var state: OptimizerState<Scalar> { get set }

  /// Whether a state was written by a rule of the same settings and as many parameters.
  func canResume(from state: OptimizerState<Scalar>) -> Bool
}

extension Optimizer {
  /// Moves every parameter against its gradient, without a look at the objective.
  public mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, loss: Scalar,
    learningRate: Double,
    evaluate: (_ parameters: [Scalar], _ gradients: inout [Scalar]) throws(SearchStopped) -> Scalar
  ) throws(SearchStopped) {
    step(&parameters, along: gradients, learningRate: learningRate)
  }

  /// Nil: the rule has a step of its own.
  public mutating func step(
    learningRate: Double, _ move: (Update, inout UpdateMemory<Scalar>) -> Bool
  ) -> Bool? { nil }

  /// None: the last step's parameters are the result.
  public var result: [Scalar]? { nil }

  /// Does nothing: the rule has no momentum.
  public mutating func setMomentum(_ momentum: Double) {}

  /// Whether a state has the names and lengths of this rule's own.
  public func canResume(from state: OptimizerState<Scalar>) -> Bool {
    let own = self.state
    return state.vectors.map(\.name) == own.vectors.map(\.name)
      && state.vectors.map(\.values.count) == own.vectors.map(\.values.count)
      && state.numbers.map(\.name) == own.numbers.map(\.name) && state.hasWholeSteps
  }
}

/// A run was asked to stop while an optimizer looked at the objective.
public struct SearchStopped: Error {
  /// The error.
  public init() {}
}

/// What an optimizer remembers from step to step, by PyTorch's names.
public struct OptimizerState<Scalar: Precision>: Sendable {
  /// Vectors in the run's precision, most as long as the parameters.
  public var vectors: [(name: String, values: [Scalar])]
  /// Counts and other single numbers.
  public var numbers: [(name: String, value: Double)]

  /// A state of the given vectors and numbers.
  public init(
    vectors: [(name: String, values: [Scalar])] = [], numbers: [(name: String, value: Double)] = []
  ) {
    self.vectors = vectors
    self.numbers = numbers
  }

  /// The vector of a name; empty if there is none.
  func vector(_ name: String) -> [Scalar] { vectors.first { $0.name == name }?.values ?? [] }

  /// The number of a name; 0 if there is none.
  func number(_ name: String) -> Double { numbers.first { $0.name == name }?.value ?? 0 }

  /// How many steps were taken.
  var steps: Int { wholeCount(number("step")) ?? 0 }

  /// Whether all numbers are finite, and that of steps is a count.
  var hasWholeSteps: Bool {
    numbers.allSatisfy(\.value.isFinite) && wholeCount(number("step")) != nil
  }
}

/// A count that a file holds as a double; nil for what is none, or so large that doubles skip some, which no run
/// can have counted.
func wholeCount(_ value: Double) -> Int? {
  (0...0x1p53).contains(value) ? Int(exactly: value) : nil
}
