import Testing

/// The screen of the tests' terminals, without which they would prove nothing.
@Suite struct ScreenTests {
  private func screen(_ text: String, columns: Int = 10) -> Screen {
    var screen = Screen(columns: columns)
    // Byte by byte, as they may come.
    for byte in text.utf8 { screen.write([byte]) }
    return screen
  }

  @Test(arguments: [
    ("one\r\ntwo\r\n", "one\ntwo"),
    ("one\rt", "tne"),
    ("one\r\u{1B}[Kt", "t"),
    ("one\r\ntwo\u{1B}[J\r", "one\ntwo"),
    ("\u{1B}[34m█▌\u{1B}[0m ]", "█▌ ]"),
    ("0123456789", "0123456789"),
    ("0123456789ab\r\u{1B}[J", "0123456789"),
  ])
  func `it shows what a terminal would`(written: String, shown: String) {
    #expect(screen(written).text == shown)
  }

  @Test func `it counts wraps, and remembers drawings and sequences`() {
    let screen = screen("abc\r\u{1B}[J0123456789ab\r")
    #expect(screen.wraps == 1)
    #expect(screen.drawings == ["abc", "ab"])
    #expect(screen.sequences == ["[J"])
  }

  @Test func `it breaks long lines when it becomes narrower`() {
    var screen = screen("top\r\n01234567\r")
    screen.resize(columns: 5)
    #expect(screen.text == "top\n01234\n567")
    screen.write("bar\u{1B}[J\r".utf8)
    #expect(screen.text == "top\nbar")
  }
}
