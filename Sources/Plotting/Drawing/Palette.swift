/// The colours of a picture.
struct Palette: Sendable {
  let paper: Color
  let text: Color
  let label: Color
  let frame: Color
  let grid: Color
  let warning: Color
  /// The colours of the curves, told apart by red-blind and green-blind readers too.
  let curves: [Color]
  /// The colours between which the shades of many curves lie, from the first to the last.
  let ramp: [Color]

  static let light = Palette(
    paper: Color(0xffffff), text: Color(0x24292f), label: Color(0x57606a), frame: Color(0x6e7781),
    grid: Color(0xe4e7eb), warning: Color(0xc0392b),
    curves: [
      0x1764d9, 0xd17e10, 0x1f5a4a, 0x9a5386, 0x119ac9, 0xee5f70, 0x543590, 0x544b14,
    ].map(Color.init),
    ramp: [0x0d0887, 0x1f5fd0, 0x12868f, 0x3f8a2e, 0xb0760a, 0xd9451f, 0x9c1060].map(Color.init))

  static let dark = Palette(
    paper: Color(0x14171a), text: Color(0xe6e9ec), label: Color(0xaab2bb), frame: Color(0x8b949e),
    grid: Color(0x2b3138), warning: Color(0xff7b72),
    curves: [
      0x4a90ff, 0xdd5a12, 0x98e9d9, 0xa8709a, 0x67bbdd, 0xfa8f8f, 0x8f76c8, 0xe3b74c,
    ].map(Color.init),
    ramp: [0x8d7bf0, 0x4a9cf5, 0x2fc4c4, 0x7fd068, 0xf0d24a, 0xfb9a4b, 0xf56a8c].map(Color.init))
}

extension Figure.Theme {
  /// The theme's colours.
  var colors: Palette {
    switch self {
    case .light: .light
    case .dark: .dark
    }
  }
}

extension Color {
  /// This colour with a share of another laid over it.
  func mixed(with other: Color, _ share: Double) -> Color {
    let channels = [16, 8, 0].map { shift -> UInt32 in
      func channel(_ color: Color) -> Double { Double(color.rgb >> UInt32(shift) & 0xff) }
      let value = channel(self) * (1 - share) + channel(other) * share
      return UInt32(value.rounded()) << UInt32(shift)
    }
    return Color(channels.reduce(0, |))
  }
}
