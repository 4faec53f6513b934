import Foundation
import Testing

/// Runs that several processes share, started by Open MPI's launcher where it is installed.
@Suite(.serialized, .enabled(if: isLauncherInstalled, "mpirun is not installed")) struct JobTests {
  private static let environment = [
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
  ]

  private static func table(rowCount: Int) -> String {
    let rows = (0..<rowCount).map { row in
      let (a, b) = (Double(row * 7919 % 1009) / 250 - 2, Double(row * 104_729 % 997) / 300)
      return "\(a),\(b),\(["oak", "ash", "elm"][row * 31 % 7 % 3]),\(row % 5),\(a * b)\n"
    }
    return "a,b,kind,weight,y\n" + rows.joined()
  }

  private static let network =
    "--model 'inputs |> dense(24) |> dropout(0.2) |> relu |> dense(1)' --features a,b,kind --optimizer adam"

  /// The flags of runs, of which large batches are worth sharing, and by how many processes.
  static let runs = [
    ("--model 'p*a + q*b' --lr 0.001 --epochs 1", 2...2),
    ("\(network) --batch-size 4096 --shuffle block --epochs 2 --validation data.csv", 1...4),
    (
      "\(network) --batch-size full --epochs 2 --weights weight --stream --validation data.csv",
      2...4
    ),
    ("\(network) --batch-size full --epochs 1 --optimizer lbfgs --max-iter 4 --cache c", 3...3),
  ]

  @Test(arguments: runs)
  func `a run has the same bytes on any number of processes`(
    flags: String, counts: ClosedRange<Int>
  ) throws {
    try expectSameBytes(
      "train --data data.csv \(flags)", rowCount: 5000, counts,
      files: ["--csv": "csv", "--save": "model"])
  }

  @Test(
    arguments: [
      ("--model 'y ~ p*exp(q*a) + r*b' --weights weight", 1...4),
      ("--model 'y ~ p*a + q*b + r*a*b' --loss huber:0.3 --stream --threads 2", 1...4),
      ("--model 'y ~ p*a + q' --by kind --threads 1", 3...3),
      ("--model 'y ~ p*a + q' --where 'weight == 3' --bootstrap 7", 2...2),
    ])
  func `a fit has the same bytes on any number of processes`(
    flags: String, counts: ClosedRange<Int>
  ) throws {
    try expectSameBytes(
      "fit --data data.csv \(flags)", rowCount: 50_000, counts,
      files: ["--output": "csv", "--csv": "loss", "--plot": "svg"])
  }

  /// Expects that a command writes the same files alone and in jobs of so many processes; `files` has their extensions
  /// by their flags.
  private func expectSameBytes(
    _ command: String, rowCount: Int, _ counts: ClosedRange<Int>, files: [String: String]
  ) throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: rowCount), to: "data.csv")
    func run(_ name: String, _ launcher: String = "") throws -> Sandbox.Result {
      let outputs = files.map { "\($0) \(name).\($1)" }.joined(separator: " ")
      return try sandbox.run(
        "\(launcher) backprop \(command) --quiet \(outputs) --metrics \(name).json",
        environment: Self.environment)
    }
    let alone = try run("alone")
    #expect(alone.status == 0 && alone.errors == "", "\(alone)")
    for count in counts {
      let shared = try run(
        "shared", "timeout 50 mpirun --oversubscribe --bind-to none -n \(count)")
      #expect(shared.status == 0 && shared.errors == "" && shared.text == "", "\(shared)")
      for file in files.values {
        #expect(
          try sandbox.read("shared.\(file)") == sandbox.read("alone.\(file)"), "\(count) \(file)")
      }
      let metrics = String(decoding: try sandbox.read("shared.json"), as: UTF8.self)
      #expect(metrics.contains("\"ranks\" : \(count)") == (count > 1), "\(metrics)")
    }
  }

  /// How many bytes three processes have exchanged.
  private func exchanged(_ command: String, in sandbox: Sandbox) throws -> Int {
    let run = try sandbox.run(
      """
      timeout 50 mpirun --oversubscribe --bind-to none -n 3 backprop \(command) --metrics m.json > /dev/null
      jq .bytes_exchanged m.json
      """, environment: Self.environment)
    return try #require(Int(run.text.trimmingCharacters(in: .whitespacesAndNewlines)), "\(run)")
  }

  @Test func `the sums of a fit and of a measurement are shared`() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 40_000), to: "data.csv")
    let fit = "fit --quiet --data data.csv --stream --model 'y ~ p*a + q'"
    // Of few rows nothing is shared but the reading.
    let few = try exchanged("\(fit) --where 'b<1'", in: sandbox)
    #expect(try exchanged("\(fit) --where 'b<9'", in: sandbox) > few + 1000)
    try sandbox.write(Self.table(rowCount: 64), to: "few.csv")
    let made = try sandbox.run(
      "backprop train --quiet --data few.csv --model 'p*a' --csv /dev/null --save m.model")
    #expect(made.status == 0, "\(made)")
    let chunk = try exchanged("eval m.model --data few.csv --stream", in: sandbox)
    #expect(try exchanged("eval m.model --data data.csv --stream", in: sandbox) > chunk + 1000)
  }

  @Test(
    arguments: [
      "--model 'p*a + q' --weights weight --lr 0.001",
      "--model softmax --target kind --features a,y --loss cross-entropy --batch-size 64",
    ])
  func `a model is measured the same by any number of processes`(model: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 9000), to: "data.csv")
    let made = try sandbox.run(
      "backprop train --quiet --data data.csv \(model) --epochs 1 --csv /dev/null --save m.model")
    #expect(made.status == 0, "\(made)")
    let alone = try sandbox.run("backprop eval m.model --data data.csv --max-loss 0")
    #expect(alone.status == 5 && alone.text.contains("loss"), "\(alone)")
    for (count, way) in [(2, "--stream"), (3, "--stream --cache c"), (4, "--stream"), (2, "")] {
      let shared = try sandbox.run(
        """
        timeout 50 mpirun --oversubscribe --bind-to none -n \(count) backprop eval m.model --data data.csv \
          --max-loss 0 \(way)
        """, environment: Self.environment)
      #expect(shared.status == 5 && shared.text == alone.text, "\(shared)")
      #expect(said(shared).count == 1, "\(shared)")
    }
  }

  /// A job of three processes, as a shell command.
  private func job(_ command: String) throws -> (sandbox: Sandbox, result: Sandbox.Result) {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 1000), to: "data.csv")
    let result = try sandbox.run(
      command.replacing("JOB", with: "timeout 50 mpirun --oversubscribe --bind-to none -n 3"),
      environment: Self.environment)
    return (sandbox, result)
  }

  /// What the program itself has said.
  private func said(_ result: Sandbox.Result) -> [Substring] {
    result.errors.split(separator: "\n").filter { $0.hasPrefix("backprop: ") }
  }

  @Test(
    arguments: [
      ("--lr x", 64, "backprop: The value 'x' is invalid for '--lr <number>': give a finite"),
      ("--data nothing.csv", 66, "backprop: nothing.csv: cannot open: No such file"),
      ("--data -", 64, "backprop: standard input reaches one of 3 processes"),
      ("--trace t", 64, "backprop: --trace shows every step of one process"),
      ("--data data.csv --model 'p*a' --lr 1e9 --batch-size full --quiet", 4, "backprop: diverged"),
    ])
  func `what goes wrong with all is said once`(
    flags: String, status: Int32, sentence: String
  ) throws {
    let (sandbox, result) = try job("JOB backprop train \(flags)")
    #expect(result.status == status, "\(result)")
    #expect(said(result).count == 1 && said(result)[0].hasPrefix(sentence), "\(result)")
    #expect(try sandbox.files() == ["data.csv"])
  }

  @Test(arguments: ["", "--stream", "--stream --cache ../c"])
  func `a process without its file ends all with one message`(flags: String) throws {
    let (_, result) = try job(
      """
      mkdir elsewhere here && mv data.csv here
      JOB sh -c 'cd here; if [ $OMPI_COMM_WORLD_RANK = 2 ]; then cd ../elsewhere; fi
        exec backprop train --data data.csv --model p*a \(flags)'
      """)
    #expect(result.status == 66 && result.text == "", "\(result)")
    #expect(said(result) == ["backprop: data.csv: cannot open: No such file or directory"])
  }

  @Test(
    arguments: [
      "cd elsewhere; FLAGS=--stream", "FLAGS='--stream --where a>0'", "FLAGS=",
      "FLAGS='--stream --cache c'",
    ])
  func `a process with other rows or flags ends all with one message`(last: String) throws {
    let (_, result) = try job(
      """
      mkdir elsewhere && head -999 data.csv > elsewhere/data.csv
      JOB sh -c "FLAGS=--stream; if [ \\$OMPI_COMM_WORLD_RANK = 2 ]; then \(last); fi
        exec backprop train --data data.csv --model p*a --lr 0.001 --standardize all \\$FLAGS"
      """)
    #expect(result.status == 65 && result.text == "", "\(result)")
    #expect(said(result).count == 1, "\(result)")
    #expect(
      said(result).first?.hasPrefix("backprop: process 2 has other rows or other flags") == true)
  }

  // MARK: Sharing what is read

  /// Rows with texts in quotes, most of which have line ends and one is long; one row has a field more if it is to be
  /// bad.
  private static func texts(rowCount: Int, badRow: Int? = nil) -> String {
    let note = String(repeating: "1,2,\"\"3\"\",4,5\n", count: 40)
    let rows = (0..<rowCount).map { row in
      let a = Double(row * 7919 % 10_007) / 250 - 2
      let kind = ["oak", "a\n\"\"big\"\"\nash", "elm,1\n2,3,4"][row * 31 % 7 % 3]
      let b = row % 997 == 500 ? "" : "\(row % 89)"
      return "\(a),\(b),\"\(kind)\",\(a * 3 + 1),\"\(note)\"\(row == badRow ? ",1" : "")\n"
    }
    return "a,b,kind,y,note\n" + rows.joined()
  }

  @Test(
    arguments: [
      "--features a,kind --standardize inputs --where 'kind != \"oak\"'",
      "--features a,b --standardize all --missing drop --validation data.csv",
      "--features a,b,kind --standardize inputs --missing mean --where 'b > 10'",
      "--features a,kind --standardize all --cache table.cache",
    ])
  func `processes share what is read before the first epoch`(flags: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.texts(rowCount: 12_000), to: "data.csv")
    /// The most bytes that a process has read.
    func run(_ name: String, _ count: Int, _ launcher: String = "") throws -> Int {
      try sandbox.write(
        """
        backprop train --quiet --stream --data data.csv --model linear --batch-size full --epochs 1 --lr 0.1 \
          \(flags) --csv \(name).csv --save \(name).model
        grep rchar /proc/$$/io > \(name).${OMPI_COMM_WORLD_RANK:-0}
        """, to: "run.sh")
      let result = try sandbox.run("\(launcher) sh run.sh", environment: Self.environment)
      #expect(result.status == 0 && result.errors == "", "\(result)")
      let bytes = try (0..<count).map { rank in
        let words = String(decoding: try sandbox.read("\(name).\(rank)"), as: UTF8.self)
        return try #require(Int(words.filter(\.isNumber)))
      }
      return try #require(bytes.max())
    }
    let alone = try run("alone", 1)
    let read = try run("shared", 3, "timeout 50 mpirun --oversubscribe --bind-to none -n 3")
    #expect(try sandbox.read("shared.csv") == sandbox.read("alone.csv"))
    #expect(try sandbox.read("shared.model") == sandbox.read("alone.model"))
    // The means of columns and the cache take whole passes.
    let isPartly = flags.contains("mean") || flags.contains("cache")
    #expect(read < alone * (isPartly ? 9 : 8) / 10, "\(read) of \(alone) bytes")
  }

  @Test func `a bad row is told by its line, whoever reads it`() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.texts(rowCount: 6000, badRow: 3500), to: "data.csv")
    let command = "backprop train --data data.csv --stream --model p*a"
    let alone = try sandbox.run(command)
    let shared = try sandbox.run(
      "timeout 50 mpirun --oversubscribe --bind-to none -n 3 \(command)",
      environment: Self.environment)
    #expect(alone.status == 65 && shared.status == 65, "\(shared)")
    #expect(said(shared).map { "\($0)\n" } == [alone.errors], "\(shared)")
    let line = 1 + Self.texts(rowCount: 3500).count { $0 == "\n" }
    #expect(alone.errors.hasPrefix("backprop: data.csv:\(line): this row has 6 fields"), "\(alone)")
  }

  @Test func `a process that is killed ends the job, which another number of them resumes`() throws
  {
    let (sandbox, result) = try job(
      """
      JOB sh -c 'echo $$ > pid.$OMPI_COMM_WORLD_RANK
        exec backprop train --quiet --data data.csv --model "inputs |> dense(24) |> tanh |> dense(1)" \
          --features a,b --batch-size full --epochs 1000000 --csv log.csv --checkpoint run.state' & pid=$!
      for _ in $(seq 800); do [ -s run.state ] && break; sleep 0.05; done
      kill -9 $(cat pid.2)
      wait $pid
      """)
    #expect(result.status == 137 && said(result).isEmpty, "\(result)")
    let left = ["data.csv", "log.csv", "pid.0", "pid.1", "pid.2", "run.state"]
    #expect(try sandbox.files().filter { !$0.contains(".backprop-") } == left, "\(result)")
    func resume(_ name: String, _ launcher: String) throws {
      let resumed = try sandbox.run(
        """
        \(launcher) backprop train --quiet --resume run.state --epochs $(($(wc -l < log.csv) + 10)) --csv \(name)
        """, environment: Self.environment)
      #expect(resumed.status == 0 && resumed.errors == "", "\(resumed)")
    }
    try resume("alone.csv", "")
    try resume("shared.csv", "timeout 50 mpirun --oversubscribe --bind-to none -n 2")
    #expect(try sandbox.read("shared.csv") == sandbox.read("alone.csv"))
    #expect(try sandbox.read("alone.csv").split(separator: UInt8(ascii: "\n")).count > 10)
  }
}

private let isLauncherInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/mpirun")
