import Autograd

/// Steps in the parameters' own unit: the gradient times the root mean square of past steps by that of past
/// gradients (Zeiler 2012).
///
/// The learning rate multiplies steps that need none; PyTorch's default is 1.
struct Adadelta<Scalar: Precision>: Optimizer {
  private let rho: Double
  private let eps: Double
  private let weightDecay: Double
  private var meanSquare: [Scalar]
  private var meanSquareOfSteps: [Scalar]

  init(_ settings: OptimizerSettings, parameterCount: Int) {
    rho = settings.rho
    eps = settings.eps
    weightDecay = settings.weightDecay
    meanSquare = [Scalar](repeating: 0, count: parameterCount)
    meanSquareOfSteps = meanSquare
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
    let (keep, new) = (Scalar(rho), Scalar(1 - rho))
    let eps = Scalar(eps)
    let (decays, decay) = (weightDecay != 0, Scalar(weightDecay))

    lend(&parameters, &meanSquare, &meanSquareOfSteps) {
      parameters, meanSquare, meanSquareOfSteps in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let gradient = gradients[unchecked: index]
        let slope = decays ? gradient + decay * parameter : gradient
        let v = meanSquare[unchecked: index] * keep + new * slope * slope
        let u = meanSquareOfSteps[unchecked: index]
        let step = (u + eps).root / (v + eps).root * slope
        meanSquare[unchecked: index] = v
        meanSquareOfSteps[unchecked: index] = u * keep + new * step * step
        let change = rate * step
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(vectors: [("square_avg", meanSquare), ("acc_delta", meanSquareOfSteps)])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      meanSquare = newValue.vector("square_avg")
      meanSquareOfSteps = newValue.vector("acc_delta")
    }
  }
}
