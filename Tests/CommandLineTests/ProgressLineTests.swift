import Plotting
import Testing

@testable import backprop

/// What the progress bar says, as text, and the estimates behind it.
@Suite struct ProgressLineTests {
  private let line = ProgressLine(
    done: 34.5, epochs: 100, hasLongEpochs: true, loss: 0.01230456, rowsPerSecond: 1_850_000,
    secondsLeft: 124.1)

  private func text(
    _ line: ProgressLine, columns: Int, isUnicode: Bool = false, hasColor: Bool = false
  ) -> String {
    line.text(in: Terminal(columns: columns, hasColor: hasColor, isUnicode: isUnicode))
  }

  @Test(arguments: [
    (
      200,
      "[#############                           ] "
        + "epoch  35/100 (50%)  loss 0.01230  1.9 M rows/s  2 min 05 s left"
    ),
    (
      100,
      "[##########                    ] "
        + "epoch  35/100 (50%)  loss 0.01230  1.9 M rows/s  2 min 05 s left"
    ),
    (80, "[###       ] epoch  35/100 (50%)  loss 0.01230  1.9 M rows/s  2 min 05 s left"),
    (72, "[###       ] epoch  35/100 (50%)  loss 0.01230  2 min 05 s left"),
    (60, "epoch  35/100 (50%)  loss 0.01230  2 min 05 s left"),
    (48, "epoch  35/100  loss 0.01230  2 min 05 s left"),
    (40, "epoch  35/100  loss 0.01230"),
    (20, "epoch  35/100"),
    (9, "epoch  3"),
    (1, ""),
    (0, ""),
  ])
  func `a narrow terminal leaves out what matters least`(columns: Int, expected: String) {
    #expect(text(line, columns: columns) == expected)
  }

  @Test func `no line reaches the last column, at any width and time`() {
    for columns in 1...130 {
      for done in [0, 0.001, 9.99, 50, 99.9999, 100] {
        for seconds in [0, 59.5, 3600, 1e6, 1e300, .infinity] {
          let line = ProgressLine(
            done: done, epochs: 100, hasLongEpochs: columns % 2 == 0, loss: -1.23456e-100,
            rowsPerSecond: seconds, secondsLeft: seconds)
          #expect(text(line, columns: columns, isUnicode: done > 1).count < columns)
        }
      }
    }
  }

  @Test func `Unicode has eighths of a character`() {
    let bars = stride(from: 0.0, through: 1, by: 1 / 16).map { done in
      let line = ProgressLine(done: done * 0.2, epochs: 1)
      return String(text(line, columns: 30, isUnicode: true).prefix(4).dropFirst())
    }
    #expect(
      bars == [
        "   ", "▏  ", "▎  ", "▍  ", "▌  ", "▋  ", "▊  ", "▉  ", "█  ", "█▏ ", "█▎ ", "█▍ ", "█▌ ",
        "█▋ ", "█▊ ", "█▉ ", "██ ",
      ])
  }

  @Test func `colours take no room`() {
    let plain = text(line, columns: 100)
    let painted = text(line, columns: 100, hasColor: true)
    #expect(painted.hasPrefix("[\u{1B}[34m##########\u{1B}[0m    "))
    #expect(
      painted.replacing("\u{1B}[34m", with: "").replacing("\u{1B}[0m", with: "") == plain)
  }

  @Test func `what is not known yet is left out`() {
    #expect(text(ProgressLine(done: 0, epochs: 3), columns: 30) == "[          ] epoch 1/3")
  }

  @Test func `the end is full`() {
    let end = ProgressLine(done: 3, epochs: 3, hasLongEpochs: true, secondsLeft: 0)
    #expect(text(end, columns: 45) == "[##########] epoch 3/3 (100%)  0 s left")
  }

  @Test(arguments: [
    (0, "0 s"), (0.1, "1 s"), (3, "3 s"), (59.5, "1 min 00 s"), (125, "2 min 05 s"),
    (3599, "59 min 59 s"), (3600, "1 h 00 min"), (3900, "1 h 05 min"), (86_399, "23 h 59 min"),
    (86_400, "1 d 00 h"), (183_600, "2 d 03 h"), (86_400_000, "over 999 d"),
    (.infinity, "over 999 d"),
  ])
  func `a time has its two largest units`(seconds: Double, expected: String) {
    let line = ProgressLine(done: 0, epochs: 1, secondsLeft: seconds)
    #expect(text(line, columns: 70).hasSuffix("] epoch 1/1  \(expected) left"))
  }

  @Test(arguments: [
    (0.04, "0.04"), (0.5, "0.5"), (0.97, "1.0"), (12.34, "12.3"), (999.9, "999.9"),
    (999.96, "1.0 k"), (12_345, "12.3 k"), (999_940, "999.9 k"), (999_960, "1.0 M"),
    (1_850_000, "1.9 M"), (3e9, "3.0 G"), (1e15, "1000.0 T"),
  ])
  func `a rate has one decimal`(rate: Double, expected: String) {
    let line = ProgressLine(done: 0, epochs: 1, rowsPerSecond: rate)
    #expect(text(line, columns: 70).hasSuffix("] epoch 1/1  \(expected) rows/s"))
  }

  @Test(arguments: [
    (1.0, "1.000"), (0.0123, "0.01230"), (1234.5, "1234"), (12345.6, "1.235e+04"),
    (-0.000_012_345_67, "-1.235e-05"), (.nan, "nan"), (.infinity, "inf"),
  ])
  func `a loss keeps its four digits`(loss: Double, expected: String) {
    let line = ProgressLine(done: 0, epochs: 1, loss: loss)
    #expect(text(line, columns: 70).hasSuffix("] epoch 1/1  loss \(expected)"))
  }

  @Test func `a speed lets hiccups pass and follows what lasts`() {
    var speed = Speed()
    #expect(speed.perSecond == nil)
    speed.add(0, in: 1)
    #expect(speed.perSecond == nil)
    speed = Speed()
    for _ in 0..<100 { speed.add(10, in: 0.1) }
    #expect(abs((speed.perSecond ?? 0) - 100) < 1e-9)
    speed.add(0, in: 0.5)
    #expect((90..<100).contains(speed.perSecond ?? 0))
    for _ in 0..<600 { speed.add(20, in: 0.1) }
    #expect((199..<200).contains(speed.perSecond ?? 0))
  }

  /// How often a cadence of a tenth of a second is due, and reads its clock, if asked so often.
  private func count(
    _ questions: Int, every interval: Double, _ cadence: inout Cadence, from start: Double = 0
  ) -> (due: Int, readings: Int) {
    var (due, readings) = (0, 0)
    func clock(_ question: Int) -> Double {
      readings += 1
      return start + Double(question) * interval
    }
    for question in 0..<questions where cadence.isDue(at: clock(question)) { due += 1 }
    return (due, readings)
  }

  @Test func `a cadence seldom reads its clock when it is asked often`() {
    var cadence = Cadence(interval: 0.1, first: 0.25)
    let (due, readings) = count(10_000_000, every: 1e-7, &cadence)
    #expect((7...8).contains(due))
    #expect(readings < 1100)
  }

  @Test func `a cadence misses nothing when it is asked seldom, even after it was asked often`() {
    var cadence = Cadence(interval: 0.1, first: 0)
    _ = count(100_000, every: 1e-7, &cadence)
    _ = count(20_000, every: 1e-5, &cadence, from: 0.01)
    // It still lets pass what came in the last millisecond or two.
    let (due, readings) = count(1000, every: 0.25, &cadence, from: 10)
    #expect(due == readings && due >= 800)
  }
}
