import Foundation
import Testing

@testable import Models
@testable import backprop

/// Sweeps, as the built program runs them.
@Suite struct SweepTests {
  private static let iris =
    "train --data iris.csv --target species --model mlp:4 --loss cross-entropy --standardize inputs "
    + "--batch-size 16 --shuffle --validation 0.2 --epochs 8"
  private static let grid = "--lr 0.01,0.1,0.5 --seed 0..3"

  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    for name in ["iris.csv", "cars.csv"] {
      let sample = Sandbox.repository.appendingPathComponent("samples/\(name)")
      try sandbox.write(String(contentsOf: sample, encoding: .utf8), to: name)
    }
    return sandbox
  }

  private func lowest(_ texts: [String]) -> String? {
    texts.min { (Double($0) ?? .nan) < (Double($1) ?? .nan) }
  }

  @Test func `a row is that of the run by itself`() throws {
    let sandbox = try sandbox()
    let sweep = try sandbox.run("backprop sweep \(Self.grid) -- \(Self.iris)")
    #expect(sweep.status == 0 && sweep.errors == "", "\(sweep)")
    let rows = csvFields(sweep.text)
    #expect(
      rows[0].joined(separator: ",")
        == "run,lr,seed,outcome,epochs,loss,best_loss,validation_loss,validation_accuracy,"
        + "best_validation_loss,id")
    #expect(rows.count == 13 && Set(rows.map(\.last)).count == 13)
    for row in [rows[1], rows[6], rows[12]] {
      let run = try sandbox.run(
        "backprop \(Self.iris) --lr \(row[1]) --seed \(row[2]) --metrics m.json")
      let losses = csvFields(run.text).dropFirst()
      #expect(row[5] == losses.last?[1] && row[7] == losses.last?[2])
      #expect(row[6] == lowest(losses.map { $0[1] }))
      #expect(row[9] == lowest(losses.map { $0[2] }))
      let metrics = try JSON(parsing: sandbox.text(of: "m.json")).object
      #expect(metrics?["validation_accuracy"]?.number == Double(row[8]))
    }
  }

  @Test func `the bytes do not depend on how many run at once`() throws {
    let sandbox = try sandbox()
    let one = try sandbox.run("backprop sweep --jobs 1 \(Self.grid) -- \(Self.iris)")
    for jobs in [2, 7] {
      let more = try sandbox.run(
        "backprop sweep --jobs \(jobs) \(Self.grid) --csv \(jobs).csv -- \(Self.iris)")
      #expect(more.status == 0 && more.text == "", "\(more)")
      #expect(try sandbox.text(of: "\(jobs).csv") == one.text)
    }
  }

  @Test func `a random search draws the same values again, and tasks draw theirs`() throws {
    let sandbox = try sandbox()
    let flags = "--random 9 --lr 0.001..0.1:log --momentum 0,0.5,0.9 --nesterov on,off"
    // Nesterov's momentum needs some.
    let bad = try sandbox.run("backprop sweep \(flags) -- train --epochs 3")
    #expect(bad.status == 64 && bad.errors.contains("run ") && bad.text == "", "\(bad)")
    let search = "sweep --random 9 --sweep-seed 3 --lr 0.001..0.1:log --momentum 0..0.9"
    let all = try sandbox.run("backprop \(search) -- train --epochs 3")
    #expect(all.status == 0 && csvFields(all.text).count == 10, "\(all)")
    #expect(try sandbox.run("backprop \(search) -- train --epochs 3").text == all.text)
    for task in 0..<2 {
      let part = try sandbox.run("backprop \(search) --task \(task) --of 2 -- train --epochs 3")
      let rows = csvFields(all.text)
      let own = rows.indices.dropFirst().filter { ($0 - 1) % 2 == task }
      #expect(csvFields(part.text) == [rows[0]] + own.map { rows[$0] })
    }
  }

  @Test func `tasks' tables are joined to the bytes of one call, and none may be missing`() throws {
    let sandbox = try sandbox()
    let whole = try sandbox.run("backprop sweep \(Self.grid) -- \(Self.iris)")
    try FileManager.default.createDirectory(
      at: sandbox.folder.appendingPathComponent("parts"), withIntermediateDirectories: true)
    try sandbox.write("epoch,loss\n0,1\n", to: "parts/other.csv")
    for task in 0..<5 {
      let part = try sandbox.run(
        "backprop sweep \(Self.grid) --task \(task) --of 5 --csv parts/\(task).csv -- \(Self.iris)")
      #expect(part.status == 0, "\(part)")
    }
    let joined = try sandbox.run("backprop sweep \(Self.grid) --collect parts -- \(Self.iris)")
    #expect(joined.status == 0 && joined.text == whole.text, "\(joined)")
    let other = try sandbox.run(
      "backprop sweep \(Self.grid) --collect parts --csv x.csv -- \(Self.iris) --l2 0.1")
    #expect(other.status == 66 && other.errors.contains("12 of 12 runs have no row"), "\(other)")
    #expect(try !sandbox.files().contains("x.csv"))
    _ = try sandbox.run("rm parts/3.csv; sed -i 's/,finished,8,[^,]*/,finished,8,0.5/' parts/4.csv")
    let lacking = try sandbox.run("backprop sweep \(Self.grid) --collect parts -- \(Self.iris)")
    #expect(lacking.status == 66 && lacking.errors.contains("2 of 12"), "\(lacking)")
    #expect(lacking.errors.contains("run 4, 9"), "\(lacking)")
    _ = try sandbox.run(
      "backprop sweep \(Self.grid) --task 4 --of 5 --csv parts/again.csv -- \(Self.iris)")
    let torn = try sandbox.run("backprop sweep \(Self.grid) --collect parts -- \(Self.iris)")
    #expect(torn.status == 65 && torn.errors.contains("this run has different numbers"), "\(torn)")
  }

  @Test func `a second call runs what has no row yet, and settings can be added`() throws {
    let sandbox = try sandbox()
    let larger = try sandbox.run("backprop sweep --lr 0.01,0.05,0.1 --seed 0..2 -- \(Self.iris)")
    _ = try sandbox.run("backprop sweep --lr 0.01,0.1 --seed 0..1 --csv r.csv -- \(Self.iris)")
    let more = try sandbox.run(
      "backprop sweep --lr 0.01,0.05,0.1 --seed 0..2 --csv r.csv -- \(Self.iris)")
    #expect(more.status == 0, "\(more)")
    #expect(try sandbox.text(of: "r.csv") == larger.text)
    // A row that is cut off does not count, and one that is there is not run again.
    _ = try sandbox.run(
      "head -c -20 r.csv > cut; mv cut r.csv; sed -i '4s/,finished,8,[^,]*/,finished,8,0.5/' r.csv")
    let faked = try sandbox.text(of: "r.csv").split(separator: "\n")[3]
    let again = try sandbox.run(
      "backprop sweep --lr 0.01,0.05,0.1 --seed 0..2 --csv r.csv -- \(Self.iris)")
    #expect(again.status == 0, "\(again)")
    let result = try sandbox.text(of: "r.csv").split(separator: "\n")
    let expected = larger.text.split(separator: "\n")
    #expect(result[3] == faked && faked != expected[3])
    #expect(result[..<3] == expected[..<3] && result[4...] == expected[4...])
    // Its curve would be another than its row says.
    let drawn = try sandbox.run(
      "backprop sweep --lr 0.01,0.05,0.1 --seed 0..2 --csv r.csv --plot r.svg -- \(Self.iris)")
    #expect(
      drawn.status == 65 && drawn.errors.contains("run 3 now gives other numbers"), "\(drawn)")
  }

  @Test(arguments: ["--epochs 9", "--l2 0.1", "--where 'sepal_width > 2.2'"])
  func `rows of another sweep are refused, and left as they are`(change: String) throws {
    let sandbox = try sandbox()
    let first = try sandbox.run(
      "backprop sweep --lr 0.01,0.1 --csv r.csv -- \(Self.iris); cat r.csv")
    let other = try sandbox.run(
      "backprop sweep --lr 0.01,0.1 --csv r.csv -- \(Self.iris) \(change); cat r.csv; false")
    #expect(other.errors.contains("r.csv:2: this row belongs to another sweep"), "\(other)")
    #expect(other.text == first.text)
    try sandbox.write(
      sandbox.text(of: "iris.csv").replacingOccurrences(of: "5.1,3.5", with: "5.2,3.5"),
      to: "iris.csv")
    let changed = try sandbox.run(
      "backprop sweep --lr 0.01,0.1 --csv r.csv -- \(Self.iris)")
    #expect(changed.status == 65 && changed.errors.contains("another sweep"), "\(changed)")
    let columns = try sandbox.run("backprop sweep --seed 0..1 --csv r.csv -- \(Self.iris)")
    #expect(columns.status == 65 && columns.errors.contains("whose columns are"), "\(columns)")
    #expect(try sandbox.text(of: "r.csv") == first.text)
  }

  @Test func `a sweep that is killed again and again ends with the bytes of an undisturbed one`()
    throws
  {
    let sandbox = try sandbox()
    let sweep = "sweep --lr 0.001..0.1:log:6 --seed 0..29"
    let train =
      "train --data cars.csv --target dist --model 'a + b*speed/15' --epochs 1000 --epoch-loss mean"
    let whole = try sandbox.run("backprop \(sweep) --jobs 1 -- \(train)")
    #expect(whole.status == 0, "\(whole)")
    let killed = try sandbox.run(
      """
      for count in 1 2 20 50 90 140; do
        backprop \(sweep) --csv r.csv -- \(train) & pid=$!
        while kill -0 $pid && ! [ $(wc -l < r.csv || echo 0) -ge $count ]; do sleep 0.002; done
        kill -s $([ $count = 20 ] && echo TERM || echo KILL) $pid; wait $pid
        wc -l < r.csv >> .lines
      done 2> /dev/null
      backprop \(sweep) --csv r.csv -- \(train)
      """)
    #expect(killed.status == 0 && killed.errors == "", "\(killed)")
    #expect(try sandbox.text(of: "r.csv") == whole.text)
    #expect(try sandbox.files() == [".lines", "cars.csv", "iris.csv", "r.csv"])
    // It was killed with some of its rows, or the test has shown nothing.
    let counts = try sandbox.text(of: ".lines").split(separator: "\n").compactMap { Int($0) }
    #expect(counts.contains { (2..<181).contains($0) }, "\(counts)")
  }

  @Test func `an interruption leaves the rows that are finished`() throws {
    let sandbox = try sandbox()
    let result = try sandbox.run(
      """
      backprop sweep --seed 0..9 --csv r.csv --plot r.png --best 1 --save models -- \
        train --lr 1e-9 --epochs 1000000 & pid=$!
      while [ $(wc -l < r.csv 2> /dev/null || echo 0) -lt 2 ]; do sleep 0.02; done
      kill -TERM $pid; wait $pid
      """)
    #expect(result.status == 143, "\(result)")
    let rows = try csvFields(sandbox.text(of: "r.csv"))
    #expect(rows.count >= 2 && rows.allSatisfy { $0.count == 7 }, "\(rows)")
    #expect(try sandbox.files().filter { $0.hasPrefix("r") } == ["r.csv"])
    #expect(
      try FileManager.default.contentsOfDirectory(
        atPath: sandbox.folder.appendingPathComponent("models").path) == [])
  }

  @Test func `two sweeps do not write one file`() throws {
    let sandbox = try sandbox()
    let result = try sandbox.run(
      """
      backprop sweep --seed 0..3 --csv r.csv -- train --lr 1e-9 --epochs 2000000 & pid=$!
      while [ ! -s r.csv ]; do sleep 0.02; done
      backprop sweep --seed 0..3 --csv r.csv -- train --lr 1e-9 --epochs 2000000
      code=$?; kill $pid; wait $pid; exit $code
      """)
    #expect(
      result.status == 73 && result.errors.contains("another sweep is writing it"), "\(result)")
  }

  @Test func `the best models are those of the runs by themselves`() throws {
    let sandbox = try sandbox()
    let sweep = "sweep \(Self.grid) --csv r.csv --best 2 --save models"
    let result = try sandbox.run("backprop \(sweep) -- \(Self.iris)")
    #expect(result.status == 0, "\(result)")
    let rows = try csvFields(sandbox.text(of: "r.csv")).dropFirst()
      .sorted { Double($0[7])! < Double($1[7])! }
    func check() throws {
      for place in 1...2 {
        let row = rows[place - 1]
        let run = try sandbox.run(
          "backprop \(Self.iris) --lr \(row[1]) --seed \(row[2]) --csv l.csv --save own.safetensors; "
            + "cmp own.safetensors models/best-\(place).safetensors")
        #expect(run.status == 0, "\(run)")
      }
    }
    try check()
    // A second call has the rows, and makes the models that it lacks.
    _ = try sandbox.run("rm models/*")
    #expect(try sandbox.run("backprop \(sweep) -- \(Self.iris)").status == 0)
    try check()
  }

  @Test func `curves are drawn, of finished runs too`() throws {
    let sandbox = try sandbox()
    let sweep = "sweep \(Self.grid) --csv r.csv --plot"
    _ = try sandbox.run("backprop \(sweep) first.svg -- \(Self.iris)")
    let again = try sandbox.run("backprop \(sweep) second.svg -- \(Self.iris)")
    #expect(again.status == 0, "\(again)")
    #expect(again.errors == "backprop: note: 12 finished runs are repeated, to draw their curves\n")
    let picture = try sandbox.text(of: "first.svg")
    #expect(try picture == sandbox.text(of: "second.svg"))
    for text in ["lr 0.01", "lr 0.1", "lr 0.5", "Validation loss", "epoch"] {
      #expect(picture.contains(text), "\(text)")
    }
  }

  @Test func `runs that diverge are rows, and the exit code if there are no others`() throws {
    let sandbox = try sandbox()
    let some = try sandbox.run("backprop sweep --lr 0.01,1e9 -- train --epochs 30")
    #expect(some.status == 0 && some.errors == "backprop: note: 1 of 2 runs diverged\n", "\(some)")
    #expect(csvFields(some.text).map { $0[2] } == ["outcome", "finished", "diverged"])
    let all = try sandbox.run("backprop sweep --lr 1e8,1e9 -- train --epochs 30")
    #expect(all.status == 4 && csvFields(all.text).count == 3, "\(all)")
    let fits = try sandbox.run("backprop sweep --model 'log(-a^2)*x,log(-b^2)*x' -- fit")
    #expect(fits.status == 3 && csvFields(fits.text).count == 3, "\(fits)")
  }

  @Test func `a table that cannot be written is told`() throws {
    let sandbox = try sandbox()
    let full = try sandbox.run("backprop sweep --seed 0..99 -- train > /dev/full")
    #expect(full.status == 74 && full.errors.contains("No space left"), "\(full)")
    let limited = try sandbox.run(
      "(ulimit -f 1; backprop sweep --seed 0..99 --csv r.csv -- train); code=$?; "
        + "backprop sweep --seed 0..99 --csv r.csv -- train; backprop sweep --seed 0..99 -- train | cmp - r.csv; "
        + "exit $code")
    #expect(limited.status == 74 && limited.text == "", "\(limited)")
    #expect(try sandbox.files() == ["cars.csv", "iris.csv", "r.csv"])
    let closed = try sandbox.run(
      "backprop sweep --seed 0..9999 -- train --epochs 1000 | head -n 2; exit ${PIPESTATUS[0]}")
    #expect(
      closed.status == 141 && closed.errors == "" && csvFields(closed.text).count == 2, "\(closed)")
    let forbidden = try sandbox.run(
      "backprop sweep --seed 0..9 --best 1 --save missing/models -- train")
    #expect(forbidden.status == 73 && forbidden.text == "", "\(forbidden)")
  }

  @Test func `a fit is swept too`() throws {
    let sandbox = try sandbox()
    let result = try sandbox.run(
      "backprop sweep --loss 'mse,huber:10' -- fit --data cars.csv --model 'dist ~ a + b*speed'")
    #expect(result.status == 0, "\(result)")
    let rows = csvFields(result.text)
    #expect(
      rows[0].joined(separator: ",")
        == "run,loss_option,outcome,iterations,loss,residual_standard_error,r2,aic,a,b,id")
    let fit = try sandbox.run("backprop fit --data cars.csv --model 'dist ~ a + b*speed'")
    #expect(Array(rows[1][8...9]) == csvFields(fit.text).dropFirst().map { $0[1] })
  }

  @Test(arguments: [
    "--validation 0.1,0.4", "--features 'speed;-dist'", "--standardize inputs,all", "--l2 0,0.1",
    "--batch-size 5,full", "--where 'speed > 4,speed > 10'", "--precision float32,float64",
    "--shuffle on,off,block", "--missing error,drop", "--loss mse,huber",
    "--schedule cosine,linear",
    "--optimizer adam,rmsprop", "--init 'missing;other'", "--model 'linear,mlp:3'",
    "--patience 1,9",
  ])
  func `a value that is swept gives the numbers of a run by itself`(swept: String) throws {
    let sandbox = try sandbox()
    try sandbox.write("{}", to: "missing")
    try sandbox.write("{\"dense1.bias\": [0.5]}", to: "other")
    let parts = swept.split(separator: " ", maxSplits: 1).map(String.init)
    let model = parts[0] == "--model" ? "" : "--model linear"
    let validation = parts[0] == "--validation" ? "" : "--validation 0.2"
    let fixed =
      "train --data cars.csv --target dist \(model) \(validation) --epochs 4 --lr 0.001 --epoch-loss mean"
    let sweep = try sandbox.run("backprop sweep --jobs 1 \(swept) -- \(fixed)")
    #expect(sweep.status == 0, "\(sweep)")
    for row in sweep.text.split(separator: "\n").dropFirst() {
      let fields = row.split(separator: ",").map(String.init)
      let option =
        switch fields[1] {
        case "on": parts[0]
        case "off": ""
        default: "\(parts[0]) '\(fields[1])'"
        }
      let run = try sandbox.run("backprop \(fixed) \(option) --metrics - --csv l.csv | jq .loss")
      #expect(run.text.trimmingCharacters(in: .newlines).isEmpty == false, "\(run)")
      #expect(
        Double(fields[4]) == Double(run.text.trimmingCharacters(in: .newlines)), "\(row)\n\(run)")
    }
  }

  @Test func `an option may need one that is swept, and outputs spare what is swept`() throws {
    let sandbox = try sandbox()
    for flags in [
      "--validation 0.3,0.4 -- train --data cars.csv --target dist --model linear --lr 0 --patience 5",
      "--optimizer adam,adamw -- train --betas 0.9,0.99",
    ] {
      let sweep = try sandbox.run("backprop sweep --quiet \(flags) --epochs 2")
      #expect(sweep.status == 0 && csvFields(sweep.text).count == 3, "\(sweep)")
    }
    try sandbox.write("x,y\n1,2\n2,3\n", to: "a.csv")
    try sandbox.write("x,y,k\n1,2,3\n2,3,5\n", to: "b.csv")
    let over = try sandbox.run(
      "backprop sweep --data a.csv,b.csv --csv b.csv -- train --epochs 2; cat b.csv")
    #expect(over.errors.contains("--csv would overwrite"), "\(over)")
    #expect(over.text.hasPrefix("x,y,k\n1"), "\(over)")
    // A name can be a parameter with one table and a column of another.
    let fits = try sandbox.run("backprop sweep --data b.csv,a.csv -- fit --model 'a*x + k'")
    #expect(csvFields(fits.text)[0].suffix(3) == ["a", "k", "id"], "\(fits)")
    #expect(csvFields(fits.text)[2].count == csvFields(fits.text)[0].count)
  }

  @Test func `other files are not taken for the table, nor written over`() throws {
    let sandbox = try sandbox()
    for text in ["x,y\r\n1,2\r\n2,3\r\n", "x,y\n1,2\n", "x"] {
      try sandbox.write(text, to: "data.csv")
      let sweep = try sandbox.run("backprop sweep --lr 0.1,0.2 --csv data.csv -- train --epochs 2")
      #expect(sweep.status == 65, "\(sweep)")
      let joined = try sandbox.run(
        "mkdir -p parts; backprop sweep --lr 0.1,0.2 --csv parts/a.csv -- train --epochs 2; "
          + "mkfifo parts/pipe.csv; mkdir -p parts/folder.csv; "
          + "backprop sweep --lr 0.1,0.2 --collect parts --csv data.csv -- train --epochs 2")
      #expect(joined.status == 65, "\(joined)")
      #expect(try sandbox.text(of: "data.csv") == text)
    }
    // The table of another sweep is replaced.
    let replaced = try sandbox.run(
      "backprop sweep --lr 0.1,0.2 --csv r.csv -- train --epochs 1; "
        + "backprop sweep --lr 0.1,0.2 --collect parts --csv r.csv -- train --epochs 2; cmp r.csv parts/a.csv"
    )
    #expect(replaced.status == 0, "\(replaced)")
    let whole = try sandbox.run("backprop sweep --lr 0.1,0.2 --collect parts -- train --epochs 2")
    #expect(try whole.status == 0 && whole.text == sandbox.text(of: "parts/a.csv"), "\(whole)")
  }

  @Test(arguments: ["s/finished,2,/,,/", "s/finished/garbage/", "s/finished,2/finished,/", "2p"])
  func `a damaged row is not taken for done`(change: String) throws {
    let sandbox = try sandbox()
    let sweep = "backprop sweep --lr 0.1,0.2 --csv r.csv -- train --epochs 2"
    let result = try sandbox.run("\(sweep); sed -i '\(change)' r.csv; \(sweep)")
    #expect(result.status == 65 && result.errors.contains("r.csv:"), "\(result)")
  }

  @Test func `what waits behind a run that goes on is written when the sweep is ended`() throws {
    let sandbox = try sandbox()
    let result = try sandbox.run(
      "backprop sweep --jobs 2 --lr 1e-9 --epochs 1000000000,1,2,3 -- train > r.csv & "
        + "sleep 1; kill -TERM $!; wait $!; exit $?")
    #expect(result.status == 143, "\(result)")
    #expect(try csvFields(sandbox.text(of: "r.csv")).map { $0[0] } == ["run", "2", "3", "4"])
  }

  @Test func `equal runs are told, and so is that models were lacking`() throws {
    let sandbox = try sandbox()
    let equal = try sandbox.run("backprop sweep --lr 0.1,0.10 -- train")
    #expect(equal.status == 64 && equal.errors.contains("is the same as"), "\(equal)")
    let lacking = try sandbox.run(
      "backprop sweep --lr 0.01,1e9 --best 2 --save m -- train --epochs 30; ls m")
    #expect(lacking.errors.contains("only 1 of 2 runs can be compared"), "\(lacking)")
    #expect(lacking.text.hasSuffix("\nbest-1.safetensors\n"), "\(lacking)")
  }
}
