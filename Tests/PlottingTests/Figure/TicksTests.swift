import Testing

@testable import Plotting

@Suite struct TicksTests {
  @Test func `all 365 ranges are read`() {
    #expect(TickCase.all.count == 365)
  }

  @Test(arguments: TickCase.all)
  func `ticks increase, lie in the view and are finite`(of item: TickCase) throws {
    for view in [item.givenView, item.ownView] {
      let values = try #require(item.ticks(on: view)).ticks.map(\.value)
      #expect(zip(values, values.dropFirst()).allSatisfy(<))
      #expect(values.allSatisfy { $0.isFinite && view.contains($0) })
    }
  }

  @Test(arguments: TickCase.all)
  func `there are neither too few ticks nor too many`(of item: TickCase) throws {
    let given = try #require(item.ticks(on: item.givenView)).ticks.count
    let least = item.count[0] < 4 ? 1 : item.count[0]
    #expect((least...item.count[1]).contains(given))
    let own = try #require(item.ticks(on: item.ownView)).ticks.count
    #expect((1...10).contains(own))
  }

  @Test(arguments: TickCase.all.filter { !$0.isLogarithmic })
  func `steps are 1, 2, 2.5 or 5 times a power of ten`(of item: TickCase) throws {
    for view in [item.givenView, item.ownView] {
      let values = try #require(item.ticks(on: view)).ticks.map(\.value)
      let written = try values.map { try #require(Written("\($0)")) }
      let exponent = written.filter { $0.digits != 0 }.map(\.exponent).min() ?? 0
      let digits = written.map { $0.digits(at: exponent) }
      let steps = zip(digits, digits.dropFirst()).map { $1 - $0 }
      #expect(Set(steps).count <= 1, "\(values)")
      for step in steps {
        let figures = "\(step)".prefix { $0 != "0" }
        #expect(["1", "2", "25", "5"].contains(figures), "\(values)")
      }
      if item.isEpoch { #expect(values.allSatisfy { $0 == $0.rounded() }) }
    }
  }

  @Test(arguments: TickCase.all)
  func `labels differ, are short and have no negative zero`(of item: TickCase) throws {
    for view in [item.givenView, item.ownView] {
      let labels = try #require(item.ticks(on: view)).ticks.map { spelled($0.label) }
      #expect(Set(labels).count == labels.count)
      for label in labels {
        #expect(label.count <= 12)
        #expect(!label.contains("-"))
        #expect(!(label.hasPrefix("−") && label.allSatisfy { "−0.".contains($0) }))
      }
    }
  }

  @Test(arguments: TickCase.all)
  func `a label reads back as the tick, the double nearest to its text`(of item: TickCase) throws {
    for view in [item.givenView, item.ownView] {
      let ticks = try #require(item.ticks(on: view))
      let constant = ticks.unit.constant.map {
        Written(digits: $0.digits, exponent: $0.exponent)
      }
      for tick in ticks.ticks {
        let label = spelled(tick.label)
        let parts = label.split(separator: "×").map(String.init)
        let mantissa = parts[0].hasPrefix("10^") ? "1" : parts[0]
        var number = try #require(Written(mantissa))
        number.exponent += ticks.unit.power
        if let base = parts.last, base.hasPrefix("10^") {
          number.exponent += try #require(Written(base.dropFirst(3))).digits
        }
        if let constant { number = number + constant }
        #expect(number.value == tick.value, "\(label)")
      }
    }
  }

  @Test(arguments: [
    // Data, labels, and what the axis title says.
    (0.0, 1.0, "0.0 0.2 0.4 0.6 0.8 1.0", "Loss"),
    (0.0, 4.7e9, "0 1 2 3 4", "Loss (×10^9)"),
    (1.0, 1.000000001, "0.0 0.2 0.4 0.6 0.8 1.0", "Loss − 1 (×10^−9)"),
    (-1.000000001, -1.0, "−1.0 −0.8 −0.6 −0.4 −0.2 0.0", "Loss + 1 (×10^−9)"),
    (123400.0, 123401.0, "123400.0 123400.2 123400.4 123400.6 123400.8 123401.0", "Loss"),
    (1711.5555, 1711.5559, "1711.5555 1711.5556 1711.5557 1711.5558 1711.5559", "Loss"),
    (6081.5184, 6081.51849, "0 2 4 6 8", "Loss − 6081.5184 (×10^−5)"),
    (1e6, 5e6, "1 2 3 4 5", "Loss (×10^6)"),
    (999990.0, 1000010.0, "999990 999995 1000000 1000005 1000010", "Loss"),
    (1e300, 1.000000001e300, "0.0 0.2 0.4 0.6 0.8 1.0", "Loss − 10^300 (×10^291)"),
    (0.0, 1e-4, "0.00000 0.00002 0.00004 0.00006 0.00008 0.00010", "Loss"),
    (0.0, 1e-5, "0.0 0.2 0.4 0.6 0.8 1.0", "Loss (×10^−5)"),
    (0.0, .leastNonzeroMagnitude, "−0.5 0.0 0.5 1.0", "Loss (×10^−323)"),
  ])
  func `labels and titles say what matters`(
    low: Double, high: Double, labels: String, title: String
  ) throws {
    let view = View(linearOver: low...high)
    let ticks = try #require(Ticks.linear(over: view, target: 6.5).first)
    #expect(ticks.ticks.map { spelled($0.label) }.joined(separator: " ") == labels)
    #expect(spelled("Loss" + ticks.unit.announcement(isAlone: false)) == title)
  }

  @Test(arguments: [
    (1e-12, 7.3, "10^−12 10^−10 10^−8 10^−6 10^−4 10^−2 10^0", 0),
    (0.01, 1.0, "0.01 0.03 0.1 0.3 1", 16),
    (2.0, 5.0, "2.0 2.5 3.0 3.5 4.0 4.5 5.0", 0),
    (1e-4, 1.0, "0.0001 0.001 0.01 0.1 1", 35),
    (1e-5, 1.0, "10^−5 10^−4 10^−3 10^−2 10^−1 10^0", 44),
  ])
  func `a log axis counts in decades, then in 1-3, then in steps`(
    low: Double, high: Double, labels: String, minor: Int
  ) throws {
    let view = View(logarithmicOver: low...high)
    let ticks = try #require(Ticks.logarithmic(over: view, target: 6.5).first)
    #expect(ticks.ticks.map { spelled($0.label) }.joined(separator: " ") == labels)
    #expect(ticks.minor.count == minor)
  }

  /// A label with powers as `10^k`.
  @Test(arguments: [
    Double.leastNonzeroMagnitude, 2 * Double.leastNonzeroMagnitude, 1e-300 * 1e-10,
    2.2250738585072014e-308, 1e-300, 1e-17,
    1, 1e300, Double.greatestFiniteMagnitude.nextDown,
  ])
  func `neighbouring numbers of any size are marked, and do not keep anybody waiting`(low: Double)
    throws
  {
    for range in [low...low.nextUp, (-low.nextUp)...(-low), low...low, -low...low.nextUp] {
      let linear = View(linearOver: range)
      var views = [linear]
      if range.lowerBound > 0 { views.append(View(logarithmicOver: range)) }
      for view in views {
        let candidates =
          view.isLogarithmic
          ? Ticks.logarithmic(over: view, target: 6) : Ticks.linear(over: view, target: 6)
        for ticks in candidates {
          let values = ticks.ticks.map(\.value)
          #expect((1...10).contains(values.count) && values.allSatisfy(view.contains))
          #expect(zip(values, values.dropFirst()).allSatisfy(<))
          #expect(Set(ticks.ticks.map { spelled($0.label) }).count == values.count)
        }
        for value in [range.lowerBound, range.upperBound] {
          #expect((0...1).contains(view.fraction(of: value)))
        }
      }
    }
  }

  private func spelled(_ text: RichText) -> String {
    text.pieces.map { ($0.isRaised ? "^" : "") + $0.text }.joined()
  }
}

/// A decimal number as it is written, for arithmetic without rounding.
private struct Written {
  var digits: Int
  var exponent: Int

  /// Reads `−1.50` or `1e-05`.
  init?(_ text: some StringProtocol) {
    let ascii = String(text.map { $0 == "−" ? "-" : $0 })
    let parts = ascii.split(separator: "e")
    let halves = (parts.first ?? "").split(separator: ".")
    guard let digits = Int(halves.joined()) else { return nil }
    self.digits = digits
    exponent = (parts.count == 2 ? Int(parts[1]) ?? 0 : 0)
    if halves.count == 2 { exponent -= halves[1].count }
  }

  init(digits: Int, exponent: Int) {
    self.digits = digits
    self.exponent = exponent
  }

  /// The digits if the number is written with a smaller exponent.
  func digits(at smaller: Int) -> Int {
    digits == 0 ? 0 : (smaller..<max(smaller, exponent)).reduce(digits) { result, _ in result * 10 }
  }

  static func + (a: Written, b: Written) -> Written {
    let exponent = min(a.exponent, b.exponent)
    return Written(digits: a.digits(at: exponent) + b.digits(at: exponent), exponent: exponent)
  }

  var value: Double? { Double("\(digits)e\(exponent)") }
}
