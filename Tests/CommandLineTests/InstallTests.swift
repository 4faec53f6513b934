import Flags
import Foundation
import Testing

@testable import backprop

/// What `scripts/install` leaves, and what it leaves when something goes wrong.
///
/// The program that is installed is the one that is tested, so that no release is built.
@Suite struct InstallTests {
  static let script = Sandbox.repository.appendingPathComponent("scripts/install").path
  static let program = Sandbox.products.appendingPathComponent("backprop").path

  /// What belongs below a prefix, and may be read by all or run by all.
  static let files: [(path: String, mode: String)] =
    [
      ("bin/backprop", "755"), ("share/backprop/installed", "644"),
      ("share/bash-completion/completions/backprop", "644"),
      ("share/fish/vendor_completions.d/backprop.fish", "644"),
      ("share/zsh/site-functions/_backprop", "644"),
    ] + Backprop.manual.pages.map { ("share/man/man1/\($0).1.gz", "644") }

  /// Runs the script with some arguments in a folder, after other commands.
  private func install(
    _ arguments: String, in sandbox: Sandbox, after before: String = ":",
    _ environment: [String: String] = [:]
  ) throws -> Sandbox.Result {
    try sandbox.run(
      "\(before); '\(Self.script)' \(arguments)",
      environment: ["BACKPROP": Self.program, "DESTDIR": ""].merging(environment) { $1 })
  }

  /// The files below a folder with their modes, sorted.
  private func tree(_ folder: String, in sandbox: Sandbox) throws -> [String] {
    let result = try sandbox.run(
      "cd '\(folder)' && find . -type f -printf '%P %m\\n' | LC_ALL=C sort")
    return result.text.split(separator: "\n").map(String.init)
  }

  @Test func `everything is installed, runs, is replaced by itself and goes away again`() throws {
    let sandbox = try Sandbox()
    let expected = Self.files.map { "\($0.path) \($0.mode)" }.sorted()
    for _ in 1...2 {
      let result = try install("--prefix 'a folder'", in: sandbox, after: "umask 077")
      #expect(result.status == 0 && result.errors == "", "\(result)")
      for file in Self.files where file.path != "share/backprop/installed" {
        #expect(result.text.contains("/a folder/\(file.path)\n"), "\(result)")
      }
      #expect(result.text.contains("export PATH="), "\(result)")
      #expect(try tree("a folder", in: sandbox).sorted() == expected)
    }
    let result = try sandbox.run(
      """
      cd 'a folder'; find . -type d ! -perm 755
      bin/backprop --version
      zcat share/man/man1/backprop-fit.1.gz | cmp - <(backprop --generate-manual backprop-fit)
      cmp share/zsh/site-functions/_backprop <(backprop --generate-completion-script zsh)
      """)
    #expect(result.text == "\(Backprop.creator)\n" && result.errors == "", "\(result)")
    let removal = try install("--prefix='a folder' --uninstall", in: sandbox)
    #expect(removal.status == 0 && removal.errors == "", "\(removal)")
    #expect(removal.text.hasPrefix("Removed \(Self.files.count - 1) files "), "\(removal)")
    #expect(try sandbox.files() == [])
    let again = try install("--prefix 'a folder' --uninstall", in: sandbox)
    #expect(again.status == 66 && again.errors.contains("nothing is installed below"), "\(again)")
  }

  @Test func `what others have below the prefix stays, and what an earlier version had goes`()
    throws
  {
    let sandbox = try Sandbox()
    _ = try install(
      "--prefix here", in: sandbox,
      after:
        "mkdir -p here/bin here/share/man/man1; touch here/bin/other here/share/man/man1/other.1")
    _ = try sandbox.run(
      "cd here; echo share/man/man1/backprop-old.1.gz >> share/backprop/installed; touch share/man/man1/backprop-old.1.gz"
    )
    _ = try install("--prefix here", in: sandbox)
    #expect(try !tree("here", in: sandbox).contains { $0.contains("old") })
    _ = try install("--prefix here --uninstall", in: sandbox)
    #expect(
      try tree("here", in: sandbox).map { $0.split(separator: " ")[0] } == [
        "bin/other", "share/man/man1/other.1",
      ])
    #expect(
      try sandbox.run("find here -type d | sort").text
        == "here\nhere/bin\nhere/share\nhere/share/man\nhere/share/man/man1\n")
  }

  @Test func `files go below DESTDIR`() throws {
    let sandbox = try Sandbox()
    let result = try install(
      "", in: sandbox, ["DESTDIR": sandbox.folder.appendingPathComponent("root").path])
    #expect(
      result.status == 0 && result.errors == "" && !result.text.contains("export PATH"), "\(result)"
    )
    #expect(try tree("root/usr/local", in: sandbox).count == Self.files.count)
  }

  @Test(
    arguments: [
      ("--frob", 64, "unknown argument '--frob'"), ("there", 64, "unknown argument 'there'"),
      ("--prefix", 64, "--prefix: give a folder"), ("--prefix=", 64, "--prefix: give a folder"),
      ("--prefix .in/there", 73, "there is a file of that name"),
      ("--prefix made", 73, "/made/bin/backprop: it is a folder"),
    ] as [(String, Int32, String)])
  func `what cannot be is said in one line, and leaves nothing`(
    arguments: String, status: Int32, sentence: String
  ) throws {
    let sandbox = try Sandbox()
    let result = try install(arguments, in: sandbox, after: "mkdir -p made/bin/backprop")
    #expect(result.status == status && result.text == "", "\(result)")
    #expect(result.errors.hasPrefix("install: ") && result.errors.contains(sentence), "\(result)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
    #expect(
      try sandbox.run("find . ! -name '.*'").text == "./made\n./made/bin\n./made/bin/backprop\n")
  }

  @Test func `a program that is none is refused`() throws {
    let sandbox = try Sandbox()
    let result = try install("--prefix p", in: sandbox, ["BACKPROP": "/nowhere"])
    #expect(
      result.status == 69 && result.errors == "install: BACKPROP: /nowhere is no program\n",
      "\(result)")
    #expect(try sandbox.files() == [])
  }

  @Test func `files that may not grow leave the earlier installation as it was`() throws {
    let sandbox = try Sandbox()
    let first = try install("--prefix p", in: sandbox, after: "mkdir t")
    #expect(first.status == 0, "\(first)")
    let before = try sandbox.run("find p -type f -exec cksum {} + | sort -k 3")
    // The pages and the completions may be written, the program not.
    let result = try install(
      "--prefix p", in: sandbox, after: "ulimit -f 500; export TMPDIR=$PWD/t")
    #expect(result.status == 74, "\(result)")
    #expect(result.errors.hasPrefix("install: cannot "), "\(result)")
    #expect(try sandbox.run("find p -type f -exec cksum {} + | sort -k 3").text == before.text)
    #expect(try sandbox.run("find t -mindepth 1").text == "")
    let fresh = try install("--prefix q", in: sandbox, after: "ulimit -f 500; export TMPDIR=$PWD/t")
    #expect(fresh.status == 74, "\(fresh)")
    #expect(try sandbox.files() == ["p", "t"])
  }

  /// What runs a command as somebody who may not write everywhere.
  private static let nobody = getuid() == 0 ? "setpriv --reuid=65534 --clear-groups" : ""

  /// Whether that somebody can run the script and the program.
  private static var canBeNobody: Bool {
    (try? Sandbox().run("\(nobody) '\(script)' --help && \(nobody) '\(program)' --version").status)
      == 0
  }

  @Test(.enabled(if: canBeNobody))
  func `who may not write is told what to run`() throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      mkdir p; chmod 555 p; chmod 755 .
      BACKPROP='\(Self.program)' DESTDIR= \(Self.nobody) '\(Self.script)' --prefix "$PWD/p"
      """)
    #expect(result.status == 73, "\(result)")
    let folder = sandbox.folder.path
    #expect(
      result.errors
        == "install: cannot create the folder \(folder)/p/share: Permission denied. Run: sudo BACKPROP=\(Self.program) "
        + "\(Self.script) --prefix \(folder)/p, or choose a folder of your own: --prefix ~/.local\n"
    )
    #expect(try sandbox.run("find p -mindepth 1; chmod 755 p").text == "")
  }

  @Test(arguments: ["KILL", "TERM"])
  func `after a signal at some moment every file is whole, and the next run completes all`(
    signal: String
  ) throws {
    let sandbox = try Sandbox()
    let result = try sandbox.run(
      """
      mkdir t; export TMPDIR=$PWD/t; install='\(Self.script)'
      "$install" --prefix good >/dev/null
      for moment in 0.1 0.2$RANDOM 0.3$RANDOM 0.4$RANDOM 0.6; do
        setsid "$install" --prefix p >/dev/null 2>&1 & run=$!
        sleep $moment; kill -\(signal) -- -$run; wait $run
        for file in $(cd good; find bin share -type f); do
          [ ! -e p/$file ] || [[ $file == */installed ]] || cmp good/$file p/$file
        done
        [ \(signal) = KILL ] || find . -name '*backprop-new' -o -path './t/*'
        "$install" --prefix p >/dev/null || echo "fails after $moment"
        diff -r --exclude installed good p
        "$install" --prefix p --uninstall >/dev/null || echo "stays after $moment"
        [ ! -e p ] || find p -type f
        rm -rf p
      done 2>&1 | grep -v -e Killed -e Terminated -e 'No such process'
      true
      """, environment: ["BACKPROP": Self.program, "DESTDIR": ""])
    #expect(result.status == 0 && result.text == "" && result.errors == "", "\(result)")
  }
}
