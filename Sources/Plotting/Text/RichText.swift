/// One line of text in which powers may stand raised.
struct RichText: Hashable, Sendable, ExpressibleByStringLiteral {
  /// A stretch of text at one height.
  struct Piece: Hashable, Sendable {
    var text: String
    var isRaised = false
  }

  var pieces: [Piece]

  init(_ text: String) { pieces = text.isEmpty ? [] : [Piece(text: text)] }
  init(stringLiteral text: String) { self.init(text) }
  private init(pieces: [Piece]) { self.pieces = pieces }

  /// Text that comes from outside.
  init(cleaning text: String) { self.init(cleaned(text)) }

  /// A power of ten: `10` and a raised exponent.
  static func power(ofTen exponent: Int) -> RichText {
    let sign = exponent < 0 ? minus : ""
    return RichText(pieces: [
      Piece(text: "10"), Piece(text: sign + String(exponent.magnitude), isRaised: true),
    ])
  }

  static func + (a: RichText, b: RichText) -> RichText {
    RichText(pieces: a.pieces + b.pieces)
  }

  var isEmpty: Bool { pieces.isEmpty }

  /// The text with Unicode's superscripts for what is raised.
  var plainText: String {
    pieces.map { $0.isRaised ? superscript($0.text) : $0.text }.joined()
  }

  /// How many characters there are.
  var count: Int { pieces.reduce(0) { $0 + $1.text.count } }

  /// The characters of `range`.
  subscript(range: Range<Int>) -> RichText {
    var start = 0
    var kept: [Piece] = []
    for piece in pieces {
      let length = piece.text.count
      let from = max(0, range.lowerBound - start)
      let to = min(length, range.upperBound - start)
      if from < to {
        let text = String(piece.text.dropFirst(from).prefix(to - from))
        kept.append(Piece(text: text, isRaised: piece.isRaised))
      }
      start += length
    }
    return RichText(pieces: kept)
  }

  /// The positions of the spaces.
  var spaces: [Int] {
    pieces.map(\.text).joined().enumerated().filter { $0.element == " " }.map(\.offset)
  }
}

/// Text with spaces for control characters, which no font has and no file format likes.
func cleaned(_ text: String) -> String {
  let scalars = text.unicodeScalars.map { scalar in
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: " " as Unicode.Scalar
    default: scalar
    }
  }
  return String(String.UnicodeScalarView(scalars))
}
