import Autograd

/// Steps divided by the root of the sum of each gradient's squares (Duchi, Hazan and Singer 2011).
///
/// The rate of step t, counted from 1, is `learningRate/(1 + (t − 1)·lrDecay)`.
struct Adagrad<Scalar: Precision>: Optimizer {
  private let lrDecay: Double
  private let eps: Double
  private let weightDecay: Double
  private var sum: [Scalar]
  private var steps = 0

  init(_ settings: OptimizerSettings, parameterCount: Int) {
    lrDecay = settings.lrDecay
    eps = settings.eps
    weightDecay = settings.weightDecay
    sum = [Scalar](repeating: Scalar(settings.initialAccumulatorValue), count: parameterCount)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(gradients.count == count && sum.count == count, "one gradient for each element")
    steps += 1
    let rate = Scalar(learningRate / (1 + Double(steps - 1) * lrDecay))
    let eps = Scalar(eps)
    let (decays, decay) = (weightDecay != 0, Scalar(weightDecay))

    lend(&parameters, &sum) { parameters, sum in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let gradient = gradients[unchecked: index]
        let slope = decays ? gradient + decay * parameter : gradient
        let s = sum[unchecked: index] + slope * slope
        sum[unchecked: index] = s
        let change = rate * slope / (s.root + eps)
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  var state: OptimizerState<Scalar> {
    get { OptimizerState(vectors: [("sum", sum)], numbers: [("step", Double(steps))]) }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      sum = newValue.vector("sum")
      steps = newValue.steps
    }
  }
}
