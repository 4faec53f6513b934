import Testing

@testable import Autograd

/// The promise of the numerics contract, kept by a network: nothing but the inputs decides a bit.
@Suite struct ReproducibilityTests {
  private static let rows = 600

  @Test(arguments: SIMDLevel.allCases, [1, 63, 64, 100, rows])
  func `SIMD levels and threads change no bit of a network's training`(
    level: SIMDLevel, batchSize: Int
  ) throws {
    try level.requireSupport()
    let network = Network()
    let expected = network.train(batchSize, threads: 1, .baseline)
    #expect(expected.losses.allSatisfy { $0.isFinite })
    #expect(expected.parameters != network.initial, "training moves the weights")
    for threads in [1, 2, 3, 8] {
      let found = network.train(batchSize, threads: threads, level)
      #expect(found.losses == expected.losses, "\(threads) threads")
      #expect(found.parameters == expected.parameters, "\(threads) threads")
    }
  }

  @Test(arguments: SIMDLevel.allCases, [1, 64, 100, rows])
  func `a step in one pass has the bits of means, then a move of the parameters`(
    level: SIMDLevel, batchSize: Int
  ) throws {
    try level.requireSupport()
    let network = Network()
    let expected = network.trainByAdam(batchSize, threads: 1, .baseline, inOnePass: false)
    #expect(expected.parameters != network.initial, "training moves the weights")
    for threads in [1, 2, 3, 8] {
      for keepsGradients in [true, false] {
        let found = network.trainByAdam(
          batchSize, threads: threads, level, inOnePass: true, keepsGradients: keepsGradients,
          mostChunkSums: threads.isMultiple(of: 2) ? 1 : 4 << 20)
        #expect(found.losses == expected.losses, "\(threads) threads")
        #expect(found.parameters == expected.parameters, "\(threads) threads")
        if keepsGradients { #expect(found.gradients == expected.gradients) }
      }
    }
  }

  @Test(arguments: [1, 2, 3]) func `a step in one pass tells that parameters are not finite`(
    threads: Int
  ) {
    let network = Network()
    #expect(network.canStep(by: 0.1, threads: threads))
    #expect(!network.canStep(by: .infinity, threads: threads))
  }

  /// 9 inputs, two layers of 64, 3 classes; wide enough that its batches are shared by threads.
  private struct Network {
    let program: Program
    let initial: [UInt32]
    private let columns: [[Double]]

    init() {
      let graph = Graph()
      let inputs = graph.column("x", count: 9)
      let label = graph.column("class")
      var (values, parameters) = (inputs, [Node]())
      for (layer, width) in [64, 64, 3].enumerated() {
        let weight = graph.parameter(
          "\(layer).weight", .matrix(rows: width, columns: values.shape.count))
        let bias = graph.parameter("\(layer).bias", .vector(width))
        parameters += [weight, bias]
        values = linear(weight, values, bias: bias)
        if layer == 0 { values = relu(values) }
        if layer == 1 { values = tanh(values) }
      }
      let loss = -pick(logSoftmax(values), label)
      program = Program(
        outputs: [loss] + graph.gradients(of: loss, withRespectTo: parameters),
        columns: [inputs, label], parameters: parameters)
      initial = (0..<program.parameterCount).map {
        (Float($0 * 7919 % 1000) / 2000 - 0.25).bitPattern
      }
      let measured = (0..<9).map { column in
        (0..<rows).map { row in Double((row + column) * 7919 % 1009) / 500 - 1 }
      }
      columns = measured + [(0..<rows).map { Double($0 % 3) }]
    }

    /// An epoch of gradient descent, as bit patterns.
    func train(
      _ batchSize: Int, threads: Int, _ level: SIMDLevel
    ) -> (losses: [Float], parameters: [UInt32]) {
      let data = Columns<Float>(columns)
      var executor = Executor<Float>(
        program, batchRows: batchSize, threads: threads, simdLevel: level)
      var parameters = initial.map { Float(bitPattern: $0) }
      var results = [Float](repeating: 0, count: program.outputCount)
      var losses: [Float] = []
      for first in stride(from: 0, to: rows, by: batchSize) {
        executor.means(
          of: first..<min(first + batchSize, rows), in: data, parameters: parameters, into: &results
        )
        losses.append(results[0])
        for index in parameters.indices { parameters[index] -= 0.1 * results[1 + index] }
      }
      return (losses, parameters.map(\.bitPattern))
    }

    /// Whether a step of descent at some rate ends up finite.
    func canStep(by rate: Double, threads: Int) -> Bool {
      var executor = Executor<Float>(program, batchRows: rows, threads: threads)
      let parameters = initial.map { Float(bitPattern: $0) }
      var moved = parameters
      var memory = UpdateMemory<Float>(vectors: 0, elements: parameters.count)
      var results = [Float](repeating: 0, count: program.outputCount)
      return executor.step(
        along: 0..<rows, in: Columns(columns), from: parameters, noise: [], divisor: Double(rows),
        by: Update(.descent, [rate, 0]), memory: &memory, to: &moved, results: &results,
        keepsGradients: false)
    }

    /// An epoch of Adam's steps, as bit patterns: each step's loss, the last one's gradients, all parameters.
    func trainByAdam(
      _ batchSize: Int, threads: Int, _ level: SIMDLevel, inOnePass: Bool,
      keepsGradients: Bool = true, mostChunkSums: Int = 4 << 20
    ) -> (losses: [Float], gradients: [UInt32], parameters: [UInt32]) {
      let data = Columns<Float>(columns)
      var executor = Executor<Float>(
        program, batchRows: batchSize, blockRows: nil, threads: threads, simdLevel: level,
        mostChunkSums: mostChunkSums)
      var parameters = initial.map { Float(bitPattern: $0) }
      var moved = parameters
      var memory = UpdateMemory<Float>(vectors: 2, elements: parameters.count)
      var results = [Float](repeating: 0, count: program.outputCount)
      var losses: [Float] = []
      let adam = Update(.adam, [0.01, 0.1, 0.999, 0.001, 0.01, 0.9, 1e-8, 1])
      for first in stride(from: 0, to: rows, by: batchSize) {
        let batch = first..<min(first + batchSize, rows)
        if inOnePass {
          let isFinite = executor.step(
            along: batch, in: data, from: parameters, noise: [], divisor: Double(batch.count),
            by: adam, memory: &memory, to: &moved, results: &results,
            keepsGradients: keepsGradients)
          #expect(isFinite)
        } else {
          executor.means(of: batch, in: data, parameters: parameters, into: &results)
          let isFinite = executor.move(
            parameters, along: results[1...], by: adam, memory: &memory, to: &moved)
          #expect(isFinite)
        }
        swap(&parameters, &moved)
        losses.append(results[0])
      }
      return (losses, results[1...].map(\.bitPattern), parameters.map(\.bitPattern))
    }
  }
}
