import Autograd
import Formula
import Models
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
      try optimizer.step(
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
  private func search(
    firstStep: Double, maxTrials: Int = 20
  ) throws -> (found: Double, evaluations: Int) {
    var search = StrongWolfe<Double>(
      from: [0], along: [1], loss: 0.5, gradient: [-1], slope: -1, toleranceChange: 1e-9,
      maxTrials: maxTrials)
    let point = try search.run(firstStep: firstStep) { at, gradient in
      gradient = [at[0] - 1]
      return gradient[0] * gradient[0] / 2
    }
    return (point.step, search.evaluations)
  }

  @Test func `a search takes the first step that is low and flat enough`() throws {
    // The slope has fallen to 0.85 of the start's, then to 0.95 only, then is 0.95 on the other side.
    #expect(try search(firstStep: 0.15) == (0.15, 1))
    #expect(try search(firstStep: 0.05).evaluations == 2)
    #expect(try search(firstStep: 1.95).evaluations == 2)
    #expect(try search(firstStep: 1.85) == (1.85, 1))
    // Beyond 2 the loss is higher than at the start; the cubic finds the minimum in between.
    #expect(abs(try search(firstStep: 3).found - 1) < 1e-12)
  }

  @Test func `a search without trials left takes the lower of what it has seen`() throws {
    #expect(try search(firstStep: 3, maxTrials: 0) == (0, 1))
    #expect(try search(firstStep: 0.05, maxTrials: 0) == (0.05, 1))
  }

  @Test func `L-BFGS steps back from a loss that overflows or is not a number`() throws {
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
        try optimizer.step(
          &parameters, along: gradients[...], loss: loss, learningRate: 100, evaluate: evaluate)
      }
      #expect(abs(parameters[0] - 0.01) < 1e-6, "\(parameters)")
    }
  }

  @Test
  func `a search that is stopped leaves the parameters where its iterations have brought them`()
    throws
  {
    let objective = try Objective<Double>.rosenbrock()
    var settings = LBFGS()
    (settings.maxIterations, settings.maxEvaluations) = (.max, .max)
    (settings.toleranceGrad, settings.toleranceChange) = (0, 0)
    var reached: [Double] = []
    for limit in [1, 2, 5, 20] {
      var optimizer = settings.makeOptimizer(as: Double.self, parameterCount: 2)
      var parameters = [-1.2, 1]
      var gradients = parameters
      let loss = objective.evaluate(parameters, &gradients)
      var evaluations = 0
      #expect(throws: SearchStopped.self) {
        try optimizer.step(
          &parameters, along: gradients[...], loss: loss, learningRate: 1
        ) { (at: [Double], gradients: inout [Double]) throws(SearchStopped) -> Double in
          if evaluations == limit { throw SearchStopped() }
          evaluations += 1
          return objective.evaluate(at, &gradients)
        }
      }
      #expect(evaluations == limit)
      reached.append(objective.evaluate(parameters, &gradients))
    }
    // The first line takes more than one evaluation, after which nothing has moved yet.
    #expect(reached[0] == 24.199999999999996 && reached[3] < 4.2)
    #expect(zip(reached, reached.dropFirst()).allSatisfy { $0 >= $1 })
  }

  /// A curve through four points, by L-BFGS on batches of two.
  private func makeTrainer() throws -> Trainer<Float> {
    let model = try Model(formula: Formula("a*exp(b*x)"), target: "y", tableColumns: ["x", "y"])
    var settings = Settings(learningRate: 1, epochs: 2, batchSize: .rows(2))
    settings.optimizer = with(LBFGS()) { $0.maxIterations = 6 }
    return Trainer(
      model, data: Columns([[0, 1, 2, 3], [3, 2, 1, 0.5]]), initial: [1, 0], settings: settings)
  }

  @Test func `a run that stops within a step keeps what it reached, and takes the step again`()
    throws
  {
    var whole = try makeTrainer()
    var looks = 0
    _ = whole.run(shouldStop: { _ in
      looks += 1
      return false
    })
    #expect(looks > 4 * 6)
    var reached: [[Float]] = []
    for stop in 1...looks {
      var first = try makeTrainer()
      var count = 0
      let outcome = first.run(shouldStop: { _ in
        count += 1
        return count >= stop
      })
      // After the last step of all there is nothing to stop.
      guard case .interrupted = outcome else { continue }
      reached.append(first.parameters)
      let file = first.checkpoint.file(of: first.model, recording: Recording())
      var second = try makeTrainer()
      try second.resume(from: Checkpoint(file, of: second.model, recording: Recording()))
      if stop.isMultiple(of: 2) { _ = second.run() } else { _ = first.run() }
      let end = stop.isMultiple(of: 2) ? second.parameters : first.parameters
      #expect(end == whole.parameters, "stopped at look \(stop)")
    }
    // Within the first step there are several iterations, each of which was kept.
    #expect(Set(reached).count > 10)
  }

  @Test func `what a look between two evaluations throws ends the run`() throws {
    struct Full: Error {}
    var trainer = try makeTrainer()
    let start = trainer.parameters
    var looks = 0
    #expect(throws: Full.self) {
      try trainer.run(shouldStop: { _ in
        looks += 1
        throw Full()
      })
    }
    #expect(looks == 2 && trainer.parameters == start && trainer.stepCount == 0)
    // What passes by itself is as if it had never been.
    _ = try trainer.run(shouldStop: { _ in
      looks += 1
      if looks == 4 { throw Full() }
      return false
    })
    var whole = try makeTrainer()
    _ = whole.run()
    #expect(trainer.parameters == whole.parameters)
  }
}
