import Foundation
import Testing

/// A run that stops and goes on gives the bytes of one that does not.
@Suite struct ResumeTests {
  /// Flags of runs in which all that is remembered matters.
  static let runs = [
    "--optimizer sgd --momentum 0.9 --nesterov --shuffle --l2 0.001 --schedule cosine --t-max 30",
    "--optimizer adam --shuffle --schedule plateau --plateau-patience 1 --factor 0.5 --clip-norm 1",
    "--optimizer adamw --schedule step --step-size 5 --warmup 3 --patience 50",
    "--optimizer amsgrad --precision float64 --schedule one-cycle --max-lr 0.01 --total-steps 30",
    "--optimizer nadam --shuffle --patience 2", "--optimizer radam --l1 0.01",
    "--optimizer rmsprop --centered --momentum 0.5", "--optimizer adagrad --lr-decay 0.1",
    "--optimizer adadelta --seed 7 --shuffle", "--optimizer lbfgs --max-iter 4 --history-size 3",
  ]

  /// A network with dropout on irises, by minibatches, with every column of the CSV.
  private func command(_ flags: String) -> String {
    "backprop train --quiet --data samples/iris.csv --target species --validation 0.2 "
      + "--model 'inputs |> dense(6) |> dropout(0.2) |> tanh |> dense(3)' --loss cross-entropy "
      + "--standardize inputs --batch-size 16 "
      + "--columns epoch,loss,validation_loss,lr,gradient_norm,parameter_norm,dense2.bias \(flags)"
  }

  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    try sandbox.addSamples()
    return sandbox
  }

  @Test(arguments: runs)
  func `training 13 epochs and going on to 30 has the bytes of 30`(flags: String) throws {
    let sandbox = try sandbox()
    let train = command(flags)
    let result = try sandbox.run(
      """
      set -e
      \(train) --epochs 30 --csv whole.csv --save whole.st --checkpoint whole.ck
      \(train) --epochs 13 --csv part.csv --checkpoint part.ck
      \(train) --epochs 30 --csv rest.csv --save rest.st --resume part.ck --checkpoint rest.ck
      cmp whole.csv rest.csv; cmp whole.st rest.st; cmp whole.ck rest.ck
      """)
    #expect(result.status == 0, "\(result)")
  }

  @Test(arguments: [
    "--batch-size 1", "--batch-size 1 --shuffle", "--batch-size 100 --optimizer adam",
  ])
  func `a run that is killed again and again ends as one that is not`(flags: String) throws {
    let sandbox = try Sandbox()
    let table = (0..<20_000).map { "\($0 % 101),\(Double($0 % 97) / 50)\n" }.joined()
    try sandbox.write("x,y\n" + table, to: "data.csv")
    let train =
      "backprop train --quiet --data data.csv --model 'a + b*sin(x) + c*tanh(d*x)' --lr 0.001 --epochs 30 \(flags)"
    let result = try sandbox.run(
      """
      \(train) --csv whole.csv --save whole.st
      resume=
      for wait in 0.3 0.2 0.45 0.25 0.35 0.5 0.15 0.4 0.3; do
        timeout --signal KILL $wait \(train) --csv part.csv --checkpoint part.ck $resume 2> /dev/null
        [ -e part.ck ] && resume='--resume part.ck'
      done
      \(train) --csv part.csv --save part.st --checkpoint part.ck $resume &&
        cmp whole.csv part.csv && cmp whole.st part.st
      """)
    #expect(result.status == 0, "\(result)")
    #expect(try sandbox.files().filter { !$0.contains(".ck.") }.count == 6)
  }

  @Test(arguments: ["--batch-size 1", "--batch-size 64 --shuffle --optimizer adam"])
  func `a run that is stopped within an epoch goes on from its step`(flags: String) throws {
    let sandbox = try Sandbox()
    let table = (0..<200_000).map { "\($0 % 101),\(Double($0 % 97) / 50)\n" }.joined()
    try sandbox.write("x,y\n" + table, to: "data.csv")
    let train =
      "backprop train --quiet --data data.csv --model 'a + b*sin(x) + c*tanh(d*x)' --lr 0.001 --epochs 6 \(flags)"
    let result = try sandbox.run(
      """
      \(train) --csv whole.csv --save whole.st
      timeout --preserve-status --signal TERM 1.1 \(train) --csv part.csv --checkpoint part.ck
      echo $?
      \(train) --csv part.csv --save part.st --resume part.ck &&
        cmp whole.csv part.csv && cmp whole.st part.st
      """)
    #expect(result.status == 0, "\(result)")
    #expect(["143\n", "0\n"].contains(result.text))
  }
}
