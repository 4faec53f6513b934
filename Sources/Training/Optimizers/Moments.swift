import Autograd

/// The running means of gradients and of their squares, which Adam and its relatives step along.
struct Moments<Scalar: Precision> {
  /// The decay rate of the mean.
  var beta1: Double
  /// The decay rate of the mean square.
  let beta2: Double
  /// How many steps were taken.
  private(set) var steps = 0
  private let weightDecay: Double
  private(set) var mean: [Scalar]
  private(set) var meanSquare: [Scalar]

  init(_ betas: Pair, weightDecay: Double, parameterCount: Int) {
    (beta1, beta2) = (betas.first, betas.second)
    self.weightDecay = weightDecay
    mean = [Scalar](repeating: 0, count: parameterCount)
    meanSquare = mean
  }

  /// `1 − β₁^t`, what the mean lacks because it started from 0.
  var correction1: Double { 1 - Elementary.power(beta1, steps) }
  /// `1 − β₂^t`, the same of the mean square.
  var correction2: Double { 1 - Elementary.power(beta2, steps) }

  /// Counts a step, whose corrections are then known.
  mutating func beginStep() { steps += 1 }

  /// Updates both means along the gradients, and each parameter by `move`.
  ///
  /// `move` gets an element's index, its parameter and gradient, weight decay included, and its new means.
  @inline(__always)
  mutating func update(
    _ parameters: inout [Scalar], along gradients: ArraySlice<Scalar>,
    _ move: (
      _ index: Int, _ parameter: Scalar, _ gradient: Scalar, _ mean: Scalar, _ meanSquare: Scalar
    ) -> Scalar
  ) {
    let count = parameters.count
    precondition(gradients.count == count && mean.count == count, "one gradient for each element")
    let new1 = Scalar(1 - beta1)
    let (keep2, new2) = (Scalar(beta2), Scalar(1 - beta2))
    let decay = WeightDecay<Scalar>(weightDecay)
    lend(&parameters, &mean, &meanSquare) { parameters, mean, meanSquare in
      let gradients = gradients.span
      for index in 0..<count {
        let parameter = parameters[unchecked: index]
        let slope = decay.slope(gradients[unchecked: index], at: parameter)
        let m = mean[unchecked: index].moved(to: slope, by: new1)
        let v = meanSquare[unchecked: index] * keep2 + new2 * slope * slope
        mean[unchecked: index] = m
        meanSquare[unchecked: index] = v
        parameters[unchecked: index] = move(index, parameter, slope, m, v)
      }
    }
  }

  /// The means and the count of steps, by PyTorch's names.
  var state: OptimizerState<Scalar> {
    get {
      OptimizerState(
        vectors: [("exp_avg", mean), ("exp_avg_sq", meanSquare)],
        numbers: [("step", Double(steps))])
    }
    set {
      mean = newValue.vector("exp_avg")
      meanSquare = newValue.vector("exp_avg_sq")
      steps = newValue.steps
    }
  }
}

extension Setting {
  /// PyTorch's `betas`.
  static func betas(_ property: any WritableKeyPath<Owner, Pair> & Sendable) -> Setting {
    .pair(
      "betas", property, .zeroToBelowOne, .zeroToBelowOne,
      "decay rates of the moment estimates, of gradients and of squares")
  }
}
