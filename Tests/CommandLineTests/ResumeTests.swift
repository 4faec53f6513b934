import Foundation
import Models
import Testing
import Training

/// Runs that stop and go on: to the byte what they would have been in one go.
@Suite struct ResumeTests {
  /// Rows of numbers and texts, some of them without weight.
  private static func table(rowCount: Int) -> String {
    let rows = (0..<rowCount).map { row in
      let (a, b) = (Double(row * 7919 % 1009) / 250 - 2, Double(row * 104_729 % 997) / 300)
      let kind = row * 31 % 7 % 2 == 0 ? "oak" : "ash"
      return "\(a),\(b),\(kind),\(row % 4),\(a * b + (kind == "oak" ? 1 : 0))\n"
    }
    return "a,b,kind,weight,y\n" + rows.joined()
  }

  /// A run whose every number depends on something that must be kept.
  private static let network = """
    backprop train --data data.csv --target y --weights weight --standardize all --shuffle \
      --validation 0.2 --patience 20 --batch-size 32 --l2 0.001 --seed 5 \
      --model 'inputs |> dense(5) |> tanh |> dropout(0.2) |> dense(1)' \
      --columns epoch,loss,validation_loss,lr,gradient_norm,parameter_norm,dense1.weight,dense2.bias
    """

  /// Every optimizer with what makes all of its state matter, under schedules with a state of their own.
  private static let optimizers = [
    """
    --optimizer sgd --lr 0.02 --momentum 0.9 --dampening 0.1 --weight-decay 0.01 \
      --schedule plateau --factor 0.5 --plateau-patience 1 --cooldown 1
    """,
    "--optimizer sgd --nesterov --schedule one-cycle --max-lr 0.05 --total-steps 40",
    "--optimizer adam --schedule one-cycle --max-lr 0.02 --total-steps 45 --clip-value 0.1",
    "--optimizer adamw --lr 0.01 --amsgrad --schedule cosine --t-max 30 --warmup 10",
    "--optimizer amsgrad --lr 0.01 --schedule plateau --factor 0.3 --plateau-patience 0",
    "--optimizer nadam --lr 0.01 --clip-norm 0.2",
    "--optimizer radam --lr 0.01 --schedule warm-restarts --t-0 5 --t-mult 2",
    "--optimizer adamax --schedule one-cycle --max-lr 0.02 --total-steps 40",
    "--optimizer rmsprop --lr 0.005 --centered --momentum 0.5",
    "--optimizer adagrad --lr 0.05 --lr-decay 0.1",
    "--optimizer adadelta --rho 0.8",
    "--optimizer asgd --lr 0.02 --lambd 0.01 --t0 20 --average --schedule step --step-size 7",
    "--optimizer rprop --etas 0.4,1.3 --step-sizes 0.00001,0.5",
    "--optimizer lbfgs --lr 0.1 --max-iter 3 --history-size 2",
    """
    --optimizer lbfgs --lr 0.1 --max-iter 3 --precision float64 \
      --schedule plateau --plateau-patience 0
    """,
  ]

  @Test func `every optimizer is here`() {
    let names = Set(Self.optimizers.compactMap { $0.split(separator: " ").dropFirst().first })
    #expect(names == Set(optimizerRules.map { $0.name[...] }))
  }

  @Test(arguments: optimizers)
  func `17 epochs and then the rest are 40 in one go`(optimizer: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 203), to: "data.csv")
    let train = "\(Self.network) \(optimizer)"
    let result = try sandbox.run(
      """
      set -e
      \(train) --epochs 40 --csv a.csv --save a.model --checkpoint a.run
      \(train) --epochs 17 --csv b.csv --checkpoint b.run --checkpoint-every 5
      cp b.csv part.csv
      backprop train --resume b.run --epochs 40 --csv b.csv --save b.model --checkpoint b.run --threads 1
      """)
    #expect(result.status == 0, "\(result)")
    try Self.expectSame(in: sandbox)
    let (part, whole) = (try sandbox.read("part.csv"), try sandbox.read("a.csv"))
    #expect(whole.starts(with: part) && whole.count > part.count)
  }

  /// Expects the files named a and b to have the same bytes.
  private static func expectSame(in sandbox: Sandbox) throws {
    for kind in ["csv", "model", "run"] {
      let (a, b) = (try sandbox.read("a.\(kind)"), try sandbox.read("b.\(kind)"))
      #expect(a == b, "\(kind)")
    }
  }

  @Test(arguments: [optimizers[0], optimizers[2]])
  func `a run that is killed at random moments arrives where one that lives does`(
    optimizer: String
  ) throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 1000), to: "data.csv")
    let train = "\(Self.network) \(optimizer) --epochs 40 --quiet"
    // Each time it may live until a checkpoint is there that is new, and then a little longer.
    let result = try sandbox.run(
      """
      \(train) --csv a.csv --save a.model --checkpoint a.run || exit 1
      kills=0
      for try in 1 2 3 4; do
        resume=; if test -e b.run; then resume='--resume b.run'; touch -r b.run before; fi
        \(train) --csv b.csv --save b.model --checkpoint b.run $resume & pid=$!
        while kill -0 $pid && ! test b.run -nt before; do sleep 0.01; done
        sleep 0.0$((RANDOM % 10)); kill -KILL $pid && kills=$((kills + 1)); wait $pid
      done 2> /dev/null
      \(train) --csv b.csv --save b.model --checkpoint b.run --resume b.run || exit 2
      echo $kills
      """)
    #expect(result.status == 0 && result.errors == "", "\(result)")
    #expect(Int(result.text.dropLast()).map { $0 > 0 } == true, "\(result)")
    try Self.expectSame(in: sandbox)
  }

  @Test(arguments: [
    // Steps of one row that are taken many at once, in the table's order and in another.
    "--lr 0.001 --model 'inputs |> dense(64) |> tanh |> dense(64) |> tanh |> dense(1)'",
    "--lr 0.001 --model 'inputs |> dense(64) |> tanh |> dense(64) |> tanh |> dense(1)' --shuffle",
    """
    --optimizer adam --batch-size 64 --shuffle --weights weight --l1 0.0001 --epoch-loss last \
      --model 'inputs |> dense(64) |> tanh |> dropout(0.1) |> dense(32) |> tanh |> dense(1)'
    """,
  ])
  func `a run that is asked to end within an epoch goes on within it`(flags: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.table(rowCount: 30_000), to: "data.csv")
    let train = """
      backprop train --data data.csv --target y --standardize all --validation 0.1 --epochs 2 \
        --columns epoch,loss,validation_loss,gradient_norm,parameter_norm,dense1.bias --quiet \
        \(flags)
      """
    // Whoever has written the header listens to signals.
    let result = try sandbox.run(
      """
      \(train) --csv a.csv --save a.model --checkpoint a.run || exit 1
      for try in 1 2 3; do
        rm -f b.csv; resume=; test -e b.run && resume='--resume b.run'
        \(train) --csv b.csv --save b.model --checkpoint b.run $resume & pid=$!
        until test -s b.csv || ! kill -0 $pid; do sleep 0.01; done 2> /dev/null
        sleep 0.0$((RANDOM % 10)); { kill -TERM $pid; wait $pid; } 2> /dev/null; status=$?
        test $status = 0 && break
        test $status = 143 || exit $status
        cp b.run stop$try.run
      done
      \(train) --csv b.csv --save b.model --checkpoint b.run --resume b.run || exit 2
      """)
    #expect(result.status == 0 && result.errors == "", "\(result)")
    try Self.expectSame(in: sandbox)
    let stops = try sandbox.files().filter { $0.hasPrefix("stop") }.map { name in
      let file = try Safetensors(reading: Array(sandbox.read(name)))
      return try #require(file.tensors["run.progress"]?.doubles)
    }
    #expect(stops.contains { $0[0] > 0 }, "no run was stopped within an epoch: \(stops)")
  }

  /// Flags that do not fit a run of `w*x + b` on four rows, what must be said, and the exit code.
  private static let misfits: [(flags: String, complaint: String, status: Int32)] = [
    ("--lr 0.02", "--resume c.run: its run had --lr 0.01, this one has 0.02; repeat the", 64),
    ("--model w*x", "--resume c.run: its run had --model 'w*x+b', this one has 'w*x'", 64),
    ("--data ulp.csv", "--resume c.run: its run had other data; give the same --data,", 64),
    ("--data minus.csv", "--resume c.run: its run had other data; give the same --data,", 64),
    ("--data more.csv", "--resume c.run: its run had other data; give the same --data,", 64),
    ("--weights x", "--resume c.run: its run had --weights not given, this one has 'x'", 64),
    ("--standardize all", "--resume c.run: its run had other data; give the same --data,", 64),
    ("--validation d.csv", "--resume c.run: its run had other data; give the same --data,", 64),
    ("--validation 0.5", "--resume c.run: its run had --validation not given, this one has", 64),
    ("--precision float64", "--resume c.run: its run had --precision \"float32\", this one", 64),
    (
      "--optimizer adam", "--resume c.run: its run had --optimizer \"sgd\", this one has \"adam\"",
      64
    ),
    ("--schedule plateau", "--resume c.run: its run had --schedule not given, this one has", 64),
    ("--shuffle", "--resume c.run: its run had --shuffle false, this one has true", 64),
    ("--batch-size 2", "--resume c.run: its run had --batch-size 1, this one has 2", 64),
    ("--l2 0.1", "--resume c.run: its run had --l2 0, this one has 0.1; repeat the options of", 64),
    ("--epochs 4", "--resume c.run: its run has begun 5 epochs, more than --epochs 4", 64),
    ("--init w=1", "--init starts a new run, and --resume continues one: give one", 64),
    ("--trace t", "--trace shows a run from its first step, and --resume continues one", 64),
    ("--columns w", "c.run: it has no history of 'w', which a column of the CSV needs", 65),
    ("--columns gradient_norm", "c.run: it has no history of 'gradient_norm', which a", 65),
    ("--resume none.run", "none.run: cannot open: No such file or directory", 66),
    ("--resume .", ".: cannot open: Is a directory", 66),
    ("--resume c.model", "c.model: this is a model, not a checkpoint", 65),
    ("--resume cut.run", "cut.run: tensor 'w': the file is cut short: the data should", 65),
    ("--resume begun.run", "begun.run: the file is cut short: its header should have", 65),
    ("--resume empty.run", "empty.run: the file is empty", 65),
    ("--resume d.csv", "d.csv: this is text, not a safetensors file", 65),
  ]

  @Test func `a run that does not fit its checkpoint is refused in one line`() throws {
    let sandbox = try Sandbox()
    try sandbox.write("x,y\n1,2\n2,4\n3,7\n4,7\n", to: "d.csv")
    try sandbox.write("x,y\n1,2\n2,4\n3,7\n4,7.0000005\n", to: "ulp.csv")
    try sandbox.write("x,y\n1,-2\n2,-4\n3,-7\n4,-7\n", to: "minus.csv")
    try sandbox.write("x,y\n1,2\n2,4\n3,7\n4,7\n0,0\n", to: "more.csv")
    let train = { (flags: String) in
      let defaults = [("--data", "d.csv"), ("--model", "w*x+b"), ("--epochs", "9")]
      let missing = defaults.filter { !flags.contains($0.0 + " ") }.map { "\($0.0) '\($0.1)'" }
      return (["backprop train", flags] + missing).joined(separator: " ")
    }
    let first = try sandbox.run(
      """
      \(train("--epochs 5 --checkpoint c.run --save c.model --csv first.csv --quiet"))
      head -c -1 c.run > cut.run; head -c 300 c.run > begun.run; true > empty.run
      """)
    #expect(first.status == 0 && first.errors == "", "\(first)")
    for (flags, complaint, status) in Self.misfits {
      let resume = flags.hasPrefix("--resume") ? "" : " --resume c.run"
      let result = try sandbox.run(train(flags + resume))
      #expect(result.status == status && result.text == "", "\(result)")
      #expect(result.errors.hasPrefix("backprop: \(complaint)"), "\(result)")
      #expect(result.errors.filter { $0 == "\n" }.count == 1, "\(result)")
    }
    // As many epochs as are done is a run without a step, and needs no more than the same CSV.
    let done = try sandbox.run(train("--resume c.run --epochs 5 --threads 2 --save d.model"))
    #expect(done.output == (try sandbox.read("first.csv")), "\(done)")
    #expect(try sandbox.read("c.model") == sandbox.read("d.model"))
    #expect(try sandbox.run(train("--resume - < c.run")).status == 0)
  }

  /// What another program may have put in place of the flags.
  private static let badFlags: [(flags: String, complaint: String)] = [
    ("--lr=1", "its 'flags' cannot be read: byte 0: '--' is not a number of JSON"),
    (#"{"lr": "1"}"#, "its 'flags' are not a list of options of a run"),
    (#"["--lr=1", 2]"#, "its 'flags' are not a list of options of a run"),
    (#"["lr=1"]"#, "its 'flags' are not a list of options of a run"),
    (#"["--csv=victim.csv"]"#, "its 'flags' are not a list of options of a run"),
    (#"["--resume=c.run"]"#, "its 'flags' are not a list of options of a run"),
    (#"["--help"]"#, "its 'flags' are not a list of options of a run"),
    (#"["--data=a\u0000b"]"#, "its 'flags' are not a list of options of a run"),
    (#"["--target"]"#, "its 'flags' cannot be used: Missing value for '--target <column>'"),
    (#"["--lr=-1"]"#, "its 'flags' cannot be used: The value '-1' is invalid for '--lr <number>'"),
  ]

  @Test func `flags that no run has are refused`() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.run("backprop train --epochs 2 --checkpoint c.run --csv c.csv").status == 0)
    var file = try Safetensors(reading: Array(sandbox.read("c.run")))
    for (flags, complaint) in Self.badFlags {
      file.metadata["flags"] = flags
      try Data(file.withChecksum().serialized())
        .write(to: sandbox.folder.appendingPathComponent("c.run"))
      let result = try sandbox.run("backprop train --resume c.run --epochs 3")
      #expect(result.status == 65 && result.text == "", "\(result)")
      #expect(result.errors.hasPrefix("backprop: c.run: \(complaint)"), "\(result)")
      #expect(result.errors.filter { $0 == "\n" }.count == 1, "\(result)")
    }
    #expect(try sandbox.files() == ["c.csv", "c.run"])
  }

  @Test func `a checkpoint of version 0_1_0 is gone on from`() throws {
    let sandbox = try Sandbox()
    // Its run had a warm-up and then a rate that stays, which that version called a constant schedule.
    try Sandbox.fixture("checkpoints/0.1.0.safetensors")
      .write(to: sandbox.folder.appendingPathComponent("old.st"))
    let result = try sandbox.run(
      """
      train='backprop train --optimizer adam --warmup 3'
      $train --epochs 12 --resume old.st --csv resumed.csv && $train --epochs 12 --csv whole.csv
      $train --epochs 12 --resume old.st --schedule constant
      """)
    #expect(result.text == "" && result.status == 64, "\(result)")
    #expect(
      result.errors.hasPrefix(
        "backprop: --resume old.st: its run had --schedule not given, this one has \"constant\""),
      "\(result)")
    #expect(try sandbox.read("resumed.csv") == sandbox.read("whole.csv"))
  }

  @Test func `a run that diverges leaves the checkpoint of the epoch before`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      backprop train --lr 0.3 --csv whole.csv --checkpoint whole.st 2> /dev/null; echo $?
      epochs=$(($(wc -l < whole.csv) - 2))
      backprop train --lr 0.3 --epochs $epochs --csv part.csv --checkpoint part.st
      """)
    #expect(result.text == "4\n" && result.errors == "", "\(result)")
    let files = try ["whole.st", "part.st"].map { name in
      try Safetensors(reading: Array(try sandbox.read(name)))
    }
    #expect(files[0].tensors == files[1].tensors)
    #expect(try #require(files[0].tensors["history.loss"]).count > 2)
  }
}
