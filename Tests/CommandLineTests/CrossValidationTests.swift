import Foundation
import Testing

@testable import Models
@testable import backprop

/// `--kfold` of `train`, `fit` and `sweep`.
@Suite struct CrossValidationTests {
  /// A sandbox with a sample, and with the rows of each fold of it and the other rows in files.
  private func sandbox(
    _ sample: String, count: Int, seed: UInt64, classColumn: Int? = nil
  ) throws -> Sandbox {
    let sandbox = try Sandbox()
    let text = try String(
      contentsOf: Sandbox.repository.appendingPathComponent("samples/\(sample)"), encoding: .utf8)
    try sandbox.write(text, to: "all.csv")
    let rows = text.split(separator: "\n").map(String.init)
    var levels: [String: Int] = [:]
    let classes = rows.dropFirst().map { row -> Int in
      guard let classColumn else { return 0 }
      let level = String(row.split(separator: ",")[classColumn])
      levels[level] = levels[level] ?? levels.count
      return levels[level] ?? 0
    }
    for number in 0..<count {
      let fold = Fold(number, of: count, seed: seed, isStratified: classColumn != nil)
      let parts = fold.divide(classes)
      for (name, part) in [("held", parts.heldOut), ("kept", parts.others)] {
        try sandbox.write(
          ([rows[0]] + part.map { rows[$0 + 1] }).joined(separator: "\n") + "\n",
          to: "\(name)-\(number + 1).csv")
      }
    }
    return sandbox
  }

  private func isMean(_ rows: [[String]], from first: Int) -> Bool {
    let folds = rows.dropFirst().dropLast()
    return (first..<rows[0].count).allSatisfy { column in
      let sum = folds.reduce(0) { $0 + (Double($1[column]) ?? .nan) }
      return Double(rows[rows.count - 1][column]) == sum / Double(folds.count)
    }
  }

  @Test func `a fold of train is a run on the other rows, validated on its own`() throws {
    let sandbox = try sandbox("iris.csv", count: 4, seed: 5, classColumn: 4)
    let train =
      "train --target species --model mlp:4 --loss cross-entropy --standardize inputs --batch-size 16 "
      + "--shuffle --epochs 12 --lr 0.1 --seed 5 --quiet"
    let result = try sandbox.run("backprop \(train) --data all.csv --kfold 4 --stratify")
    #expect(result.status == 0 && result.errors == "", "\(result)")
    let rows = csvFields(result.text)
    #expect(
      rows[0].joined(separator: ",")
        == "fold,outcome,epochs,loss,best_loss,validation_loss,validation_accuracy,best_validation_loss"
    )
    #expect(rows.map { $0[0] } == ["fold", "1", "2", "3", "4", "mean"] && isMean(rows, from: 2))
    for fold in 1...4 {
      let run = try sandbox.run(
        "backprop \(train) --data kept-\(fold).csv --validation held-\(fold).csv | tail -n 1")
      #expect(csvFields(run.text)[0] == ["11", rows[fold][3], rows[fold][5]], "\(run)")
    }
    let again = try sandbox.run(
      "backprop \(train) --data all.csv --kfold 4 --stratify --threads 1 --csv f.csv --plot f.svg")
    #expect(again.status == 0 && again.text == "", "\(again)")
    #expect(try sandbox.text(of: "f.csv") == result.text)
    #expect(try sandbox.text(of: "f.svg").contains("fold 4 validation"))
  }

  @Test func `a fold of fit is a fit of the other rows`() throws {
    let sandbox = try sandbox("cars.csv", count: 5, seed: 0)
    let model = "--model 'dist ~ a*speed^b'"
    let result = try sandbox.run("backprop fit --data all.csv \(model) --kfold 5")
    #expect(result.status == 0, "\(result)")
    let rows = csvFields(result.text)
    #expect(
      rows[0].joined(separator: ",")
        == "fold,outcome,iterations,loss,residual_standard_error,r2,aic,validation_loss,validation_rmse,"
        + "validation_r2,a,b")
    #expect(rows.count == 7 && isMean(rows, from: 2))
    for fold in 1...5 {
      let fit = try sandbox.run(
        "backprop fit --data kept-\(fold).csv \(model) --save m.safetensors; "
          + "backprop eval m.safetensors --data held-\(fold).csv")
      let found = csvFields(fit.text)
      #expect(Array(rows[fold][10...11]) == found[1...2].map { $0[1] }, "\(fit)")
      let quality = Dictionary(uniqueKeysWithValues: found[3...].map { ($0[0], $0[1]) })
      #expect(rows[fold][8] == quality["rmse"] && rows[fold][9] == quality["r2"], "\(fit)")
    }
  }

  @Test func `a sweep has rows for folds and means, and goes on with them`() throws {
    let sandbox = try sandbox("cars.csv", count: 3, seed: 0)
    let sweep = "sweep --kfold 3 --model 'a + b*speed;a + b*speed + c*speed^2;a*speed^b'"
    let fit = "fit --data all.csv --target dist"
    let whole = try sandbox.run("backprop \(sweep) -- \(fit)")
    #expect(whole.status == 0, "\(whole)")
    let rows = csvFields(whole.text)
    #expect(
      rows.dropFirst().map { $0[2] } == [
        "1", "2", "3", "mean", "1", "2", "3", "mean", "1", "2", "3", "mean",
      ])
    let cut = try sandbox.run(
      "backprop \(sweep) -- \(fit) | sed '3d;5d;12d;13d' > r.csv; "
        + "backprop \(sweep) --csv r.csv --best 1 --save . -- \(fit)")
    #expect(cut.status == 0, "\(cut)")
    #expect(try sandbox.text(of: "r.csv") == whole.text)
    // The best model is fitted to all rows.
    let best = rows.filter { $0[2] == "mean" }.min { Double($0[8])! < Double($1[8])! }!
    let own = try sandbox.run(
      "backprop \(fit) --model '\(best[1])' --save own.safetensors > report.csv; "
        + "backprop show --format csv own.safetensors; backprop show --format csv best-1.safetensors"
    )
    let shown = csvFields(own.text)
    #expect(shown.count > 2 && shown[..<(shown.count / 2)] == shown[(shown.count / 2)...], "\(own)")
  }

  @Test func `folds that diverge are told by the exit code`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run("backprop train --kfold 3 --lr 1e9")
    #expect(result.status == 4 && csvFields(result.text).count == 5, "\(result)")
    #expect(result.errors == "backprop: 3 of 3 folds diverged\n")
    let full = try sandbox.run("backprop train --kfold 3 > /dev/full")
    #expect(full.status == 74, "\(full)")
    let interrupted = try sandbox.run(
      "backprop train --kfold 3 --lr 1e-9 --epochs 100000000 --csv f.csv & sleep 0.2; kill -TERM $!; wait $!"
    )
    #expect(interrupted.status == 143, "\(interrupted)")
    #expect(try sandbox.files() == [])
  }
}
