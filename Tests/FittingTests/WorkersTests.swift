import Testing

@testable import Fitting

@Suite struct WorkersTests {
  @Test(arguments: [1, 2, 3, 8])
  func `each number of a short job is done once before the job ends`(threads: Int) {
    let workers = Workers(threads)
    for job in 0..<20_000 {
      let done = Found<Int>(count: job % 7)
      workers.run(job % 7) { _, number in done[number] = (done[number] ?? 0) + job }
      let areDone = (0..<job % 7).allSatisfy { done[$0] == job }
      if !areDone { Issue.record("job \(job)") }
    }
  }
}
