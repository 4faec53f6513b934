import Foundation
import Glibc
import Testing

/// What is one place under several names, and what becomes of files that were there before.
@Suite struct PlaceTests {
  private func prepared() throws -> Sandbox {
    let sandbox = try Sandbox()
    try sandbox.write("x,y\n1,2\n2,4\n", to: "d.csv")
    return sandbox
  }

  @Test func `every file may have a name that is not text`() throws {
    let sandbox = try prepared()
    let run = try sandbox.run(
      #"""
      set -e
      cp d.csv $'d\xff.csv'; echo '{"w": 2}' > $'i\xff.json'
      backprop train --data $'d\xff.csv' --validation $'d\xff.csv' --init $'i\xff.json' --epochs 2 --quiet \
        --csv $'l\xff.csv' --trace=$'t\xff' --metrics $'m\xff.json' --save $'s\xff.st' \
        --checkpoint $'c\xff.st' --plot $'p\xff.svg'
      backprop train --data $'d\xff.csv' --validation $'d\xff.csv' --epochs 3 --quiet \
        --resume $'c\xff.st' --checkpoint $'c\xff.st'
      backprop plot $'l\xff.csv' d.csv --x y --y x -o$'o\xff.svg' 2> /dev/null || backprop plot $'l\xff.csv' -o$'o\xff.svg'
      backprop graph --output $'g\xff.dot'
      ln -s $'far\xff.csv' link; backprop train --epochs 1 --csv link
      for file in *; do printf '%q ' "$file"; done
      """#)
    #expect(run.status == 0 && run.errors == "", "\(run)")
    let names = ["c.st", "d.csv", "g.dot", "i.json", "l.csv", "m.json", "o.svg", "p.svg", "s.st"]
      .map { name in "$'" + name.replacing(".", with: #"\377."#) + "'" }
    let expected = names + [#"$'far\377.csv'"#, #"$'t\377'"#, "d.csv", "link"]
    let found = run.text.split(separator: "\n").last?.split(separator: " ").map(String.init)
    #expect(found?.sorted() == expected.sorted(), "\(run)")
  }

  @Test(arguments: [
    (#"train --data $'\xff\e.csv'"#, #"\xff\u{1B}.csv: cannot open: No such file or directory"#),
    (#"train --resume $'\xe4\n'"#, #"\xe4\n: cannot open: No such file or directory"#),
    (#"train --init $'a\xff'"#, #"a\xff: cannot open: No such file or directory"#),
    (#"plot $'\xc3.csv'"#, #"\xc3.csv: cannot open: No such file or directory"#),
    (#"train --save $'\xff/m'"#, #"cannot create \xff/m: No such file or directory"#),
    (
      #"train --plot $'\xff'"#,
      #"--plot \xff: the extension must be one of png, svg, pdf; or give --plot-format"#
    ),
    (#"train $'\e[1m'"#, #"Unexpected argument '\u{1B}[1m'"#),
  ])
  func `a name that is not text is shown on one line`(command: String, message: String) throws {
    let run = try Sandbox().run("backprop \(command)")
    #expect(run.status != 0 && run.errors == "backprop: \(message)\n", "\(run)")
  }

  @Test(arguments: [
    ("train --csv - --trace /dev/stdout", "--csv and --trace would write to the same place"),
    ("train --csv /dev/fd/1 --trace -", "--csv and --trace would write to the same place"),
    ("train --csv - --trace /dev/stdout | cat", "--csv and --trace would write to the same place"),
    ("train --csv - --trace out | cat", "--csv and --trace would write to the same place"),
    ("train --save d.csv > d.csv", "standard output and --save would write to the same place"),
    ("train --save m > e.csv", "standard output and --save would write to the same place"),
    ("train --csv fifo --trace ./fifo", "--csv and --trace would write to the same place"),
    ("train --csv /dev/fd/3 --trace a 3> a", "--csv and --trace would write to the same place"),
    ("train --save new --metrics ./new", "--save and --metrics would write to the same place"),
    ("train --save f/new --metrics g/new", "--save and --metrics would write to the same place"),
    ("train --save to --metrics f/new", "--save and --metrics would write to the same place"),
    ("train --save none/m --metrics none/m", "--save and --metrics would write to the same place"),
    ("train --data d.csv --csv e.csv", "--csv would overwrite the file of --data"),
    ("train --data - --csv e.csv < d.csv", "--csv would overwrite the file of --data"),
    (
      "train --data - --plot e.csv --plot-format svg < d.csv",
      "--plot would overwrite the file of --data"
    ),
    ("train --data d.csv >> e.csv", "standard output would overwrite the file of --data"),
    ("train --data - < d.csv >> d.csv", "standard output would overwrite the file of --data"),
    ("plot - -o e.csv --format svg < d.csv", "-o would overwrite -"),
    (
      "train --data /dev/stdin --validation - | cat",
      "--data and --validation would both read standard input"
    ),
    (
      "train --data fifo --validation ./fifo",
      "--data and --validation would both read the same pipe"
    ),
  ])
  func `one place under two names is told`(command: String, message: String) throws {
    let sandbox = try prepared()
    let run = try sandbox.run(
      """
      ln d.csv e.csv; ln -s e.csv m; mkfifo fifo; mkdir f; ln -s f g; ln -s g/new to
      ln -s /dev/stdout out
      set -o pipefail
      \(command.contains("--data /dev/stdin") ? "cat d.csv | " : "")backprop \(command)
      """)
    #expect(run.status == 64 && run.text == "", "\(run)")
    let message = message.replacing("-o would overwrite -", with: "--output would overwrite -")
    #expect(run.errors == "backprop: \(message)\n", "\(run)")
    #expect(try sandbox.run("ls -A f").text == "")
  }

  @Test(arguments: [
    "train --csv /dev/null --trace /dev/null --save /dev/null --metrics /dev/null > /dev/null",
    "train --data d.csv --validation d.csv --save d --csv D",
    "train --data - --validation /dev/stdin --csv /dev/null < d.csv",
    "train --csv /dev/stderr --trace - 2> errors",
    "train --data d.csv --resume c --checkpoint ./c --csv /dev/null",
  ])
  func `places that only look the same may be given together`(command: String) throws {
    let sandbox = try prepared()
    let run = try sandbox.run(
      "backprop train --data d.csv --epochs 1 --checkpoint c --quiet > /dev/null; backprop \(command) --quiet"
    )
    #expect(run.status == 0 && run.errors == "", "\(run)")
  }

  @Test func `what stands on a stream stays there`() throws {
    let sandbox = try prepared()
    let run = try sandbox.run(
      """
      echo kept > log; backprop train --epochs 1 --csv /dev/stdout >> log
      (echo first; backprop train --epochs 1 --csv /dev/null --metrics /dev/fd/3 3>&1; echo last) > all
      head -1 log; head -1 all; tail -1 all
      """)
    #expect(run.status == 0 && run.text == "kept\nfirst\nlast\n" && run.errors == "", "\(run)")
  }

  @Test func `who may read and write a file is kept, and nothing more`() throws {
    let sandbox = try prepared()
    let modes = try sandbox.run(
      """
      umask 022
      for mode in 6751 1640 0600 0666; do
        touch m; chmod $mode m; backprop train --csv /dev/null --save m; stat -c %a m
      done
      """)
    #expect(modes.status == 0 && modes.text == "751\n640\n600\n666\n", "\(modes)")
  }

  @Test(.enabled(if: geteuid() == 0))
  func
    `owner and group are kept where the system allows it, and a lost group's rights are nobody's`()
    throws
  {
    let sandbox = try prepared()
    let run = try sandbox.run(
      """
      touch m; chown 7:8 m; chmod 640 m
      backprop train --csv /dev/null --save m; stat -c '%u:%g %a' m
      chmod 777 .; touch n; chown 65534:8 n; chmod 664 n
      setpriv --reuid=65534 --regid=65534 --clear-groups backprop train --csv /dev/null --save n
      stat -c '%u:%g %a' n
      """)
    #expect(run.status == 0 && run.text == "7:8 640\n65534:65534 644\n", "\(run)")
  }

  @Test func `what a killed run has left is swept by the next, and nothing else`() throws {
    let sandbox = try prepared()
    let run = try sandbox.run(
      """
      touch m.st.backprop-aB3dE9aB3dE9aB3d n.st.backprop-aB3dE9aB3dE9aB3d m.st.backup
      touch m.st.backprop-backup m.st.backprop-aB3dE9aB3dE9aB.d
      touch m.st.backprop-lockedlockedlock; mkdir m.st.backprop-folderfolderfold; ln -s d.csv m.st.backprop-linkedlinkedlink
      exec 3< m.st.backprop-lockedlockedlock; flock 3
      backprop train --epochs 1 --csv /dev/null --save m.st; ls -x -w 0
      """)
    #expect(run.status == 0 && run.errors == "", "\(run)")
    let left = [
      "d.csv", "m.st", "m.st.backprop-aB3dE9aB3dE9aB.d", "m.st.backprop-backup",
      "m.st.backprop-folderfolderfold", "m.st.backprop-linkedlinkedlink",
      "m.st.backprop-lockedlockedlock", "m.st.backup", "n.st.backprop-aB3dE9aB3dE9aB3d",
    ]
    #expect(run.text.split { " \n".contains($0) }.map(String.init).sorted() == left, "\(run)")
  }

  @Test func `a killed run leaves what the next one sweeps`() throws {
    let sandbox = try prepared()
    let long = String(repeating: "ö", count: 125)
    let run = try sandbox.run(
      """
      for name in m.st \(long); do
        backprop train --epochs 100000000 --csv log --save $name & pid=$!
        until [ -s log ]; do sleep 0.01; done
        kill -KILL $pid; wait $pid; rm log
        ls | grep -c backprop-
        backprop train --epochs 1 --csv /dev/null --save $name
        ls | grep -c backprop-
      done 2> /dev/null
      """)
    #expect(run.text == "1\n0\n1\n0\n", "\(run)")
  }

  /// Whether calls of the system can be watched here.
  private static let canTrace = (try? Sandbox().run("strace -o log true").status) == 0

  @Test(.enabled(if: canTrace), arguments: ["--save", "--checkpoint", "--metrics"])
  func `the disk has a file before its name, and then the name`(flag: String) throws {
    let sandbox = try prepared()
    let run = try sandbox.run(
      """
      strace -f -e trace=fsync,renameat,renameat2 -o log \
        backprop train --epochs 3 --csv /dev/null \(flag) out
      grep -oE '(fsync|renameat2?)\\(' log | tail -n 3 | paste -s -d ' '
      """)
    #expect(
      run.text.replacing("renameat2", with: "renameat") == "fsync( renameat( fsync(\n", "\(run)")
  }

  @Test func `a log that is emptied while it grows has no hole`() throws {
    let sandbox = try prepared()
    let run = try sandbox.run(
      """
      backprop train --epochs 100000000 --csv log & pid=$!
      until [ -s log ]; do sleep 0.01; done
      : > log
      until [ -s log ]; do sleep 0.01; done
      kill $pid; wait $pid
      tr -dc '\\0' < log | wc -c
      """)
    #expect(run.text == "0\n", "\(run)")
  }

  @Test func `a folder may be renamed while a run writes into it`() throws {
    let sandbox = try prepared()
    let run = try sandbox.run(
      """
      mkdir run; backprop train --epochs 100000000 --csv run/log --save run/m.st & pid=$!
      until [ -s run/log ]; do sleep 0.01; done
      mv run done; kill $pid; wait $pid; ls done; ls
      """)
    #expect(run.text == "log\nm.st\nd.csv\ndone\n", "\(run)")
  }

  @Test func `a table that is written to while it is read is told`() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.run(
      """
      (echo x,y; yes 1,2 | head -c 20000000) > d.csv
      while :; do touch d.csv; done & writer=$!
      for _ in $(seq 50); do
        backprop train --data d.csv --epochs 1 --batch-size full --csv /dev/null; status=$?
        [ $status = 0 ] || break
      done
      kill -KILL $writer; exit $status
      """)
    #expect(run.status == 74, "\(run)")
    let sentence =
      "something wrote to the file while it was read; wait until it is complete, or give a copy"
    #expect(run.errors == "backprop: d.csv: \(sentence)\n", "\(run)")
  }
}
