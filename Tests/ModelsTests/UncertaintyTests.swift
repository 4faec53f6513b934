import Formula
import Models
import Tables
import Testing

@Suite struct UncertaintyTests {
  private static let uncertainty = Uncertainty(
    covariance: [[0.5, -0.25], [-0.25, 1]], residualStandardError: 0.75, degreesOfFreedom: 3,
    level: 0.9, hasKnownErrors: false, isWeighted: false)

  private func model(response: String? = nil) throws -> Model {
    var specification = try specification("a + b*x")
    specification.response = try response.map { try Formula($0) }
    return try Preparation(specification).bind(to: table("x,y\n1,2\n2,4\n")).model
  }

  private func saved(_ change: (inout Safetensors) -> Void = { _ in }) throws -> SavedModel {
    var file = try model().file(parameters: [1, 2])
    Self.uncertainty.add(to: &file)
    change(&file)
    return try SavedModel(Safetensors(reading: file.serialized()))
  }

  @Test func `it comes back from a file`() throws {
    #expect(try saved().uncertainty == Self.uncertainty)
    let plain = try model().file(parameters: [1, 2])
    #expect(try SavedModel(plain).uncertainty == nil)
  }

  @Test(arguments: [
    ("degrees_of_freedom", "0", "a whole number, 1 or more"),
    ("degrees_of_freedom", "1.5", "a whole number, 1 or more"),
    ("residual_standard_error", "-1", "a number, 0 or more"),
    ("level", "1", "above 0 and below 1"), ("weighted", "2", "true or false"),
  ])
  func `an entry that cannot be is refused`(key: String, value: String, taken: String) throws {
    let error = #expect(throws: ModelFileError.self) {
      try saved { file in
        var entry = (try? JSON(parsing: file.metadata["fit"] ?? ""))?.object ?? [:]
        entry[key] = try? JSON(parsing: value)
        file.metadata["fit"] = JSON.object(entry).line
      }
    }
    #expect(error?.description.contains(taken) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    ([2, 2], [1, 0.5, 0.25, 1]), ([2, 2], [-1, 0, 0, 1]), ([2, 2], [.nan, 0, 0, 1]),
    ([4], [1, 0, 0, 1]), ([1, 1], [1]),
  ])
  func `what is no covariance is refused`(shape: [Int], values: [Double]) throws {
    #expect(throws: ModelFileError.self) {
      try saved { $0.tensors["fit.covariance"] = Safetensors.Tensor(shape: shape, values) }
    }
    #expect(throws: ModelFileError.self) { try saved { $0.tensors["fit.covariance"] = nil } }
  }

  @Test func `a model that gives something else has none`() throws {
    #expect(throws: ModelFileError.self) {
      try saved { $0.metadata["scaling"] = #"{"y":[1,2]}"# }
    }
  }

  @Test func `limits follow from the covariance and the slope`() throws {
    let band = Band(Self.uncertainty, quantile: 2)
    // 0.5 - 2*0.25*3 + 9 = 8.
    let limits = band.limits(around: 10, gradient: [1, 3])
    let (ofCurve, ofRow) = (2 * 8.0.squareRoot(), 2 * (8 + 0.75 * 0.75).squareRoot())
    #expect(limits == [10 - ofCurve, 10 + ofCurve, 10 - ofRow, 10 + ofRow])
    var weighted = Self.uncertainty
    weighted.isWeighted = true
    #expect(
      Band(weighted, quantile: 2).limits(around: 10, gradient: [1, 3])
        == [10 - ofCurve, 10 + ofCurve, nil, nil])
  }

  @Test func `a predictor adds the limits`() throws {
    let saved = try saved()
    let band = Band(Self.uncertainty, quantile: 2)
    let predictor = try #require(Predictor(saved.model, parameters: [1.0, 2], band: band))
    let (prediction, limits) = try #require(predictor.predict(at: [3]))
    #expect(prediction == .number(7))
    #expect(limits == band.limits(around: 7, gradient: [1, 3]))
  }

  @Test func `a response of the target is kept, compared and named`() throws {
    let model = try model(response: "log(y)")
    let file = model.file(parameters: [0.5, 1])
    let saved = try SavedModel(Safetensors(reading: file.serialized()))
    #expect(saved.model.specification.response?.text == "log(y)")
    #expect(saved.model.responseName == "log(y)")
    #expect(saved.equations(mostBytes: 100)?.first?.name == "log(y)")
    let table = try table("x,y\n0,1\n1,1\n")
    #expect(try saved.model.response(of: table) == [0, 0])
    let data = try saved.model.data(from: table, as: Double.self)
    let evaluation = try saved.model.evaluate(table, data, parameters: [0.5, 1])
    #expect(evaluation.loss == (0.25 + 2.25) / 2)
    #expect(evaluation.mae == 1)
  }
}
