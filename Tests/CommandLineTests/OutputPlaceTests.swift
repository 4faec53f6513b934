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
    #"train --epochs 1 --csv /dev/null --plot-format png --plot-scale 1 --plot "$out""#,
    #"train --epochs 1 --csv /dev/null --plot-format svg --plot "$out""#,
    #"train --epochs 1 --csv /dev/null --plot-format pdf --plot "$out""#,
    #"fit --quiet --output "$out""#,
    #"fit --quiet --output /dev/null --metrics "$out""#,
    #"fit --quiet --output /dev/null --save "$out""#,
    #"fit --quiet --output /dev/null --csv "$out""#,
    #"fit --quiet --output /dev/null --plot-format svg --plot "$out""#,
    #"fit --quiet --output /dev/null --plot-loss-format svg --plot-loss "$out""#,
    #"graph --format dot --output "$out""#,
    #"graph --format png --scale 1 --output "$out""#,
    #"graph --format svg --output "$out""#,
    #"graph --format pdf --output "$out""#,
    #"plot "$run" --format png --scale 1 --output "$out""#,
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
      status: 64, message: "--checkpoint is written many times and cannot be a stream: give a file",
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
    /// What the shell does right before the program, in the same process.
    var shell = ""
    /// Whether it takes a file system of its own, which root alone can mount.
    var isMounted = false
    var isStream = false
    /// Whether a file that grows stays behind though nothing could be written to it.
    var leavesLog = false
  }

  static let places: [Place] = [
    Place(setup: "", name: "out", outcome: .written()),
    Place(
      setup: "echo kept > out; chmod 666 out", name: "out",
      outcome: .written("-out kept, +out written")),
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
      setup: "mkfifo -m 666 out; touch got; cat out > got & reader=$!", name: "out",
      outcome: .written("-got empty, +got written"), isStream: true),
    Place(
      setup: #"perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("out"))'"#,
      name: "out", outcome: .notCreated("out", "No such device or address")),
    Place(
      setup: "", name: "/proc/out", outcome: .notCreated("/proc/out", "No such file or directory")),
    Place(
      setup: "exec 3> got", name: "/dev/fd/3", outcome: .written("-got empty, +got written"),
      isStream: true),
    Place(
      setup: "echo kept > got; exec 3>> got", name: "/proc/self/fd/3",
      outcome: .written("-got kept, +got longer"), isStream: true),
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
      outcome: .notCreated(#"\xff/n\n\u{1B}"#, "No such file or directory")),
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
      outcome: .written("-file empty, -out empty, +file written, +out written"), isMounted: true),
    Place(
      setup: "", name: "out", outcome: .notWritten("out", "File too large"), shell: "ulimit -f 0;",
      leavesLog: true),
    Place(setup: "", name: "out", outcome: .written(), shell: "exec >&-;"),
    Place(setup: "", name: "out", outcome: .written(), shell: "exec 2>&-;"),
    Place(setup: "", name: "out", outcome: .written(), shell: "exec <&-;"),
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
    // For an ordinary user all is as for root where rights are no matter: three kinds try it.
    let triesAll = user == .root || Self.kinds.firstIndex(of: kind).map { $0 % 7 == 0 } == true
    let places = Self.places.filter {
      (hasMounts || !$0.isMounted) && (triesAll || $0.ordinary != nil)
    }
    try sandbox.write("epoch,loss\n0,2\n1,1\n", to: "run.csv")
    try sandbox.write(
      script(kind, places, prefix: user.prefix), to: "script")
    let run = try sandbox.run("\(hasMounts ? "unshare --mount" : "") bash script")
    let found = run.text.split(separator: "\n").map(String.init)
    try #require(found.count == places.count, "\(run)")
    let isLog =
      kind.hasPrefix("train")
      && (kind.contains("--csv \"$out\"") || kind.contains("--trace"))
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
  ///
  /// It starts as few other programs as it can, since there are a thousand places.
  private func script(_ kind: String, _ places: [Place], prefix: String) -> String {
    let runs = places.enumerated().map { index, place in
      """
      (
        mkdir -m 777 \(index); cd \(index); here=$PWD; reader=
        \(place.setup)
        out=\(place.name)
        list before "$here"
        errors=$({ \(place.shell) timeout -s KILL 60 \(prefix) backprop \(kind); } 2>&1 > /dev/null < /dev/null)
        status=$?
        if [ "$reader" ]; then
          if [ $status != 0 ]; then kill -KILL $reader; fi
          wait $reader
        fi
        list after "$here"
        cd "$top"
        changes
        printf '%s|%s|%s\\n' $status "${errors//$'\\n'/~}" "$changes"
        \(place.isMounted ? "umount \(index)/*" : "")
      ) 2> /dev/null
      """
    }
    return """
      shopt -s globstar dotglob nullglob
      top=$PWD run=$PWD/run.csv
      # Puts into a variable a line for each file of a folder: whether it is empty, as it was made, that and more, or something
      # else.
      list() {
        local -n lines=$1
        local file state line more
        lines=()
        for file in "$2"/**; do
          if [ "$file" = "$2/" ]; then continue; fi
          state=
          if [ -L "$file" ]; then state=link
          elif [ -f "$file" ]; then
            state=empty
            if [ -s "$file" ]; then
              more=
              read -d '' -r line more < "$file"
              if [ "$line" != kept ]; then state=written
              elif [ "$more" ]; then state=longer
              else state=kept; fi
            fi
          fi
          printf -v line '%q %s' "${file#"$2"/}" "$state"
          lines+=("$line")
        done
      }
      # Lists what is gone, then what is new.
      changes() {
        changes=
        local line
        for line in "${before[@]}"; do has "$line" "${after[@]}" || changes+=", -$line"; done
        for line in "${after[@]}"; do has "$line" "${before[@]}" || changes+=", +$line"; done
        changes=${changes#, }
      }
      has() {
        local line
        for line in "${@:2}"; do if [ "$line" = "$1" ]; then return 0; fi; done
        return 1
      }
      \(runs.joined(separator: "\n"))
      """
  }
}
