extension CommandDeclaration {
  /// The help of a command of a program, in lines of at most 80 columns.
  package static func help(of program: String) -> String {
    var parts = [
      Help.paragraphs("OVERVIEW: \(summary)"), Help.paragraphs(discussion),
      Help.paragraphs("USAGE: \(program) \(name) \(usage)"),
    ]
    if let arguments {
      parts.append(Help.section("ARGUMENTS", [("<\(arguments.name)>", arguments.help)]))
    }
    for section in sections {
      parts.append(
        Help.section(
          section.title.uppercased(),
          section.flags.map { flag in
            ((flag.short.map { "-\($0), " } ?? "") + flag.usage, flag.help)
          }))
    }
    return (parts + [Help.section("OPTIONS", Help.ofEveryCommand)]).joined(separator: "\n") + "\n"
  }
}

/// The layout of help.
package enum Help {
  /// The flags that every command has.
  package static let ofEveryCommand = [
    ("--version", "Show the version."), ("-h, --help", "Show help information."),
  ]

  private static let width = 80
  private static let labelWidth = 26

  /// Paragraphs, each line of which is broken between words; one that begins with blanks stays as it is.
  package static func paragraphs(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .flatMap { $0.hasPrefix(" ") ? [String($0)] : broken(String($0), to: width) }
      .map { $0 + "\n" }.joined()
  }

  /// Labels with what is said of them, under a title.
  package static func section(_ title: String, _ entries: [(label: String, text: String)]) -> String
  {
    var lines = [title + ":"]
    for (label, text) in entries {
      var rest = broken(text, to: width - labelWidth)[...]
      let label = "  " + label
      if label.count < labelWidth, let first = rest.popFirst() {
        lines.append(label + String(repeating: " ", count: labelWidth - label.count) + first)
      } else {
        lines.append(label)
      }
      lines += rest.map { String(repeating: " ", count: labelWidth) + $0 }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// A text in lines that end between words.
  private static func broken(_ text: String, to width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
