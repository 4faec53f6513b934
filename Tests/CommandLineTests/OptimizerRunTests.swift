import Foundation
import Testing
import Training

@testable import TrainingTests

/// Optimizers and schedules through the built program, as PyTorch has them.
@Suite struct OptimizerRunTests {
  /// The trajectories that flags can express.
  static let trajectories = Result {
    try Trajectory.all().filter { try $0.rule().flags != nil }
  }

  @Test(arguments: try trajectories.get())
  func `parameters after each step are PyTorch's`(trajectory: Trajectory) throws {
    let sandbox = try Sandbox()
    let flags = try #require(try trajectory.rule().flags)
    let clipping =
      switch trajectory.clip?.clipping {
      case .norm(let limit, _)?: "--clip-norm \(limit)"
      case .value(let limit)?: "--clip-value \(limit)"
      case nil: ""
      }
    let start = zip(try objective(of: trajectory, in: sandbox), trajectory.start)
    let names = start.map(\.0)
    let result = try sandbox.run(
      """
      backprop train --data data.csv $(cat objective) --batch-size full \
        --init \(start.map { "\($0)=\($1)" }.joined(separator: ",")) \
        \(flags) --lr \(trajectory.learningRate) \(clipping) \
        --epochs \(trajectory.steps) --precision \(trajectory.dtype) \
        --columns \(names.joined(separator: ",")) --csv steps.csv
      """)
    #expect(result.status == 0 && result.errors == "", "\(result)")
    let steps = try sandbox.numbers("steps.csv")
    #expect(steps.header == names.joined(separator: ","))
    #expect(steps.rows.count == trajectory.steps)
    let eps = trajectory.dtype == "float32" ? 0x1p-23 : 0x1p-52
    for (step, (row, expected)) in zip(steps.rows, trajectory.expected).enumerated() {
      for (found, want) in zip(row, expected) {
        let limit = 8 * trajectory.roundingSpread[step] + 32 * eps * max(1, abs(want))
        #expect(abs(found - want) <= limit, "step \(step): \(found), PyTorch has \(want)")
      }
    }
  }

  /// Writes the table and the flags of the objective, and says what its parameters are called.
  private func objective(of trajectory: Trajectory, in sandbox: Sandbox) throws -> [String] {
    guard let (a, b) = try trajectory.leastSquares() else {
      // The loss is the model itself, which no column has a part in.
      try sandbox.write("none\n0\n", to: "data.csv")
      try sandbox.write(
        "--target none --model (1-u)^2+100*(v-u^2)^2 --loss prediction", to: "objective")
      return ["u", "v"]
    }
    let rows = b.indices.map { row in
      "\(a[3 * row]),\(a[3 * row + 1]),\(a[3 * row + 2]),\(b[row])\n"
    }
    try sandbox.write("a0,a1,a2,b\n" + rows.joined(), to: "data.csv")
    try sandbox.write("--target b --model a0*p0+a1*p1+a2*p2", to: "objective")
    return ["p0", "p1", "p2"]
  }

  @Test func `only a step without a search along its line has no flags`() throws {
    let others = try Trajectory.all().filter { try $0.rule().flags == nil }
    #expect(others.allSatisfy { $0.id.hasPrefix("lbfgs-fixed-") })
    #expect(others.count == 4)
  }

  @Test(arguments: try ScheduleCase.all())
  func `learning rates are PyTorch's`(example: ScheduleCase) throws {
    let schedule = try example.schedule()
    // No flag makes a plateau of a rising metric.
    if let plateau = schedule.course as? Plateau, plateau.mode == .max { return }
    let sandbox = try Sandbox()
    // The loss of the last of three rows in random order goes up and down, as plateaus need it.
    let flags = schedule.flags.contains("plateau") ? "--shuffle --epoch-loss last" : ""
    let hasOwnRate = schedule.course?.learningRateSetting != nil
    let rate = hasOwnRate ? "" : "--lr \(example.baseLr)"
    let result = try sandbox.run(
      "backprop train --model 'w*x' \(rate) \(schedule.flags) \(flags) --columns epoch,lr,loss")
    #expect(result.status == 0 && result.errors == "", "\(result)")
    let rows = try Sandbox.Numbers(result.text).rows
    #expect(rows.map { Int($0[0]) } == Array(0..<100))
    // What a plateau makes of losses is held to PyTorch where the metric can be chosen; here it must see these.
    var run = ScheduleRun(schedule, base: example.baseLr)
    for (epoch, row) in rows.enumerated() {
      let want = example.metric == nil ? example.lr[epoch] : run.learningRate
      #expect(abs(row[1] - want) <= 1e-12, "epoch \(epoch): \(row[1]), want \(want)")
      run.observe(metric: row[2])
    }
    if example.metric != nil { #expect(run.learningRate < example.baseLr, "the rate has fallen") }
  }

  @Test func `one-cycle moves the momentum that steps are taken with`() throws {
    // The gradient of u is always 1, so that momentum and rate alone say where it goes.
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      echo none > d.csv; echo 0 >> d.csv
      backprop train --data d.csv --target none --model u --loss prediction --precision float64 \
        --schedule one-cycle --max-lr 0.5 --total-steps 20 --epochs 20 --columns lr,u
      """)
    #expect(result.status == 0, "\(result)")
    let schedule = try Schedule(OneCycle(maxLearningRate: 0.5), epochs: 20, learningRate: 1)
    var (u, speed) = (1.0, 0.0)
    for (epoch, row) in try Sandbox.Numbers(result.text).rows.enumerated() {
      speed = epoch == 0 ? 1 : try #require(schedule.momentum(epoch: epoch)) * speed + 1
      u -= schedule.learningRate(epoch: epoch, base: 1) * speed
      #expect(abs(row[1] - u) <= 1e-14 * max(1, abs(u)), "epoch \(epoch): \(row[1]), want \(u)")
    }
  }
}
