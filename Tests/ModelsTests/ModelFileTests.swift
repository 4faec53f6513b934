import Autograd
import Formula
import Tables
import Testing

@testable import Models

@Suite struct ModelFileTests {
  /// A model with everything that a file can hold.
  private func everything() throws -> Model {
    let text = "a,kind,n,y\n1,u,1,0\n2,v,2,2\n4,u,1,1\n"
    var preparation = Preparation(
      try specification(
        "inputs |> dense(4) |> tanh |> dense(classes)", loss: "cross-entropy:0.25",
        features: ["kind", "a"], weights: "n"))
    preparation.standardization = .inputs
    return try preparation.bind(to: table(text)).model
  }

  private func round<Scalar: Precision>(_ model: Model, _ values: [Scalar]) throws {
    let bytes = try model.file(parameters: values).serialized()
    let file = try Safetensors(reading: bytes)
    let again = try Model(file)
    #expect(try again.values(in: file, as: Scalar.self) == values)
    #expect(again.specification.formula.text == model.specification.formula.text)
    #expect(again.specification.loss.text == model.specification.loss.text)
    #expect(again.target == model.target)
    #expect(again.specification.features == model.specification.features)
    #expect(again.specification.weights == model.specification.weights)
    #expect(again.classes == model.classes)
    #expect(again.scalings == model.scalings)
    #expect(again.schema.names == model.schema.names)
    #expect(again.schema.allLevels == model.schema.allLevels)
    #expect(again.parameters == model.parameters)
    #expect(again.columns == model.columns)
    #expect(again.stepOutputs.map(\.description) == model.stepOutputs.map(\.description))
  }

  @Test func `a model comes back from its file, in both precisions`() throws {
    let model = try everything()
    #expect(model.classes == ["0", "1", "2"] && model.scalings.keys.sorted() == ["a"])
    let values = (0..<model.parameterCount).map { 1 / Double($0 + 3) }
    try round(model, values)
    try round(model, values.map { Float($0) })
    let plain = try Preparation(specification("a*x + b")).bind(to: table("x,y\n1,2\n")).model
    try round(plain, [0.1, -0.0] as [Double])
    let texts = try Preparation(specification("w*x", loss: "bce")).bind(
      to: table("x,y\n1,no\n2,yes\n")
    ).model
    #expect(texts.classes == ["no", "yes"])
    try round(texts, [1] as [Float])
  }

  @Test func `the values of one precision can be read in the other`() throws {
    let model = try everything()
    let values = (0..<model.parameterCount).map { 1 / Double($0 + 3) }
    #expect(
      try model.values(in: model.file(parameters: values), as: Float.self)
        == values.map { Float($0) })
    let narrow = values.map { Float($0) }
    #expect(
      try model.values(in: model.file(parameters: narrow), as: Double.self)
        == narrow.map { Double($0) })
  }

  @Test func `a model from a file predicts as the one that was saved`() throws {
    var model = try Preparation(specification("a*x + b")).bind(to: table("x,y\n1,2\n")).model
    model.scalings = ["x": Scaling(center: 2, scale: 4), "y": Scaling(center: -1, scale: 3)]
    let again = try Model(model.file(parameters: [0.5, 2] as [Double]))
    let values = [0.5, 2] as [Double]
    #expect(again.predict(at: [10], with: values) == [8])
    #expect(again.predict(at: [10], with: values) == model.predict(at: [10], with: values))
  }

  @Test(arguments: [
    ("format", nil, "its tensors are not of a model of backprop"),
    ("format", "pt", "its tensors are not of a model of backprop"),
    (
      "format_version", "2", "it is of version 2 of the format, and only versions up to 1 are known"
    ),
    (
      "format_version", "99999999999999999999",
      "its 'format_version' '99999999999999999999' is not a whole number of 1 or more"
    ),
    ("format_version", "0", "its 'format_version' '0' is not a whole number of 1 or more"),
    ("model", nil, "the file does not say what its 'model' is"),
    ("model", "a*(x", "its formulas cannot be read: this '(' is never closed"),
    ("loss", nil, "the file does not say what its 'loss' is"),
    ("loss", "mean", "its formulas cannot be read: "),
    ("target", nil, "the file does not say what its 'target' is"),
    ("target", "z", "its target 'z' is none of its columns"),
    (
      "columns", "x,y",
      "its 'columns' cannot be read: byte 0: the JSON needs a value here"
    ),
    ("columns", #"["x",1,"y"]"#, "its 'columns' are not a list of names"),
    ("columns", #"["x","y","x"]"#, "its 'columns' are not a list of names, each of them once"),
    ("levels", "[]", "its 'levels' is not a JSON object"),
    (
      "levels", #"{"x":["u"],"x":["v"]}"#,
      "its 'levels' cannot be read: byte 11: the name 'x' occurs twice"
    ),
    (
      "levels", #"{"x":["u","v","u"]}"#,
      "its levels of 'x' are not a list of texts, each of them once"
    ),
    ("levels", #"{"x":[]}"#, "its levels of 'x' are not a list of texts"),
    ("levels", #"{"z":["u"]}"#, "its column of texts 'z' is none of its columns"),
    ("levels", #"{"y":["u","v"]}"#, "its target 'y' has 2 classes, which do not fit the loss mse"),
    ("classes", "2", "its target 'y' has 2 classes, which do not fit the loss mse"),
    ("loss", "cross-entropy", "its formulas cannot be read: "),
    ("levels", #"{"x":["u",1]}"#, "its levels of 'x' are not a list of texts"),
    ("classes", "9223372036854775807", "its 'classes' '9223372036854775807' is not a number"),
    ("classes", "-1", "its 'classes' '-1' is not a number from 1 to 1000000"),
    ("weights", "v", "its column of weights 'v' is none of its columns"),
    ("features", #"["y"]"#, "its feature 'y' is its target"),
    ("features", #"["v"]"#, "its feature 'v' is none of its columns"),
    ("levels", nil, "the file does not say what its 'levels' is"),
    ("scaling", nil, "the file does not say what its 'scaling' is"),
    ("scaling", #"{"z":[1,2]}"#, "its scaled column 'z' is none of its columns"),
    (
      "scaling", #"{"x":[1,NaN]}"#, "its 'scaling' cannot be read: byte 8: the JSON needs"
    ),
    (
      "scaling", #"{"x":[1,-2]}"#, "its scaling of 'x' is not a pair of numbers, the second above 0"
    ),
    ("scaling", #"{"x":[1]}"#, "its scaling of 'x' is not a pair of numbers"),
    ("scaling", #"{"x":[1,0]}"#, "its scaling of 'x' is not a pair of numbers, the second above 0"),
    ("scaling", #"{"x":[1,2,null]}"#, "its scaling of 'x' is not a pair of numbers"),
    (
      "scaling", #"{"x":[1,1e999]}"#,
      "its 'scaling' cannot be read: byte 8: '1e999' is not a number"
    ),
    (
      "features", "x",
      "its 'features' cannot be read: byte 0: the JSON needs a value here"
    ),
  ])
  func `a file that lacks something or has it wrong is refused`(
    key: String, text: String?, sentence: String
  ) throws {
    let model = try Preparation(specification("a*x + b")).bind(to: table("x,y\n1,2\n")).model
    var file = model.file(parameters: [1, 2] as [Float])
    file.metadata[key] = text
    let error = #expect(throws: ModelFileError.self) { try Model(file) }
    #expect(error?.description.hasPrefix(sentence) == true, "\(String(describing: error))")
  }

  @Test func `tensors must be there and have the parameters' shapes`() throws {
    let model = try Preparation(specification("a*x + b")).bind(to: table("x,y\n1,2\n")).model
    var file = model.file(parameters: [1, 2] as [Float])
    file.tensors["a"] = .init(shape: [2], [1, 2] as [Float])
    #expect(
      #expect(throws: ModelFileError.self) { try model.values(in: file, as: Float.self) }?
        .description == "its tensor 'a' is not a scalar")
    file.tensors["a"] = nil
    #expect(
      #expect(throws: ModelFileError.self) { try model.values(in: file, as: Float.self) }?
        .description == "it has no tensor 'a'")
    for (value, text) in [(Float.nan, "nan"), (.infinity, "inf")] {
      file.tensors["a"] = .init(shape: [], [value])
      #expect(
        #expect(throws: ModelFileError.self) { try SavedModel(file) }?.description
          == "its tensor 'a' holds \(text)")
    }
    file.tensors["a"] = .init(.bool, shape: [], bytes: [1])
    #expect(
      #expect(throws: ModelFileError.self) { try SavedModel(file) }?.description
        == "its tensor 'a' holds values of type BOOL that are not doubles")
    file.tensors["a"] = .init(shape: [], [3] as [Int64])
    #expect(try SavedModel(file).values == .float32([3, 2]))
  }

  @Test func `a target has as many classes as the model has scores`() throws {
    var file = try everything().file(parameters: [Float](repeating: 1, count: 31))
    #expect(try Model(file).classes?.count == 3)
    file.metadata["model"] = "inputs |> dense(4) |> tanh |> dense(2)"
    #expect(
      #expect(throws: ModelFileError.self) { try Model(file) }?.description
        == "its target 'y' has 3 classes, which do not fit 2 scores")
    file.metadata["levels"] = #"{"kind":["u","v"]}"#
    #expect(
      #expect(throws: ModelFileError.self) { try Model(file) }?.description
        == "its target 'y' has 0 classes, which do not fit 2 scores")
    file.metadata["classes"] = "2"
    #expect(try Model(file).classes == ["0", "1"])
    file.metadata["levels"] = #"{"kind":["u","v"],"y":["0","1"]}"#
    #expect(
      #expect(throws: ModelFileError.self) { try Model(file) }?.description
        == "it has both 'classes' and levels of its target 'y'")
  }

  @Test func `the best parameters are finite too`() throws {
    let model = try Preparation(specification("a*x + b")).bind(to: table("x,y\n1,2\n")).model
    var file = model.file(parameters: [1, 2] as [Float])
    file.tensors["best.parameters"] = .init(shape: [2], [3, 4] as [Float])
    #expect(try SavedModel(file).values == .float32([3, 4]))
    file.tensors["best.parameters"] = .init(shape: [2], [3, -.infinity] as [Float])
    #expect(
      #expect(throws: ModelFileError.self) { try SavedModel(file) }?.description
        == "its tensor 'best.parameters' holds -inf")
  }
}
