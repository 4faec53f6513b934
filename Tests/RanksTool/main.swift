// What RanksTests runs under mpirun: RanksTool check | die | quit | abort | latency

import CMPI
import Glibc
import Ranks

/// A number of a chunk: a third are large and another third mostly cancel them, so that the order of a sum shows.
func value(chunk: Int, element: Int) -> Double {
  var bits = UInt64(chunk) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(element) &* 0xbf58_476d_1ce4_e5b9
  bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
  bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
  switch bits % 3 {
  case 0: return 0x3p57
  case 1: return -0x3p57
  default: return Double(bits >> 40) / 1000 - 8000
  }
}

/// The sum of a range of chunks by pairs.
func sum(of chunks: Range<Int>, element: Int) -> Double {
  var terms = chunks.map { value(chunk: $0, element: element) }
  while terms.count > 1 {
    terms = stride(from: 0, to: terms.count, by: 2).map {
      $0 + 1 < terms.count ? terms[$0] + terms[$0 + 1] : terms[$0]
    }
  }
  return terms.first ?? -0.0
}

/// A digest of the sum over so many chunks, added twice as two steps would.
func digest(
  chunks: Int, width: Int, among ranks: Ranks?, route: TreeSum.Route?
) throws(RanksError) -> UInt64 {
  var total = TreeSum(chunks: chunks, width: width, among: ranks, route: route)
  var digest: UInt64 = 0xcbf2_9ce4_8422_2325
  for step in 0..<2 {
    let blocks = total.blocks
    total.withParts { parts in
      for (place, block) in blocks.enumerated() {
        for element in 0..<width {
          parts[place * width + element] =
            sum(of: block.chunks(of: chunks), element: element + step)
        }
      }
    }
    try total.add()
    total.withTotals { totals in
      for i in totals.indices { digest = (digest ^ totals[i].bitPattern) &* 0x100_0000_01b3 }
    }
  }
  return digest
}

/// Prints the digests of many sums, and what ranks do not agree upon.
func check(_ ranks: Ranks?) throws(RanksError) {
  let rank = ranks?.rank ?? 0
  var lines: [String] = []
  for route in [.gather, .scatter, nil] as [TreeSum.Route?] {
    for (chunks, width) in [(1, 3), (2, 1), (3, 4), (7, 5), (64, 2), (100, 9), (1000, 3), (0, 2)] {
      let found = try digest(chunks: chunks, width: width, among: ranks, route: route)
      lines.append("\(chunks) \(width) \(String(found, radix: 16))")
    }
  }
  if let ranks {
    for cut in [1 << 30, 5] {
      bp_mpi_cut_at(cut)
      try checkMessages(ranks)
      let found = try digest(chunks: 100, width: 9, among: ranks, route: .scatter)
      if !lines.contains("100 9 \(String(found, radix: 16))") { print("other bits if cut") }
    }
    let all = try ranks.allGather(Array(lines.joined(separator: "\n").utf8))
    if Set(all).count != 1 { print("rank \(rank) finds other sums") }
    try ranks.barrier()
    try ranks.leave()
  }
  if rank == 0 { print(lines.joined(separator: "\n")) }
}

/// Prints what does not arrive as it was sent.
func checkMessages(_ ranks: Ranks) throws(RanksError) {
  func bytes(of rank: Int) -> [UInt8] { (0..<7 * rank).map { UInt8($0 + rank) } }
  let sent = ranks.bytesSent
  let all = try ranks.allGather(bytes(of: ranks.rank))
  if all != (0..<ranks.count).map(bytes) { print("all-gather of bytes: \(all)") }
  let numbers = try ranks.allGather(Int32(ranks.rank))
  if numbers != Array(0..<Int32(ranks.count)) { print("all-gather: \(numbers)") }
  if try ranks.allGather([]) != all.map({ _ in [] }) { print("all-gather of nothing") }
  // Each list goes with its length.
  let payload = (7 * ranks.rank + 8 + 4 + 8) * (ranks.count - 1)
  if ranks.bytesSent - sent != payload { print("bytes sent: \(ranks.bytesSent - sent)") }
}

/// Prints rank 0's microseconds per sum.
func measureLatency(_ ranks: Ranks) throws(RanksError) {
  let trials = [
    (2, 3000), (100, 3000), (1000, 2000), (3000, 1000), (10_000, 400), (100_000, 50), (700_000, 15),
  ]
  for (width, times) in trials {
    for route in [.gather, .scatter] as [TreeSum.Route] {
      var total = TreeSum(chunks: 1024, width: width, among: ranks, route: route)
      let before = ranks.bytesSent
      var found: [Double] = []
      for _ in 0..<times {
        total.withParts { parts in for i in parts.indices { parts[i] = 1 } }
        let start = ContinuousClock.now
        try total.add()
        found.append(Double((ContinuousClock.now - start).components.attoseconds) / 1e12)
      }
      found.sort()
      if ranks.rank == 0 {
        print(
          ranks.count, "ranks, width", width, route, "parts", total.plan.blocks.count,
          "median", found[times / 2], "best", found[0], "p95", found[times * 95 / 100],
          "µs; bytes sent", (ranks.bytesSent - before) / times)
      }
    }
  }
}

do throws(RanksError) {
  let ranks = try Ranks.joinIfLaunched()
  switch CommandLine.arguments.dropFirst().first {
  case "die":
    if ranks?.rank == 1 { kill(getpid(), SIGKILL) }
    while let ranks { try ranks.barrier() }
  case "quit":
    if ranks?.rank == 1 { exit(0) }
    while let ranks { try ranks.barrier() }
  case "abort":
    if let ranks, ranks.rank == 1 { ranks.abort(code: 7) }
    while let ranks { try ranks.barrier() }
  case "latency":
    if let ranks {
      try measureLatency(ranks)
      try ranks.leave()
    }
  default: try check(ranks)
  }
} catch {
  print("error: \(error)")
  exit(1)
}
