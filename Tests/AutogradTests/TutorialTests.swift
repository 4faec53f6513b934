import Autograd
import Foundation
import Testing

/// The article of the documentation that is the lesson.
@Suite struct TutorialTests {
  @Test func `the lesson ends where PyTorch's does`() {
    let graph = Graph()
    let (x, y, w) = (graph.column("x"), graph.column("y"), graph.parameter("w"))
    let loss = pow(w * x - y, 2)
    let outputs = [loss] + graph.gradients(of: loss, withRespectTo: [w])
    let program = Program(outputs: outputs, columns: [x, y], parameters: [w])
    var executor = Executor<Float>(program, batchRows: 1)
    let data = Columns<Float>([[1, 2, 3], [2, 4, 6]])
    var (parameters, found): ([Float], [Float]) = ([1], [])
    for step in 0..<300 {
      found = executor.values(ofRow: step % 3, in: data, parameters: parameters)
      parameters[0] -= 0.01 * found[1]
    }

    #expect(Double(found[0]) == 9.094947017729282e-13)
    #expect(abs(parameters[0] - 2) < 1e-6)
  }

  @Test func `the article shows the lines that the test above runs`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let article = try String(
      contentsOf: root.appending(path: "Sources/Autograd/Autograd.docc/Lesson.md"), encoding: .utf8)
    let blocks = article.components(separatedBy: "```")
    let code = try #require(blocks.first { $0.hasPrefix("swift\n") }).dropFirst("swift\n".count)
    let indented = code.split(separator: "\n").map { "    \($0)\n" }.joined()
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    #expect(source.contains(indented))
  }
}
