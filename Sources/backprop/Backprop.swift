import ArgumentParser
import Glibc

/// The program: finds the subcommand, runs it, and turns what goes wrong into a message and a code.
@main struct Backprop: ParsableCommand {
  static let version = "0.1.0"
  /// What the program calls itself in the documents that it makes.
  static let creator = "backprop \(version)"

  static let configuration = CommandConfiguration(
    commandName: "backprop",
    abstract: "Fit a formula to a table, watch the loss fall, and get a picture.",
    discussion: """
      EXAMPLES:
        The lesson, y = w*x on three points:
        $ backprop train --lr 0.01 --epochs 100 --plot loss.png

        Its curve in the terminal:
        $ backprop train | backprop plot -

        What it computes, and every gradient, as a picture:
        $ backprop graph --at w=1,x=2,y=4 --output graph.svg

      EXIT CODES:
      0 done, 4 diverged, 64 usage, 65 bad data, 66 no such or unreadable input, \
      73 cannot create, 74 I/O error; 130, 141 and 143: ended by Ctrl-C, a closed \
      pipe, SIGTERM.
      """,
    version: "backprop \(version)",
    subcommands: [Train.self, Plot.self, GraphCommand.self, FormulaCommand.self])

  static func main() {
    // A closed pipe is an error of write(2) here, so that no file is left half made.
    signal(SIGPIPE, SIG_IGN)
    Interruption.handleSignals()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      failure.report()
    } catch  where exitCode(for: error).isSuccess {
      let text = message(for: error)
      Failure.reporting { () throws(Failure) in try Writer.standardOutput.writeAll(text + "\n") }
    } catch {
      Failure(.usage, message(for: error)).report()
    }
  }
}
