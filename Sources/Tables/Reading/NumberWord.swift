/// A word for an infinity or NaN, as a column of numbers keeps it: with the letters that a file has.
///
/// Whoever is told to read it as a missing value must be told how it is spelled.
struct NumberWord: Hashable {
  private enum Kind: UInt64, CaseIterable {
    case nan, inf, infinity

    var letters: String { ["nan", "inf", "infinity"][Int(rawValue)] }
    var value: Double { self == .nan ? .nan : .infinity }
  }

  private static let signs = ["", "-", "+"]

  private let kind: Kind
  /// The index of the sign in ``signs``.
  private let sign: UInt64
  /// A bit for each letter that is a capital, the first in the lowest.
  private let capitals: UInt64

  /// The word that a text spells, which is `nan` if it spells none.
  init(_ text: some Collection<UInt8>) {
    let sign = Self.signs.lastIndex { text.starts(with: $0.utf8) } ?? 0
    let letters = Array(text.dropFirst(sign == 0 ? 0 : 1))
    let lowercase = String(decoding: letters, as: UTF8.self).lowercased()
    let kind = Kind.allCases.first { $0.letters == lowercase }
    self.kind = kind ?? .nan
    self.sign = UInt64(sign)
    capitals =
      kind == nil
      ? 0
      : letters.enumerated().reduce(0) { bits, letter in
        letter.element & 0x20 == 0 ? bits | 1 << UInt64(letter.offset) : bits
      }
  }

  /// The word that a number of a column stands for, nil if it is a number or missing.
  init?(_ number: Double) {
    let bits = number.bitPattern
    guard bits & Self.mark == Self.mark, bits >> 63 == 0, number.isNaN,
      let kind = Kind(rawValue: bits >> 12 & 3)
    else { return nil }
    self.kind = kind
    sign = bits >> 10 & 3
    capitals = bits & 0xFF
  }

  /// What stands for the word among numbers: a signalling NaN.
  var encoded: Double {
    Double(bitPattern: Self.mark | kind.rawValue << 12 | sign << 10 | capitals)
  }

  private static let mark: UInt64 = 0x7FF0_0000_0001_0000

  /// The word as the file has it.
  var text: String {
    let letters = kind.letters.enumerated().map { index, letter in
      capitals >> UInt64(index) & 1 == 1 ? letter.uppercased() : String(letter)
    }
    return Self.signs[Int(sign)] + letters.joined()
  }

  /// The infinity or NaN.
  var value: Double { sign == 1 ? -kind.value : kind.value }

  /// Whether it is a word for no value, not for one that is too large.
  var isNaN: Bool { kind == .nan }
}

/// What stands in a column of numbers for a missing one: a signalling NaN, which no text spells.
let missingNumber = Double(bitPattern: 0x7FF0_0000_0000_07A2)

extension Double {
  /// Whether this is ``missingNumber``.
  var isMissing: Bool { bitPattern == missingNumber.bitPattern }
}
