import Autograd

/// Steps divided by the root of each gradient's running mean square (Tieleman and Hinton 2012).
///
/// Centred, it divides by the running standard deviation instead (Graves 2013). With momentum, what is
/// divided goes into a buffer, `momentum·buffer + g/root`, and the step along that.
struct RMSprop<Scalar: Precision>: Optimizer {
  private var momentum: Double
  private let alpha: Double
  private let eps: Double
  private let centered: Bool
  private let weightDecay: Double
  private var meanSquare: [Scalar]
  /// Empty unless centred.
  private var mean: [Scalar]
  /// Empty before the first step with momentum.
  private var buffer: [Scalar] = []
  /// The gradients divided by the roots, from the first pass over the elements to the second.
  private var direction: [Scalar]

  init(_ settings: OptimizerSettings, parameterCount: Int) {
    momentum = settings.momentum
    alpha = settings.alpha
    eps = settings.eps
    centered = settings.centered
    weightDecay = settings.weightDecay
    meanSquare = [Scalar](repeating: 0, count: parameterCount)
    mean = centered ? meanSquare : []
    direction = meanSquare
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(
      gradients.count == count && meanSquare.count == count, "one gradient for each element")
    let rate = Scalar(learningRate)
    let (keep, new) = (Scalar(alpha), Scalar(1 - alpha))
    let eps = Scalar(eps)
    let (decays, decay) = (weightDecay != 0, Scalar(weightDecay))
    let hasMomentum = momentum != 0
    let first = hasMomentum ? 1 : rate

    if centered {
      // Two passes: of five arrays at once the compiler would not make vector code.
      lend(&parameters, &mean, &direction) { parameters, mean, direction in
        let gradients = gradients.span
        for index in 0..<count {
          let gradient = gradients[unchecked: index]
          let slope = decays ? gradient + decay * parameters[unchecked: index] : gradient
          mean[unchecked: index] = mean[unchecked: index].moved(to: slope, by: new)
          direction[unchecked: index] = slope
        }
      }
      lend(&meanSquare, &mean, &direction) { meanSquare, mean, direction in
        for index in 0..<count {
          let slope = direction[unchecked: index]
          let v = meanSquare[unchecked: index] * keep + new * slope * slope
          meanSquare[unchecked: index] = v
          let m = mean[unchecked: index]
          let root = (v - m * m).squareRoot() + eps
          direction[unchecked: index] = first * slope / root
        }
      }
    } else {
      lend(&parameters, &meanSquare, &direction) { parameters, meanSquare, direction in
        let gradients = gradients.span
        for index in 0..<count {
          let gradient = gradients[unchecked: index]
          let slope = decays ? gradient + decay * parameters[unchecked: index] : gradient
          let v = meanSquare[unchecked: index] * keep + new * slope * slope
          meanSquare[unchecked: index] = v
          direction[unchecked: index] = first * slope / (v.squareRoot() + eps)
        }
      }
    }
    guard hasMomentum else {
      lend(&parameters, &direction) { parameters, direction in
        for index in 0..<count {
          let change = direction[unchecked: index]
          parameters[unchecked: index] = parameters[unchecked: index] - change
        }
      }
      return
    }
    if buffer.isEmpty { buffer = [Scalar](repeating: 0, count: count) }
    let inert = Scalar(momentum)
    lend(&parameters, &buffer, &direction) { parameters, buffer, direction in
      for index in 0..<count {
        let moved = buffer[unchecked: index] * inert + direction[unchecked: index]
        buffer[unchecked: index] = moved
        let change = rate * moved
        parameters[unchecked: index] = parameters[unchecked: index] - change
      }
    }
  }

  mutating func setMomentum(_ momentum: Double) { self.momentum = momentum }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        vectors: [("square_avg", meanSquare)]
          + (centered ? [("grad_avg", mean)] : [])
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
    let own = ["square_avg"] + (centered ? ["grad_avg"] : [])
    let names = state.vectors.map(\.name)
    return (names == own || names == own + ["momentum_buffer"]) && state.numbers.isEmpty
      && state.vectors.allSatisfy { $0.values.count == meanSquare.count }
  }
}
