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
              + "\(listed(levels)); --unseen zero encodes it as zeros")
        }
        values.append(Double(index ?? -1))
      }
    }
    return values
  }

  private func assignments(
    of columns: [StreamedColumn]
  ) throws(Failure) -> [(name: String, text: String)] {
    if words.count == 1, columns.count == 1, finiteNumber(words[0]) != nil {
      return [(columns[0].name, words[0])]
    }
    let marked = columns.map(\.name).filter { $0.contains(",") || $0.contains("=") }
    var given: [(name: String, text: String)] = []
    for word in words {
      var rest: Substring? = word[...]
      while let piece = rest {
        let comma = piece.firstIndex(of: ",") ?? piece.endIndex
        // The longest of the names that have a mark of their own, or what stands before the first mark.
        let name =
          marked.filter { piece.hasPrefix("\($0)=") }.max { $0.count < $1.count }
          ?? piece[..<comma].firstIndex(of: "=").map { String(piece[..<$0]) }
        var text = piece
        if let name {
          if given.contains(where: { $0.name == name }) {
            throw Failure(.usage, "\(excerpt(name)) is given twice; give each value once")
          }
          given.append((name, ""))
          text = piece.dropFirst(name.count + 1)
        } else if piece.startIndex == word.startIndex {
          let example = columns.first?.example ?? "x=4"
          throw Failure(
            .usage,
            "\(excerpt(word, limit: 100)) is not a value of an input, as in \(example); to predict a table, give --data"
          )
        } else {
          // A text may have a comma in it.
          given[given.count - 1].text += ","
        }
        let end = text.firstIndex(of: ",")
        given[given.count - 1].text += text[..<(end ?? text.endIndex)]
        rest = end.map { text[text.index(after: $0)...] }
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
