import Autograd

/// Steps divided by the root of each gradient's mean square, along its running mean.
///
/// Adam is Kingma and Ba (2015). AMSGrad (Reddi, Kale and Kumar 2018) divides by the largest mean square so
/// far. AdamW (Loshchilov and Hutter 2019) takes weight decay out of the gradient: it shrinks the
/// parameters by `learningRate·weightDecay` before the step.
struct Adam<Scalar: Precision>: Optimizer {
  private var beta1: Double
  private let beta2: Double
  private let eps: Double
  private let weightDecay: Double
  private let shrinksParameters: Bool
  private let keepsLargest: Bool
  private var mean: [Scalar]
  private var meanSquare: [Scalar]
  /// Empty unless the largest are kept.
  private var largestMeanSquare: [Scalar]
  private var steps = 0

  init(_ settings: OptimizerSettings, parameterCount: Int) {
    (beta1, beta2) = (settings.betas.first, settings.betas.second)
    eps = settings.eps
    weightDecay = settings.weightDecay
    shrinksParameters = settings.name == .adamw
    keepsLargest = settings.amsgrad
    mean = [Scalar](repeating: 0, count: parameterCount)
    meanSquare = mean
    largestMeanSquare = keepsLargest ? mean : []
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func step(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>, learningRate: Double
  ) {
    let count = parameters.count
    precondition(gradients.count == count && mean.count == count, "one gradient for each element")
    steps += 1
    let correction1 = 1 - Elementary.power(beta1, steps)
    let correction2 = 1 - Elementary.power(beta2, steps)
    let rate = Scalar(learningRate / correction1)
    let root2 = Scalar(correction2.squareRoot())
    let new1 = Scalar(1 - beta1)
    let (keep2, new2) = (Scalar(beta2), Scalar(1 - beta2))
    let eps = Scalar(eps)
    let decays = weightDecay != 0 && !shrinksParameters
    let decay = Scalar(weightDecay)
    let shrinks = weightDecay != 0 && shrinksParameters
    let shrunk = Scalar(1 - learningRate * weightDecay)

    guard keepsLargest else {
      lend(&parameters, &mean, &meanSquare) { parameters, mean, meanSquare in
        let gradients = gradients.span
        for index in 0..<count {
          let before = parameters[unchecked: index]
          let gradient = gradients[unchecked: index]
          let slope = decays ? gradient + decay * before : gradient
          let parameter = shrinks ? before * shrunk : before
          let m = mean[unchecked: index].moved(to: slope, by: new1)
          let v = meanSquare[unchecked: index] * keep2 + new2 * slope * slope
          mean[unchecked: index] = m
          meanSquare[unchecked: index] = v
          let change = rate * m / (v.root / root2 + eps)
          parameters[unchecked: index] = parameter - change
        }
      }
      return
    }
    lend(&parameters, &mean, &meanSquare, &largestMeanSquare) {
      parameters, mean, meanSquare, largest in
      let gradients = gradients.span
      for index in 0..<count {
        let before = parameters[unchecked: index]
        let gradient = gradients[unchecked: index]
        let slope = decays ? gradient + decay * before : gradient
        let parameter = shrinks ? before * shrunk : before
        let m = mean[unchecked: index].moved(to: slope, by: new1)
        let v = meanSquare[unchecked: index] * keep2 + new2 * slope * slope
        let past = largest[unchecked: index]
        let most = past >= v ? past : v
        mean[unchecked: index] = m
        meanSquare[unchecked: index] = v
        largest[unchecked: index] = most
        let change = rate * m / (most.root / root2 + eps)
        parameters[unchecked: index] = parameter - change
      }
    }
  }

  mutating func setMomentum(_ momentum: Double) { beta1 = momentum }

  var state: OptimizerState<Scalar> {
    get {
      let largest = keepsLargest ? [("max_exp_avg_sq", largestMeanSquare)] : []
      return OptimizerState(
        vectors: [("exp_avg", mean), ("exp_avg_sq", meanSquare)] + largest,
        numbers: [("step", Double(steps))])
    }
    set {
      precondition(canResume(from: newValue), "a state of another rule")
      mean = newValue.vector("exp_avg")
      meanSquare = newValue.vector("exp_avg_sq")
      largestMeanSquare = newValue.vector("max_exp_avg_sq")
      steps = newValue.steps
    }
  }
}
