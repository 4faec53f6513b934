import Autograd
import Flags

extension Backprop {
  /// The program's manual pages.
  static var manual: Manual {
    Manual(
      of: "backprop", version: version, summary: summary,
      discussion: """
        \(examples)

        Results go to standard output, and messages to standard error; '-' is a stream wherever a file is asked. \
        The results of float32 are the same on every machine, with any number of threads and processes.

        Every file that is asked for is created before the work begins, so that a run that cannot write \
        its model says so at once. Files appear whole or not at all, but for the CSV of losses, which grows as epochs end.
        """,
      options: options, topics: [exitCodes, environment, files], commands: commands)
  }

  /// The text of a manual page, or the list of all of them.
  static func manualText(_ name: String?) throws(Failure) -> String {
    let manual = manual
    if name == manualList { return manual.pages.map { $0 + "\n" }.joined() }
    guard let name, let source = manual.source(of: name) else {
      let names = ([manualList] + manual.pages).joined(separator: ", ")
      throw Failure(.usage, "--generate-manual: choose one of \(names)")
    }
    return source
  }

  /// The word for the names of all manual pages.
  static let manualList = "list"

  private static let exitCodes = Manual.Topic(
    "EXIT STATUS", "",
    ExitStatus.allCases.map { ("\($0.rawValue)", $0.meaning.text) }
      + ExitStatus.signals.map { ("\($0.code)", $0.text) })

  private static var environment: Manual.Topic {
    let levels = SIMDLevel.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    return Manual.Topic(
      "ENVIRONMENT", "None of these changes a number of a result.",
      [
        (
          "BACKPROP_SIMD",
          """
          The vector instructions to compute with, one of \(levels). Without it they are the widest that the \
          machine has, and so they are where it lacks those that are asked for.
          """
        ),
        (
          "BACKPROP_INTERPRET",
          """
          If this is set, steps of one row are done by the kernels, where otherwise machine code is written for them. \
          Either way they have the same results.
          """
        ),
        ("NO_COLOR", "Unless this is empty, nothing on a terminal is coloured."),
        ("TERM", "On a terminal of the kind 'dumb' there are neither colours nor a progress bar."),
        (
          "LC_ALL, LC_CTYPE, LANG",
          """
          Where the first of them that is not empty names UTF-8, curves in the terminal are drawn with its \
          characters, otherwise with ASCII.
          """
        ),
        (
          "TMPDIR",
          "The folder for what is kept of a pipe that has to be read again, with --stream. [/tmp]"
        ),
        (
          "FONTCONFIG_FILE, FONTCONFIG_PATH",
          """
          Where fontconfig's settings are. If one is set, fontconfig chooses the fonts of pictures; otherwise it is \
          asked only for characters that DejaVu Sans lacks.
          """
        ),
        (
          "OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMI_RANK, PMIX_RANK",
          "Set by launchers such as mpirun and srun. Where they are, Open MPI is loaded, and processes share their work."
        ),
      ])
  }

  private static let files = Manual.Topic(
    "FILES", "",
    [
      (
        "<NAME>.backprop-<XXXXXX>",
        """
        A file on its way: it takes its name, NAME, when it is whole. What a killed run leaves of it, the next run \
        that writes this file removes.
        """
      )
    ])
}
