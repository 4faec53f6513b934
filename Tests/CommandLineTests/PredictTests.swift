import Autograd
import Foundation
import Models
import Tables
import Testing

/// What `predict` says of rows, against the library, and what it takes for that.
@Suite struct PredictTests {
  private static let train = """
    backprop train --data '\(Sandbox.sample("diabetes.csv"))' --target progression --model mlp:8 --standardize all \
      --optimizer adam --lr 0.05 --batch-size 32 --epochs 20 --csv /dev/null --save m.st
    """

  @Test(arguments: ["float32", "float64"])
  func `predictions are the model's in memory at every number of threads and SIMD level`(
    precision: String
  ) throws {
    let sandbox = try Sandbox()
    // Many times the table, so that it is worth to share a block.
    let made = try sandbox.run(
      """
      \(Self.train) --precision \(precision)
      (head -n 1 '\(Sandbox.sample("diabetes.csv"))'
       for k in $(seq 20); do tail -n +2 '\(Sandbox.sample("diabetes.csv"))'; done) > many.csv
      """)
    #expect(made.status == 0, "\(made)")
    let saved = try SavedModel(Safetensors(reading: Array(sandbox.read("m.st"))))
    let table = try Table(readingCSV: sandbox.folder.appendingPathComponent("many.csv").path)
    let inputs = try saved.model.inputs.map { try table.numbers(of: $0) }
    let expected = (0..<442).map { row in
      let point = inputs.map { $0[row] }
      return switch saved.values {
      case .float32(let values): saved.model.predict(at: point, with: values)[0]
      case .float64(let values): saved.model.predict(at: point, with: values)[0]
      }
    }
    var outputs: Set<Data> = []
    for level in SIMDLevel.allCases where level.isSupported {
      for threads in [1, 2, 3, 8] {
        let result = try sandbox.run(
          "backprop predict m.st --data many.csv --threads \(threads)",
          environment: ["BACKPROP_SIMD": level.rawValue])
        #expect(result.status == 0, "\(result)")
        outputs.insert(result.output)
      }
    }
    #expect(outputs.count == 1)
    let text = String(decoding: try #require(outputs.first), as: UTF8.self)
    let found = try Sandbox.Numbers(text).column("prediction")
    #expect(found.count == 20 * 442)
    for (row, value) in found.enumerated() { #expect(value == expected[row % 442]) }
    let source = try sandbox.read("many.csv")
    let kept = try text.split(separator: "\n").map { line in
      String(line[..<(try #require(line.lastIndex(of: ",")))])
    }
    #expect(kept.joined(separator: "\n") + "\n" == String(decoding: source, as: UTF8.self))
  }

  @Test(arguments: ["\n", "\r\n"])
  func `rows keep every byte between an awk before and one after`(lineEnd: String) throws {
    let sandbox = try Sandbox()
    let names = [#""Straße, Ort""#, #""say ""hi"", then go""#, #"O'Neil  "#, "  Höfle", #""""#]
    let prices = ["1.50", "0.10", "-0", "+7", "1e3", "", " 12 ", "1,000.00".quoted, "\t"]
    func row(_ k: Int) -> (line: String, prediction: Double) {
      // What the model reads is kept as well.
      let number = k % 3 == 0 ? "\(k).50" : k % 3 == 1 ? "00\(k)" : " \(k) "
      let id = String(repeating: "0", count: 5 - "\(k)".utf8.count) + "\(k)"
      let fields = [
        id, names[k % names.count], number, prices[k % prices.count],
        k % 2 == 0 ? "Neubau" : "Altbau, saniert".quoted, k % 7 == 0 ? "note " : "",
      ]
      let x = Double(k) + (k % 3 == 0 ? 0.5 : 0)
      return (fields.joined(separator: ","), k % 2 == 0 ? 2 * x : x)
    }
    let header = #"id,"name, first",x,price,kind,note "#
    let table = ([header] + (1...400).map { row($0).line }).map { $0 + lineEnd }.joined()
    try sandbox.write(table, to: "new.csv")
    try sandbox.write("x,kind,y\n1,Neubau,2\n2,\"Altbau, saniert\",2\n", to: "t.csv")
    let result = try sandbox.run(
      """
      backprop train --data t.csv --model "where(kind == 'Neubau', a*x, b*x)" --init a=2,b=1 --lr 0 \
        --epochs 1 --epoch-loss mean --csv loss.csv --save m.st
      awk 'NR == 1 || NR % 4' new.csv | backprop predict m.st | awk -F, 'NR == 1 || $NF + 0 > 100'
      """)
    let kept = (1...400).filter { ($0 + 1) % 4 != 0 && row($0).prediction > 100 }.map(row)
    let lines = [header + ",prediction"] + kept.map { "\($0.line),\($0.prediction)" }
    #expect(result.text == lines.map { $0 + lineEnd }.joined(), "\(result)")
    #expect(kept.count > 80 && result.errors == "", "\(result)")
  }

  @Test func `a row is predicted while the pipe that it comes from is open`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      backprop train --epochs 1 --csv /dev/null --save m.st; mkfifo rows
      backprop predict m.st --data rows > predicted & exec 3> rows
      for k in 1 2 3; do
        if [ $k = 1 ]; then echo x >&3; fi
        echo $k >&3
        until [ "$(wc -l < predicted)" -gt $k ]; do :; done
        echo "had $k"
      done
      exec 3>&-; wait; cut -d, -f1 predicted
      """)
    #expect(result.text == "had 1\nhad 2\nhad 3\nx\n1\n2\n3\n", "\(result)")
  }

  @Test func `a table larger than the memory passes through`() throws {
    let sandbox = try Sandbox()
    // In kilobytes; the table has 120 MB.
    let result = try sandbox.run(
      """
      backprop train --epochs 1 --csv /dev/null --save m.st; ulimit -d 90000
      (echo 'text,x'; yes "$(printf '%5990s,1' | tr ' ' a)" | head -n 20000) \\
        | backprop predict m.st --threads 2 | cut -d, -f2- | sort | uniq -c
      """)
    let counts = result.text.split(separator: "\n").map { $0.drop { $0 == " " } }
    #expect(counts.count == 2 && counts[0].hasPrefix("20000 1,1."), "\(result)")
    #expect(counts.last == "1 x,prediction", "\(result)")
    #expect(result.errors == "", "\(result)")
  }

  @Test func `a reader that goes away ends it quietly`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      backprop train --epochs 1 --csv /dev/null --save m.st
      (echo x; yes 1) | backprop predict m.st | head -n 2 | wc -l; echo ${PIPESTATUS[1]}
      """)
    #expect(result.text == "2\n141\n" && result.errors == "", "\(result)")
  }
}

extension String {
  /// The same as a field in quotes.
  fileprivate var quoted: String { "\"\(self)\"" }
}
