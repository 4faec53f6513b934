import Testing

@testable import Training

/// What the trajectories of L-BFGS do not show.
@Suite struct LBFGSTests {
  @Test(arguments: 1...4)
  func `the memory has the last steps, as many as it may hold`(size: Int) throws {
    let objective = try Objective<Double>.rosenbrock()
    var settings = LBFGS()
    settings.maxIterations = 1
    settings.maxEvaluations = 20
    settings.historySize = size
    var optimizer = settings.makeOptimizer(as: Double.self, parameterCount: 2)
    var parameters = [-1.2, 1]
    var gradients = parameters
    var steps: [[Double]] = []
    for step in 0..<8 {
      let loss = objective.evaluate(parameters, &gradients)
      optimizer.step(
        &parameters, along: gradients[...], loss: loss, learningRate: 1,
        evaluate: objective.evaluate)
      // The step that was just taken is remembered by the next one.
      let state = optimizer.state
      let remembered = state.vectors.filter { $0.name.hasPrefix("old_stps") }.map(\.values)
      #expect(remembered == steps.suffix(size))
      #expect(remembered.count == min(step, size))
      steps.append(state.vector("d").map { $0 * state.number("t") })
    }
  }

  /// Searches (x - 1)^2/2 from 0, where the slope is -1.
  private func search(firstStep: Double, maxTrials: Int = 20) -> (found: Double, evaluations: Int) {
    var search = StrongWolfe<Double>(
      from: [0], along: [1], loss: 0.5, gradient: [-1], slope: -1, toleranceChange: 1e-9,
      maxTrials: maxTrials)
    let point = search.run(firstStep: firstStep) { at, gradient in
      gradient = [at[0] - 1]
      return gradient[0] * gradient[0] / 2
    }
    return (point.step, search.evaluations)
  }

  @Test func `a search takes the first step that is low and flat enough`() {
    // The slope has fallen to 0.85 of the start's, then to 0.95 only, then is 0.95 on the other side.
    #expect(search(firstStep: 0.15) == (0.15, 1))
    #expect(search(firstStep: 0.05).evaluations == 2)
    #expect(search(firstStep: 1.95).evaluations == 2)
    #expect(search(firstStep: 1.85) == (1.85, 1))
    // Beyond 2 the loss is higher than at the start; the cubic finds the minimum in between.
    #expect(abs(search(firstStep: 3).found - 1) < 1e-12)
  }

  @Test func `a search without trials left takes the lower of what it has seen`() {
    #expect(search(firstStep: 3, maxTrials: 0) == (0, 1))
    #expect(search(firstStep: 0.05, maxTrials: 0) == (0.05, 1))
  }

  @Test func `L-BFGS steps back from a loss that overflows or is not a number`() {
    for wall in [Double.infinity, .nan] {
      var optimizer = LBFGS().makeOptimizer(
        as: Double.self, parameterCount: 1)
      var parameters = [10.0]
      // 100 x - log x, whose wall at 0 the first trial jumps over.
      func evaluate(_ at: [Double], _ gradients: inout [Double]) -> Double {
        let x = at[0]
        guard x > 0 else {
          gradients = [.nan]
          return wall
        }
        gradients = [100 - 1 / x]
        return 100 * x - Elementary.logarithm(x)
      }
      var gradients = [0.0]
      for _ in 0..<5 {
        let loss = evaluate(parameters, &gradients)
        optimizer.step(
          &parameters, along: gradients[...], loss: loss, learningRate: 100, evaluate: evaluate)
      }
      #expect(abs(parameters[0] - 0.01) < 1e-6, "\(parameters)")
    }
  }
}
