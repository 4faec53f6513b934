import Testing

@testable import Plotting

@Suite struct TitleTests {
  private static let name = "validation_loss_of_the_third_fold_after_augmentation"

  @Test(
    arguments: [1e8, 1e-8, 1e-300],
    [
      "Loss", "", name, name + name, "loss of the third fold " + name,
      "one two three four five six",
    ]
  )
  func `the factor of an axis is never cut`(size: Double, title: String) throws {
    for canvas in [Figure.Size(width: 300, height: 200), .init(width: 240, height: 230)] {
      var figure = Figure(
        runs: [.init(epochs: [0, size], losses: [size, 2 * size])], xTitle: title, yTitle: title)
      figure.size = canvas
      let drawing = try figure.recorded()
      let factors = drawing.texts.filter { $0.text.contains("(×10^") && $0.text.hasSuffix(")") }
      #expect(factors.count == 2, "\(drawing.texts.map(\.text))")
      for text in factors {
        #expect(text.box.left >= 0 && text.box.right <= canvas.width)
        #expect(text.box.top >= 0 && text.box.bottom <= canvas.height)
      }
    }
  }

  @Test func `a constant that the labels leave out is never cut either`() throws {
    var figure = Figure(
      runs: [.init(epochs: [0, 1], losses: [1, 1 + 1e-9])], yTitle: Self.name)
    figure.size = Figure.Size(width: 300, height: 200)
    let texts = try figure.recorded().texts.filter(\.isRotated).map(\.text)
    #expect(texts.joined(separator: " ").hasSuffix("− 1 (×10^−9)"))
  }
}
