import Autograd

/// Adam with Nesterov's momentum: steps look ahead by a momentum that warms up (Dozat 2016).
///
/// The momentum of step t is `β₁·(1 − 0.96^(t·momentumDecay)/2)`.
struct NAdam<Scalar: Precision>: Optimizer {
  private var beta1: Double
  private let beta2: Double
  private let eps: Double
  private let weightDecay: Double
  private let momentumDecay: Double
  private var mean: [Scalar]
  private var meanSquare: [Scalar]
  /// The product of all momenta so far.
  private var momentumProduct = 1.0
  private var steps = 0

  init(_ settings: OptimizerSettings, parameterCount: Int) {
    (beta1, beta2) = (settings.betas.first, settings.betas.second)
    eps = settings.eps
    weightDecay = settings.weightDecay
    momentumDecay = settings.momentumDecay
    mean = [Scalar](repeating: 0, count: parameterCount)
    meanSquare = mean
  }

  private func momentum(ofStep step: Int) -> Double {
    beta1 * (1 - 0.5 * Elementary.power(0.96, Double(step) * momentumDecay))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(gradients.count == count && mean.count == count, "one gradient for each element")
    steps += 1
    let (now, next) = (momentum(ofStep: steps), momentum(ofStep: steps + 1))
    momentumProduct *= now
    let gradientRate = Scalar(learningRate * (1 - now) / (1 - momentumProduct))
    let meanRate = Scalar(learningRate * next / (1 - momentumProduct * next))
    let correction2 = Scalar(1 - Elementary.power(beta2, steps))
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
        let root = (v / correction2).root + eps
        let alongGradient = parameter - gradientRate * slope / root
        parameters[unchecked: index] = alongGradient - meanRate * m / root
      }
    }
  }

  mutating func setMomentum(_ momentum: Double) { beta1 = momentum }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        vectors: [("exp_avg", mean), ("exp_avg_sq", meanSquare)],
        numbers: [("step", Double(steps)), ("mu_product", momentumProduct)])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      mean = newValue.vector("exp_avg")
      meanSquare = newValue.vector("exp_avg_sq")
      steps = newValue.steps
      momentumProduct = newValue.number("mu_product")
    }
  }
}
