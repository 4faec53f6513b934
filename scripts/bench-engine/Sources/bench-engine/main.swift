// bench-engine WORK THREADS SECONDS: does the work again and again for so long, and prints what each time
// took, in seconds, as a JSON array.

import Autograd

let arguments = CommandLine.arguments
guard arguments.count == 4, let threads = Int(arguments[2]), let limit = Double(arguments[3]) else {
  fatalError("usage: bench-engine WORK THREADS SECONDS")
}

var times: [Double] = []
let once = try work(named: arguments[1], threads: threads)
let clock = ContinuousClock()
let start = clock.now
once()
repeat {
  let duration = clock.measure(once)
  times.append(duration / .seconds(1))
} while clock.now - start < .seconds(limit) || times.count < 3
print("[\(times.map { "\($0)" }.joined(separator: ","))]")
