public import Autograd

/// A rule by which gradients move parameters.
///
/// Each rule computes in the precision of the run and in PyTorch's order, and every operation rounds once. Numbers
/// that depend only on the step, such as bias corrections, are computed in double and rounded where they are
/// combined with a value. An update therefore has the same bits on every machine.
public protocol Optimizer<Scalar>: Sendable {
  /// The precision of parameters and gradients.
  associatedtype Scalar: Precision

  /// Moves every parameter against its gradient.
  ///
  /// `parameters` and `gradients` have as many elements as the optimizer was made for.
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double)

  /// Takes a step with `move` and returns its result, if the rule moves each element by itself; else returns nil
  /// and does nothing.
  ///
  /// `move` receives how the elements move and what the rule remembers of them. An `ElementwiseOptimizer` gets this
  /// method from its formula.
  mutating func step(
    learningRate: Double, _ move: (Update, inout UpdateMemory<Scalar>) -> Bool
  ) -> Bool?

  /// Moves every parameter, and may evaluate the objective at other points.
  ///
  /// `loss` and `gradients` are those of the objective at `parameters`; `evaluate` returns its loss at other
  /// parameters and writes their gradients. Rules that do not search never call it. If it throws, the step ends
  /// with the parameters that it has reached, and the rule must not be used any more.
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, loss: Scalar,
    learningRate: Double,
    evaluate: (_ parameters: [Scalar], _ gradients: inout [Scalar]) throws(SearchStopped) -> Scalar
  ) throws(SearchStopped)

  /// Changes the momentum from the next step on, as one-cycle schedules do.
  ///
  /// For a rule with betas this is the first of them; a rule without momentum ignores it.
  mutating func setMomentum(_ momentum: Double)

  /// The parameters that are the result of the rule, if they are not those of the last step.
  var result: [Scalar]? { get }

  /// The state from which the rule can be continued, without its settings.
  ///
  /// A state that is set must pass ``canResume(from:)``.
  var state: OptimizerState<Scalar> { get set }

  /// Whether a state was written by a rule with the same settings and as many parameters.
  func canResume(from state: OptimizerState<Scalar>) -> Bool
}

extension Optimizer {
  /// Moves every parameter against its gradient, without evaluating the objective.
  public mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, loss: Scalar,
    learningRate: Double,
    evaluate: (_ parameters: [Scalar], _ gradients: inout [Scalar]) throws(SearchStopped) -> Scalar
  ) throws(SearchStopped) {
    step(&parameters, along: gradients, learningRate: learningRate)
  }

  /// Returns nil: the rule has its own step.
  public mutating func step(
    learningRate: Double, _ move: (Update, inout UpdateMemory<Scalar>) -> Bool
  ) -> Bool? { nil }

  /// Nil: the result is the parameters of the last step.
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

/// A run was stopped while an optimizer evaluated the objective.
public struct SearchStopped: Error {
  /// The error.
  public init() {}
}

/// What an optimizer remembers from step to step, under PyTorch's names.
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

  /// The vector with a name; empty if there is none.
  func vector(_ name: String) -> [Scalar] { vectors.first { $0.name == name }?.values ?? [] }

  /// The number with a name; 0 if there is none.
  func number(_ name: String) -> Double { numbers.first { $0.name == name }?.value ?? 0 }

  /// How many steps were taken.
  var steps: Int { wholeCount(number("step")) ?? 0 }

  /// Whether all numbers are finite and the number of steps is a count.
  var hasWholeSteps: Bool {
    numbers.allSatisfy(\.value.isFinite) && wholeCount(number("step")) != nil
  }
}

/// A count that a file holds as a double; nil for what is none, or so large that doubles skip some, which no run
/// can have counted.
func wholeCount(_ value: Double) -> Int? {
  (0...0x1p53).contains(value) ? Int(exactly: value) : nil
}
