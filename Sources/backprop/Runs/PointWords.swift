import Formula
import Models
import Tables

/// A point as words of the command line give it: `x=4`, `kind=red`, or several with commas between.
struct PointWords {
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  /// The values of a predictor's columns, in order.
  func values(of columns: [StreamedColumn], allowsUnknown: Bool) throws(Failure) -> [Double] {
    let given = try assignments(of: columns)
    if let stranger = given.first(where: { name, _ in !columns.contains { $0.name == name } }) {
      throw Failure(
        .usage, unknown("input of the model", stranger.name, among: columns.map(\.name)))
    }
    var values: [Double] = []
    for column in columns {
      guard let text = given.last(where: { $0.name == column.name })?.text else {
        throw Failure(
          .usage, "a value for \(excerpt(column.name)) is missing; give it as in \(column.example)")
      }
      switch column.kind {
      case .number:
        guard let value = finiteNumber(text) else {
          throw Failure(.usage, "\(excerpt(column.name)) is \(excerpt(text)); give a finite number")
        }
        values.append(value)
      case .text(let levels):
        let index = levels.firstIndex(of: text)
        if index == nil, !allowsUnknown {
          throw Failure(
            .usage,
            "\(excerpt(column.name)) is \(excerpt(text)), which the model does not know; it knows "
              + "\(listed(levels)); --unseen zero takes it for none of them")
        }
        values.append(Double(index ?? -1))
      }
    }
    return values
  }

  private func assignments(
    of columns: [StreamedColumn]
  ) throws(Failure) -> [(name: String, text: String)] {
    var given: [(name: String, text: String)] = []
    for word in words {
      if words.count == 1, columns.count == 1, finiteNumber(word) != nil {
        return [(columns[0].name, word)]
      }
      for (index, piece) in word.split(separator: ",", omittingEmptySubsequences: false)
        .enumerated()
      {
        guard let equals = piece.firstIndex(of: "=") else {
          // A text may have a comma in it.
          if index > 0 {
            given[given.count - 1].text += ",\(piece)"
            continue
          }
          let example = columns.first?.example ?? "x=4"
          throw Failure(
            .usage,
            "\(excerpt(word, limit: 100)) is no value of the model's inputs, as in \(example); a table is given by --data"
          )
        }
        let name = String(piece[..<equals])
        if given.contains(where: { $0.name == name }) {
          throw Failure(.usage, "\(excerpt(name)) is given twice; give each value once")
        }
        given.append((name, String(piece[piece.index(after: equals)...])))
      }
    }
    return given
  }
}

extension StreamedColumn {
  /// How a value of it is given.
  fileprivate var example: String {
    switch kind {
    case .number: "\(name)=4"
    case .text(let levels): "\(name)=\(levels.first ?? "")"
    }
  }
}
