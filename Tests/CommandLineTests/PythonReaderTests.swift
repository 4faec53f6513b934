import Foundation
import Models
import Testing

/// Model files as Python's own `safetensors` reads and writes them.
@Suite(.enabled(if: Python.withSafetensors != nil, "Python has no packages numpy and safetensors"))
struct PythonReaderTests {
  private func python(_ script: String, in sandbox: Sandbox) throws -> String {
    let python = try #require(Python.withSafetensors)
    try sandbox.write(script, to: "script.py")
    let result = try sandbox.run("\(python.path) script.py")
    #expect(result.status == 0, "\(result)")
    return result.text
  }

  @Test(arguments: ["float32", "float64"])
  func `Python finds the same tensors and texts`(precision: String) throws {
    let sandbox = try Sandbox()
    try sandbox.addSamples()
    let trained = try sandbox.run(
      """
      backprop train --data samples/iris.csv --target species --model mlp:5,4 --loss cross-entropy \
        --standardize inputs --validation 0.2 --patience 2 --optimizer adam --batch-size 16 \
        --precision \(precision) --epochs 4 --csv loss.csv --save m.st --checkpoint c.st
      """)
    #expect(trained.status == 0, "\(trained)")
    for name in ["m.st", "c.st"] {
      let found = try python(
        """
        import json
        from safetensors import safe_open
        with safe_open("\(name)", framework="np") as file:
          tensors = {name: file.get_tensor(name) for name in file.keys()}
          content = {n: [str(t.dtype), list(t.shape), t.tobytes().hex()] for n, t in tensors.items()}
          print(json.dumps({"tensors": content, "metadata": file.metadata()}))
        """, in: sandbox)
      let file = try Safetensors(reading: Array(sandbox.read(name)))
      let dtypes = [Safetensors.Element.float32: "float32", .float64: "float64"]
      let expected = try file.tensors.mapValues { tensor -> JSON in
        let hex = tensor.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        return .list([
          .text(try #require(dtypes[tensor.element])), .list(tensor.shape.map(JSON.count)),
          .text(hex.joined()),
        ])
      }
      let object = try #require(try JSON(parsing: found).object)
      #expect(object["tensors"] == .object(expected))
      #expect(object["metadata"] == .object(file.metadata.mapValues(JSON.text)))
      #expect(file.tensors["dense1.weight"]?.element.rawValue == "F\(precision.suffix(2))")
    }
  }

  @Test func `what Python has written again is the same model`() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.run("backprop train --epochs 5 --save m.st --csv c.csv").status == 0)
    _ = try python(
      """
      from safetensors import safe_open
      from safetensors.numpy import save_file
      with safe_open("m.st", framework="np") as file:
        save_file({n: file.get_tensor(n) for n in file.keys()}, "p.st", metadata=file.metadata())
      """, in: sandbox)
    let result = try sandbox.run(
      "backprop show m.st --format json > m.json && backprop show p.st --format json | cmp - m.json"
    )
    #expect(result.status == 0, "\(result)")
  }

  @Test func `the example of the article predicts as the program does`() throws {
    let article = try String(
      contentsOf: Sandbox.repository.appending(path: "Sources/Models/Models.docc/ModelFiles.md"),
      encoding: .utf8)
    let code = try #require(
      article.components(separatedBy: "```").first { $0.hasPrefix("python\n") }
    ).dropFirst("python\n".count)
    for standardization in ["", "--standardize inputs", "--standardize all"] {
      let sandbox = try Sandbox()
      let result = try sandbox.run(
        """
        backprop train --model 'a*x + b' \(standardization) --precision float64 --save line.safetensors \
          --epochs 7 --predict 4 --trace - | tail -1
        """)
      let found = try python(String(code), in: sandbox).split(separator: " ").last
      let predicted = result.text.split { $0 == " " || $0 == "\n" }.last
      let (value, expected) = (
        try #require(found.flatMap { Double($0.dropLast()) }),
        try #require(predicted.flatMap { Double($0) })
      )
      #expect(abs(value - expected) <= 1e-12 * abs(expected), "\(result)")
    }
  }
}
