import Autograd
import Foundation
import Tables
import Testing

@testable import Models

/// A program of another language that gives an exported model's results for the rows of a table.
enum ForeignProgram: String, CaseIterable, Sendable {
  case c, python, onnx

  /// What it prints for a row.
  struct Output {
    let numbers: [Double]
    let label: String?
  }

  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  /// Where this machine has what the program needs; the others are passed over.
  var isPossible: Bool {
    switch self {
    case .c: Self.hasC
    case .python: Self.hasPython
    case .onnx: Self.hasONNX
    }
  }

  private static let hasC = (try? run("cc --version", in: temporary)) != nil
  private static let hasPython = (try? run("python3 --version", in: temporary)) != nil
  private static let hasONNX =
    (try? run("'\(interpreter)' -c 'import onnx, onnxruntime'", in: temporary)) != nil

  private static let temporary = FileManager.default.temporaryDirectory

  /// The Python with packages that `scripts/test` installs.
  private static let interpreter: String = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
    return "\(cache)/backprop-tests/python/bin/python"
  }()

  /// Writes the model and a program around it, runs it, and reads what it prints.
  func outputs(_ recipe: Recipe, model: [UInt8], table: Table) throws -> [Output] {
    let folder = Self.temporary.appendingPathComponent("export-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    let printed: String
    switch self {
    case .c:
      try Data(model).write(to: folder.appendingPathComponent("model.c"))
      try write(cProgram(recipe, String(decoding: model, as: UTF8.self), table), "main.c")
      printed = try Self.run(
        """
        cc -std=c11 -Wall -Wextra -Werror -pedantic -c model.c && \
        cc -std=c11 -Wall -Wextra -Werror -pedantic main.c -o program -lm && ./program
        """, in: folder)
    case .python:
      try Data(model).write(to: folder.appendingPathComponent("model.py"))
      try write(rows(recipe, table), "rows.json")
      try write(pythonProgram(recipe), "main.py")
      printed = try Self.run("python3 -S -E -W error main.py", in: folder)
    case .onnx:
      try Data(model).write(to: folder.appendingPathComponent("model.onnx"))
      try write(rows(recipe, table), "rows.json")
      try write(Self.onnxProgram, "main.py")
      printed = try Self.run("'\(Self.interpreter)' main.py", in: folder)
    }
    return printed.split(separator: "\n").map { line in
      let parts = line.split(separator: "|", omittingEmptySubsequences: false)
      return Output(
        numbers: parts[0].split(separator: " ").compactMap { Double($0) },
        label: parts.count > 1 ? String(parts[1]) : nil)
    }
  }

  /// What a shell command prints; throws with what it says if it fails.
  private static func run(_ command: String, in folder: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "exec 2>&1; " + command]
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Fault(description: output) }
    return output
  }

  // MARK: - The programs

  /// The fields that the model reads, as JSON.
  private func rows(_ recipe: Recipe, _ table: Table) throws -> String {
    let rows = try (0..<table.rowCount).map { row in
      let fields = try recipe.fields.map { field in
        (
          field.name,
          field.levels == nil
            ? JSON.number(try table.numbers(of: field.name)[row])
            : JSON.text(try table.word(of: field.name, row: row))
        )
      }
      return JSON.object(Dictionary(uniqueKeysWithValues: fields))
    }
    return JSON.list(rows).line
  }

  private func cProgram(_ recipe: Recipe, _ model: String, _ table: Table) throws -> String {
    let function = try #require(model.firstMatch(of: /struct (\w+)_row/)).output.1
    let rows = try (0..<table.rowCount).map { row in
      let fields = try recipe.fields.map { field in
        field.levels == nil
          ? try table.numbers(of: field.name)[row].shortestDecimal
          : CExport.stringLiteral(try table.word(of: field.name, row: row))
      }
      return "{ \((fields.isEmpty ? ["0"] : fields).joined(separator: ", ")) }"
    }
    let real = recipe.isDouble ? "double" : "float"
    let count = recipe.shape(recipe.prediction).count
    let probabilities = recipe.probabilities.map { recipe.shape($0).count } ?? 0
    let call =
      if recipe.classes != nil {
        "label = \(function)(&rows[i], values\(probabilities > 0 ? ", values + \(count)" : ""));"
      } else if count > 1 {
        "\(function)(&rows[i], values);"
      } else { "values[0] = \(function)(&rows[i]);" }
    return """
      #include "model.c"
      #include <stdio.h>
      int main(void) {
        static const struct \(function)_row rows[] = { \(rows.joined(separator: ",\n")) };
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
          \(real) values[\(count + probabilities)];
          \(recipe.classes == nil ? "" : "int label;")
          \(call)
          for (int k = 0; k < \(count + probabilities); k++) printf("%.17g ", (double)values[k]);
          \(recipe.classes == nil ? "" : "printf(\"|%s\", \(function)_classes[label]);")
          printf("\\n");
        }
      }

      """
  }

  private func pythonProgram(_ recipe: Recipe) -> String {
    let numbers =
      if recipe.classes != nil {
        "model.scores(row)"
          + (recipe.probabilities == nil ? "" : " + list(model.probabilities(row).values())")
      } else if recipe.units.count > 1 { "model.predict_all(row)" } else { "[model.predict(row)]" }
    return """
      import json, sys
      sys.path.insert(0, ".")
      sys.dont_write_bytecode = True
      import model
      with open("rows.json", encoding="utf-8") as file:
          rows = json.load(file)
      for row in rows:
          print(*map(repr, \(numbers)), end="")
          print(\(recipe.classes == nil ? "" : "\"|\" + model.predict(row)"))

      """
  }

  private static let onnxProgram = """
    import json
    import numpy
    import onnx
    import onnxruntime
    model = onnx.load("model.onnx")
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])
    rows = json.load(open("rows.json", encoding="utf-8"))
    types = {"tensor(float)": numpy.float32, "tensor(double)": numpy.float64, "tensor(string)": object}
    feed = {
        i.name: numpy.array([[row[i.name]] for row in rows], dtype=types[i.type])
        for i in session.get_inputs()
    }
    names = [o.name for o in session.get_outputs()]
    found = dict(zip(names, session.run(None, feed)))
    for i in range(len(next(iter(found.values())))):
        numbers = [
            float(x)
            for name in ["prediction", "scores", "probabilities"] if name in found
            for x in found[name][i]
        ]
        print(*map(repr, numbers), end="")
        print("|" + found["label"][i] if "label" in found else "")

    """
}

extension Table {
  /// A text of a column of texts.
  fileprivate func word(of name: String, row: Int) throws -> String {
    let categories = try #require(column(named: name)).categories()
    return categories.levels[Int(categories.codes[row])]
  }
}
