import Glibc
import Testing

@testable import Plotting

@Suite struct ViewTests {
  @Test(arguments: TickCase.all)
  func `a view is finite, has a width and holds its data`(of item: TickCase) {
    let view = item.ownView
    #expect(view.low.isFinite && view.high.isFinite && view.low < view.high)
    #expect(item.data.allSatisfy(view.contains))
    let fractions = item.data.map(view.fraction)
    #expect(fractions.allSatisfy { (0...1).contains($0) })
    #expect(view.fraction(of: view.low) == 0 && view.fraction(of: view.high) == 1)
  }

  @Test(arguments: [0.0, 1, 7, 99, 1e6, 4e15])
  func `one epoch has a view without its neighbours`(epoch: Double) {
    let view = View(linearOver: epoch...epoch, ofWholeNumbers: true)
    #expect(epoch - 1 < view.low && view.low < epoch)
    #expect(epoch < view.high && view.high < epoch + 1)
    let ticks = Ticks.linear(over: view, target: 6.5, wholeNumbersOnly: true).first
    #expect(ticks?.ticks.map(\.value) == [epoch])
  }

  @Test(arguments: TickCase.all)
  func `ordinary views are matplotlib's`(of item: TickCase) {
    let (low, high) = (item.data[0], item.data[1])
    let size = max(abs(low), abs(high))
    guard let view = item.view, view[0] <= low, high <= view[1] else { return }
    guard high > low, high - low > 1e-12 * size,
      item.data.allSatisfy({ $0 == 0 || abs($0) > 1e-300 })
    else { return }
    let scale: (Double) -> Double = item.isLogarithmic ? { log10($0) } : { $0 }
    let own = [scale(item.ownView.low), scale(item.ownView.high)]
    let theirs = view.map(scale)
    let tolerance = 1e-6 * (theirs[1] - theirs[0])
    #expect(abs(own[0] - theirs[0]) <= tolerance)
    #expect(abs(own[1] - theirs[1]) <= tolerance)
  }

  @Test(arguments: [
    (0.0, 1.0, 0.25, 0.25), (-1.7e308, 1.7e308, 0.0, 0.5), (1.0, 1.0.nextUp, 1.0, 0.0),
  ])
  func `a fraction counts from the lower end`(
    low: Double, high: Double, value: Double, expected: Double
  ) {
    #expect(View(low: low, high: high).fraction(of: value) == expected)
  }

  @Test func `a logarithmic fraction holds for any positive numbers`() {
    let whole = View(low: .leastNonzeroMagnitude, high: 1.7e308, isLogarithmic: true)
    #expect(abs(whole.fraction(of: 1) - 0.5121) < 1e-3)
    let narrow = View(low: 1, high: 1 + 4 * Double.ulpOfOne, isLogarithmic: true)
    #expect(abs(narrow.fraction(of: 1 + 2 * Double.ulpOfOne) - 0.5) < 1e-9)
  }
}
