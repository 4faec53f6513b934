public import Autograd

/// Gradient descent: `p = p − learningRate·g`, as two rounded operations; with momentum on demand.
///
/// Momentum is Polyak's (1964), as PyTorch has it: the buffer is the first gradient, then
/// `momentum·buffer + (1 − dampening)·g`, and takes the gradient's place; Nesterov's variant (Sutskever
/// et al. 2013) goes along `g + momentum·buffer`. Weight decay adds `weightDecay·p` to the gradient.
public struct SGD<Scalar: Precision>: Optimizer {
  /// The learning rate of steps that name none.
  private let learningRate: Double
  private var momentum: Double
  private let dampening: Double
  private let nesterov: Bool
  private let weightDecay: Double
  /// Empty before the first step with momentum.
  private var buffer: [Scalar] = []
  private let parameterCount: Int?

  /// Plain descent with the given learning rate.
  public init(learningRate: Double) {
    self.learningRate = learningRate
    momentum = 0
    dampening = 0
    nesterov = false
    weightDecay = 0
    parameterCount = nil
  }

  init(_ settings: OptimizerSettings, parameterCount: Int) {
    learningRate = settings.name.defaultLearningRate
    momentum = settings.momentum
    dampening = settings.dampening
    nesterov = settings.nesterov
    weightDecay = settings.weightDecay
    self.parameterCount = parameterCount
  }

  /// Moves every parameter against its gradient, at the rate that the rule was made with.
  public mutating func step(_ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>) {
    step(&parameters, along: gradients, learningRate: learningRate)
  }

  /// Moves every parameter against its gradient.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(gradients.count == count, "one gradient for each element")
    let rate = Scalar(learningRate)
    let (decays, decay) = (weightDecay != 0, Scalar(weightDecay))
    guard momentum != 0 else {
      let gradients = gradients.span
      var parameters = parameters.mutableSpan
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let gradient = gradients[unchecked: index]
        let slope = decays ? gradient + decay * parameter : gradient
        let change = rate * slope
        parameters[unchecked: index] = parameter - change
      }
      return
    }
    let isFirst = buffer.isEmpty
    if isFirst { buffer = [Scalar](repeating: 0, count: count) }
    precondition(buffer.count == count, "a buffer of other parameters")
    let keep = isFirst ? 0 : Scalar(momentum)
    let take = isFirst ? 1 : Scalar(1 - dampening)
    let (looksAhead, ahead) = (nesterov, Scalar(momentum))
    lend(&parameters, &buffer) { parameters, buffer in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let gradient = gradients[unchecked: index]
        let slope = decays ? gradient + decay * parameter : gradient
        let moved = keep * buffer[unchecked: index] + take * slope
        buffer[unchecked: index] = moved
        let direction = looksAhead ? slope + ahead * moved : moved
        let change = rate * direction
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  /// Takes another momentum from the next step on.
  public mutating func setMomentum(_ momentum: Double) { self.momentum = momentum }

  /// The momentum buffer, once there is one.
  public var state: OptimizerState<Scalar> {
    get { OptimizerState(vectors: buffer.isEmpty ? [] : [("momentum_buffer", buffer)]) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      buffer = newValue.vector("momentum_buffer")
    }
  }

  /// Whether the state is empty or a momentum buffer of the right length.
  public func canResume(from state: OptimizerState<Scalar>) -> Bool {
    guard state.numbers.isEmpty, state.vectors.count <= 1 else { return false }
    guard let vector = state.vectors.first else { return true }
    return vector.name == "momentum_buffer" && !vector.values.isEmpty
      && vector.values.count == parameterCount ?? vector.values.count
  }
}
