public import Models

extension Settings {
  /// All settings on which a number of the run depends, by the names of their flags.
  public var json: [String: JSON] {
    var all = optimizer.json
    if let schedule { all.merge(schedule.json) { own, _ in own } }
    all["lr"] = .number(learningRate)
    all["epochs"] = .count(epochs)
    all["batch_size"] =
      switch batchSize {
      case .rows(let count): .count(count)
      case .full: .text("full")
      }
    all["epoch_loss"] = .text(usedEpochLoss.rawValue)
    all["l1"] = .number(l1)
    all["l2"] = .number(l2)
    // As a text, since a number of JSON holds 53 bits.
    all["seed"] = .text("\(seed)")
    all["shuffle"] = .flag(shuffles)
    if let patience { all["patience"] = .count(patience) }
    switch clipping {
    case nil: break
    case .norm(let limit, _): all["clip_norm"] = .number(limit)
    case .value(let limit): all["clip_value"] = .number(limit)
    }
    return all
  }
}

extension OptimizerSettings {
  /// The optimizer's name and what it can be told.
  fileprivate var json: [String: JSON] {
    var all: [String: JSON] = ["optimizer": .text(name.rawValue)]
    for parameter in name.hyperparameters { all[parameter.rawValue] = value(of: parameter) }
    return all
  }

  private func value(of parameter: Hyperparameter) -> JSON {
    switch parameter {
    case .momentum: .number(momentum)
    case .dampening: .number(dampening)
    case .nesterov: .flag(nesterov)
    case .betas: .list([.number(betas.first), .number(betas.second)])
    case .eps: .number(eps)
    case .amsgrad: .flag(amsgrad)
    case .alpha: .number(alpha)
    case .centered: .flag(centered)
    case .rho: .number(rho)
    case .weightDecay: .number(weightDecay)
    case .momentumDecay: .number(momentumDecay)
    case .lrDecay: .number(lrDecay)
    case .initialAccumulatorValue: .number(initialAccumulatorValue)
    case .maxIterations: .count(maxIterations)
    case .maxEvaluations: .count(mostEvaluations)
    case .historySize: .count(historySize)
    case .toleranceGrad: .number(toleranceGrad)
    case .toleranceChange: .number(toleranceChange)
    }
  }
}

extension Schedule {
  /// The schedule's name and what it can be told.
  fileprivate var json: [String: JSON] {
    var all = course.json
    if let warmup {
      all["warmup"] = .count(warmup.epochs)
      all["warmup_start"] = .number(warmup.start)
    }
    return all
  }
}

extension Schedule.Course {
  fileprivate var json: [String: JSON] {
    switch self {
    case .constant: ["schedule": .text("constant")]
    case .step(let size, let gamma):
      ["schedule": .text("step"), "step_size": .count(size), "gamma": .number(gamma)]
    case .multistep(let milestones, let gamma):
      [
        "schedule": .text("multistep"), "milestones": .list(milestones.map(JSON.count)),
        "gamma": .number(gamma),
      ]
    case .exponential(let gamma): ["schedule": .text("exponential"), "gamma": .number(gamma)]
    case .cosine(let length, let floor):
      ["schedule": .text("cosine"), "t_max": .count(length), "eta_min": .number(floor)]
    case .warmRestarts(let length, let multiple, let floor):
      [
        "schedule": .text("warm-restarts"), "t_0": .count(length), "t_mult": .count(multiple),
        "eta_min": .number(floor),
      ]
    case .linear(let start, let end, let length):
      [
        "schedule": .text("linear"), "start_factor": .number(start), "end_factor": .number(end),
        "total_iters": .count(length),
      ]
    case .polynomial(let length, let power):
      ["schedule": .text("polynomial"), "total_iters": .count(length), "power": .number(power)]
    case .oneCycle(let cycle):
      [
        "schedule": .text("one-cycle"), "max_lr": .number(cycle.maxLearningRate),
        "total_steps": .count(cycle.totalSteps), "pct_start": .number(cycle.pctStart),
        "anneal_strategy": .text(cycle.annealing.rawValue), "div_factor": .number(cycle.divFactor),
        "final_div_factor": .number(cycle.finalDivFactor), "three_phase": .flag(cycle.threePhase),
      ]
    case .plateau(let plateau):
      [
        "schedule": .text("plateau"), "factor": .number(plateau.factor),
        "plateau_patience": .count(plateau.patience), "threshold": .number(plateau.threshold),
        "threshold_mode": .text(plateau.thresholdMode.rawValue),
        "cooldown": .count(plateau.cooldown), "min_lr": .number(plateau.minLearningRate),
      ]
    }
  }
}
