/// The manual pages of a program and its commands, in the roff of man(7), from the tables of flags.
///
/// They carry no date, so that the same sources make the same pages.
package struct Manual {
  /// A section that every page ends with, and its entries.
  package struct Topic {
    let title: String
    /// A paragraph above the entries.
    let text: String
    let entries: [(label: String, text: String)]

    /// A section with a paragraph and labelled entries.
    package init(_ title: String, _ text: String = "", _ entries: [(label: String, text: String)]) {
      self.title = title
      self.text = text
      self.entries = entries
    }
  }

  let program, version: String
  /// What the program does, in one sentence.
  let summary: String
  /// Examples, then what else there is to say of the program.
  let discussion: String
  /// The flags that take the place of a command.
  let options: [(label: String, text: String)]
  let topics: [Topic]
  let commands: [any CommandDeclaration.Type]

  /// The manual of a program; `options` are the flags that it takes in place of a command.
  package init(
    of program: String, version: String, summary: String, discussion: String,
    options: [(label: String, text: String)], topics: [Topic],
    commands: [any CommandDeclaration.Type]
  ) {
    self.program = program
    self.version = version
    self.summary = summary
    self.discussion = discussion
    self.options = options
    self.topics = topics
    self.commands = commands
  }

  /// The pages by their names without section, that of the program first: `backprop`, `backprop-train` and so on.
  package var pages: [String] { [program] + commands.map { page(of: $0) } }

  /// The source of a page; nil if there is none of that name.
  package func source(of page: String) -> String? {
    if page == program { return programPage }
    return commands.first { self.page(of: $0) == page }.map { $0.manualPage(in: self) }
  }

  /// The name of a command's page.
  func page(of command: any CommandDeclaration.Type) -> String { "\(program)-\(command.name)" }

  private var programPage: String {
    var page = start(program, summary)
    page.section("SYNOPSIS")
    page.usage(program, "<subcommand> [<options>]")
    page.line(".br")
    page.usage(program, "help <subcommand>")
    for option in options {
      page.line(".br")
      page.usage(program, option.label)
    }
    page.description(summary, discussion)
    page.section("SUBCOMMANDS")
    for command in commands {
      page.line(".TP\n.BR \(roff(self.page(of: command))) (1)")
      page.fill(command.summary)
    }
    page.section("OPTIONS")
    page.entries(options + Help.ofEveryCommand)
    finish(&page, besides: program)
    return page.text
  }

  /// The head of a page and its section NAME.
  fileprivate func start(_ name: String, _ summary: String) -> ManualPage {
    var page = ManualPage()
    page.line(
      #".TH \#(roff(name.uppercased())) 1 "" "\#(roff("\(program) \(version)"))" "User Commands""#)
    // Commands and flags are not to be broken at hyphens.
    page.line(".nh\n.ad l")
    page.section("NAME")
    let sentence = summary.hasSuffix(".") ? String(summary.dropLast()) : summary
    page.line("\(roff(name)) \\- \(roff(sentence.prefix(1).lowercased() + sentence.dropFirst()))")
    return page
  }

  /// What every page ends with.
  fileprivate func finish(_ page: inout ManualPage, besides name: String) {
    for topic in topics {
      page.section(topic.title)
      if !topic.text.isEmpty { page.fill(topic.text) }
      page.entries(topic.entries)
    }
    page.section("SEE ALSO")
    let others = pages.filter { $0 != name }
    for (index, other) in others.enumerated() {
      page.line(".BR \(roff(other)) (1)" + (index + 1 < others.count ? "," : ""))
    }
  }
}

extension CommandDeclaration {
  fileprivate static func manualPage(in manual: Manual) -> String {
    let name = manual.page(of: Self.self)
    var page = manual.start(name, summary)
    page.section("SYNOPSIS")
    page.usage("\(manual.program) \(self.name)", usage)
    page.description(summary, discussion)
    page.section("OPTIONS")
    if let arguments { page.entry("<\(arguments.name)>", arguments.help) }
    for section in sections {
      page.subsection(section.title)
      for flag in section.flags { page.entry(flag) }
    }
    page.subsection("Other options")
    page.entries(Help.ofEveryCommand)
    manual.finish(&page, besides: name)
    return page.text
  }
}

/// The source of a manual page while it is written.
private struct ManualPage {
  private(set) var text = ""

  mutating func line(_ line: String) { text += line + "\n" }
  mutating func section(_ title: String) { line(".SH \(roff(title))") }
  mutating func subsection(_ title: String) { line(".SS \(roff(title))") }

  /// How a command is called; `usage` is what follows it in the help.
  mutating func usage(_ command: String, _ usage: String) {
    line("\\fB\(roff(command))\\fR " + marked(usage))
  }

  /// What is said of a command: its summary, then the discussion, whose examples get a section of their own.
  mutating func description(_ summary: String, _ discussion: String) {
    let parts = Discussion(discussion)
    section("DESCRIPTION")
    fill(summary)
    for paragraph in parts.paragraphs {
      line(".PP")
      if paragraph[0].hasPrefix(" ") {
        verbatim(paragraph)
      } else {
        fill(paragraph.joined(separator: " "))
      }
    }
    if parts.examples.isEmpty { return }
    section("EXAMPLES")
    for (index, example) in parts.examples.enumerated() {
      if index > 0 { line(".PP") }
      fill(example.title)
      line(".PP\n.RS 4")
      verbatim(example.lines)
      line(".RE")
    }
  }

  /// A flag, its value and what is said of it.
  mutating func entry<Options>(_ flag: Flag<Options>) {
    let short = flag.short.map { "\(bold("-\($0)")), " } ?? ""
    var value = ""
    if flag.value != nil {
      let words = flag.alternatives.map { $0.isName ? "\\fI\(roff($0.text))\\fR" : bold($0.text) }
        .joined(separator: "|\\:")
      value = " " + (flag.isValueOptional ? "[\(words)]" : words)
    }
    line(".TP\n\(short)\(bold("--\(flag.name)"))\(value)")
    fill(flag.help)
  }

  mutating func entries(_ entries: [(label: String, text: String)]) {
    for (label, text) in entries { entry(label, text) }
  }

  /// What is said under a label, which is written as in a usage.
  mutating func entry(_ label: String, _ text: String) {
    line(".TP\n\(marked(label))")
    fill(text)
  }

  /// Text that is broken where the reader's line ends; here a line ends with a sentence, or between words.
  mutating func fill(_ text: String) {
    var lines = [""]
    for word in text.split(whereSeparator: \.isWhitespace).map(prose) {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = word
      } else if last.hasSuffix(".") || last.utf8.count + word.utf8.count >= 80 {
        lines.append(word)
      } else {
        lines[lines.count - 1] += " " + word
      }
    }
    for filled in lines { line(guarded(filled)) }
  }

  /// Lines that stay as they are, to be copied.
  private mutating func verbatim(_ lines: [String]) {
    line(".EX")
    for verbatim in lines { line(guarded(roff(verbatim))) }
    line(".EE")
  }
}

/// What a command's discussion is made of.
private struct Discussion {
  var examples: [(title: String, lines: [String])] = []
  /// Lines that belong together; those of a paragraph that begins with blanks stay as they are.
  var paragraphs: [[String]] = []

  /// Takes apart a text that may open with `EXAMPLES:`, where a title is followed by lines of `$ `.
  init(_ text: String) {
    var isExample = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line == "EXAMPLES:" {
        isExample = true
      } else if isExample, line.isEmpty || line.hasPrefix("  ") {
        if line.hasPrefix("  $ ") || line.hasPrefix("    "), !examples.isEmpty {
          // A line that goes on stands as far in as its command.
          examples[examples.count - 1].lines.append(String(line.dropFirst(4)))
        } else if !line.isEmpty {
          examples.append((String(line.dropFirst(2)), []))
        }
      } else if line.isEmpty {
        paragraphs.append([])
      } else {
        if isExample || paragraphs.isEmpty { paragraphs.append([]) }
        isExample = false
        paragraphs[paragraphs.count - 1].append(line)
      }
    }
    paragraphs.removeAll { $0.isEmpty }
  }
}

/// A usage, in which what is said in angle brackets is a name, in italics, and other words are typed as they are.
private func marked(_ usage: String) -> String {
  var text = ""
  var rest = usage[...]
  while let next = rest.first {
    if next == "<", let end = rest.firstIndex(of: ">") {
      text += "\\fI\(roff(rest[rest.index(after: rest.startIndex)..<end]))\\fR"
      rest = rest[rest.index(after: end)...]
    } else {
      let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
      text += word.isEmpty ? roff("\(next)") : bold(word)
      rest = word.isEmpty ? rest.dropFirst() : rest.dropFirst(word.count)
    }
  }
  return text
}

/// A word of a sentence; a flag in it is bold.
private func prose(_ word: Substring) -> String {
  let opening = word.prefix { "('".contains($0) }
  let flag = word[opening.endIndex...].prefix { $0.isLetter || $0.isNumber || $0 == "-" }
  guard flag.hasPrefix("--"), flag.count > 2 else { return roff(word) }
  return roff(opening) + bold(flag) + roff(word[flag.endIndex...])
}

private func bold(_ text: some StringProtocol) -> String { "\\fB\(roff(text))\\fR" }

/// A line that is text, even if it begins as a request would.
private func guarded(_ line: String) -> String { line.hasPrefix(".") ? "\\&\(line)" : line }

/// Text in roff: every character stands for itself, as it is typed in a shell, whatever the output device.
private func roff(_ text: some StringProtocol) -> String {
  text.unicodeScalars.map { scalar in
    switch scalar {
    case "\\": "\\e"
    case "-": "\\-"
    case "'": "\\(aq"
    case "`": "\\(ga"
    case "^": "\\(ha"
    case "~": "\\(ti"
    case "\"": "\\(dq"
    case _ where scalar.isASCII: "\(scalar)"
    default: "\\[u" + hexadecimal(scalar) + "]"
    }
  }.joined()
}

/// The number of a character in at least four digits.
private func hexadecimal(_ scalar: Unicode.Scalar) -> String {
  let digits = String(scalar.value, radix: 16, uppercase: true)
  return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
