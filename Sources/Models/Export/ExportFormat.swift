internal import Formula
internal import Tables

/// A form in which a saved model can be used without this program.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// A C11 file with a function.
  case c
  /// A Python module that needs the standard library alone.
  case python
  /// A graph for ONNX runtimes.
  case onnx
  /// A formula of columns, with the trained numbers in it.
  case formula
}

/// Why a model cannot be written in a format.
public struct ExportError: Error, Hashable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ description: String) { self.description = description }
}

extension SavedModel {
  /// The model in a format, the same bytes each time; scalings, levels and the names of classes are inside.
  ///
  /// `creator` is what the file says it comes from.
  public func exported(
    as format: ExportFormat, creator: String
  ) throws(ExportError) -> [UInt8] {
    let recipe = Recipe(self)
    let header = headerLines(creator: creator)
    switch format {
    case .c: return Array(try CExport(recipe, header: header).text.utf8)
    case .python: return Array(try PythonExport(recipe, header: header).text.utf8)
    case .onnx: return try ONNXExport(recipe, header: header, creator: creator).bytes
    case .formula: return Array((try exportedFormula() + "\n").utf8)
    }
  }

  /// What the model is, in lines without control characters, for the beginning of a file.
  private func headerLines(creator: String) -> [String] {
    let specification = model.specification
    var lines = [
      "A model of '\(model.responseName)', trained in \(precision) and written by \(creator).",
      "", "model: \(specification.formula.text)", "loss: \(specification.loss.text)",
    ]
    let words = settingWords
    if !words.isEmpty { lines.append("settings: " + words.joined(separator: " ")) }
    if let version { lines.append("trained by: backprop \(version)") }
    return lines.map(\.onOneLine)
  }
}
