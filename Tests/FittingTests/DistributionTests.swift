import Testing

@testable import Fitting

/// Quantiles against tables to 15 digits (R's qt and qnorm).
@Suite struct DistributionTests {
  @Test(arguments: [
    (0.975, 1.0, 12.706204736174694), (0.975, 2.0, 4.302652729749464),
    (0.975, 10.0, 2.2281388519862735), (0.995, 3.0, 5.840909309733355),
    (0.975, 1000.0, 1.9623390808264074),
    (0.9, 5.0, 1.4758840488244813), (0.975, 20_000, 1.9600826051581348),
    (0.975, 90_000, 1.95999034345774),
    (0.975, 1e5, 1.9599877075346096), (0.975, 1e6, 1.959966356814107),
    (0.975, 1e8, 1.9599640082627667),
  ])
  func `Student's quantiles`(probability: Double, freedom: Double, value: Double) {
    let found = studentQuantile(tail: 1 - probability, degreesOfFreedom: freedom)
    #expect(abs(found - value) <= 1e-12 * value, "\(found)")
  }

  @Test(arguments: [
    (0.975, 1.959963984540054), (0.995, 2.5758293035489004), (0.5, 0), (0.84, 0.994457883209753),
    (0.999999, 4.753424308817089),
  ])
  func `quantiles of the normal distribution`(probability: Double, value: Double) {
    let found = normalQuantile(tail: 1 - probability)
    #expect(abs(found - value) <= 2e-12 * max(1, value), "\(found)")
  }
}
