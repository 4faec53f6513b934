import Autograd
import Testing

@testable import Training

/// Optimizers against PyTorch's, step by step.
@Suite struct OptimizerTests {
  @Test(arguments: try Trajectory.all())
  func `parameters follow PyTorch's trajectory`(trajectory: Trajectory) throws {
    switch trajectory.dtype {
    case "float32": try follow(trajectory, as: Float.self, eps: 0x1p-23)
    default: try follow(trajectory, as: Double.self, eps: 0x1p-52)
    }
  }

  private func follow<Scalar: Precision>(
    _ trajectory: Trajectory, as type: Scalar.Type, eps: Double
  ) throws {
    let objective = try trajectory.makeObjective(as: type)
    var parameters = trajectory.start.map { Scalar($0) }
    var gradients = parameters
    var optimizer = try trajectory.rule().makeOptimizer(
      as: type, parameterCount: parameters.count)
    for (step, expected) in trajectory.expected.enumerated() {
      let loss = objective.evaluate(parameters, &gradients)
      trajectory.clip?.clipping?.apply(to: &gradients)
      try optimizer.step(
        &parameters, along: gradients[...], loss: loss, learningRate: trajectory.learningRate,
        evaluate: objective.evaluate)
      for (found, want) in zip(parameters, expected) {
        let limit = 8 * trajectory.roundingSpread[step] + 32 * eps * max(1, abs(want))
        #expect(
          abs(Double(found) - want) <= limit, "step \(step): \(found), PyTorch has \(want)")
      }
    }
  }

  @Test(arguments: OptimizerVariant.all)
  func `a run that stops and goes on has the bits of one that does not`(
    variant: OptimizerVariant
  ) throws {
    try interrupt(variant.rule, as: Float.self)
    try interrupt(variant.rule, as: Double.self)
  }

  private func interrupt<Scalar: Precision>(
    _ rule: any OptimizerRule, as type: Scalar.Type
  ) throws {
    let objective = try Objective<Scalar>.rosenbrock()
    // From where it starts, ASGD falls off this valley at its own rate.
    let rate = rule is ASGD ? 0.001 : rule.defaultLearningRate
    func run(_ optimizer: inout any Optimizer<Scalar>, from start: [Scalar], steps: Int) throws
      -> [Scalar]
    {
      var parameters = start
      var gradients = start
      for _ in 0..<steps {
        let loss = objective.evaluate(parameters, &gradients)
        try optimizer.step(
          &parameters, along: gradients[...], loss: loss, learningRate: rate,
          evaluate: objective.evaluate)
      }
      return parameters
    }
    func fresh() -> any Optimizer<Scalar> { rule.makeOptimizer(as: type, parameterCount: 2) }
    var (whole, first, second) = (fresh(), fresh(), fresh())
    let start: [Scalar] = [-1.2, 1]
    // L-BFGS arrives after two steps of 20 iterations.
    let half = (rule as? LBFGS).map { 20 / $0.maxIterations } ?? 50
    let expected = try run(&whole, from: start, steps: 2 * half)
    let middle = try run(&first, from: start, steps: half)
    #expect(expected != middle && middle != start)
    #expect(second.canResume(from: first.state))
    second.state = first.state
    #expect(second.state.numbers.map(\.value) == first.state.numbers.map(\.value))
    #expect(try run(&second, from: middle, steps: half) == expected)
    // Without what it remembers it goes elsewhere, if it remembers anything.
    var forgetful = fresh()
    let elsewhere = try run(&forgetful, from: middle, steps: half)
    #expect((elsewhere == expected) == rule.isPlainDescent)
    #expect(whole.state.vectors.map(\.values) == second.state.vectors.map(\.values))
    #expect(whole.state.numbers.map(\.value) == second.state.numbers.map(\.value))
  }

  @Test(arguments: OptimizerVariant.all)
  func `a state of other names, lengths or counts cannot be resumed`(variant: OptimizerVariant) {
    func optimizer(_ count: Int) -> any Optimizer<Float> {
      var optimizer = variant.rule.makeOptimizer(as: Float.self, parameterCount: count)
      var parameters = [Float](repeating: 1, count: count)
      optimizer.step(
        &parameters, along: [Float](repeating: 1, count: count)[...], learningRate: 0.1)
      return optimizer
    }
    let state = optimizer(2).state
    let fresh = variant.rule.makeOptimizer(as: Float.self, parameterCount: 2)
    #expect(fresh.canResume(from: state))
    #expect(state.vectors.isEmpty || !fresh.canResume(from: optimizer(3).state))
    for index in state.vectors.indices {
      var spoilt = state
      spoilt.vectors[index].name += "?"
      #expect(!fresh.canResume(from: spoilt))
      spoilt = state
      spoilt.vectors[index].values.append(0)
      #expect(!fresh.canResume(from: spoilt))
    }
    for (index, number) in state.numbers.enumerated() {
      var spoilt = state
      spoilt.numbers[index].name += "?"
      #expect(!fresh.canResume(from: spoilt))
      for value in [Double.nan, .infinity] + (number.name == "step" ? [-1, 0.5, 1e300] : []) {
        spoilt = state
        spoilt.numbers[index].value = value
        #expect(!fresh.canResume(from: spoilt), "\(number.name) = \(value)")
      }
    }
    var strange = state
    strange.vectors.append(("stranger", [1, 2]))
    #expect(!fresh.canResume(from: strange))
  }

  @Test(arguments: OptimizerVariant.all.filter { !$0.rule.searchesLines })
  func `every element moves by itself, in arrays of any length`(variant: OptimizerVariant) {
    check(variant.rule, as: Float.self)
    check(variant.rule, as: Double.self)
  }

  /// Vector code and what is left over after it round alike.
  private func check<Scalar: Precision>(_ rule: any OptimizerRule, as type: Scalar.Type) {
    let count = 37
    let start = (0..<count).map { Scalar(0.1 * Double($0) - 1.7) }
    let gradients = (0..<count).map { Scalar(1 / (Double($0) - 11.3)) }
    var together = rule.makeOptimizer(as: type, parameterCount: count)
    var parameters = start
    for _ in 0..<7 { together.step(&parameters, along: gradients[...], learningRate: 0.01) }
    for index in 0..<count {
      var alone = rule.makeOptimizer(as: type, parameterCount: 1)
      var parameter = [start[index]]
      for _ in 0..<7 {
        alone.step(&parameter, along: gradients[index...index], learningRate: 0.01)
      }
      #expect(parameter[0] == parameters[index], "element \(index)")
    }
  }

  @Test func `a mean that forgets all arrives at the gradient`() {
    var adam = with(Adam()) { $0.betas = Pair(0, 0) }.makeOptimizer(
      as: Float.self, parameterCount: 1)
    var parameters: [Float] = [0]
    for gradient: Float in [1e10, 1] {
      adam.step(&parameters, along: [gradient], learningRate: 0.1)
      #expect(adam.state.vector("exp_avg") == [gradient])
      #expect(adam.state.vector("exp_avg_sq") == [gradient * gradient])
    }
  }

  @Test func `plain descent is two rounded operations, never fused`() {
    let start = (1...37).map { 1 / Float($0) }
    let gradients = (1...37).map { 3 / Float($0 + 5) }
    let rate: Float = 0.1
    let products = gradients.map { rate * $0 }
    let expected = zip(start, products).map { $0 - $1 }
    #expect(expected != zip(start, gradients).map { $0.addingProduct(-rate, $1) })
    var parameters = start
    var descent = SGD().makeOptimizer(as: Float.self, parameterCount: 37)
    descent.step(&parameters, along: gradients[...], learningRate: 0.1)
    #expect(parameters == expected)
  }
}

/// An optimizer with settings that make all of its state matter.
struct OptimizerVariant: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let rule: any OptimizerRule

  init(_ rule: any OptimizerRule, _ note: String = "") {
    testDescription = rule.name + note
    self.rule = rule
  }

  static let all: [OptimizerVariant] =
    optimizerRules.map { OptimizerVariant($0) } + [
      OptimizerVariant(
        with(SGD()) {
          $0.momentum = 0.9
          $0.dampening = 0.1
          $0.weightDecay = 0.01
        }, ", momentum"),
      OptimizerVariant(
        with(SGD()) {
          $0.momentum = 0.9
          $0.nesterov = true
        }, ", Nesterov"),
      OptimizerVariant(
        with(Adam()) {
          $0.betas = Pair(0.3, 0.95)
          $0.weightDecay = 0.1
        }, ", slow to forget, decay"),
      OptimizerVariant(with(Adam(.adamw)) { $0.amsgrad = true }, ", AMSGrad"),
      OptimizerVariant(
        with(RMSprop()) {
          $0.centered = true
          $0.momentum = 0.5
          $0.weightDecay = 0.1
        }, ", centred, momentum"),
      OptimizerVariant(with(Adagrad()) { $0.lrDecay = 0.1 }, ", falling rate"),
      OptimizerVariant(
        with(ASGD()) {
          $0.lambd = 0.01
          $0.t0 = 3
        }, ", averaging soon"),
      OptimizerVariant(
        with(LBFGS()) {
          $0.maxIterations = 3
          $0.historySize = 2
        }, ", short memory"),
    ]
}
