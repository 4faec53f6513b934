import Foundation
import Testing

/// Runs over tables that stay in their files, or in a cache.
@Suite struct StoredTableTests {
  /// Rows with gaps, a column of texts and weights, some hundred thousand bytes of them.
  private static func table(rowCount: Int) -> String {
    let rows = (0..<rowCount).map { row in
      let a = Double(row * 7919 % 10_007) / 2500 - 2
      let b = row % 97 == 5 ? (row % 2 == 0 ? "" : "NA") : "\(Double(row * 104_729 % 997) / 300)"
      let kind = ["oak", "ash", "elm", "yew"][row * 31 % 7 % 3 + (row > 9000 ? 1 : 0)]
      return "\(a),\(b),\(kind),\(row % 5),\(a * 2 + (kind == "ash" ? 1.5 : 0))\n"
    }
    return "a,b,kind,weight,y\n" + rows.joined()
  }

  /// The flags of runs whose files are to be the same wherever the rows are.
  static let runs = [
    "--model 'p*a + q' --lr 0.001 --epochs 1",
    """
    --model linear --features a,kind --standardize all --batch-size 700 --shuffle block --optimizer adam \
    --epochs 2 --validation other.csv
    """,
    """
    --model linear --features a,b --missing mean --standardize inputs --batch-size full --weights weight --lr 0.1 \
    --epochs 3 --where 'a < 1.5' --precision float64
    """,
    "--model 'p*a + q*b' --missing drop --where 'kind != \"oak\" || b > 1' --optimizer lbfgs --batch-size full --epochs 2",
    """
    --model 'inputs |> dense(4) |> dropout(0.2) |> relu |> dense(4)' --target kind --features a,y \
    --loss cross-entropy --batch-size 512 --columns epoch,loss,accuracy --lr 0.1 --epochs 1
    """,
  ]

  @Test(arguments: runs)
  func `a run has the same bytes wherever its rows are`(flags: String) throws {
    try expectSameBytes(
      "train --data data.csv \(flags)", rowCount: 12_000,
      files: ["--csv": "csv", "--save": "model"])
  }

  /// Expects that a command writes the same files wherever its rows are; `files` has their extensions by their flags.
  private func expectSameBytes(
    _ command: String, rowCount: Int, files: [String: String]
  ) throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: rowCount), to: "data.csv")
    try sandbox.write(Self.table(rowCount: 500), to: "other.csv")
    let ways = [
      "", "--threads 1", "--stream", "--stream --threads 1", "--stream --cache c",
      "--stream --cache c", "--cache c",
    ]
    for (number, way) in ways.enumerated() {
      let outputs = files.map { "\($0) \(number).\($1)" }.joined(separator: " ")
      let run = try sandbox.run(
        "backprop \(command) --quiet \(way) \(outputs) --metrics \(number).json")
      #expect(run.status == 0 && run.errors == "", "\(run)")
      for file in files.values {
        #expect(
          try sandbox.read("\(number).\(file)") == sandbox.read("0.\(file)"), "\(way) \(file)")
      }
      func metrics(_ number: Int) throws -> [Substring] {
        String(decoding: try sandbox.read("\(number).json"), as: UTF8.self).split(separator: "\n")
          .filter { !$0.contains("seconds") && !$0.contains("threads") }
      }
      #expect(try metrics(number) == metrics(0), "\(way)")
    }
  }

  @Test func `a model is measured the same wherever the rows are`() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 12_000), to: "data.csv")
    let models = [
      "--model 'p*a + q' --weights weight --lr 0.001",
      "--model softmax --target kind --features a,y --loss cross-entropy --batch-size 64",
    ]
    for model in models {
      let made = try sandbox.run(
        "backprop train --quiet --data data.csv \(model) --epochs 1 --csv /dev/null --save m.model")
      #expect(made.status == 0, "\(made)")
      let memory = try sandbox.run(
        "backprop eval m.model --data data.csv --metrics m.json && cat m.json")
      let stored = try sandbox.run(
        "backprop eval m.model --data data.csv --stream --metrics s.json --plot s.svg && cat s.json"
      )
      let piped = try sandbox.run(
        "backprop eval m.model --stream --metrics s.json < <(cat data.csv) && cat s.json")
      #expect(memory.status == 0 && memory.text.contains("rows"), "\(memory)")
      #expect(stored.text == memory.text && stored.errors == "", "\(stored)")
      #expect(piped.text == memory.text && piped.errors == "", "\(piped)")
    }
  }

  /// The flags of fits whose results are to be the same wherever the rows are.
  static let fits = [
    "--model 'exp(y/8) ~ p*exp(q*a) + r'",
    "--model 'y ~ p*a + q*b' --weights weight --missing drop",
    "--model 'exp(y/4) ~ p + q*a' --sigma '1 + weight' --errors absolute --intervals profile",
    "--model 'y ~ p*a + q*b' --loss huber:0.5 --missing mean --where 'kind != \"oak\"'",
    "--model 'weight ~ p + q*a' --loss poisson",
  ]

  @Test(arguments: fits)
  func `a fit is the same wherever its rows are`(flags: String) throws {
    try expectSameBytes(
      "fit --data data.csv \(flags)", rowCount: 52_000,
      files: ["--output": "csv", "--csv": "loss", "--save": "model", "--plot": "svg"])
  }

  @Test(
    arguments: [
      (
        "--by kind", 64,
        "--by brings the rows of a group together, and --stream leaves them where they are: leave one of them out"
      ),
      (
        "--bootstrap 10", 64,
        "--bootstrap draws rows at random, which --stream reads in their order: leave one of them out"
      ),
      ("--weights 0*a", 65, "data.csv: all weights are 0: no row counts"),
      (
        "--sigma a", 65,
        "data.csv:5001:1: --sigma 'a' is -0.5; a standard error is a number above 0"
      ),
      (
        "--loss bce", 65,
        "data.csv:2:4: 'y' is 2.0; the loss 'bce' takes numbers from 0 to 1"
      ),
    ])
  func `what a fit cannot do with rows in files is told`(
    flags: String, status: Int32, sentence: String
  ) throws {
    let sandbox = try Sandbox()
    let rows = (0..<9000).map { "\($0 == 4999 ? -0.5 : 2),\(["a", "b"][$0 % 2]),1,2.0\n" }
    try sandbox.write("a,kind,b,y\n" + rows.joined(), to: "data.csv")
    let run = try sandbox.run(
      "backprop fit --data data.csv --stream --model 'y ~ p*a' \(flags) --csv log.csv")
    #expect(run.status == status && run.errors == "backprop: \(sentence)\n", "\(run)")
    #expect(try sandbox.files() == ["data.csv"])
  }

  @Test func `a picture of many rows has the ends of each column`() throws {
    let sandbox = try Sandbox()
    let rows = (0..<66_000).map { "\($0 == 65_999 ? 40 : $0 % 7),\($0 % 11)\n" }
    try sandbox.write("x,y\n" + rows.joined(), to: "data.csv")
    let run = try sandbox.run(
      "backprop fit --quiet --data data.csv --stream --model 'y ~ p*x + q' --plot fit.svg --output /dev/null"
    )
    #expect(run.status == 0 && run.errors == "", "\(run)")
    #expect(String(decoding: try sandbox.read("fit.svg"), as: UTF8.self).contains("at x 40,"))
  }

  @Test func `a pipe is read once and kept`() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 1000), to: "data.csv")
    let flags = "--model 'p*a + q' --lr 0.001 --epochs 3 --quiet"
    let file = try sandbox.run("backprop train --data data.csv \(flags)")
    let pipe = try sandbox.run("cat data.csv | TMPDIR=. backprop train --data - --stream \(flags)")
    #expect(pipe.status == 0 && pipe.output == file.output && pipe.errors == "", "\(pipe)")
    #expect(try sandbox.files() == ["data.csv"])
    let cached = try sandbox.run(
      "cat data.csv | backprop train --data - --cache c --stream \(flags)")
    #expect(cached.output == file.output && cached.errors == "", "\(cached)")
  }

  // MARK: Faults

  @Test func `a cache that is stale is made again, and any other file is left alone`() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 100), to: "data.csv")
    let train = "backprop train --quiet --lr 0.001 --epochs 1 --data"
    #expect(try sandbox.run("\(train) data.csv --model 'p*a+q' --cache c").errors == "")
    let wider = try sandbox.run("\(train) data.csv --model 'p*a+q*weight' --cache c")
    #expect(wider.errors == "backprop: note: c: it lacks column 'weight', and is made again\n")
    #expect(try sandbox.run("\(train) data.csv --model 'p*a+q' --cache c").errors == "")
    try sandbox.write(Self.table(rowCount: 101), to: "data.csv")
    let changed = try sandbox.run("\(train) data.csv --model 'p*a+q' --cache c")
    #expect(changed.errors == "backprop: note: c: data.csv has changed, and is made again\n")
    let made = try sandbox.read("c")

    try sandbox.write("a,y\n1,2\n", to: "u.csv")
    let other = try sandbox.run("\(train) u.csv --model 'p*a+q' --cache c")
    #expect(other.status == 65 && other.text == "", "\(other)")
    #expect(other.errors.hasPrefix("backprop: c: this is the cache of another table, data.csv"))
    #expect(try sandbox.read("c") == made)
    let table = try sandbox.run("\(train) data.csv --model 'p*a+q' --cache u.csv")
    #expect(
      table.status == 65 && table.errors == "backprop: u.csv: this is not the cache of a table\n")
    let own = try sandbox.run("\(train) data.csv --model 'p*a+q' --cache data.csv")
    #expect(own.status == 64, "\(own)")
    try made.prefix(made.count / 2).write(to: sandbox.folder.appendingPathComponent("c"))
    let cut = try sandbox.run("\(train) data.csv --model 'p*a+q' --cache c")
    #expect(cut.status == 65, "\(cut)")
    #expect(cut.errors == "backprop: c: this cache was cut short or damaged; delete it\n")
  }

  @Test func `a disk that fills leaves no cache`() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 20_000), to: "data.csv")
    let run = try sandbox.run(
      "ulimit -f 100; backprop train --data data.csv --model 'p*a+q' --cache c --epochs 1")
    #expect(run.status == 74 && run.text == "", "\(run)")
    #expect(run.errors == "backprop: c: cannot write: File too large\n")
    #expect(try sandbox.files() == ["data.csv"])
  }

  @Test func `a table that changes between epochs ends the run with what was trained`() throws {
    let sandbox = try Sandbox()
    // More rows than are kept in memory.
    try sandbox.write(Self.table(rowCount: 70_000), to: "data.csv")
    let run = try sandbox.run(
      """
      backprop train --quiet --stream --data data.csv --model 'p*a+q' --lr 0.0001 --epochs 1000000 --csv log.csv \
        --batch-size full --checkpoint run.state & pid=$!
      for _ in $(seq 800); do [ -s run.state ] && [ $(wc -l < log.csv) -gt 2 ] && break; sleep 0.05; done
      echo 1,2,oak,1,3 >> data.csv
      wait $pid
      """)
    #expect(run.status == 74 && run.text == "", "\(run)")
    #expect(
      run.errors.hasPrefix("backprop: data.csv: something wrote to the file while it was read"))
    #expect(try sandbox.files() == ["data.csv", "log.csv", "run.state"])
  }

  @Test(
    arguments: [
      ("--stream", "--stream needs a table: give one by --data"),
      ("--cache c", "--cache needs a table: give one by --data"),
      (
        "--data d.csv --stream --shuffle",
        "--stream reads rows in blocks, and can shuffle them so: give --shuffle block"
      ),
      (
        "--data d.csv --stream --validation 0.2",
        "--stream reads rows in their order, and --validation takes some at random: give it a file of rows"
      ),
      (
        "--data d.csv --stream --trace -",
        "--trace shows the numbers of every row: leave out --stream"
      ),
      ("--data d.csv --cache /dev/null", "--cache /dev/null: a cache must be a regular file"),
      ("--data d.csv --cache c --csv c", "--csv and --cache would write to the same place"),
    ])
  func `flags that cannot go together are told`(flags: String, sentence: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write("x,y\n1,2\n", to: "d.csv")
    let run = try sandbox.run("backprop train \(flags)")
    #expect(run.status == 64 && run.errors == "backprop: \(sentence)\n", "\(run)")
    #expect(try sandbox.files() == ["d.csv"])
  }
}
