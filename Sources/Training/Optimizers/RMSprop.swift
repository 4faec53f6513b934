public import Autograd

/// Steps divided by the root of each gradient's running mean square (Tieleman and Hinton 2012).
///
/// Centred, it divides by the running standard deviation instead (Graves 2013); where rounding makes a
/// variance negative, PyTorch's is nan, and here its magnitude counts. With momentum, what is
/// divided goes into a buffer, `momentum·buffer + g/root`, and the step along that.
public struct RMSprop: OptimizerRule {
  /// How much of the last step is taken again.
  public var momentum = 0.0
  /// The decay rate of the running means.
  public var alpha = 0.99
  /// What is added to denominators.
  public var eps = 1e-8
  /// Whether the standard deviation is divided by.
  public var centered = false
  /// How strongly parameters are drawn to 0.
  public var weightDecay = 0.0

  /// Its names and settings.
  public var declaration: RuleDeclaration<Self> {
    RuleDeclaration(
      "rmsprop", pytorchName: "RMSprop",
      settings: [
        .number("momentum", \.momentum, .zeroOrMore, "how much of the last step is taken again"),
        .number("alpha", \.alpha, .zeroToOne, "decay rate of the running means"),
        .eps(\.eps),
        .flag("centered", \.centered, "divide by the standard deviation"),
        .weightDecay(\.weightDecay),
      ])
  }

  /// The rule with its defaults.
  public init() {}

  /// PyTorch's default.
  public var defaultLearningRate: Double { 0.01 }

  /// The rule at its first step.
  public func makeOptimizer<Scalar: Precision>(
    as type: Scalar.Type, parameterCount: Int
  ) -> any Optimizer<Scalar> {
    RMSpropDescent<Scalar>(self, parameterCount: parameterCount)
  }
}

/// RMSprop under way.
private struct RMSpropDescent<Scalar: Precision>: Optimizer {
  private var rule: RMSprop
  private var meanSquare: [Scalar]
  /// Empty unless centred.
  private var mean: [Scalar]
  /// Empty before the first step with momentum.
  private var buffer: [Scalar] = []

  init(_ rule: RMSprop, parameterCount: Int) {
    self.rule = rule
    meanSquare = [Scalar](repeating: 0, count: parameterCount)
    mean = rule.centered ? meanSquare : []
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    if rule.momentum != 0, buffer.isEmpty {
      buffer = [Scalar](repeating: 0, count: parameters.count)
    }
    // Each call becomes a loop of its own, without what it does not need.
    switch (rule.centered, rule.momentum != 0) {
    case (false, false):
      step(&parameters, gradients, learningRate, isCentered: false, hasMomentum: false)
    case (true, false):
      step(&parameters, gradients, learningRate, isCentered: true, hasMomentum: false)
    case (false, true):
      step(&parameters, gradients, learningRate, isCentered: false, hasMomentum: true)
    case (true, true):
      step(&parameters, gradients, learningRate, isCentered: true, hasMomentum: true)
    }
  }

  @inline(__always)
  private mutating func step(
    _ parameters: inout [Scalar], _ gradients: ArraySlice<Scalar>, _ learningRate: Double,
    isCentered: Bool, hasMomentum: Bool
  ) {
    let count = parameters.count
    precondition(
      gradients.count == count && meanSquare.count == count, "one gradient for each element")
    let rate = Scalar(learningRate)
    let (keep, new) = (Scalar(rule.alpha), Scalar(1 - rule.alpha))
    let (eps, inert) = (Scalar(rule.eps), Scalar(rule.momentum))
    let decay = WeightDecay<Scalar>(rule.weightDecay)
    lend(&parameters, &meanSquare, &mean, &buffer) { parameters, meanSquare, mean, buffer in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let slope = decay.slope(gradients[unchecked: index], at: parameter)
        let v = meanSquare[unchecked: index] * keep + new * slope * slope
        meanSquare[unchecked: index] = v
        var variance = v
        if isCentered {
          let m = mean[unchecked: index].moved(to: slope, by: new)
          mean[unchecked: index] = m
          variance = v - m * m
        }
        let root = variance.root + eps
        let change: Scalar
        if hasMomentum {
          let moved = buffer[unchecked: index] * inert + slope / root
          buffer[unchecked: index] = moved
          change = rate * moved
        } else {
          change = rate * slope / root
        }
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  mutating func setMomentum(_ momentum: Double) { rule.momentum = momentum }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        vectors: [("square_avg", meanSquare)]
          + (rule.centered ? [("grad_avg", mean)] : [])
          + (buffer.isEmpty ? [] : [("momentum_buffer", buffer)]))
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      meanSquare = newValue.vector("square_avg")
      mean = newValue.vector("grad_avg")
      buffer = newValue.vector("momentum_buffer")
    }
  }

  func canResume(from state: OptimizerState<Scalar>) -> Bool {
    let own = ["square_avg"] + (rule.centered ? ["grad_avg"] : [])
    let names = state.vectors.map(\.name)
    return (names == own || names == own + ["momentum_buffer"]) && state.numbers.isEmpty
      && state.vectors.allSatisfy { $0.values.count == meanSquare.count }
  }
}
