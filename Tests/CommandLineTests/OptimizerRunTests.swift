import Foundation
import Testing
import Training

@testable import TrainingTests

/// Optimizers and schedules through the built program, as PyTorch has them.
@Suite struct OptimizerRunTests {
  /// The trajectories that flags can express.
  static let trajectories = Result {
    try Trajectory.all().filter { try $0.settings().flags != nil }
  }

  @Test(arguments: try trajectories.get())
  func `parameters after each step are PyTorch's`(trajectory: Trajectory) throws {
    let sandbox = try Sandbox()
    let settings = try trajectory.settings()
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
        \(try #require(settings.flags)) --lr \(trajectory.hyper.lr) \(clipping) \
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
    let others = try Trajectory.all().filter { try $0.settings().flags == nil }
    #expect(others.allSatisfy { $0.id.hasPrefix("lbfgs-fixed-") })
    #expect(others.count == 4)
  }

  @Test(arguments: try ScheduleCase.all())
  func `learning rates are PyTorch's`(example: ScheduleCase) throws {
    let schedule = try example.schedule()
    // No flag makes a plateau of a rising metric.
    if case .plateau(let plateau) = schedule.course, plateau.mode == .max { return }
    let sandbox = try Sandbox()
    // The loss of the last of three rows in random order goes up and down, as plateaus need it.
    let flags = schedule.flags.contains("plateau") ? "--shuffle --epoch-loss last" : ""
    let rate = schedule.flags.contains("one-cycle") ? "" : "--lr \(example.baseLr)"
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
    let schedule = Schedule(.oneCycle(OneCycle(maxLearningRate: 0.5, totalSteps: 20)))
    var (u, speed) = (1.0, 0.0)
    for (epoch, row) in try Sandbox.Numbers(result.text).rows.enumerated() {
      speed = epoch == 0 ? 1 : try #require(schedule.momentum(epoch: epoch)) * speed + 1
      u -= schedule.learningRate(epoch: epoch, base: 1) * speed
      #expect(abs(row[1] - u) <= 1e-14 * max(1, abs(u)), "epoch \(epoch): \(row[1]), want \(u)")
    }
  }
}

extension Schedule {
  /// The flags that say it.
  fileprivate var flags: String {
    let warmup = warmup.map { " --warmup \($0.epochs) --warmup-start \($0.start)" } ?? ""
    return course.flags + warmup
  }
}

extension Schedule.Course {
  fileprivate var flags: String {
    switch self {
    case .constant: ""
    case .step(let size, let gamma): "--schedule step --step-size \(size) --gamma \(gamma)"
    case .multistep(let milestones, let gamma):
      "--schedule multistep --milestones \(milestones.map { "\($0)" }.joined(separator: ",")) --gamma \(gamma)"
    case .exponential(let gamma): "--schedule exponential --gamma \(gamma)"
    case .cosine(let length, let floor): "--schedule cosine --t-max \(length) --eta-min \(floor)"
    case .warmRestarts(let length, let multiple, let floor):
      "--schedule warm-restarts --t-0 \(length) --t-mult \(multiple) --eta-min \(floor)"
    case .linear(let start, let end, let length):
      "--schedule linear --start-factor \(start) --end-factor \(end) --total-iters \(length)"
    case .polynomial(let length, let power):
      "--schedule polynomial --total-iters \(length) --power \(power)"
    case .oneCycle(let cycle):
      """
      --schedule one-cycle --max-lr \(cycle.maxLearningRate) --total-steps \(cycle.totalSteps) \
      --pct-start \(cycle.pctStart) --anneal-strategy \(cycle.annealing.rawValue) \
      --div-factor \(cycle.divFactor) --final-div-factor \(cycle.finalDivFactor) \
      \(cycle.threePhase ? "--three-phase" : "")
      """
    case .plateau(let plateau):
      """
      --schedule plateau --factor \(plateau.factor) --plateau-patience \(plateau.patience) \
      --threshold \(plateau.threshold) --threshold-mode \(plateau.thresholdMode.rawValue) \
      --cooldown \(plateau.cooldown) --min-lr \(plateau.minLearningRate)
      """
    }
  }
}
