/// Scripts that complete the program's command line in shells, from the tables of flags.
package enum Shell: String, CaseIterable {
  case bash, zsh, fish

  /// The script that completes the commands of a program, and flags that stand in place of a command, with the words
  /// that may follow each of those.
  package func completions(
    of program: String, _ declarations: [any CommandDeclaration.Type],
    instead flags: [(flag: String, choices: [String])] = []
  ) -> String {
    let commands = declarations.map { $0.completed }
    return switch self {
    case .bash: bash(program, commands, flags)
    case .zsh: zsh(program, commands, flags)
    case .fish: fish(program, commands, flags)
    }
  }

  private func bash(
    _ program: String, _ commands: [CompletedCommand],
    _ instead: [(flag: String, choices: [String])]
  ) -> String {
    let cases = commands.map { command in
      let values = command.flags.filter(\.hasValue).map { flag in
        let complete =
          flag.isFile
          ? "_\(program)_files"
          : flag.choices.isEmpty ? ":" : "_\(program)_words '\(listed(flag.choices))'"
        // Where the value may be left out, the next flag may follow.
        let isValue = flag.isValueOptional ? "[[ $joined || $word != -* ]]" : nil
        let names = flag.spellings.joined(separator: "|")
        return "        \(names)) "
          + (isValue.map { "if \($0); then \(complete); return; fi" } ?? "\(complete); return")
          + " ;;\n"
      }
      let flags = listed(command.flags.flatMap(\.spellings))
      return """
            \(command.name))
              case $before in
        \(values.joined())      esac
              flags='\(flags) --help --version' ;;

        """
    }
    let inner = commands.filter { !$0.inner.isEmpty }.map {
      "      \($0.name)) inner='\(listed($0.inner))' ;;\n"
    }
    let others = instead.map {
      "    \($0.flag)) _\(program)_words '\(listed($0.choices))'; return ;;\n"
    }
    return """
      _\(program)_words() {
        COMPREPLY=($(compgen -P "$joined" -W "$1" -- "$word"))
      }
      _\(program)_files() {
        if [[ $joined ]]; then
          mapfile -t COMPREPLY < <(compgen -P "$joined" -f -- "$word")
          compopt -o filenames
        else
          compopt -o default
        fi
      }
      _\(program)() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
        local command=${COMP_WORDS[1]} start=1 joined= flags inner i
        COMPREPLY=()
        # Of --flag=value bash makes three words, unless it has been told that = divides none.
        if [[ $word == = ]]; then
          word=
        elif [[ $before == = ]] && ((COMP_CWORD > 2)); then
          before=${COMP_WORDS[COMP_CWORD - 2]}
        elif [[ $word == --*=* ]]; then
          joined=${word%%=*}= before=${word%%=*} word=${word#*=}
        fi
        for ((i = 2; i < COMP_CWORD; i++)); do
          [[ ${COMP_WORDS[i]} == -- ]] || continue
          inner=
          case $command in
      \(inner.isEmpty ? "      *) ;;\n" : inner.joined())    esac
          if [[ ! $inner ]]; then
            _\(program)_files
            return
          fi
          start=$((i + 1)) command=${COMP_WORDS[i + 1]}
        done
        if ((COMP_CWORD == start)); then
          _\(program)_words "${inner:-\(listed(commands.map(\.name))) help --help --version \(listed(instead.map(\.flag)))}"
          return
        fi
        case $command in
          help) if ((COMP_CWORD == 2)); then _\(program)_words '\(listed(commands.map(\.name)))'; fi; return ;;
      \(others.joined())\(cases.joined())  esac
        if [[ $word == -* ]]; then
          _\(program)_words "$flags"
        else
          _\(program)_files
        fi
      }
      complete -F _\(program) \(program)

      """
  }

  private func zsh(
    _ program: String, _ commands: [CompletedCommand],
    _ instead: [(flag: String, choices: [String])]
  ) -> String {
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
              : "\(flag.isValueOptional ? ":" : ""):value:(\(listed(flag.choices)))"
          // The value may follow in the same word, after = if the flag has a long name.
          let attached = flag.hasValue ? (spelling.hasPrefix("--") ? "=" : "+") : ""
          return "      '*\(spelling)\(attached)[\(text(flag.summary))]\(value)' \\\n"
        }
      }
      return """
            \(command.name)) _arguments -S \\
        \(flags.joined())      '(- *)'{-h,--help}'[Show help information]' '(- *)--version[Show the version]' \\
              '*:file:_files' ;;

        """
    }
    let list = commands.map { "    '\($0.name):\(text($0.summary))'\n" }.joined()
    let inner = commands.filter { !$0.inner.isEmpty }.map {
      "    \($0.name)) inner=(\(listed($0.inner))) ;;\n"
    }
    let others = instead.map {
      "    \($0.flag)) ((CURRENT == 2)) && compadd -- \(listed($0.choices)) ;;\n"
    }
    return """
      #compdef \(program)
      _\(program)() {
        local -a commands=(
      \(list)    'help:Show the help of a subcommand'
        ) inner
        local end
        if ((CURRENT == 2)); then
          if [[ $PREFIX == -* ]]; then
            compadd -- --help --version \(listed(instead.map(\.flag)))
          else
            _describe subcommand commands
          fi
          return
        fi
        shift words
        ((CURRENT--))
        # A command with its own flags may follow --.
        case $words[1] in
      \(inner.joined())  esac
        end=${words[(i)--]}
        if (($#inner && end < CURRENT)); then
          shift $end words
          ((CURRENT -= end))
          if ((CURRENT == 1)); then
            compadd -- $inner
            return
          fi
        fi
        case $words[1] in
          help) ((CURRENT == 2)) && _describe subcommand commands ;;
      \(others.joined())\(cases.joined())  esac
      }
      if [[ $funcstack[1] == _\(program) ]]; then
        _\(program) "$@"
      else
        compdef _\(program) \(program)
      fi

      """
  }

  private func fish(
    _ program: String, _ commands: [CompletedCommand],
    _ instead: [(flag: String, choices: [String])]
  ) -> String {
    func quoted(_ text: String) -> String {
      "'" + text.map { "\\'".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "'"
    }
    let start = "complete -c \(program)"
    var lines = [
      """
      # Whether the words before the cursor belong to a command: outside, or inside another's after --.
      function __\(program)_is -a place command
        set -l words (commandline -opc)
        set -l end (contains -i -- -- $words)
        switch "$words[2]"
          case \(commands.filter { !$0.inner.isEmpty }.map { quoted($0.name) }.joined(separator: " "))
            if test -n "$end"
              test $place = inside; and test "$words[$(math $end + 1)]" = "$command"
              return
            end
        end
        test $place = outside; and test "$words[2]" = "$command"
      end
      # Whether the word before the cursor is one of some.
      function __\(program)_follows
        contains -- (commandline -opc)[-1] $argv
      end
      """
    ]
    let first = "\(start) -f -n 'test (count (commandline -opc)) -eq 1'"
    let second = "test (count (commandline -opc)) -eq 2"
    lines.append("\(start) -s h -l help -d 'Show help information'")
    lines.append("\(start) -l version -d 'Show the version'")
    for command in commands {
      lines.append("\(first) -a \(command.name) -d \(quoted(command.summary))")
      lines.append("\(start) -f -n '\(second); and __\(program)_follows help' -a \(command.name)")
    }
    lines.append("\(first) -a help -d 'Show the help of a subcommand'")
    lines.append("\(start) -f -n '__\(program)_is outside help'")
    for (flag, choices) in instead {
      lines.append("\(first) -a \(flag)")
      lines.append("\(start) -f -n '__\(program)_follows \(flag)' -a \(quoted(listed(choices)))")
    }
    for command in commands {
      for flag in command.flags {
        var line = "\(start) -n '__\(program)_is outside \(command.name)'"
        line += " -l \(flag.name)" + (flag.short.map { " -s \($0)" } ?? "")
        if flag.hasValue, !flag.isValueOptional { line += flag.isFile ? " -rF" : " -x" }
        if !flag.choices.isEmpty { line += " -a " + quoted(listed(flag.choices)) }
        lines.append(line + " -d " + quoted(flag.summary))
        if flag.isValueOptional {
          let follows =
            "__\(program)_is outside \(command.name); and __\(program)_follows --\(flag.name)"
          lines.append("\(start) -f -n '\(follows)' -a \(quoted(listed(flag.choices)))")
        }
      }
    }
    let innerNames = Set(commands.flatMap(\.inner))
    for command in commands where !command.inner.isEmpty {
      lines.append(
        "\(start) -f -n '__\(program)_is inside \"\"' -a \(quoted(listed(command.inner)))")
    }
    for command in commands where innerNames.contains(command.name) {
      // After -- fish takes no word for a flag, so that flags are words like others there.
      let inside = "__\(program)_is inside \(command.name)"
      let valued = command.flags.filter { $0.hasValue && !$0.isValueOptional }
      let isFree = "\(inside); and not __\(program)_follows \(listed(valued.flatMap(\.spellings)))"
      for flag in command.flags {
        lines.append(
          "\(start) -f -n '\(isFree)' -a \(listed(flag.spellings)) -d \(quoted(flag.summary))")
        if flag.hasValue, !flag.isFile {
          let follows = "\(inside); and __\(program)_follows \(listed(flag.spellings))"
          lines.append("\(start) -f -n '\(follows)' -a \(quoted(listed(flag.choices)))")
        }
        if !flag.choices.isEmpty {
          let joined = "\(inside); and string match -q -- \"--\(flag.name)=*\" (commandline -ct)"
          let words = flag.choices.map { "--\(flag.name)=\($0)" }
          lines.append("\(start) -f -n '\(joined)' -a \(quoted(listed(words)))")
        }
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func listed(_ words: [String]) -> String { words.joined(separator: " ") }
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
  /// The commands that may follow `--`.
  let inner: [String]
}

extension CommandDeclaration {
  fileprivate static var completed: CompletedCommand {
    CompletedCommand(
      name: name, summary: summary,
      flags: (sections.flatMap(\.flags) + otherFlagNames.compactMap { otherFlag(named: $0) }).map {
        flag in
        let words = flag.alternatives
        return CompletedCommand.CompletedFlag(
          name: flag.name, short: flag.short, hasValue: flag.value != nil,
          isValueOptional: flag.isValueOptional, isFile: words.contains { $0.text == "file" },
          choices: flag.choices.isEmpty ? words.filter { !$0.isName }.map(\.text) : flag.choices,
          summary: flag.summary)
      },
      inner: commandsAfterDashes)
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
