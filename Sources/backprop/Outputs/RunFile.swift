import Autograd
import Flags
import Formula
import Models
import Tables
import Training

/// What a model file and a checkpoint say of the run that made them.
struct RunFile {
  private let plan: TrainPlan
  private let model: Model
  private let recording: Recording
  /// What tells the data of one run from another's; 0 where nobody needs it.
  private let fingerprint: UInt64

  init(_ plan: TrainPlan, _ model: Model, recording: Recording, fingerprint: UInt64) {
    self.plan = plan
    self.model = model
    self.recording = recording
    self.fingerprint = fingerprint
  }

  /// The model as it is trained so far, and what its loss is.
  func bytes<Scalar: Precision>(of trainer: borrowing Trainer<Scalar>) throws(Failure) -> [UInt8] {
    var file = model.file(parameters: trainer.parameters)
    var result = ["epochs": JSON.count(trainer.epochs.count)]
    if let epoch = trainer.keptEpoch {
      result["loss"] = .number(epoch.loss)
      result["validation_loss"] = epoch.validationLoss.map(JSON.number)
    }
    file.metadata["result"] = JSON.object(result).line
    return try bytes(of: file)
  }

  /// All that is needed to go on with the run.
  func bytes<Scalar: Precision>(of checkpoint: Checkpoint<Scalar>) throws(Failure) -> [UInt8] {
    var file = checkpoint.file(of: model, recording: recording)
    file.metadata["rows"] = "\(fingerprint)"
    file.metadata["flags"] = JSON.list(plan.flags.map { .text($0.word.text) }).line
    return try bytes(of: file)
  }

  private func bytes(of content: Safetensors) throws(Failure) -> [UInt8] {
    var content = content
    content.metadata["settings"] = JSON.object(plan.allSettings).line
    content.metadata["version"] = Backprop.version
    do throws(SafetensorsError) { return try content.withChecksum().serialized() } catch {
      throw Failure(.inputOutput, "the model cannot be written: \(error)")
    }
  }

  /// The checkpoint of a run of the same model, settings and data.
  func checkpoint<Scalar: Precision>(
    from resumption: Resumption
  ) throws(Failure) -> Checkpoint<Scalar> {
    let (source, file) = (resumption.source, resumption.file)
    func refuse(_ reason: String) -> Failure {
      Failure(.usage, "--resume \(source.name): \(reason)")
    }
    func refuse(_ flag: String, _ own: String?, _ other: String?) -> Failure {
      refuse(
        "its run had \(shortened(flag)) \(other ?? "not given"), this one has "
          + "\(own ?? "it not given"); "
          + "repeat the options of that run"
          + (resumption.flags == nil ? "" : ", or leave them out"))
    }
    var former: [String: JSON]
    do throws(ModelFileError) { former = try file.json("settings")?.object ?? [:] } catch {
      throw Failure(.badData, "\(source.name): \(error)")
    }
    // The formulas are compared by themselves, and tables by what they hold: they may have another place.
    for name in ModelPlan.settingNames { former[name] = nil }
    if former["validation"]?.text != nil || former["validation"]?.list != nil {
      former["validation"] = nil
    }
    // Version 0.1.0 called a rate that stays so, which is now the schedule of PyTorch's ConstantLR.
    if former["schedule"] == .text("constant"), former["factor"] == nil { former["schedule"] = nil }
    let parts = [
      ("model", plan.model.formula.text), ("loss", plan.model.loss.text), ("target", model.target),
      ("weights", model.specification.weights),
    ]
    for (key, own) in parts where own != file.metadata[key] {
      throw refuse(
        "--\(key)", own.map { excerpt($0, limit: 100) },
        file.metadata[key].map { excerpt($0, limit: 100) })
    }
    let own = plan.trainingSettings
    // First those on which others depend.
    let keys = ["optimizer", "schedule", "shuffle"] + Set(own.keys).union(former.keys).sorted()
    for key in keys where own[key] != former[key] {
      if key == "epochs" { continue }
      let flag = "--" + String(key.map { $0 == "_" ? "-" : $0 })
      func shown(_ value: JSON?) -> String? { value.map { shortened($0.line, limit: 100) } }
      throw refuse(flag, shown(own[key]), shown(former[key]))
    }
    if file.metadata["rows"] != nil, file.metadata["rows"] != "\(fingerprint)" {
      throw refuse(
        "its run had other data; give the same --data, --validation, --where, --missing, "
          + "--standardize, --features and --weights")
    }
    do throws(CheckpointError) {
      return try Checkpoint(file, of: model, recording: recording)
    } catch {
      throw Failure(.badData, "\(source.name): \(error)")
    }
  }

  /// Reads a safetensors file.
  static func read(_ source: Source, _ bytes: [UInt8]) throws(Failure) -> Safetensors {
    do throws(SafetensorsError) { return try Safetensors(reading: bytes) } catch {
      throw Failure(.badData, "\(source.name): \(error)")
    }
  }
}
