import Testing
import Training

/// Schedules against PyTorch's, epoch by epoch.
@Suite struct ScheduleTests {
  @Test(arguments: try ScheduleCase.all())
  func `rates and momenta agree within 1e-12`(example: ScheduleCase) throws {
    let schedule = try example.schedule()
    var run = ScheduleRun(schedule, base: example.baseLr)
    #expect(example.lr.count == 100)
    for (epoch, expected) in example.lr.enumerated() {
      #expect(abs(run.learningRate - expected) <= 1e-12, "epoch \(epoch)")
      if example.metric == nil {
        #expect(schedule.learningRate(epoch: epoch, base: example.baseLr) == run.learningRate)
      }
      #expect((run.momentum == nil) == (example.momentum == nil))
      if let momentum = run.momentum, let expected = example.momentum?[epoch] {
        #expect(abs(momentum - expected) <= 1e-12, "momentum of epoch \(epoch)")
      }
      run.observe(metric: example.metric?[epoch].value ?? 0)
    }
  }

  @Test(arguments: try ScheduleCase.all())
  func `a schedule that stops and goes on has the rates of one that does not`(
    example: ScheduleCase
  ) throws {
    let schedule = try example.schedule()
    var whole = ScheduleRun(schedule, base: example.baseLr)
    for epoch in 0..<example.lr.count {
      var resumed = ScheduleRun(schedule, base: example.baseLr)
      #expect(resumed.canResume(from: whole.state))
      resumed.state = whole.state
      let metric = example.metric?[epoch].value ?? 0
      whole.observe(metric: metric)
      resumed.observe(metric: metric)
      #expect(resumed.learningRate == whole.learningRate)
      #expect(resumed.state.map(\.value) == whole.state.map(\.value))
    }
  }

  @Test func `a state of other names or impossible numbers cannot be resumed`() {
    let run = ScheduleRun(Schedule(.plateau(Plateau())), base: 0.1)
    #expect(run.canResume(from: run.state))
    #expect(!run.canResume(from: []))
    for index in run.state.indices {
      for value in [Double.nan, -1] where index != 2 || value.isNaN {
        var spoilt = run.state
        spoilt[index].value = value
        #expect(!run.canResume(from: spoilt), "\(spoilt[index].name) = \(value)")
      }
      var spoilt = run.state
      spoilt[index].name = "stranger"
      #expect(!run.canResume(from: spoilt))
    }
  }

  @Test func `a plateau does not look at the losses of the warm-up`() {
    var plateau = Plateau()
    plateau.patience = 0
    var run = ScheduleRun(
      Schedule(.plateau(plateau), warmup: .init(epochs: 2, start: 0.5)), base: 1)
    var rates: [Double] = []
    for metric in [1.0, 2, 5, 6, 6] {
      rates.append(run.learningRate)
      run.observe(metric: metric)
    }
    #expect(rates == [0.5, 0.75, 1, 1, 0.1])
  }

  @Test func `a warm-up leads to the rate that one-cycle begins with`() {
    let cycle = OneCycle(maxLearningRate: 1, totalSteps: 10)
    let schedule = Schedule(.oneCycle(cycle), warmup: .init(epochs: 4, start: 0.5))
    let rates = (0..<20).map { schedule.learningRate(epoch: $0, base: 123) }
    #expect(rates[0] == 0.02)
    #expect(rates[2] == 0.03)
    #expect(abs(rates[4] - 0.04) < 1e-15)
    #expect(rates.max() == 1)
    #expect(schedule.momentum(epoch: 0) == 0.95)
    // After its last step it stays.
    #expect(rates[13...].allSatisfy { abs($0 - 4e-6) < 1e-15 })
  }

  @Test(arguments: [0, 0.1, 0.5, 1], [1, 2, 10])
  func `phases of one-cycle without a length have rates`(part: Double, steps: Int) {
    for threePhase in [false, true] {
      for annealing in OneCycle.Annealing.allCases {
        var cycle = OneCycle(maxLearningRate: 1, totalSteps: steps)
        cycle.pctStart = part
        cycle.annealing = annealing
        cycle.threePhase = threePhase
        for epoch in 0..<steps {
          let rate = Schedule(.oneCycle(cycle)).learningRate(epoch: epoch, base: 1)
          #expect((0...1.000001).contains(rate), "\(cycle), epoch \(epoch)")
        }
      }
    }
  }

  @Test func `long runs neither overflow nor linger`() {
    let far = Int.max / 2
    func rate(_ course: Schedule.Course) -> Double {
      Schedule(course).learningRate(epoch: far, base: 1)
    }
    #expect((0...1).contains(rate(.warmRestarts(length: 3, multiple: 2))))
    #expect((0...1).contains(rate(.warmRestarts(length: 3, multiple: 1))))
    #expect((0...1).contains(rate(.cosine(length: 3))))
    #expect(rate(.exponential(gamma: 0.9)) == 0)
    #expect(rate(.polynomial(length: 10, power: 0.5)) == 0)
  }
}
