import Models

extension Safetensors {
  /// Changes one thing that the format leaves free.
  mutating func change(_ chance: inout Chance) {
    let numbers = [
      0, -0.0, 1, -1, 0.5, 5, 255, 0x1p31, 0x1p32, 0x1p53, 0x1p53 + 2, 0x1p63 - 1024, 0x1p63,
      -0x1p63,
      1e300, Double.leastNonzeroMagnitude, .infinity, -.infinity, .nan,
    ]
    let number = numbers.randomElement(using: &chance) ?? 0
    let names = tensors.keys.sorted()
    let name = names.randomElement(using: &chance) ?? ""
    let keys = metadata.keys.sorted()
    let key = keys.randomElement(using: &chance) ?? ""
    switch Int.random(in: 0..<8, using: &chance) {
    case 0...2:
      guard let tensor = tensors[name], var values = tensor.doubles, !values.isEmpty else {
        return
      }
      values[values.indices.randomElement(using: &chance) ?? 0] = number
      tensors[name] =
        tensor.element == .float32
        ? Safetensors.Tensor(shape: tensor.shape, values.map { Float($0) })
        : Safetensors.Tensor(shape: tensor.shape, values)
    case 3: tensors[name] = tensors[names.randomElement(using: &chance) ?? ""]
    case 4: tensors[name] = nil
    case 5:
      let count = Int.random(in: 0...3, using: &chance)
      tensors[name] = Safetensors.Tensor(
        shape: [count], [Double](repeating: number, count: count))
    case 6: metadata[key] = metadata[keys.randomElement(using: &chance) ?? ""]
    default: metadata[key] = (metadata[key] ?? "").spoilt(&chance)
    }
  }
}

extension String {
  /// A text with a part doubled, left out or replaced by what may mean something.
  fileprivate func spoilt(_ chance: inout Chance) -> String {
    var bytes = Array(utf8)
    let place = Int.random(in: 0...bytes.count, using: &chance)
    let end = min(bytes.count, place + Int.random(in: 0...6, using: &chance))
    let words = [
      "1e999", "-1", "9223372036854775807", "null", "[", "{}", "\"\"", "[[[[", ",", "\"x\"", "(",
      "^2^2^2",
      " |> dense(1000000)", " |> dense(classes)", "\u{0}", "kind", "\\ud800", "0", ":", "1/0",
      "inputs",
    ]
    switch Int.random(in: 0..<3, using: &chance) {
    case 0: bytes.insert(contentsOf: bytes[place..<end], at: place)
    case 1: bytes.removeSubrange(place..<end)
    default:
      bytes.replaceSubrange(place..<end, with: (words.randomElement(using: &chance) ?? "").utf8)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension [UInt8] {
  /// Changes the bytes of a file, of which the first are likelier to be changed than the others.
  mutating func spoil(_ chance: inout Chance) {
    let place = Int.random(
      in: 0..<Swift.max(1, chance.next() % 4 == 0 ? count : count / 2), using: &chance)
    let end = Swift.min(count, place + Int.random(in: 0...8, using: &chance))
    switch Int.random(in: 0..<6, using: &chance) {
    case 0: removeSubrange(place..<end)
    case 1: insert(contentsOf: self[place..<end], at: place)
    case 2: removeLast(count - place)
    case 3:
      // The header's length.
      let length =
        [0, 1, UInt64(count), UInt64(count) &- 8, 100_000_000, 1 << 31, 1 << 63, .max]
        .randomElement(using: &chance) ?? 0
      for index in 0..<Swift.min(8, count) {
        self[index] = UInt8(truncatingIfNeeded: length >> (8 * UInt64(index)))
      }
    default:
      for index in place..<end { self[index] = UInt8(truncatingIfNeeded: chance.next()) }
    }
  }
}

/// Random numbers that are the same on every run: SplitMix64 (Steele, Lea and Flood 2014).
struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
