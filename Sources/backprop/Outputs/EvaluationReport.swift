import Autograd
import Models
import Plotting
import Tables

/// What was found of a model on a table.
struct EvaluationReport {
  let target: String
  let rows: Int
  let evaluation: Evaluation
  /// Of a model of classes; nil too where a target lies between two.
  let confusion: Confusion?
  /// The target of each row, and what was predicted of it, where there is no confusion matrix.
  let observed: [Double]
  let predicted: [Double]
  /// How many bytes the processes of a job have sent.
  let bytesExchanged: Int

  /// The rows that a picture shows are read if one is drawn.
  init<Scalar: Precision>(
    _ new: NewTable, _ parameters: [Scalar], isDrawn: Bool
  ) throws(TableError) {
    target = new.model.responseName
    let model = new.model
    let shown: Table
    if let stored = new.storedRows {
      rows = stored.rowCount
      _ = try model.data(from: new.table, rowCount: rows, as: Scalar.self)
      evaluation = try model.evaluate(stored, parameters: parameters, team: Job.team)
      confusion = try model.confusion(of: parameters, on: stored, team: Job.team)
      shown =
        confusion == nil && isDrawn
        ? try stored.shown(of: model, sample: new.table) : new.table
    } else {
      let data = try model.data(from: new.table, as: Scalar.self)
      rows = new.table.rowCount
      evaluation = try model.evaluate(new.table, data, parameters: parameters)
      confusion = model.confusion(of: parameters, on: data)
      shown = new.table
    }
    bytesExchanged = Job.bytesExchanged
    if confusion != nil || !isDrawn {
      (observed, predicted) = ([], [])
      return
    }
    observed = try model.response(of: shown)
    predicted = model.predictions(
      of: parameters, on: try model.data(from: shown, as: Scalar.self))
  }

  /// What is measured of all rows, by name.
  private var ofAll: [(name: String, value: Double)] {
    [
      ("loss", evaluation.loss), ("accuracy", evaluation.accuracy), ("mae", evaluation.mae),
      ("rmse", evaluation.rmse), ("r2", evaluation.r2),
    ].compactMap { name, value in value.map { (name, $0) } }
  }

  /// What is measured of each class, by name.
  private var ofClasses: [(name: String, values: [Double])] {
    guard let confusion else { return [] }
    let indices = confusion.classes.indices
    return [
      ("precision", indices.map(confusion.precision)), ("recall", indices.map(confusion.recall)),
      ("f1", indices.map(confusion.f1)), ("rows", indices.map(confusion.rows)),
    ]
  }

  /// A row for each number.
  var lines: String {
    let hasClasses = evaluation.accuracy != nil
    let ofNone = hasClasses ? "," : ""
    var lines = [hasClasses ? "metric,class,value" : "metric,value", "rows\(ofNone),\(rows)"]
    lines += ofAll.map { "\($0.name)\(ofNone),\($0.value.shortestDecimal)" }
    for (name, values) in ofClasses {
      for (value, ofClass) in zip(values, confusion?.classes ?? []) {
        lines.append("\(name),\(csvField(ofClass)),\(shown(value))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The confusion matrix, a row for each observed class.
  var confusionLines: String {
    guard let confusion else { return "" }
    let names = confusion.classes.map { csvField($0) }
    let rows = zip(names, confusion.counts).map { name, counts in
      ([name] + counts.map(shown)).joined(separator: ",")
    }
    return ([(["observed"] + names).joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
  }

  /// A count without a fraction.
  private func shown(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? value.shortestDecimal
  }

  var json: [String: JSON] {
    var object: [String: JSON] = ["version": .text(Backprop.version), "target": .text(target)]
    object["rows"] = .count(rows)
    if Job.count > 1 {
      object["ranks"] = .count(Job.count)
      object["bytes_exchanged"] = .count(bytesExchanged)
    }
    for (name, value) in ofAll { object[name] = .number(value) }
    guard let confusion else { return object }
    func byClass(_ values: [JSON]) -> JSON {
      .object(Dictionary(zip(confusion.classes, values)) { first, _ in first })
    }
    for (name, values) in ofClasses where name != "rows" {
      object[name] = byClass(values.map(JSON.number))
    }
    object["classes"] = .list(confusion.classes.map(JSON.text))
    object["confusion"] = .list(confusion.counts.map { .list($0.map(JSON.number)) })
    return object
  }

  /// The confusion matrix, or predicted over observed values.
  func picture(
    as format: PictureFormat, look: LookOptions
  ) throws(PlotError) -> Picture {
    if let confusion {
      var matrix = ConfusionMatrix(classes: confusion.classes, counts: confusion.counts)
      if let scale = look.scale { matrix.scale = scale }
      if let theme = look.theme { matrix.theme = theme }
      matrix.title = look.title
      return try matrix.picture(as: format, creator: Backprop.creator)
    }
    var figure = Figure(
      observed: observed, predicted: predicted, xTitle: "observed \(target)",
      yTitle: "predicted \(target)")
    if let scale = look.scale { figure.scale = scale }
    if let theme = look.theme { figure.theme = theme }
    figure.title = look.title
    return try figure.picture(as: format, creator: Backprop.creator)
  }
}

/// The files that an evaluation writes, created before the work for them begins.
struct EvaluationOutputs {
  private let confusion: WholeFile?
  private let metrics: WholeFile?
  private let pictures: [(file: WholeFile, format: PictureFormat)]
  private let look: LookOptions
  /// Whether one of them is written where the CSV would be.
  private let takesStandardOutput: Bool

  init(
    confusion: Path?, metrics: Path?, pictures: [PictureFile], look: LookOptions
  ) throws(Failure) {
    // Of several processes the first alone writes.
    func create(_ path: Path?) throws(Failure) -> WholeFile? {
      try Job.isFirst ? path.map { path throws(Failure) in try WholeFile(Destination(path)) } : nil
    }
    self.confusion = try create(confusion)
    self.metrics = try create(metrics)
    self.pictures = try (Job.isFirst ? pictures : []).map { picture throws(Failure) in
      (try picture.create(), picture.format)
    }
    self.look = look
    let destinations =
      [confusion, metrics].compactMap { $0.map { Destination($0) } } + pictures.map(\.destination)
    takesStandardOutput = destinations.contains(.standardOutput)
  }

  func write(_ report: EvaluationReport) throws(Failure) {
    if confusion != nil, report.confusion == nil {
      throw Failure(
        .badData, "--confusion: a target of \(excerpt(report.target)) lies between two classes")
    }
    if !takesStandardOutput { try Writer.standardOutput.writeAll(report.lines) }
    try confusion?.write(report.confusionLines)
    try metrics?.write(JSON.object(report.json).lines + "\n")
    for (file, format) in pictures {
      try file.write { () throws(PlotError) in try report.picture(as: format, look: look) }
    }
  }
}
