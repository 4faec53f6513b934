import Foundation
import Testing

@testable import Fitting

/// What a row adds to each loss, and its slopes.
@Suite struct RowLossTests {
  struct Place: Sendable {
    var loss: FitLoss
    /// The model's value and the response.
    var height, response: Double
  }

  static let places: [Place] = {
    let robust: [FitLoss] = [
      .leastSquares, .huber(1.345), .huber(0.1), .softL1(1), .softL1(0.01), .cauchy(1), .cauchy(30),
    ]
    var places = robust.flatMap { loss in
      [-40, -2, -0.3, 0, 0.05, 0.7, 5, 1000].map { Place(loss: loss, height: $0, response: 0.01) }
    }
    for response in [0.0, 1, 0.3] {
      places += [0.001, 0.2, 0.5, 0.93, 0.9999].map {
        Place(loss: .bernoulli, height: $0, response: response)
      }
    }
    for response in [0.0, 1, 7, 400] {
      places += [-5.0, -0.5, 0, 1.5, 6].map {
        Place(loss: .poisson, height: $0, response: response)
      }
    }
    return places
  }()

  @Test(arguments: places)
  func `slopes and curvatures are those of central differences`(place: Place) {
    let (loss, f, y) = (place.loss, place.height, place.response)
    func row(_ offset: Double) -> FitLoss.Row { loss.row(f + offset, y) }
    // Smooth on the scale of the loss, and of a probability's distance from 0 and 1.
    let reach: Double =
      switch loss {
      case .leastSquares, .poisson: 1
      case .huber(let size), .softL1(let size), .cauchy(let size): size
      case .bernoulli: min(f, 1 - f)
      }
    let step = 1e-4 * reach
    let here = row(0)
    /// Richardson's extrapolation of a derivative.
    func slope(_ value: (FitLoss.Row) -> Double) -> Double {
      let wide = (value(row(step)) - value(row(-step))) / (2 * step)
      let narrow = (value(row(step / 2)) - value(row(-step / 2))) / step
      return (4 * narrow - wide) / 3
    }
    let rounding = 1e-11 * max(1, here.objective.magnitude) / reach
    let difference = here.pull + slope(\.objective) / 2
    #expect(difference.magnitude <= 1e-6 * here.pull.magnitude + rounding, "\(here)")
    let exact = here.curvature - here.excess
    let size = max(here.curvature, here.excess.magnitude)
    #expect((exact + slope(\.pull)).magnitude <= 1e-6 * max(size, 1e-9), "\(here)")
    #expect(here.curvature > 0)
  }

  @Test(arguments: [0.5, 1.345, 3])
  func `Huber's loss is quadratic up to its size, and its two halves meet`(size: Double) {
    let loss = FitLoss.huber(size)
    let inside = loss.row(-size, 0)
    let outside = loss.row(-size * (1 + 1e-12), 0)
    #expect(inside.objective == size * size)
    #expect(abs(outside.objective - inside.objective) <= 1e-11 * inside.objective)
    #expect(abs(outside.pull - inside.pull) <= 1e-11 * size)
    #expect(abs(loss.row(-10 * size, 0).pull - size) <= 1e-12 * size)
  }

  @Test(arguments: [FitLoss.softL1(1), .cauchy(1), .huber(1)])
  func `small residuals count as in least squares, to the last digits`(loss: FitLoss) {
    for residual in [1e-3, 1e-9, 1e-150] {
      let row = loss.row(-residual, 0)
      #expect(abs(row.objective / residual / residual - 1) <= residual * residual + 1e-15)
      #expect(abs(row.pull / residual - 1) <= 2 * residual * residual + 1e-15)
    }
  }

  @Test func `a class of its certain probability costs nothing, one without a chance for ever`() {
    #expect(FitLoss.bernoulli.row(1, 1).objective == 0)
    #expect(FitLoss.bernoulli.row(0, 0).objective == 0)
    #expect(FitLoss.bernoulli.row(0, 1).objective == .infinity)
    for outside in [-0.1, 1.0001] {
      #expect(FitLoss.bernoulli.row(outside, 1).objective.isNaN)
    }
  }

  @Test func `counts have the likelihood of the Poisson distribution`() {
    // -2 log(e^-3 3^2 / 2!)
    let row = FitLoss.poisson.row(log(3), 2)
    #expect(abs(row.objective + 2 * log(exp(-3.0) * 9 / 2)) < 1e-13)
    #expect(abs(row.pull + 1) < 1e-14)
  }
}
