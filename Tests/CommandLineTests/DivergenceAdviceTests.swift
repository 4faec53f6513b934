import Foundation
import Testing

/// What is advised after a divergence, followed once.
@Suite struct DivergenceAdviceTests {
  /// Runs that diverge, and a part of what must be advised.
  static let runs = [
    // Each row of the lesson bends by 2·x², and the steepest by 18.
    ("--lr 0.3", "try a smaller learning rate, --lr 0.1111"),
    // 2·x² is 5 in the mean over 1, -1, 2, -2.
    ("--data quadratic.csv --batch-size full --lr 1 --epochs 500", "--lr 0.4"),
    ("--data quadratic.csv --batch-size full --lr 1 --epochs 500 --l2 0.5", "--lr 0.3333"),
    ("--data years.csv --model 'a + b*x'", "'x' is far from 1 in size: try --standardize inputs"),
    (
      "--data years.csv --model 'a + b*x' --batch-size full --lr 5",
      "try --standardize inputs --lr 1"
    ),
    ("--data kelvin.csv --model linear --target flow", "'kelvin' is far from 1 in size: try"),
    ("--data waves.csv --model mlp:16 --lr 100 --batch-size 10", "try a smaller learning rate"),
    ("--data waves.csv --model mlp:16 --lr 100", "try a smaller learning rate"),
    ("--data waves.csv --model 'a0 + a1*exp(a2*x1)' --lr 1", "try a smaller learning rate"),
    ("--schedule one-cycle --max-lr 5", "try a smaller learning rate, --max-lr 0.1111"),
  ]

  @Test(arguments: runs)
  func `the advice, followed once, trains without divergence`(
    flags: String, advice: String
  ) throws {
    let sandbox = try Sandbox()
    try sandbox.write("x,y\n1,3\n-1,-3\n2,6\n-2,-6\n", to: "quadratic.csv")
    try sandbox.write(
      "x,y\n" + (0..<60).map { "\(1950 + $0),\(14 + Double($0 * 37 % 11) / 50)\n" }.joined(),
      to: "years.csv")
    try sandbox.write(
      "kelvin,flow\n" + (0..<80).map { "\(270 + Double($0) / 2),\($0 * 3 % 17)\n" }.joined(),
      to: "kelvin.csv")
    let waves = (0..<100).map { row in
      let (a, b) = (sin(Double(row) * 1.7) * 1.5, cos(Double(row) * 2.3) * 1.5)
      return "\(a),\(b),\(a * b)\n"
    }
    try sandbox.write("x1,x2,y\n" + waves.joined(), to: "waves.csv")
    let train = "backprop train --quiet --csv /dev/null \(flags)"
    let diverged = try sandbox.run(train)
    #expect(diverged.status == 4 && diverged.errors.contains(advice), "\(diverged)")
    let follow = try #require(
      diverged.errors.firstMatch(of: /(?:rate,|try) (--.*)\n/)
    ).output.1
    // Of a flag given twice the last counts.
    let followed = try sandbox.run("\(train) \(follow)")
    #expect(followed.status == 0, "\(followed)")
  }

  @Test func `steps that no rate describes are made smaller by ten`() throws {
    let result = try Sandbox().run("backprop train --optimizer adagrad --lr 1e30 --csv /dev/null")
    #expect(result.errors.contains("try a smaller learning rate, --lr 1e+29"), "\(result)")
  }
}
