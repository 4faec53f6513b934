import Autograd
import Flags
import Models
import Tables

/// What `--init` says: assignments, or the name of a JSON file of them.
enum StartValues {
  case assignments(Assignments)
  case file(Path)

  /// A text with `=` is assignments, any other a file.
  init(_ word: Word) throws(Failure) {
    let text = word.text
    if text.isEmpty {
      throw Failure(.usage, "--init: give start values, as in w=0.5,b=0, or a JSON file of them")
    }
    guard text.contains("=") else {
      self = .file(Path(bytes: word.bytes))
      return
    }
    guard let assignments = Assignments(text) else {
      throw Failure(
        .usage,
        "--init \(shortened(text, limit: 100)): give each name once, with a finite number, as in w=0.5,b=0, "
          + "or the name of a JSON file")
    }
    self = .assignments(assignments)
  }

  /// The values, read from the file if they are in one.
  func values() throws(Failure) -> GivenValues {
    switch self {
    case .assignments(let assignments):
      return GivenValues(assignments.values.map { ($0.name, .all($0.value)) })
    case .file(let path): return GivenValues(try Self.read(path))
    }
  }

  private static func read(_ path: Path) throws(Failure) -> [(String, GivenValues.Value)] {
    let bytes = try Source(path).bytes()
    func fault(_ reason: String = "") -> Failure {
      Failure(
        .badData,
        "\(path): \(reason)this is not what --init takes: a JSON object with a number or a list of "
          + "numbers for each parameter, as in {\"w\": 0.5, \"dense1.weight\": [[1, 2], [3, 4]]}")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault() }
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
