import Foundation
import Glibc
import Testing

/// The progress bar of the built program, on terminals.
@Suite struct ProgressTests {
  /// A run that ends only when it is told to.
  private static let long = "exec backprop train --epochs 100000000 --csv loss.csv"
  /// A run that ends by itself, but has to wait for its reader until a bar is due.
  private static func short(_ flags: String = "", epochs: Int = 20_000) -> String {
    """
    backprop train --epochs \(epochs) \(flags) | { read; sleep 0.5; cat > /dev/null; }
    exit ${PIPESTATUS[0]}
    """
  }

  @Test(arguments: [10, 30, 40, 80, 200])
  func `a bar is drawn, never wraps, and is gone after Ctrl-C`(columns: Int) throws {
    let run = try PseudoTerminal(Self.long, in: try Sandbox(), columns: columns)
    try run.wait(for: "five bars") { $0.drawings.count >= 5 }
    run.type("\u{3}")
    #expect(try run.end() == .killed(signal: SIGINT), "\(run.screen)")
    #expect(run.screen.wraps == 0, "\(run.screen)")
    #expect(["", "^C"].contains(run.screen.text), "\(run.screen)")
    for bar in run.screen.drawings.filter({ !$0.hasPrefix("^C") }) {
      let parts = [
        (0, #/epoch */#), (30, #/ \d+\/100000000/#), (80, #/  loss \d\.\d+/#),
        (80, #/ [dhmins]+ left/#), (80, #/^\[.{10,}\] epoch/#), (200, #/  [\d.]+ [kM] rows\/s  /#),
      ]
      for (width, part) in parts where columns >= width {
        #expect(bar.firstMatch(of: part) != nil, "\(bar)")
      }
    }
  }

  @Test func `a run that ends by itself takes its bar away, and nothing else`() throws {
    let sandbox = try Sandbox()
    try sandbox.write("weight,y\n1,2\n", to: "d.csv")
    let run = try PseudoTerminal(
      Self.short("--data d.csv --model 'w*weigth + weight'"), in: sandbox, columns: 120)
    #expect(try run.end() == .exited(0), "\(run.screen)")
    #expect(run.screen.drawings.contains { $0.contains("/20000") }, "\(run.screen)")
    let lines = run.screen.text.split(separator: "\n")
    #expect(
      lines.first
        == "backprop: warning: 'weigth' is not a column, so it is a parameter; did you mean 'weight'?"
    )
    let summary = #/loss \S+ after 20000 epochs in [\d.]+ s: w = 1, weigth = 1/#
    #expect(lines.count == 2 && lines[1].wholeMatch(of: summary) != nil, "\(run.screen)")
  }

  @Test func `a bar moves within a long epoch`() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "x,y\n" + (0..<200_000).map { "\($0 % 7),\($0 % 5)\n" }.joined(), to: "d.csv")
    let run = try PseudoTerminal(
      "exec backprop train --data d.csv --model 'inputs |> dense(2000) |> tanh |> dense(1)' "
        + "--lr 0.0001 --epochs 1 --csv loss.csv", in: sandbox)
    try run.wait(for: "percents of the epoch") { screen in
      Set(screen.drawings.compactMap { $0.firstMatch(of: #/ epoch 1/1 \([ \d]+%\)  /#)?.0 }).count
        >= 2
    }
    run.type("\u{3}")
    #expect(try run.end() == .killed(signal: SIGINT))
  }

  @Test func `a bar fits a window that changes its width, and leaves nothing behind`() throws {
    let run = try PseudoTerminal(Self.long, in: try Sandbox(), columns: 200)
    var longest = 0
    for columns in [200, 60, 30, 100] {
      run.resize(columns: columns)
      let count = run.screen.drawings.count
      try run.wait(for: "bars of \(columns) columns") { screen in
        screen.drawings.count >= count + 3
          && screen.drawings.suffix(2).allSatisfy { $0.count < columns }
      }
      #expect(!run.screen.text.contains("\n"), "\(run.screen)")
      longest = max(longest, run.screen.drawings.last?.count ?? 0)
    }
    #expect(longest > 60)
    run.type("\u{3}")
    try run.end()
    #expect(run.screen.text == "", "\(run.screen)")
  }

  @Test func `NO_COLOR takes the colours and leaves the bar`() throws {
    for (value, hasColor) in [("", true), ("1", false)] {
      let run = try PseudoTerminal(
        Self.long, in: try Sandbox(), environment: ["NO_COLOR": value])
      try run.wait(for: "a bar") { !$0.drawings.isEmpty }
      run.type("\u{3}")
      try run.end()
      #expect(run.screen.sequences == (hasColor ? ["[34m", "[0m", "[J"] : ["[J"]))
    }
  }

  @Test func `blocks are for terminals of UTF-8`() throws {
    let blocks: ClosedRange<Unicode.Scalar> = "\u{2588}"..."\u{258F}"
    for (locale, isUnicode) in [("C", false), ("de_DE.UTF-8", true), ("C.utf8", true)] {
      let run = try PseudoTerminal(
        "exec backprop train --epochs 2000000 --csv loss.csv", in: try Sandbox(), columns: 200,
        environment: ["LC_ALL": locale])
      try run.wait(for: "a bar that has begun") { screen in
        screen.drawings.last?.contains(isUnicode ? #/^\[[█-▏]/# : #/^\[#/#) ?? false
      }
      run.type("\u{3}")
      try run.end()
      let found = String(decoding: run.bytes, as: UTF8.self).unicodeScalars
      #expect(found.contains { blocks.contains($0) } == isUnicode, "\(run.screen)")
      #expect(found.allSatisfy(\.isASCII) != isUnicode, "\(run.screen)")
    }
  }

  @Test(
    arguments: [
      (short("--quiet"), [:]),
      (short(), ["TERM": "dumb"]),
      (short(), ["TERM": nil]),
      ("exec 3>&2 2> /dev/null; set -m; (\(short())) 2>&3 & wait %1", [:]),
    ] as [(String, [String: String?])])
  func `no bar is drawn where it has no place`(
    command: String, environment: [String: String?]
  ) throws {
    let run = try PseudoTerminal(command, in: try Sandbox(), environment: environment)
    #expect(try run.end() == .exited(0), "\(run.screen)")
    #expect(run.bytes.isEmpty, "\(run.screen)")
  }

  @Test func `no bar is drawn where there is no terminal`() throws {
    let run = try PseudoTerminal(
      Self.short(), in: try Sandbox(), streams: [.input, .output])
    #expect(try run.end() == .exited(0), "\(run.screen)")
    #expect(run.bytes.isEmpty, "\(run.screen)")
    let result = try Sandbox().run(Self.short())
    #expect(result.errors == "" && result.text == "", "\(result)")
  }

  @Test(arguments: ["", "--csv /dev/stderr", "--csv /dev/tty", "--trace /dev/tty --csv loss.csv"])
  func `no bar is drawn into rows that show on the terminal`(flags: String) throws {
    let run = try PseudoTerminal(
      "exec backprop train --epochs 20000 \(flags)", in: try Sandbox(), streams: [.output, .error])
    #expect(try run.end() == .exited(0), "\(run.screen)")
    #expect(run.screen.sequences.isEmpty, "\(run.screen)")
    #expect(run.screen.text.contains(flags.contains("trace") ? "\nloss: " : "\n19999,"))
  }

  @Test func `a run that diverges says so on a line of its own`() throws {
    let sandbox = try Sandbox()
    // Each step makes the error 1.018 times as large: after some 20000 it overflows.
    try sandbox.write("x,y\n1,2\n", to: "d.csv")
    let run = try PseudoTerminal(
      Self.short("--data d.csv --lr 1.009 --precision float64", epochs: 100_000), in: sandbox,
      columns: 200)
    #expect(try run.end() == .exited(4), "\(run.screen)")
    #expect(run.screen.drawings.contains { $0.contains("epoch ") }, "\(run.screen)")
    #expect(run.screen.text.hasPrefix("backprop: diverged at epoch "), "\(run.screen)")
    #expect(!run.screen.text.contains("\n"), "\(run.screen)")
  }

  @Test func `an error while rows are written stands on a line of its own`() throws {
    let run = try PseudoTerminal(
      "ulimit -f 200; " + Self.short("--trace - --csv loss.csv"),
      in: try Sandbox(), columns: 200)
    #expect(try run.end() == .exited(74), "\(run.screen)")
    #expect(run.screen.drawings.contains { $0.contains("epoch ") }, "\(run.screen)")
    let lines = run.screen.text.split(separator: "\n")
    #expect(lines.first == "backprop: cannot write loss.csv: File too large", "\(run.screen)")
    #expect(lines.count == 2 && lines[1].hasPrefix("loss "), "\(run.screen)")
  }

  @Test func `a preview comes where the bar was`() throws {
    let run = try PseudoTerminal(Self.short("--plot-preview"), in: try Sandbox())
    #expect(try run.end() == .exited(0), "\(run.screen)")
    #expect(!run.screen.text.contains("epoch  "), "\(run.screen)")
    #expect(run.screen.text.hasPrefix("Loss"), "\(run.screen)")
  }

  @Test func `a reader that goes away leaves no bar behind`() throws {
    let sandbox = try Sandbox()
    let run = try PseudoTerminal(
      """
      backprop train --epochs 100000000 |
        while [ ! -e enough ]; do head -c 100000; done > /dev/null; exit ${PIPESTATUS[0]}
      """, in: sandbox)
    try run.wait(for: "a bar") { !$0.drawings.isEmpty }
    try sandbox.write("", to: "enough")
    #expect(try run.end() == .exited(141), "\(run.screen)")
    #expect(run.screen.text == "", "\(run.screen)")
  }
}
