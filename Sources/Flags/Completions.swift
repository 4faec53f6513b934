/// Scripts that complete the program's command line in shells, from the tables of flags.
package enum Shell: String, CaseIterable {
  case bash, zsh, fish

  /// The script that completes the commands of a program.
  package func completions(
    of program: String, _ declarations: [any CommandDeclaration.Type]
  ) -> String {
    let commands = declarations.map { $0.completed }
    return switch self {
    case .bash: bash(program, commands)
    case .zsh: zsh(program, commands)
    case .fish: fish(program, commands)
    }
  }

  private func bash(_ program: String, _ commands: [CompletedCommand]) -> String {
    let cases = commands.map { command in
      let values = command.flags.compactMap { flag -> String? in
        let names = flag.spellings.joined(separator: "|")
        if flag.isFile { return "        \(names)) compopt -o default; return ;;\n" }
        if flag.choices.isEmpty { return flag.hasValue ? "        \(names)) return ;;\n" : nil }
        let words = flag.choices.joined(separator: " ")
        let complete = "COMPREPLY=($(compgen -W '\(words)' -- \"$word\")); return"
        // Where the value may be left out, the next flag may follow.
        return "        \(names)) "
          + (flag.isValueOptional ? "if [[ $word != -* ]]; then \(complete); fi" : complete)
          + " ;;\n"
      }
      let flags = command.flags.flatMap(\.spellings).joined(separator: " ")
      return """
            \(command.name))
              case $before in
        \(values.joined())      esac
              flags='\(flags) --help --version' ;;

        """
    }
    return """
      _\(program)() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} flags
        COMPREPLY=()
        if ((COMP_CWORD == 1)); then
          COMPREPLY=($(compgen -W '\(names(commands)) help --help --version' -- "$word"))
          return
        fi
        case ${COMP_WORDS[1]} in
          help) COMPREPLY=($(compgen -W '\(names(commands))' -- "$word")); return ;;
      \(cases.joined())  esac
        if [[ $word == -* ]]; then
          COMPREPLY=($(compgen -W "$flags" -- "$word"))
        else
          compopt -o default
        fi
      }
      complete -F _\(program) \(program)

      """
  }

  private func zsh(_ program: String, _ commands: [CompletedCommand]) -> String {
    func text(_ help: String) -> String {
      help.map { "[]:\\'".contains($0) ? ($0 == "'" ? "'\\''" : "\\\($0)") : "\($0)" }.joined()
    }
    let cases = commands.map { command in
      let flags = command.flags.flatMap { flag in
        flag.spellings.map { spelling in
          let value =
            flag.isFile
            ? ":file:_files"
            : flag.choices.isEmpty
              ? (flag.hasValue ? ":value: " : "")
              : "\(flag.isValueOptional ? ":" : ""):value:(\(flag.choices.joined(separator: " ")))"
          return "      '*\(spelling)[\(text(flag.summary))]\(value)' \\\n"
        }
      }
      return "    \(command.name)) _arguments \\\n\(flags.joined())      '*:file:_files' ;;\n"
    }
    let list = commands.map { "      '\($0.name):\(text($0.summary))'\n" }.joined()
    return """
      #compdef \(program)
      _\(program)() {
        local -a commands=(
      \(list)  )
        if ((CURRENT == 2)); then
          _describe subcommand commands
          return
        fi
        local command=$words[2]
        shift words
        ((CURRENT--))
        case $command in
      \(cases.joined())  esac
      }
      _\(program) "$@"

      """
  }

  private func fish(_ program: String, _ commands: [CompletedCommand]) -> String {
    func quoted(_ text: String) -> String {
      "'" + text.map { "\\'".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "'"
    }
    var lines = commands.map {
      "complete -c \(program) -f -n __fish_use_subcommand -a \($0.name) -d \(quoted($0.summary))"
    }
    for command in commands {
      for flag in command.flags {
        var line = "complete -c \(program) -n '__fish_seen_subcommand_from \(command.name)'"
        line += " -l \(flag.name)" + (flag.short.map { " -s \($0)" } ?? "")
        if flag.hasValue, !flag.isValueOptional { line += flag.isFile ? " -rF" : " -x" }
        if !flag.choices.isEmpty { line += " -a " + quoted(flag.choices.joined(separator: " ")) }
        lines.append(line + " -d " + quoted(flag.summary))
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func names(_ commands: [CompletedCommand]) -> String {
    commands.map(\.name).joined(separator: " ")
  }
}

/// A command, as far as shells complete it.
private struct CompletedCommand {
  struct CompletedFlag {
    let name: String
    let short: Character?
    let hasValue, isValueOptional, isFile: Bool
    /// The words that its value can be, where they are known.
    let choices: [String]
    /// The first sentence of its help.
    let summary: String

    var spellings: [String] { ["--\(name)"] + (short.map { ["-\($0)"] } ?? []) }
  }

  let name, summary: String
  let flags: [CompletedFlag]
}

extension CommandDeclaration {
  fileprivate static var completed: CompletedCommand {
    CompletedCommand(
      name: name, summary: summary,
      flags: sections.flatMap(\.flags).map { flag in
        let words = flag.alternatives
        return CompletedCommand.CompletedFlag(
          name: flag.name, short: flag.short, hasValue: flag.value != nil,
          isValueOptional: flag.isValueOptional, isFile: words.contains { $0.text == "file" },
          choices: flag.choices.isEmpty ? words.filter { !$0.isName }.map(\.text) : flag.choices,
          summary: flag.summary)
      })
  }
}

extension Flag {
  /// The first sentence of the help.
  fileprivate var summary: String {
    let words = help.split(separator: " ").prefix { !$0.hasPrefix("[") }
    let end = words.firstIndex { $0.hasSuffix(".") }.map { $0 + 1 } ?? words.endIndex
    let sentence = words[..<end].joined(separator: " ")
    return sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
  }
}
