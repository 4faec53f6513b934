import Foundation
import Models
import Testing

@testable import backprop

/// `backprop fit` as a whole: its metrics, its table for a person, its pictures.
@Suite struct FitTests {
  private static let cars = "backprop fit --data '\(Sandbox.sample("cars.csv"))'"
  private static let iris = "backprop fit --data '\(Sandbox.sample("iris.csv"))'"

  /// R's `lm(dist ~ speed, cars)`.
  @Test func `metrics have what statisticians ask for`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      "\(Self.cars) --model 'dist ~ a + b*speed' --metrics m.json")
    #expect(result.status == 0 && result.errors == "", "\(result)")
    let metrics = try sandbox.object("m.json")
    let expected = [
      "observations": 50, "degrees_of_freedom": 48, "rank": 2, "level": 95, "rows": 50,
      "residual_sum_of_squares": 11353.521051094886, "residual_standard_error": 15.379586748819904,
      "r2": 0.6510793807582509, "adjusted_r2": 0.6438102011907145,
      "log_likelihood": -206.57843151367663, "aic": 419.15686302735327, "bic": 424.8929320436377,
    ]
    for (key, want) in expected {
      let found = try #require(metrics[key]?.number, "\(key)")
      #expect(abs(found - want) <= 1e-9 * abs(want), "\(key): \(found), want \(want)")
    }
    #expect(metrics["parameters"]?.list == [.text("a"), .text("b")])
    #expect(metrics["verdict"] == .text("converged"))
    #expect(metrics["cost"] == .null && metrics["deviance"] == .null)
    #expect(metrics["at_bound"]?.list == [] && metrics["not_identifiable"]?.list == [])
    let covariance = try #require(metrics["covariance"]?.list?.compactMap { $0.list })
    #expect(abs((covariance[0][1].number ?? 0) + 2.6588233576642337) < 1e-8)
    let correlation = try #require(metrics["correlation"]?.list?.compactMap { $0.list })
    #expect(abs((correlation[1][1].number ?? 0) - 1) < 1e-12)
    let settings = try #require(metrics["settings"]?.object)
    #expect(settings["loss"] == .text("mse") && settings["target"] == .text("dist"))
    #expect(Set(try #require(metrics["start"]?.object).keys) == ["a", "b"])
  }

  @Test func `groups have metrics of their own`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      "\(Self.iris) --by species --model 'petal_width ~ a + b*petal_length' --metrics m.json > r.csv"
    )
    #expect(result.status == 0 && result.errors == "", "\(result)")
    let groups = try #require(try sandbox.object("m.json")["groups"]?.list)
    #expect(
      groups.compactMap { $0.object?["group"]?.text } == ["setosa", "versicolor", "virginica"])
    #expect(groups.allSatisfy { $0.object?["observations"]?.wholeNumber == 50 })
    let report = String(decoding: try sandbox.read("r.csv"), as: UTF8.self)
    #expect(report.hasPrefix("species,parameter,estimate,std_error,lower,upper\nsetosa,a,"))
  }

  @Test func `neither threads nor instructions change a byte`() throws {
    let sandbox = try Sandbox()
    for (index, threads) in [1, 2, 3, 8].enumerated() {
      let result = try sandbox.run(
        """
        \(Self.cars) --model 'dist ~ a*speed^b' --threads \(threads) --output one\(index).csv
        \(Self.iris) --by species --model 'petal_width ~ a*petal_length^b' --threads \(threads) \
          --output many\(index).csv
        BACKPROP_SIMD=baseline \(Self.cars) --model 'dist ~ a*speed^b' --output plain\(index).csv
        cmp one0.csv one\(index).csv && cmp many0.csv many\(index).csv && cmp one0.csv plain\(index).csv
        """)
      #expect(result.status == 0 && result.text == "", "\(result)")
    }
  }

  @Test func `a terminal shows a table with as many digits as the errors allow`() throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(
      "\(Self.cars) --model 'dist ~ a + b*speed' --init a=1,b=1 --output r.csv", in: sandbox,
      columns: 120)
    #expect(try run.end() == .exited(0), "\(run.screen)")
    let lines = run.screen.text.split(separator: "\n").map(String.init)
    #expect(lines.count == 5, "\(run.screen)")
    #expect(lines[0].trimmingCharacters(in: .whitespaces) == "95 % interval")
    #expect(lines[1] == "a  -17.6 ± 6.8  -31.2 to -4.0")
    #expect(lines[2] == "b  3.93 ± 0.42  3.10 to 4.77")
    #expect(
      lines[3] == "50 rows, residual standard error 15.38, R² 0.651079, AIC 419.157")
    #expect(lines[4].hasPrefix("converged; "))
    #expect(lines[4].hasSuffix(" from a = 1 (given), b = 1 (given)"))
    let quiet = try PseudoTerminal(
      "\(Self.cars) --model 'dist ~ a + b*speed' --quiet --output r.csv", in: sandbox)
    #expect(try quiet.end() == .exited(0))
    #expect(quiet.screen.text == "")
  }

  @Test(
    arguments: [
      (4.0123, 0.0312, "4.012 ± 0.031"), (-17.579, 6.7584, "-17.6 ± 6.8"),
      (12345.6, 1234.5, "(1.23 ± 0.12)e+04"), (12345.6, 99.6, "(1.235 ± 0.010)e+04"),
      (12345.6, 12.3, "12346 ± 12"), (1.2345e-9, 1.23e-11, "(1.234 ± 0.012)e-09"),
      (0, 0.5, "0.00 ± 0.50"), (2, 0, "2 ± 0"), (2.5, .nan, "2.5"),
      (1e300, 1e298, "(1.000 ± 0.010)e+300"),
      (1e-3, 5, "0.0 ± 5.0"), (0.00123, 0.000045, "0.001230 ± 0.000045"),
    ] as [(Double, Double, String)])
  func `a number has the digits of its error`(value: Double, error: Double, text: String) {
    #expect(ErroneousNumber(value, error: error).text == text)
  }

  @Test(arguments: ["png", "svg", "pdf"])
  func `pictures are drawn of one predictor, of several and of groups`(format: String) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      \(Self.cars) --model 'dist ~ a*speed^b' --plot one.\(format) --band 90 --plot-loss loss.\(format) > r.csv
      \(Self.iris) --model 'petal_width ~ a*petal_length + b*sepal_width' --plot many.\(format) >> r.csv
      \(Self.iris) --by species --model 'petal_width ~ a*petal_length' --plot groups.\(format) \
        --plot-loss losses.\(format) --plot-theme dark >> r.csv
      """)
    #expect(result.status == 0 && result.errors == "", "\(result)")
    let names = ["groups", "loss", "losses", "many", "one"].map { "\($0).\(format)" }
    #expect(try sandbox.files() == names + ["r.csv"])
    for name in names { #expect(try sandbox.read(name).count > 1000, "\(name)") }
  }

  @Test func `more groups than a picture holds are told`() throws {
    let sandbox = try Sandbox()
    let rows = (0..<25).flatMap { group in (0..<3).map { "\(group),\($0),\($0)\n" } }
    try sandbox.write("g,x,y\n" + rows.joined(), to: "t.csv")
    for flag in ["--plot", "--plot-loss"] {
      let result = try sandbox.run(
        "backprop fit --data t.csv --by g --model 'a*x + b' \(flag) p.svg")
      #expect(result.status == 64, "\(result)")
      #expect(
        result.errors
          == "backprop: \(flag) draws up to 24 groups, and 'g' has 25; --where chooses some\n")
    }
    let all = try sandbox.run("backprop fit --data t.csv --by g --model 'a*x + b' --quiet | wc -l")
    #expect(all.status == 0 && all.text == "51\n", "\(all)")
  }

  @Test func `a model of a fit is taken where models are`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      \(Self.cars) --model 'log(dist) ~ a + b*log(speed)' --save m.st > /dev/null
      backprop export m.st --format python --output m.py && backprop export m.st --format formula
      printf 'speed\\n12\\n' > n.csv
      \(Self.cars) --model 'log(dist) ~ a + b*log(speed)' --init m.st > /dev/null
      backprop predict m.st --data n.csv | tail -1 | cut -d , -f 2
      python3 m.py < n.csv | tail -1 | rev | cut -d , -f 1 | rev
      """)
    #expect(result.status == 0 && result.errors == "", "\(result)")
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 3, "\(result)")
    let numbers = lines.suffix(2).compactMap { Double($0) }
    #expect(numbers.count == 2 && abs(numbers[0] - numbers[1]) < 1e-12, "\(result)")
  }

  @Test func `robust losses and likelihoods are judged by eval as they were fitted`() throws {
    let sandbox = try Sandbox()
    try sandbox.write("x,y\n1,1\n2,3\n3,2\n4,9\n5,6\n", to: "t.csv")
    for loss in ["huber:0.5", "soft-l1:2", "cauchy:0.5", "soft-l1", "cauchy", "poisson"] {
      let result = try sandbox.run(
        """
        backprop fit --data t.csv --model 'a + b*x' --loss \(loss) --save m.st --metrics m.json > r.csv
        backprop eval m.st --data t.csv | grep loss, | cut -d , -f 2
        """)
      #expect(result.status == 0 && result.errors == "", "\(loss): \(result)")
      let found = try #require(Double(result.text.split(separator: "\n").first ?? ""), "\(result)")
      let metrics = try sandbox.object("m.json")
      #expect(metrics["loss_function"] == .text(loss))
      // The cost is the sum over rows, the loss their mean.
      if let cost = metrics["cost"]?.number {
        #expect(abs(found * 5 - cost) <= 1e-9 * cost, "\(loss): \(found * 5), \(cost)")
      } else {
        #expect(loss == "poisson")
      }
    }
  }
}
