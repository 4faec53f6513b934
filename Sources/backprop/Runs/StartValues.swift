import Autograd
import Flags
import Formula
import Models
import Tables

/// What `--init` says: assignments, or the name of a file, which is JSON or a model.
enum StartValues {
  case assignments(Assignments)
  case file(Path)

  /// A text with `=` is assignments, any other a file.
  init(_ word: Word) throws(Failure) {
    let text = word.text
    if text.isEmpty {
      throw Failure(
        .usage, "--init: give start values, as in w=0.5,b=0, or a file: a model, or values in JSON")
    }
    guard text.contains("=") else {
      self = .file(Path(bytes: word.bytes))
      return
    }
    guard let assignments = Assignments(text) else {
      throw Failure(
        .usage,
        "--init \(shortened(text, limit: 100)): give each name once, with a finite number, as in w=0.5,b=0, "
          + "or the name of a file")
    }
    self = .assignments(assignments)
  }

  /// The values for a model, and what is to be said of them; a file is read.
  func values(for model: Model) throws(Failure) -> (values: GivenValues, warnings: [String]) {
    switch self {
    case .assignments(let assignments):
      return (GivenValues(assignments.values.map { ($0.name, .all($0.value)) }), [])
    case .file(let path):
      let source = Source(path)
      let bytes = try source.bytes()
      // No text has a zero, and each header's length has one.
      if !bytes.prefix(8).contains(0), let text = String(validating: bytes, as: UTF8.self) {
        return (GivenValues(try Self.values(in: text, of: path)), [])
      }
      let saved = try SavedModel(of: source, bytes)
      return try Self.values(for: model, from: saved, in: source.name)
    }
  }

  /// The values of a model's parameters that another one has, whose file has a name.
  private static func values(
    for model: Model, from saved: SavedModel, in name: String
  ) throws(Failure) -> (GivenValues, [String]) {
    let inheritance = model.inheritance(from: saved)
    if inheritance.shared.isEmpty {
      throw Failure(
        .usage,
        "--init \(name): it has \(listed(inheritance.unused)), but none of this model's parameters, "
          + listed(inheritance.missing))
    }
    do throws(GivenValues.Fault) { _ = try model.parameters.start(inheritance.values) } catch {
      throw Failure(
        .usage,
        "--init \(name): \(error.sentence(known: [])); to use only the other values, give them in a JSON "
          + "file ('backprop show --format json' has them as parameter_values)")
    }
    return (inheritance.values, inheritance.warnings.map { "--init \(name): \($0)" })
  }

  private static func values(
    in text: String, of path: Path
  ) throws(Failure) -> [(String, GivenValues.Value)] {
    func fault(_ reason: String = "") -> Failure {
      Failure(
        .badData,
        "\(path): \(reason)this is not what --init takes: a JSON object with a number or a list of "
          + "numbers for each parameter, as in {\"w\": 0.5, \"dense1.weight\": [[1, 2], [3, 4]]}, or a "
          + "model that 'train' or 'fit' wrote")
    }
    let value: JSON
    do throws(JSONError) { value = try JSON(parsing: text) } catch { throw fault("\(error); ") }
    guard let numbers = value.object else { throw fault() }
    var values: [(String, GivenValues.Value)] = []
    for (name, number) in numbers.sorted(by: { $0.key < $1.key }) {
      guard let value = number.startValue else {
        throw Failure(
          .badData,
          "\(path): \(excerpt(name)) is not a number, a vector or a matrix of finite numbers")
      }
      values.append((name, value))
    }
    return values
  }
}

extension Inheritance {
  /// What the person who gave the file should know, in sentences.
  fileprivate var warnings: [String] {
    var names: [String] = []
    if !missing.isEmpty {
      names.append("parameters that it lacks start as usual: \(listed(missing))")
    }
    if !unused.isEmpty { names.append("parameters of its own are not used: \(listed(unused))") }
    return (names.isEmpty ? [] : [names.joined(separator: "; ")])
      + doubts.map { doubt in
        switch doubt {
        case .scaling(let columns):
          "its run standardized \(listed(columns)) with other means and deviations, or not at all, so the "
            + "same parameters now have another meaning"
        case .inputs(let parameters):
          "elements of \(listed(parameters)) belonged to other columns or texts in its run"
        case .classes: "its classes are others, or in another order"
        }
      }
  }
}

extension JSON {
  private var finiteNumber: Double? { number.flatMap { $0.isFinite ? $0 : nil } }

  private var vector: [Double]? {
    guard let list, !list.isEmpty else { return nil }
    let numbers = list.compactMap(\.finiteNumber)
    return numbers.count == list.count ? numbers : nil
  }

  /// The scalar, vector or matrix that it is; nil if it is none.
  fileprivate var startValue: GivenValues.Value? {
    if let finiteNumber { return .all(finiteNumber) }
    if let vector { return .each(vector, .vector(vector.count)) }
    guard let list else { return nil }
    let rows = list.compactMap(\.vector)
    guard rows.count == list.count, let columns = rows.first?.count,
      rows.allSatisfy({ $0.count == columns })
    else { return nil }
    return .each(rows.flatMap { $0 }, .matrix(rows: rows.count, columns: columns))
  }
}
