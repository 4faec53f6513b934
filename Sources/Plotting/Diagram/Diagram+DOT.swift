extension Diagram {
  /// The diagram as text for Graphviz, which has no limit of boxes.
  public var dot: String {
    var lines = ["digraph {", "  rankdir=LR; ordering=in;", "  node [shape=box];"]
    if let title { lines.append("  label=\(quoted([title])); labelloc=t;") }
    lines += captions.map { "  // " + RichText(cleaning: $0).plain }
    for (index, box) in boxes.enumerated() {
      let name = box.note.isEmpty ? box.name : "\(box.name)  \(box.note)"
      let label = quoted([box.above, name, box.below].compactMap(\.self))
      lines.append(
        "  n\(index) [label=\(label), class=\(box.kind.rawValue)\(box.kind.attributes)];")
    }
    for (index, box) in boxes.enumerated() {
      lines += box.inputs.map { "  n\($0) -> n\(index);" }
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }
}

/// Lines as one string of DOT.
private func quoted(_ lines: [String]) -> String {
  let escaped = lines.map { line in
    RichText(cleaning: line).plain.reduce(into: "") { text, character in
      if character == "\"" || character == "\\" { text.append("\\") }
      text.append(character)
    }
  }
  return "\"" + escaped.joined(separator: "\\n") + "\""
}

extension RichText {
  /// The characters alone.
  fileprivate var plain: String { pieces.map(\.text).joined() }
}

extension Diagram.Kind {
  /// What tells the kind in Graphviz's pictures, as it does in ours.
  fileprivate var attributes: String {
    switch self {
    case .data: ""
    case .parameter: ", penwidth=2"
    case .constant: ", style=dashed"
    case .operation: ", style=rounded"
    case .output: ", style=rounded, peripheries=2"
    }
  }
}
