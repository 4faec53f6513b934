import Autograd
import Flags

extension Backprop {
  /// The program's manual pages.
  static var manual: Manual {
    Manual(
      of: "backprop", version: version, summary: summary,
      discussion: """
        \(examples)

        Results go to standard output, and messages to standard error. '-' stands for standard input or output wherever \
        a file is expected. Results in float32 are the same on every machine, with any number of threads and processes.

        Output files are created before the work begins, so that a run that cannot write its model fails at once. Files \
        appear complete or not at all, except traces and the CSVs of losses and runs, which grow as the work proceeds.
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
      "ENVIRONMENT", "None of these variables affects numerical results.",
      [
        (
          "BACKPROP_SIMD",
          """
          The vector instructions to use, one of \(levels). By default they are the widest that the machine has. If \
          it lacks those that are asked for, 'train', 'fit', 'sweep' and 'check' report an error, and other commands use \
          the default.
          """
        ),
        (
          "BACKPROP_INTERPRET",
          """
          If this is set, training with one row per step uses the general kernels instead of machine code generated \
          for the formula. The results are the same.
          """
        ),
        ("NO_COLOR", "If this is set and not empty, terminal output is not coloured."),
        ("TERM", "If this is 'dumb', the terminal shows neither colours nor a progress bar."),
        (
          "LC_ALL, LC_CTYPE, LANG",
          """
          If the first of these that is not empty names UTF-8, curves in the terminal are drawn with Unicode \
          characters, otherwise with ASCII.
          """
        ),
        (
          "TMPDIR",
          "Folder for temporary copies of piped tables that --stream has to read more than once. [/tmp]"
        ),
        (
          "FONTCONFIG_FILE, FONTCONFIG_PATH",
          """
          Location of fontconfig's configuration. If one of these is set, fontconfig chooses the fonts of pictures; \
          otherwise it is only asked for characters that DejaVu Sans lacks.
          """
        ),
        (
          "OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMI_RANK, PMIX_RANK",
          "Set by launchers such as mpirun and srun. If they are set, Open MPI is loaded and the processes share their work."
        ),
      ])
  }

  private static let files = Manual.Topic(
    "FILES", "",
    [
      (
        "<NAME>.backprop-<XXXXXX>",
        """
        The file NAME while it is being written; it is renamed to NAME when it is complete. If a run is killed, the \
        next run that writes NAME removes the remains.
        """
      )
    ])
}
