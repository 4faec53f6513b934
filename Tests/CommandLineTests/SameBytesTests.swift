import Autograd
import Foundation
import Testing

/// The promise of the numerics contract, kept by everything that training draws, divides and sums.
@Suite struct SameBytesTests {
  /// Rows with a column of texts and a weight, in an order without a pattern.
  private static func table(rowCount: Int) -> String {
    let rows = (0..<rowCount).map { row in
      let (a, b) = (Double(row * 7919 % 1009) / 250 - 2, Double(row * 104_729 % 997) / 300)
      let kind = ["oak", "ash", "elm"][row * 31 % 7 % 3]
      let y = a * b - a * a / 4 + (kind == "ash" ? 1.5 : 0)
      return "\(a),\(b),\(kind),\(row % 5),\(y)\n"
    }
    return "a,b,kind,weight,y\n" + rows.joined()
  }

  /// Batches of 512 rows of 64 x 64 weights are several times what is worth sharing, and so is the validation.
  private static let network = """
    backprop train --data data.csv --target y --weights weight --standardize all \
      --model 'inputs |> dense(64) |> relu |> dropout(0.2) |> dense(64) |> tanh |> dense(1)' \
      --shuffle --validation 0.3 --batch-size 512 --optimizer adam --l1 0.0001 --l2 0.001 \
      --clip-norm 0.5 --epochs 4 --seed 3 --save model.safetensors --csv epochs.csv \
      --columns epoch,loss,validation_loss,gradient_norm,parameter_norm,dense1.weight,dense3.weight
    """

  @Test(arguments: [nil, "block"])
  func `threads change no byte of a network's CSV and file`(order: String?) throws {
    try compare(.baseline, order: order)
  }

  @Test(.requires(.avx2)) func `a network at avx2 has the bytes of one at baseline`() throws {
    try compare(.avx2)
  }

  @Test(.requires(.avx512)) func `a network at avx512 has the bytes of one at baseline`() throws {
    try compare(.avx512)
  }

  private func compare(_ level: SIMDLevel, order: String? = nil) throws {
    let sandbox = try Sandbox()
    let network = Self.network.replacing("--shuffle", with: "--shuffle \(order ?? "")")
    try sandbox.write(Self.table(rowCount: 3000), to: "data.csv")
    try sandbox.compareWithBaseline(
      level, files: ["epochs.csv", "model.safetensors"], network)
    let rows = try sandbox.numbers("epochs.csv").rows
    #expect(rows.count == 4 && rows.joined().allSatisfy(\.isFinite))
    #expect(Set(rows.map { $0[1] }).count == 4, "the network learns")
  }

  /// What the golden CSV was made by.
  private static let golden = """
    backprop train --data '\(Sandbox.sample("iris.csv"))' --target species --loss cross-entropy \
      --model 'inputs |> dense(6) |> tanh |> dropout(0.25) |> layerNorm |> dense(3)' \
      --standardize inputs --shuffle --validation 0.2 --batch-size 16 \
      --optimizer adam --lr 0.02 --weight-decay 0.01 --l1 0.0001 --l2 0.001 --clip-norm 1 \
      --schedule cosine --t-max 15 --warmup 3 --epochs 15 \
      --columns epoch,loss,validation_loss,lr,gradient_norm,parameter_norm,dense2.weight
    """

  /// Every build on every machine must write it: it was recorded once, by a debug build, and is not to be
  /// recorded again but for a change of what training computes, with a line in the change log.
  @Test func `a run has the bytes of the golden CSV`() throws {
    let run = try Sandbox().run(Self.golden)
    #expect(run.status == 0 && run.errors == "", "\(run)")
    #expect(run.output == (try Sandbox.fixture("golden/iris.csv")), "\(run)")
  }

  /// Rewrites the golden CSV with what the program does now, and fails, so that nobody forgets.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"))
  func `record`() throws {
    let place = "Tests/CommandLineTests/Fixtures/golden/iris.csv"
    try Sandbox().run(Self.golden).output.write(
      to: Sandbox.repository.appendingPathComponent(place))
    Issue.record("golden CSV recorded; read the difference before you commit it")
  }
}
