import Autograd
import Formula
import Glibc
import Plotting
import Tables
import Training

/// What ends the program: a message for the person who ran it, and an exit code.
enum Failure: Error {
  case message(String, ExitStatus)
  /// What was wrong has been said already.
  case said(ExitStatus)
  /// Whoever read our output has gone: end as SIGPIPE would have ended us.
  case closedPipe
  /// A signal asked us to stop, and what there is has been written, but for an output that takes nothing.
  case interrupted(signal: Int32, losing: String? = nil)
  /// What went wrong with several outputs, of which the first ends the program.
  case several([Failure])

  init(_ status: ExitStatus, _ message: String) { self = .message(message, status) }

  /// The failures that it is made of.
  var parts: [Failure] { if case .several(let failures) = self { failures } else { [self] } }

  /// What is said of one failure, unless nothing is to be said any more.
  var text: String? {
    switch self {
    case .message(let text, _): text
    case .interrupted(_, let name?): "gave up on \(name): it accepts no data"
    case .said, .closedPipe, .interrupted, .several: nil
    }
  }

  /// The same end, once it has been said what was wrong.
  var said: Failure {
    switch self {
    case .message(_, let status): .said(status)
    case .interrupted(let signal, _): .interrupted(signal: signal)
    case .said, .closedPipe, .several: self
    }
  }

  /// Says what went wrong on standard error and ends the process.
  func report() -> Never {
    StatusLine.erase()
    TemporaryFiles.removeAll()
    for text in parts.compactMap(\.text) { Diagnostics.say(text) }
    end()
  }

  private func end() -> Never {
    switch self {
    case .message(_, let status), .said(let status): exit(status.rawValue)
    case .closedPipe: Interruption.end(by: SIGPIPE)
    case .interrupted(let signal, _): Interruption.end(by: signal)
    case .several(let failures): failures[0].end()
    }
  }
}

extension Failure: TableFailure {
  /// A table that could not be read.
  init(_ error: TableError) { self.init(error, advice: TableAdvice()) }

  /// A bad formula that a flag gave: the sentence, the formula, the caret.
  init(_ error: FormulaError, flag: String, isOfFit: Bool = false) {
    // Nothing of an empty formula can be shown.
    self.init(
      .usage,
      "\(flag): \(error.text(flag: flag, isOfFit: isOfFit))"
        + (error.formula.isEmpty ? "" : "\n\(error.excerpt)"))
  }

  /// A table that could not be read by a command, which offers something where it can.
  init(_ error: TableError, advice: TableAdvice) {
    let status: ExitStatus =
      switch error.reason {
      // A bad descriptor is a standard input that was closed.
      case .cannotOpen, .cannotRead(errno: EBADF): .noInput
      case .cannotRead, .cannotWrite, .changedWhileRead: .inputOutput
      default: .badData
      }
    self.init(status, error.text(advice: advice))
  }

  /// A picture that could not be drawn.
  init(_ error: PlotError) {
    let status: ExitStatus =
      switch error.reason {
      case .nothingToDraw: .badData
      case .canvasTooSmall, .tooManyPixels, .tooManyBoxes, .tooManyClasses,
        .tooManyGroups:
        .usage
      case .libraryMissing, .drawingFailed: .inputOutput
      }
    self.init(status, "\(error)")
  }

  /// A run that diverged: where, what overflowed, and what to try; `position` is where a row stands in its file.
  init(
    _ divergence: Divergence, position: (Int) -> String?, advice: @autoclosure () -> String
  ) {
    let cause =
      switch divergence.cause {
      case .operation(let fault): fault.text
      case .penalty: "the penalty on the parameters overflowed"
      case .lossSum: "the sum of the batch's losses overflowed"
      case .epochLoss: "the sum of the epoch's losses overflowed"
      case .gradientSum(let name): "the sum of the batch's gradients of \(excerpt(name)) overflowed"
      case .update(let name): "the update of \(excerpt(name)) overflowed"
      }
    let cure =
      divergence.mayComeOfLearningRate
      ? advice()
      : "check the start values (--init) and the data"
    let place = divergence.row.map { row in
      ", row \(row + 1)" + (position(row).map { " (\($0))" } ?? "")
    }
    self.init(
      .diverged, "diverged at epoch \(divergence.epoch)\(place ?? ""): \(cause); \(cure)")
  }
}

extension NonFinite {
  /// What it is, and what it was computed from.
  var text: String {
    let operands = operands.map { brief($0) }
    let shown = expression.count > 60 ? "\(expression.prefix(59))…" : expression
    let computed =
      switch (op, operands.count) {
      case (nil, _): ""
      case (let op?, 2) where !op.isFunction: " (\(operands[0]) \(op.spelling) \(operands[1]))"
      case (let op?, _): " (\(op.spelling)(\(operands.joined(separator: ", "))))"
      }
    return "\(shown) is \(brief(result))\(computed)"
  }
}

extension Formula {
  /// Reads the formula that a flag gave.
  init(_ text: String, flag: String) throws(Failure) {
    do { self = try Formula(text) } catch { throw Failure(error, flag: flag) }
  }
}

/// What is said to a person, on standard error.
enum Diagnostics {
  /// Says something once: of several processes that do the same the first speaks, unless it is about one of them.
  static func say(_ text: String, asOne: Bool = false) {
    if Job.isFirst || asOne { tell("backprop: \(text)") }
  }

  /// Shows a line that is no message of the program, but what was asked for.
  static func tell(_ line: String) {
    StatusLine.erase()
    // Nothing can be done if even this fails.
    try? Writer.standardError.writeAll("\(line)\n")
  }

  static func warn(_ text: String) { say("warning: \(text)") }
}

/// The system's words for an error number.
func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

/// A number to a few significant digits, for a glance, without zeros at its end unless it keeps them.
func brief(_ value: Double, digits: Int = 4, keepsZeros: Bool = false) -> String {
  if value.isNaN { return "nan" }
  return formatted(keepsZeros ? "%#.*g" : "%.*g", digits, value)
}

/// A number as C spells it by a format with a precision and a value.
func formatted(_ format: String, _ precision: Int, _ value: Double) -> String {
  var buffer = [CChar](repeating: 0, count: 512)
  let length = withVaList([Int32(precision), value]) {
    vsnprintf(&buffer, buffer.count, format, $0)
  }
  let bytes = buffer.prefix(min(Int(length), buffer.count - 1))
  return String(decoding: bytes.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
