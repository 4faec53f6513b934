import Autograd

/// Steps divided by the root of each gradient's running mean square (Tieleman and Hinton 2012).
///
/// Centred, it divides by the running standard deviation instead (Graves 2013); where rounding makes a
/// variance negative, PyTorch's is nan, and here its magnitude counts. With momentum, what is
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

  init(_ settings: OptimizerSettings, parameterCount: Int) {
    momentum = settings.momentum
    alpha = settings.alpha
    eps = settings.eps
    centered = settings.centered
    weightDecay = settings.weightDecay
    meanSquare = [Scalar](repeating: 0, count: parameterCount)
    mean = centered ? meanSquare : []
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

    if hasMomentum, buffer.isEmpty { buffer = [Scalar](repeating: 0, count: count) }
    let inert = Scalar(momentum)
    switch (centered, hasMomentum) {
    case (false, false):
      lend(&parameters, &meanSquare) { parameters, meanSquare in
        let gradients = gradients.span
        for index in 0..<count {
          let parameter = parameters[unchecked: index]
          let gradient = gradients[unchecked: index]
          let slope = decays ? gradient + decay * parameter : gradient
          let v = meanSquare[unchecked: index] * keep + new * slope * slope
          meanSquare[unchecked: index] = v
          let change = rate * slope / (v.root + eps)
          parameters[unchecked: index] = parameter - change
        }
      }
    case (true, false):
      lend(&parameters, &meanSquare, &mean) { parameters, meanSquare, mean in
        let gradients = gradients.span
        for index in 0..<count {
          let parameter = parameters[unchecked: index]
          let gradient = gradients[unchecked: index]
          let slope = decays ? gradient + decay * parameter : gradient
          let v = meanSquare[unchecked: index] * keep + new * slope * slope
          let m = mean[unchecked: index].moved(to: slope, by: new)
          meanSquare[unchecked: index] = v
          mean[unchecked: index] = m
          let change = rate * slope / ((v - m * m).root + eps)
          parameters[unchecked: index] = parameter - change
        }
      }
    case (false, true):
      lend(&parameters, &meanSquare, &buffer) { parameters, meanSquare, buffer in
        let gradients = gradients.span
        for index in 0..<count {
          let parameter = parameters[unchecked: index]
          let gradient = gradients[unchecked: index]
          let slope = decays ? gradient + decay * parameter : gradient
          let v = meanSquare[unchecked: index] * keep + new * slope * slope
          let moved = buffer[unchecked: index] * inert + slope / (v.root + eps)
          meanSquare[unchecked: index] = v
          buffer[unchecked: index] = moved
          let change = rate * moved
          parameters[unchecked: index] = parameter - change
        }
      }
    case (true, true):
      lend(&parameters, &meanSquare, &mean, &buffer) { parameters, meanSquare, mean, buffer in
        let gradients = gradients.span
        for index in 0..<count {
          let parameter = parameters[unchecked: index]
          let gradient = gradients[unchecked: index]
          let slope = decays ? gradient + decay * parameter : gradient
          let v = meanSquare[unchecked: index] * keep + new * slope * slope
          let m = mean[unchecked: index].moved(to: slope, by: new)
          let moved = buffer[unchecked: index] * inert + slope / ((v - m * m).root + eps)
          meanSquare[unchecked: index] = v
          mean[unchecked: index] = m
          buffer[unchecked: index] = moved
          let change = rate * moved
          parameters[unchecked: index] = parameter - change
        }
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
