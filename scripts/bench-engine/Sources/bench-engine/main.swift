// bench-engine WORK THREADS SECONDS: does the work again and again for so long, and prints what each time
// took, in seconds, as JSON: {"seconds": [0.25, 0.24, 0.26]}.

import Glibc

do {
  try run(CommandLine.arguments)
} catch {
  let message = Array("bench-engine: \(error)\n".utf8)
  _ = write(STDERR_FILENO, message, message.count)
  exit(64)
}

func run(_ arguments: [String]) throws {
  guard arguments.count == 4, let threads = Int(arguments[2]), threads > 0,
    let limit = Double(arguments[3])
  else {
    throw Complaint(description: "usage: bench-engine WORK THREADS SECONDS")
  }
  let once = try work(named: arguments[1], threads: threads)
  var times: [Double] = []
  let clock = ContinuousClock()
  let start = clock.now
  try once()
  repeat {
    let duration = try clock.measure(once)
    times.append(duration / .seconds(1))
  } while clock.now - start < .seconds(limit) || times.count < 3
  print("{\"seconds\": [\(times.map { "\($0)" }.joined(separator: ", "))]}")
}
