/// A loss with a name.
public struct Loss: Sendable {
  /// What a loss takes for a prediction.
  public enum PredictionKind: Sendable {
    case number
    /// A vector of scores, one per class; the target is a class, counted from 0.
    case scores
    /// A vector of two: the mean and the variance.
    case meanAndVariance
  }

  /// What a prediction says of the target.
  public enum Estimate: Sendable {
    /// The target itself, or the first element of a vector.
    case value
    /// The logarithm of the target.
    case logarithm
    /// The upper of two values, 0 or −1 and 1, where it is above a threshold.
    case upper(above: Double)
    /// The class of the highest score.
    case highest
  }

  /// How a prediction gives the probabilities of classes.
  public enum Probability: Sendable {
    /// It is that of the upper of two values.
    case itself
    /// Its sigmoid is that of the upper of two values.
    case sigmoid
    /// The softmax of its scores.
    case softmax
    /// The exponentials of its elements.
    case exponential
  }

  /// What users call it.
  public let name: String
  /// What other libraries call it, without `_loss`, where that is another name.
  let otherNames: [String]
  /// What it is, in a few words.
  public let summary: String
  /// Its settings in order, with their defaults.
  public let settings: [(name: String, value: Double)]
  /// The values that its settings may have.
  public let settingRange: ClosedRange<Double>
  /// What it takes for a prediction.
  public let prediction: PredictionKind
  /// What that says of the target.
  public let estimate: Estimate
  /// How that gives the probabilities of classes; nil if it does not.
  public private(set) var probability: Probability?
  /// The targets that it has a meaning for.
  public let targets: ClosedRange<Double>
  private let body: @Sendable (Node, Node, [Double]) -> Node

  /// Every loss of a prediction and a target.
  public static let all = [
    Loss("mse", or: ["mean_squared_error", "squared_error", "l2"], "squared error") {
      squaredError($0, $1)
    },
    Loss("mae", or: ["l1", "mean_absolute_error", "absolute_error"], "absolute error") {
      absoluteError($0, $1)
    },
    Loss(
      "huber", "squared error up to delta, then linear", "delta", 1, from: .leastNonzeroMagnitude
    ) {
      huber($0, $1, delta: $2)
    },
    Loss("smooth-l1", "huber divided by beta", "beta", 1, from: .leastNonzeroMagnitude) {
      smoothL1($0, $1, beta: $2)
    },
    Loss("log-cosh", "log(cosh(error))") { logCosh($0, $1) },
    Loss("quantile", "pinball loss, for quantile regression", "quantile", 0.5, from: 0, to: 1) {
      pinball($0, $1, quantile: $2)
    },
    Loss(
      "bce", or: ["binary_cross_entropy", "binary_crossentropy"],
      "binary cross-entropy of a probability; y is 0 to 1",
      targets: 0...1,
      .upper(above: 0.5)
    ) {
      binaryCrossEntropy($0, $1)
    }.giving(.itself),
    Loss(
      "bce-logits", or: ["bce_with_logits", "binary_cross_entropy_with_logits", "log"],
      "binary cross-entropy of sigmoid(prediction)", targets: 0...1, .upper(above: 0)
    ) {
      binaryCrossEntropyWithLogits($0, $1)
    }.giving(.sigmoid),
    Loss("hinge", "max(0, 1 - y*prediction), for y = -1 or 1", targets: -1...1, .upper(above: 0)) {
      hinge($0, $1)
    },
    Loss("squared-hinge", "the square of hinge", targets: -1...1, .upper(above: 0)) {
      squaredHinge($0, $1)
    },
    Loss(
      "poisson", or: ["poisson_nll"],
      "negative log-likelihood of counts; predicts log(rate)",
      targets: 0...(.infinity), .logarithm
    ) {
      poissonNLL($0, $1)
    },
    Loss(
      "gaussian-nll", "negative log-likelihood (normal); predicts mean, variance",
      of: .meanAndVariance
    ) {
      gaussianNLL(pick($0, 0), $1, variance: pick($0, 1))
    },
    Loss(
      "cross-entropy",
      or: ["categorical_crossentropy", "sparse_categorical_crossentropy", "softmax_cross_entropy"],
      "softmax cross-entropy of class scores", of: .scores, "label-smoothing", 0, from: 0, to: 1
    ) { crossEntropy($0, $1, labelSmoothing: $2) }.giving(.softmax),
    Loss("nll", "log loss of classes; the prediction is log-probabilities", of: .scores) {
      negativeLogLikelihood($0, $1)
    }.giving(.exponential),
    Loss("multi-margin", "hinge loss of class scores", of: .scores, "margin", 1, from: 0) {
      multiMargin($0, $1, margin: $2)
    },
  ]

  /// Every loss by its name.
  public static let named = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The loss of one example; the last settings may be left out.
  public func callAsFunction(_ prediction: Node, _ target: Node, _ given: [Double] = []) -> Node {
    precondition(given.count <= settings.count, "too many settings of \(name)")
    return body(prediction, target, given + settings.dropFirst(given.count).map(\.value))
  }

  /// Whether a prediction of that shape is of its kind.
  public func takes(_ shape: Shape) -> Bool {
    switch (prediction, shape) {
    case (.number, .scalar), (.meanAndVariance, .vector(2)): true
    case (.scores, .vector(let count)): count > 1
    default: false
    }
  }

  /// Whether a text is another library's name for the loss, as `L1Loss` and `l1_loss` for `mae`.
  ///
  /// Its case, `_`, `-` and `loss` at its end make no difference.
  public func isAlsoCalled(_ text: String) -> Bool {
    func plain(_ name: String) -> String {
      let letters = name.lowercased().filter { $0 != "_" && $0 != "-" }
      return letters.hasSuffix("loss") ? String(letters.dropLast(4)) : letters
    }
    return (otherNames + [name]).contains { plain($0) == plain(text) }
  }

  /// The same, whose prediction gives probabilities.
  private func giving(_ probability: Probability) -> Loss {
    var loss = self
    loss.probability = probability
    return loss
  }

  private init(
    _ name: String, or otherNames: [String] = [], _ summary: String,
    of prediction: PredictionKind = .number,
    targets: ClosedRange<Double> = -.infinity...(.infinity), _ estimate: Estimate = .value,
    _ body: @escaping @Sendable (Node, Node) -> Node
  ) {
    if case .scores = prediction { self.estimate = .highest } else { self.estimate = estimate }
    (self.name, self.otherNames, self.summary) = (name, otherNames, summary)
    (settings, self.prediction) = ([], prediction)
    settingRange = 0...0
    self.targets = targets
    self.body = { prediction, target, _ in body(prediction, target) }
  }

  private init(
    _ name: String, or otherNames: [String] = [], _ summary: String,
    of prediction: PredictionKind = .number, _ setting: String,
    _ value: Double, from least: Double, to most: Double = .greatestFiniteMagnitude,
    _ body: @escaping @Sendable (Node, Node, Double) -> Node
  ) {
    (self.name, self.otherNames) = (name, otherNames)
    (self.summary, self.prediction) = (summary, prediction)
    if case .scores = prediction { estimate = .highest } else { estimate = .value }
    settings = [(setting, value)]
    settingRange = least...most
    targets = -.infinity...(.infinity)
    self.body = { body($0, $1, $2[0]) }
  }
}

private func pick(_ x: Node, _ index: Double) -> Node { pick(x, x.graph.constant(index)) }
