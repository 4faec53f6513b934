import Flags
import Foundation
import Testing

@testable import backprop

/// The completions of shells, asked by the shells themselves.
@Suite struct CompletionTests {
  /// A command after whose `--` another follows.
  struct Repeat: CommandDeclaration {
    static let name = "repeat"
    static let summary = "Run 'train' or fit: again and [again]."
    static let usage = "[<options>] -- train|fit <flags>"
    static let discussion = ""
    static var commandsAfterDashes: [String] { ["train", "fit"] }
    static var sections: [FlagSection<Self>] {
      [
        FlagSection(
          "Options",
          [
            Flag("times", "count", "How often. [2]") { _, _ in },
            Flag("log", short: "l", file: "file", "Where to say so.") { _, _ in },
          ])
      ]
    }
  }

  /// A line as far as the cursor, and what may stand there; `files` where the shell's own files are offered.
  struct Line: CustomTestStringConvertible, Sendable {
    let text: String
    let words: [String]

    init(_ text: String, _ words: String) {
      self.text = text
      self.words = words.split(separator: " ").map(String.init)
    }

    var testDescription: String { text }
  }

  static let lines = [
    Line("gra", "graph"), Line("re", "repeat"),
    Line("--gen", "--generate-completion-script --generate-manual"),
    Line("help gr", "graph"), Line("help graph ", ""),
    Line("--generate-completion-script ", "bash zsh fish"),
    Line("--generate-manual backprop-tr", "backprop-train"),
    Line("train --momen", "--momentum --momentum-decay"), Line("train --optimizer rm", "rmsprop"),
    Line("train --optimizer=rm", "rmsprop"), Line("train --optimizer=", "*sgd *lbfgs"),
    Line("train --batch-size f", "full"), Line("train --standardize ", "inputs all"),
    Line("train --data ", "files"), Line("train --data=", "files"), Line("train --target ", ""),
    Line("train --data a --data ", "files"), Line("train --data a --dat", "--data"),
    Line("train --shuffle ", "block"), Line("train --shuffle --pati", "--patience"),
    Line("train --shuffle=b", "block"), Line("fit --sigma ", ""),
    Line("train -", "*--lr *--version"),
    Line("repeat -", "*--times *--log"), Line("repeat -l ", "files"),
    Line("repeat --times 2 -- ", "train fit"),
    Line("repeat --times 2 -- train --momen", "--momentum --momentum-decay"),
    Line("repeat -- train --optimizer rm", "rmsprop"),
    Line("repeat -- train --optimizer=rm", "rmsprop"),
    Line("repeat -- fit --optimi", ""), Line("repeat -- train --data ", "files"),
    Line("plot -- tr", "files"), Line("plot --yscale l", "linear log"),
  ]

  private func script(for shell: Shell) -> String {
    shell.completions(
      of: "backprop", Backprop.commands + [Repeat.self],
      instead: [
        ("--generate-completion-script", Shell.allCases.map(\.rawValue)),
        ("--generate-manual", Backprop.manual.pages),
      ])
  }

  private func check(_ line: Line, _ result: Sandbox.Result) {
    #expect(result.status == 0 && result.errors == "", "\(result)")
    let found = result.text.split(whereSeparator: \.isWhitespace).map(String.init)
    let parts = line.words.filter { $0.hasPrefix("*") }.map { String($0.dropFirst()) }
    if parts.isEmpty { #expect(found.sorted() == line.words.sorted(), "\(result)") }
    #expect(parts.allSatisfy(found.contains), "\(result)")
  }

  @Test(arguments: lines)
  func `bash completes a line`(line: Line) throws {
    let sandbox = try Sandbox()
    try sandbox.write(script(for: .bash), to: "script")
    // Bash makes words of a line, where = divides one, and gives the words and the place of the last.
    let result = try sandbox.run(
      """
      source ./script; compopt() { echo files; }
      line='backprop \(line.text)'; line=${line//=/ = }
      read -ra COMP_WORDS <<<"$line"; [[ $line != *' ' || $line == *'= ' ]] || COMP_WORDS+=('')
      COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _backprop; printf '%s\\n' "${COMPREPLY[@]}"
      """)
    check(line, result)
  }

  @Test(arguments: [
    ("--optimizer=rm", "--optimizer=rmsprop"), ("--data=scr", "--data=script filenames"),
  ])
  func `bash completes a value where it has been told that = divides no words`(
    word: String, found: String
  ) throws {
    let sandbox = try Sandbox()
    try sandbox.write(script(for: .bash), to: "script")
    let result = try sandbox.run(
      """
      source ./script; compopt() { echo $2; }
      COMP_WORDS=(backprop train '\(word)') COMP_CWORD=2; _backprop; printf '%s\\n' "${COMPREPLY[@]}"
      """)
    check(Line("", found), result)
  }

  @Test(.enabled(if: has("zsh")), arguments: lines)
  func `zsh completes a line`(line: Line) throws {
    // Of flags and their values zsh knows more than can be asked for without a terminal.
    guard !line.text.hasPrefix("train ") || line.text.contains("--optimizer "),
      !line.text.hasPrefix("fit ")
    else { return }
    let sandbox = try Sandbox()
    try sandbox.write(script(for: .zsh), to: "_backprop")
    let result = try sandbox.run(
      """
      cat > run <<'END'
      compadd() { [[ $1 == -- ]] && shift; print -l -- ${(M)@:#$PREFIX*} }
      _describe() { local each; for each in ${(P)2}; do compadd -- ${each%%:*}; done }
      _files() { print files }
      # The specifications of flags, of which only names and words are looked at here.
      _arguments() {
        local each flag before=${words[CURRENT-1]}
        [[ ${words[(i)--]} -lt $CURRENT ]] && { _files; return }
        for each in "$@"; do
          flag=${${each#\\*}%%[=+\\[]*}
          if [[ $flag == $before && $each == *:* ]]; then
            case $each in
              *:_files) _files ;;
              *:\\(*\\)) compadd -- ${=${${each##*:\\(}%\\)}} ;;
            esac
            [[ $each == *::* ]] || return
          fi
        done
        if [[ $PREFIX == -* ]]; then
          for each in "$@"; do flag=${${each#\\*}%%[=+\\[]*}; compadd -- $flag; done
        fi
      }
      compdef() { }
      source ./_backprop
      words=(backprop ${=1}); [[ $1 == *' ' ]] && words+=('')
      CURRENT=$#words PREFIX=$words[-1]
      _backprop
      true
      END
      zsh -f run '\(line.text)'
      """)
    guard !line.text.contains("=") else { return }
    check(line, result)
  }

  @Test(.enabled(if: has("zsh")))
  func `zsh loads the script from its folder of completions`() throws {
    let sandbox = try Sandbox()
    try sandbox.write(script(for: .zsh), to: "_backprop")
    let result = try sandbox.run(
      """
      zsh -f -c 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[backprop]
      source ./_backprop; print $_comps[backprop]'
      """)
    #expect(result.text == "_backprop\n_backprop\n" && result.errors == "", "\(result)")
  }

  @Test(.enabled(if: has("fish")), arguments: lines)
  func `fish completes a line`(line: Line) throws {
    let sandbox = try Sandbox()
    try sandbox.write(script(for: .fish), to: "script.fish")
    try sandbox.write("", to: "some file")
    let result = try sandbox.run(
      "HOME=$PWD fish --no-config -c 'source ./script.fish; complete -C \"backprop \(line.text)\"'")
    // A line is a word and what is said of it; a word has the flag before = in it.
    let words = result.text.split(separator: "\n").map { line in
      let word = line.prefix { $0 != "\t" }
      return word.hasPrefix("--") && word.contains("=") ? word.drop { $0 != "=" }.dropFirst() : word
    }
    let files = words.contains { $0.contains("some") }
    let typed = line.text.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
    // Fish offers what has the letters anywhere if nothing begins with them.
    let prefix = typed.split(separator: "=", omittingEmptySubsequences: false).last ?? ""
    let found = Set(
      words.filter { $0.hasPrefix(prefix) && !$0.contains("some") && $0 != "script.fish" })
    let shown = Sandbox.Result(
      command: result.command,
      output: Data((found.joined(separator: "\n") + (files ? "\nfiles" : "")).utf8),
      errors: result.errors, status: result.status)
    if line.words == ["files"], !prefix.isEmpty { return }
    check(line, shown)
  }

  /// Whether a command is on the path.
  private static func has(_ command: String) -> Bool {
    (try? Sandbox().run("command -v \(command)").status) == 0
  }
}
