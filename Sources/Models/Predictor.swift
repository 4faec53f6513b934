public import Autograd
internal import Formula
public import Tables

/// A trained model that predicts rows on several threads.
public struct Predictor<Scalar: Precision>: Sendable {
  /// The columns that rows must have.
  public let columns: [StreamedColumn]
  /// The classes whose probabilities follow each prediction; empty if none do.
  public let probabilityClasses: [String]
  private let program: Program
  private let parameters: [Scalar]
  private let estimator: Estimator
  /// How many elements the prediction has; those of the probabilities follow.
  private let predictionCount: Int
  /// What the limits of a band follow from; nil where there are none.
  private let band: Band?
  /// The names of the classes where what is predicted is one, by the number that stands for it.
  private let classNames: [Double: String]
  /// What each column of the program is made of: a column of the rows, nil for one that does not count.
  private let sources: [(column: Int, part: Part)?]

  private enum Part: Sendable {
    case number(Scaling?)
    case indicator(of: Double)
    case code

    var isScaled: Bool { if case .number(.some) = self { true } else { false } }

    /// What the program is given for the value of a row.
    @inline(__always)
    func callAsFunction(_ value: Double) -> Scalar {
      switch self {
      case .number(let scaling): Scalar(scaling?(value) ?? value)
      case .indicator(let level): value == level ? 1 : 0
      case .code: Scalar(value)
      }
    }
  }

  /// A predictor by the model and a value for each element of its parameters.
  ///
  /// A band, if one is asked for, is of the model's own uncertainty. Nil if there are to be probabilities and the
  /// model's loss gives none: see ``Model/givesProbabilities``.
  public init?(
    _ model: Model, parameters: [Scalar], withProbabilities: Bool = false, band: Band? = nil
  ) {
    var outputs = [model.estimateNode]
    self.band = band
    if band != nil { outputs += model.predictionGradient }
    predictionCount = model.estimateNode.shape.count
    if withProbabilities {
      guard let probabilities = model.probabilities else { return nil }
      outputs.append(probabilities)
    }
    probabilityClasses = withProbabilities ? model.classNames : []
    program = model.binding.program(of: outputs)
    self.parameters =
      parameters + [Scalar](repeating: 0, count: model.noiseKeyCount * NoiseKey.count)
    estimator = model.estimator
    let values = model.classNames.indices.map(model.classValue)
    classNames = Dictionary(zip(values, model.classNames)) { first, _ in first }
    let inputs = model.inputs.filter { $0 != model.target }
    columns = inputs.map { name in
      StreamedColumn(
        name, model.holdsText(name) ? .text(levels: model.levels(of: name)) : .number)
    }
    let indices = Dictionary(uniqueKeysWithValues: zip(inputs, inputs.indices))
    sources = model.columns.map { column in
      guard let name = column.name, let index = indices[name] else { return nil }
      let part: Part =
        switch column {
        case .number: .number(model.scalings[name])
        case .indicator(_, let level): .indicator(of: Double(level))
        case .code, .rowNumber: .code
        }
      return (index, part)
    }
  }

  /// Adds the prediction of each row as a field, then those of the probabilities or of the limits of a band; empty
  /// ones where a row lacks a value, or a limit is not known.
  ///
  /// Throws where a number is beyond the precision, when the rows before it are added.
  public func add(_ tile: RowTile, to fields: inout AddedFields) throws(TableError) {
    // Little at a time, as a column of texts becomes many.
    let most = max(64, (1 << 18) / max(1, sources.count))
    for first in stride(from: 0, to: tile.rowCount, by: most) {
      try add(tile, rows: first..<min(first + most, tile.rowCount), to: &fields)
    }
  }

  private func add(
    _ tile: RowTile, rows: Range<Int>, to fields: inout AddedFields
  ) throws(TableError) {
    var end = rows.upperBound
    var failure: TableError?
    let data = Columns<Scalar>(rowCount: rows.count, columnCount: sources.count) { index, values in
      guard let (column, part) = sources[index] else { return }
      for (lane, row) in rows.enumerated() where tile.isComplete(row: row) {
        let value = tile[column, row]
        values[lane] = part(value)
        if !values[lane].isFinite, row < end {
          end = row
          failure = tile.error(
            .beyondPrecision(value, column: columns[column].name, isScaled: part.isScaled),
            column: column, row: row)
        }
      }
    }
    let otherCount = band == nil ? probabilityClasses.count : Band.limitNames.count
    forEachRow(of: data) { lane, prediction, others in
      let row = rows.lowerBound + lane
      if row >= end { return }
      if tile.isComplete(row: row) {
        add(prediction, to: &fields)
        for other in others {
          if let other { fields.append(other) } else { fields.appendEmpty() }
        }
      } else {
        for _ in 0...otherCount { fields.appendEmpty() }
      }
      fields.endRow()
    }
    if let failure { throw failure }
  }

  private func add(_ prediction: Prediction, to fields: inout AddedFields) {
    switch prediction {
    case .number(let number): fields.append(number)
    case .name(let name): fields.append(name)
    }
  }

  /// The prediction at one point, followed by probabilities or limits, as ``add(_:to:)`` writes them.
  ///
  /// `point` has for each of ``columns`` a number, or the index of a text among its levels, −1 for any other text.
  /// Nil if a number is beyond the precision.
  public func predict(at point: [Double]) -> (Prediction, others: [Double?])? {
    var isInRange = true
    let data = Columns<Scalar>(rowCount: 1, columnCount: sources.count) { index, values in
      guard let (column, part) = sources[index] else { return }
      values[0] = part(point[column])
      isInRange = isInRange && values[0].isFinite
    }
    var found: (Prediction, others: [Double?])?
    forEachRow(of: data) { found = ($1, $2) }
    return isInRange ? found : nil
  }

  private func forEachRow(
    of data: borrowing Columns<Scalar>, _ body: (Int, Prediction, [Double?]) -> Void
  ) {
    var executor = Executor<Scalar>(program, batchRows: data.rowCount, sumsRows: false)
    executor.forEachBlock(
      of: 0..<data.rowCount, in: data, parameters: parameters
    ) { rows, elements in
      let scores = Array(elements[..<predictionCount])
      for (lane, row) in rows.enumerated() {
        let value = estimator(scores, lane: lane)
        let prediction: Prediction =
          classNames.isEmpty
          ? .number(
            estimator.scaling == nil ? value : value.keepingPrecision(of: Scalar.self))
          : scores.contains { $0[lane].isNaN }
            ? .number(.nan) : classNames[value].map(Prediction.name) ?? .number(value)
        let others = elements[predictionCount...]
        let limits = band.map { band in
          band.limits(around: value, gradient: others.map { Double($0[lane]) })
        }
        body(row, prediction, limits ?? probabilities(others, lane: lane))
      }
    }
  }

  private func probabilities(
    _ elements: ArraySlice<UnsafeBufferPointer<Scalar>>, lane: Int
  ) -> [Double?] {
    elements.map { Double($0[lane]) }
  }
}

/// The limits within which the curve of a fit and new observations are expected to lie.
public struct Band: Sendable {
  /// What the limits are called, in their order.
  public static let limitNames = ["lower", "upper", "prediction_lower", "prediction_upper"]
  private let uncertainty: Uncertainty
  private let quantile: Double

  /// A band that reaches `quantile` standard errors to both sides.
  public init(_ uncertainty: Uncertainty, quantile: Double) {
    self.uncertainty = uncertainty
    self.quantile = quantile
  }

  /// The limits of the curve at a point, by the gradient of its value there, then those of a new observation of
  /// weight 1; nil where the fit was weighted, since the weight of a new one is unknown.
  public func limits(around value: Double, gradient: [Double]) -> [Double?] {
    // A parameter without an error has no part in the curve's, however steep the curve is in it.
    var variance = 0.0
    for (row, slope) in zip(uncertainty.covariance, gradient) {
      for (covariance, other) in zip(row, gradient) where covariance != 0 {
        variance += slope * covariance * other
      }
    }
    let ofCurve = quantile * (variance < 0 ? 0 : variance.squareRoot())
    let own = uncertainty.residualStandardError
    let ofRow = quantile * ((variance < 0 ? 0 : variance) + own * own).squareRoot()
    return [value - ofCurve, value + ofCurve]
      + (uncertainty.isWeighted ? [nil, nil] : [value - ofRow, value + ofRow])
  }
}

/// The prediction for a row: a number or the name of a class.
public enum Prediction: Hashable, Sendable {
  case number(Double)
  case name(String)
}

extension Model {
  /// Whether the value of the formula is what is predicted.
  var predictsPlainNumbers: Bool {
    if case .value = estimator.estimate {
      estimator.scaling == nil && prediction.shape == .scalar && !holdsText(target)
    } else {
      false
    }
  }

  /// The slopes of the prediction by every parameter.
  var predictionGradient: [Node] {
    let graph = binding.graph
    let nodes = parameters.map { graph.parameter($0.name, $0.shape) }
    return graph.gradients(of: prediction, withRespectTo: nodes)
  }

  /// The names of the classes in order of value, or none if the model predicts a number.
  public var classNames: [String] {
    if let classes { return isOfClasses ? classes : [] }
    switch estimator.estimate {
    case .upper: return ["\(Int(estimator.lower))", "1"]
    case .highest: return (0..<prediction.shape.count).map { "\($0)" }
    case .value, .logarithm: return []
    }
  }

  /// The number that stands for a class: its index, but for the lower of −1 and 1.
  func classValue(_ index: Int) -> Double {
    if case .upper = estimator.estimate, index == 0 { return estimator.lower }
    return Double(index)
  }

  /// Whether a prediction gives the probability of each class.
  public var givesProbabilities: Bool { specification.loss.named?.probability != nil }

  /// The probability of each class.
  var probabilities: Node? {
    switch specification.loss.named?.probability {
    case .itself: concat([1 - prediction, prediction])
    case .sigmoid: concat([sigmoid(-prediction), sigmoid(prediction)])
    case .softmax: softmax(prediction)
    case .exponential: exp(prediction)
    case nil: nil
    }
  }
}
