import Autograd

/// Adam whose first steps do without the mean square, as long as its variance is too large (Liu and others 2020).
///
/// Until about the sixth step, with the usual betas, it goes along the running mean of the gradients
/// alone, by the full learning rate: smaller rates suit it than suit Adam.
struct RAdam<Scalar: Precision>: Optimizer {
  private var beta1: Double
  private let beta2: Double
  private let eps: Double
  private let weightDecay: Double
  private var mean: [Scalar]
  private var meanSquare: [Scalar]
  private var steps = 0

  init(_ settings: OptimizerSettings, parameterCount: Int) {
    (beta1, beta2) = (settings.betas.first, settings.betas.second)
    eps = settings.eps
    weightDecay = settings.weightDecay
    mean = [Scalar](repeating: 0, count: parameterCount)
    meanSquare = mean
  }

  /// The factor that makes up for the variance of the mean square; nil while there is no estimate of it.
  private var rectification: Double? {
    let power2 = Elementary.power(beta2, steps)
    let most = 2 / (1 - beta2) - 1
    let length = most - 2 * Double(steps) * power2 / (1 - power2)
    guard length > 5 else { return nil }
    let ratio = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
    return ratio.squareRoot()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(gradients.count == count && mean.count == count, "one gradient for each element")
    steps += 1
    let correction1 = Scalar(1 - Elementary.power(beta1, steps))
    let root2 = Scalar((1 - Elementary.power(beta2, steps)).squareRoot())
    let factor = rectification
    let (adapts, rectified) = (factor != nil, Scalar(factor ?? 1))
    let rate = Scalar(learningRate)
    let new1 = Scalar(1 - beta1)
    let (keep2, new2) = (Scalar(beta2), Scalar(1 - beta2))
    let eps = Scalar(eps)
    let (decays, decay) = (weightDecay != 0, Scalar(weightDecay))

    lend(&parameters, &mean, &meanSquare) { parameters, mean, meanSquare in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let gradient = gradients[unchecked: index]
        let slope = decays ? gradient + decay * parameter : gradient
        let m = mean[unchecked: index].moved(to: slope, by: new1)
        let v = meanSquare[unchecked: index] * keep2 + new2 * slope * slope
        mean[unchecked: index] = m
        meanSquare[unchecked: index] = v
        let plain = m / correction1 * rate
        let change = adapts ? plain * (root2 / (v.root + eps)) * rectified : plain
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  mutating func setMomentum(_ momentum: Double) { beta1 = momentum }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        vectors: [("exp_avg", mean), ("exp_avg_sq", meanSquare)],
        numbers: [("step", Double(steps))])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      mean = newValue.vector("exp_avg")
      meanSquare = newValue.vector("exp_avg_sq")
      steps = newValue.steps
    }
  }
}
