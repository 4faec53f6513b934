import Foundation
import Glibc
import Testing

/// Every kind of output at every kind of place, as root and as an ordinary user.
///
/// What cannot be written is told in one line, with the exit code that fits, and everything else in the folder stays
/// as it was.
@Suite struct OutputPlaceTests {
  /// Who runs the program; only root can be both.
  enum User: String, CaseIterable {
    case root, nobody

    var isPossible: Bool { geteuid() == 0 || self == .nobody }

    /// What goes before the command.
    var prefix: String {
      self == .nobody && geteuid() == 0
        ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : ""
    }
  }

  /// The kinds of outputs; `$out` is the place.
  static let kinds = [
    #"train --epochs 1 --csv "$out""#,
    #"train --epochs 1 --csv /dev/null --trace "$out""#,
    #"train --epochs 1 --csv /dev/null --metrics "$out""#,
    #"train --epochs 1 --csv /dev/null --save "$out""#,
    #"train --epochs 1 --csv /dev/null --checkpoint "$out""#,
    #"train --epochs 1 --csv /dev/null --plot-size 200x200 --plot-format png --plot "$out""#,
    #"train --epochs 1 --csv /dev/null --plot-format svg --plot "$out""#,
    #"train --epochs 1 --csv /dev/null --plot-format pdf --plot "$out""#,
    #"graph --format dot --output "$out""#,
    #"graph --format png --output "$out""#,
    #"graph --format svg --output "$out""#,
    #"graph --format pdf --output "$out""#,
    #"plot "$run" --format png --size 200x200 --output "$out""#,
    #"plot "$run" --format svg --output "$out""#,
    #"plot "$run" --format pdf --output "$out""#,
  ]

  /// What becomes of a run: its exit code, its message without the program's name, and what changes in the folder.
  struct Outcome {
    let status: Int32
    let message: String
    let changes: String

    static func written(_ changes: String = "+out written") -> Outcome {
      Outcome(status: 0, message: "", changes: changes)
    }
    static func notCreated(_ place: String, _ reason: String) -> Outcome {
      Outcome(status: 73, message: "cannot create \(place): \(reason)", changes: "")
    }
    static func notWritten(
      _ place: String, _ reason: String, changes: String = ""
    ) -> Outcome {
      Outcome(status: 74, message: "cannot write \(place): \(reason)", changes: changes)
    }
    /// What is said of a checkpoint alone, which is no stream.
    static let noStream = Outcome(
      status: 64, message: "--checkpoint is a file that is written again and again: not a stream",
      changes: "")
  }

  /// A kind of place: what makes it, its name, and what becomes of a run.
  struct Place {
    let setup: String
    /// A word of the shell.
    let name: String
    /// The outcome for everybody, or for root alone.
    let outcome: Outcome
    var ordinary: Outcome?
    /// Whether it takes a file system of its own, which root alone can mount.
    var isMounted = false
    var isStream = false
    /// Whether a file that grows stays behind though nothing could be written to it.
    var leavesLog = false
  }

  static let places: [Place] = [
    Place(setup: "", name: "out", outcome: .written()),
    Place(
      setup: "echo kept > out", name: "out", outcome: .written("-out kept, +out written")),
    Place(setup: "", name: "/dev/null", outcome: .written("")),
    Place(
      setup: "", name: "/dev/full", outcome: .notWritten("/dev/full", "No space left on device")),
    Place(
      setup: "", name: "none/out", outcome: .notCreated("none/out", "No such file or directory")),
    Place(
      setup: "echo kept > file", name: "file/out",
      outcome: .notCreated("file/out", "Not a directory")),
    Place(
      setup: "mkdir closed; chmod 555 closed", name: "closed/out",
      outcome: .written("+closed/out written"),
      ordinary: .notCreated("closed/out", "Permission denied")),
    Place(
      setup: "mkdir closed; chmod 000 closed", name: "closed/out",
      outcome: .written("+closed/out written"),
      ordinary: .notCreated("closed/out", "Permission denied")),
    Place(
      setup: "mkdir deaf; chmod 333 deaf; chown 65534 deaf 2> /dev/null", name: "deaf/out",
      outcome: .written("+deaf/out written")),
    Place(
      setup: "echo kept > out; chmod 444 out", name: "out",
      outcome: .written("-out kept, +out written"),
      ordinary: .notCreated("out", "Permission denied")),
    Place(setup: "mkdir out", name: "out", outcome: .notCreated("out", "Is a directory")),
    Place(
      setup: "", name: "out/", outcome: .notCreated("out/", "No such file or directory")),
    Place(
      setup: "ln -s real out", name: "out", outcome: .written("+real written")),
    Place(
      setup: "mkdir far; ln -s far/a a; ln -s ../real far/a", name: "a",
      outcome: .written("+real written")),
    Place(
      setup: "ln -s one two; ln -s two one", name: "one",
      outcome: .notCreated("one", "Too many levels of symbolic links")),
    Place(
      setup: "ln -s self self", name: "self/out",
      outcome: .notCreated("self/out", "Too many levels of symbolic links")),
    Place(
      setup: "ln -s none/real out", name: "out",
      outcome: .notCreated("out", "No such file or directory")),
    Place(
      setup: "mkfifo out; cat out > got & reader=$!", name: "out",
      outcome: .written("+got written"), isStream: true),
    Place(
      setup: #"perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("out"))'"#,
      name: "out", outcome: .notCreated("out", "No such device or address")),
    Place(
      setup: "", name: "/proc/out", outcome: .notCreated("/proc/out", "No such file or directory")),
    Place(
      setup: "exec 3> got", name: "/dev/fd/3", outcome: .written("+got written"), isStream: true),
    Place(
      setup: "echo kept > got; exec 3>> got", name: "/proc/self/fd/3",
      outcome: .written("-got kept, +got written"), isStream: true),
    Place(
      setup: "", name: "/dev/fd/9", outcome: .notCreated("/dev/fd/9", "Bad file descriptor"),
      isStream: true),
    Place(
      setup: "echo kept > kept; exec 3< kept", name: "/dev/fd/3",
      outcome: .notCreated("/dev/fd/3", "Bad file descriptor"), isStream: true),
    Place(
      setup: "mkdir gone; cd gone; rmdir ../gone", name: "out",
      outcome: .notCreated("out", "No such file or directory")),
    Place(
      setup: "", name: #"$'\xffn\n\e'"#, outcome: .written(#"+$'\377n\n\E' written"#)),
    Place(
      setup: "", name: #"$'\xff/n\n\e'"#,
      outcome: .notCreated(#"\xff/n\n\u{1b}"#, "No such file or directory")),
    Place(
      setup: "long=$(printf '%0255d' 0)", name: "$long",
      outcome: .written("+\(String(repeating: "0", count: 255)) written")),
    Place(
      setup: "long=$(printf '%0256d' 0)", name: "$long",
      outcome: .notCreated(String(repeating: "0", count: 256), "File name too long")),
    Place(
      setup:
        "mkdir full; mount -t tmpfs -o size=4k,mode=777 full full; head -c 4096 /dev/zero > full/fill",
      name: "full/out", outcome: .notWritten("full/out", "No space left on device"),
      isMounted: true, leavesLog: true),
    Place(
      setup: "mkdir still; mount -t tmpfs -o ro still still", name: "still/out",
      outcome: .notCreated("still/out", "Read-only file system"), isMounted: true),
    Place(
      setup: "touch file out; chmod 666 file; mount --bind file out", name: "out",
      outcome: .written("-out empty, +out written, -file empty, +file written"), isMounted: true),
    Place(
      setup: "mkdir sticky; echo kept > sticky/out; chmod 666 sticky/out; chmod 1777 sticky",
      name: "sticky/out", outcome: .written("-sticky/out kept, +sticky/out written")),
  ]

  @Test(arguments: kinds, User.allCases.filter(\.isPossible))
  func `an output of any kind at any place is written or told, and nothing else changes`(
    kind: String, user: User
  ) throws {
    let sandbox = try Sandbox()
    let hasMounts = try geteuid() == 0 && sandbox.run("unshare --mount true").status == 0
    let places = Self.places.filter { hasMounts || !$0.isMounted }
    try sandbox.write("epoch,loss\n0,2\n1,1\n", to: "run.csv")
    try sandbox.write(
      script(kind, places, prefix: user.prefix), to: "script")
    let run = try sandbox.run("\(hasMounts ? "unshare --mount" : "") bash script")
    let found = run.text.split(separator: "\n").map(String.init)
    try #require(found.count == places.count, "\(run)")
    let isLog = kind.contains("--csv \"$out\"") || kind.contains("--trace")
    for (place, found) in zip(places, found) {
      var outcome = user == .root ? place.outcome : place.ordinary ?? place.outcome
      if place.isStream, kind.contains("--checkpoint") { outcome = .noStream }
      var changes = outcome.changes
      if place.leavesLog, isLog { changes += "+\(place.name) empty" }
      let message = outcome.message.isEmpty ? "" : "backprop: \(outcome.message)"
      let expected = "\(outcome.status)|\(message)|\(changes)"
      #expect(found == expected, "\(user): \(place.setup); out=\(place.name); backprop \(kind)")
    }
  }

  /// Prints a line for each place: exit code, lines of standard error, and what changed in the place's folder.
  private func script(_ kind: String, _ places: [Place], prefix: String) -> String {
    let runs = places.map { place in
      """
      (
        mkdir place; chmod 777 place; cd place; here=$PWD; reader=
        \(place.setup)
        out=\(place.name)
        (cd "$here"; list) > ../before
        timeout 60 \(prefix) backprop \(kind) < /dev/null > /dev/null 2> ../errors
        status=$?
        [ -z "$reader" ] || [ $status = 64 ] && kill $reader 2> /dev/null || wait $reader
        (cd "$here"; list) > ../after
        cd ..
        printf '%s|%s|%s\\n' $status "$(paste -s -d '~' errors)" "$(changes)"
        umount place/* 2> /dev/null
        rm -rf place
      )
      """
    }
    return """
      shopt -s globstar dotglob nullglob
      run=$PWD/run.csv
      # Each file, and whether it is empty, as it was made, or something else.
      list() {
        for file in **; do
          state=
          if [ -f "$file" ]; then
            if [ ! -s "$file" ]; then state=empty
            elif [ "$(tr -d '\\0' < "$file")" = kept ]; then state=kept
            else state=written; fi
          fi
          printf '%q %s\\n' "$file" "$state"
        done
      }
      changes() { diff before after | sed -n 's/^< /-/p; s/^> /+/p' | paste -s -d ',' | sed 's/,/, /g'; }
      \(runs.joined(separator: "\n"))
      """
  }
}
