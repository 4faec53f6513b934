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

  @Test func `a state of other names or impossible numbers cannot be resumed`() throws {
    let run = ScheduleRun(try schedule(Plateau()), base: 0.1)
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

  private func schedule(
    _ course: any ScheduleRule, warmup: Schedule.Warmup? = nil, epochs: Int = 10
  ) throws -> Schedule {
    try Schedule(course, warmup: warmup, epochs: epochs, learningRate: 1)
  }

  @Test func `a plateau does not look at the losses of the warm-up`() throws {
    var plateau = Plateau()
    plateau.patience = 0
    var run = ScheduleRun(
      try schedule(plateau, warmup: .init(epochs: 2, start: 0.5)), base: 1)
    var rates: [Double] = []
    for metric in [1.0, 2, 5, 6, 6] {
      rates.append(run.learningRate)
      run.observe(metric: metric)
    }
    #expect(rates == [0.5, 0.75, 1, 1, 0.1])
  }

  @Test func `a warm-up leads to the rate that one-cycle begins with`() throws {
    let cycle = OneCycle(maxLearningRate: 1, totalSteps: 10)
    let schedule = try schedule(cycle, warmup: .init(epochs: 4, start: 0.5))
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
  func `phases of one-cycle without a length have rates`(part: Double, steps: Int) throws {
    for threePhase in [false, true] {
      for annealing in OneCycle.Annealing.allCases {
        var cycle = OneCycle(maxLearningRate: 1, totalSteps: steps)
        cycle.pctStart = part
        cycle.annealing = annealing
        cycle.threePhase = threePhase
        if threePhase, part > 0.5 { continue }
        for epoch in 0..<steps {
          let rate = try schedule(cycle, epochs: steps).learningRate(epoch: epoch, base: 1)
          #expect((0...1.000001).contains(rate), "\(cycle), epoch \(epoch)")
        }
      }
    }
  }

  @Test func `long runs neither overflow nor linger`() {
    let far = Int.max / 2
    func rate(_ course: any ScheduleRule) -> Double { course.learningRate(epoch: far, base: 1) }
    #expect((0...1).contains(rate(with(WarmRestarts(firstPeriod: 3)) { $0.multiple = 2 })))
    #expect((0...1).contains(rate(WarmRestarts(firstPeriod: 3))))
    #expect((0...1).contains(rate(CosineSchedule(length: 3))))
    #expect(rate(ExponentialSchedule(gamma: 0.9)) == 0)
    #expect(rate(with(PolynomialSchedule(length: 10)) { $0.power = 0.5 }) == 0)
  }

  @Test(
    arguments: [CosineSchedule(), LinearSchedule(), PolynomialSchedule()] as [any ScheduleRule])
  func `a length that is not given is the run's after the warm-up`(course: any ScheduleRule) throws
  {
    let schedule = try schedule(course, warmup: .init(epochs: 4), epochs: 20)
    let lengths = try #require(schedule.course).declarations.compactMap { setting, value in
      ["t_max", "total_iters"].contains(setting.name) ? value : nil
    }
    #expect(lengths == [.count(16)])
  }

  @Test func `what contradicts the run is refused`() {
    #expect(throws: SettingFault.self) {
      try schedule(OneCycle(maxLearningRate: 1, totalSteps: 9), epochs: 10)
    }
    #expect(throws: SettingFault.self) { try schedule(with(Plateau()) { $0.minLearningRate = 1 }) }
  }
}
