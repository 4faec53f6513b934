import Flags
import Models

/// A command that is run again and again, each time with other settings or other rows held out, for what is measured
/// of it.
protocol Experiment: SendableMetatype {
  /// The command that is run.
  associatedtype Subject: SweptCommand

  /// Checks the flags of a command as far as that is possible without reading data.
  ///
  /// `threads` are those of a run whose flags do not name a number.
  init(_ command: Subject, threads: Int, at bench: Bench) throws(Failure)

  /// The files that are read, with their flags.
  var inputs: [(flag: String, source: Source)] { get }
  /// How many folds are held out in turn; nil if none are.
  var foldCount: Int? { get }
  /// Everything on which the numbers of a run depend, data and all; runs that differ in it are other runs.
  func identity() throws(Failure) -> String
  /// The names of what is measured, the first of which is a count.
  func columns() throws(Failure) -> [String]
  /// Runs the command without the rows of a fold, counted from 0, or with all of them; nil if a signal has ended it.
  func run(fold: Int?, _ wanted: Wanted) throws(Failure) -> Measurement?

  /// The options on which ``columns()`` depend.
  static var columnSettings: Set<String> { get }
  /// The words for how a run can end.
  static var outcomes: Set<String> { get }
  /// Whether a run that ended so came to what was asked for.
  static func isSuccess(_ outcome: String) -> Bool
  /// What runs that did not are said to have done, and the exit code if that is so of all.
  static var failing: (words: String, status: ExitStatus) { get }
  /// What a curve counts.
  static var curveTitle: String { get }
}

/// A command whose flags can differ from run to run.
protocol SweptCommand: Command, Sendable {
  /// The names of those flags.
  static var sweptNames: Set<String> { get }
  /// What is held out in turn.
  var folds: FoldOptions { get }
  /// How many threads a run is to have; nil if no flag says so.
  var givenThreads: Int? { get }
  /// The names of those that were given.
  var givenNames: Set<String> { get }
  /// A flag that was given and makes no sense where runs are many, and why; `areOutputsOwn` says that each run would
  /// write for itself what many write together.
  func refusal(areOutputsOwn: Bool) throws(Failure) -> (flag: String, reason: String)?
}

extension SweptCommand {
  /// The flag of that name whose values can differ from run to run; nil if there is none.
  static func sweptFlag(named name: String) -> Flag<Self>? {
    guard sweptNames.contains(name) else { return nil }
    return sections.lazy.compactMap { $0.flags.first { $0.name == name } }.first
  }
}

/// What is wanted of a run besides the numbers.
struct Wanted: OptionSet, Sendable {
  let rawValue: Int
  /// What was made small, by epoch or iteration.
  static let curve = Wanted(rawValue: 1)
  /// The model's file.
  static let model = Wanted(rawValue: 2)
}

/// What was measured of a run.
struct Measurement: Sendable {
  /// How the run ended, in a word or two.
  var outcome: String
  /// The numbers by their columns; what is not known is missing.
  var values: [String: Double]
  /// What is to be said of the run.
  var remarks: [String] = []
  var seconds: Double
  var curve: LossCurve?
  var model: [UInt8]?
}

/// What was made small, by epoch or iteration.
struct LossCurve: Sendable {
  private(set) var places: [Double] = []
  private(set) var losses: [Double] = []
  /// The same of the rows that were held out, where there are some.
  private(set) var heldOut: [Double]?

  /// So many points at most are kept of a curve: more than any picture has columns.
  private static let mostPoints = 8192

  /// The losses of a run, of which long ones are thinned to the ends of stretches and their smallest and largest
  /// finite values.
  init(_ losses: [Double], heldOut: [Double]? = nil) {
    let stretch = (losses.count + Self.mostPoints / 4 - 1) / (Self.mostPoints / 4)
    guard losses.count > Self.mostPoints else {
      places = losses.indices.map { Double($0) }
      (self.losses, self.heldOut) = (losses, heldOut)
      return
    }
    self.heldOut = heldOut.map { _ in [] }
    let compared = heldOut ?? losses
    for start in stride(from: 0, to: losses.count, by: stretch) {
      let range = start..<min(start + stretch, losses.count)
      let finite = range.filter { compared[$0].isFinite }
      let extremes = [
        range.lowerBound, finite.min { compared[$0] < compared[$1] },
        finite.max { compared[$0] < compared[$1] }, range.upperBound - 1,
      ]
      for place in Set(extremes.compactMap(\.self)).sorted() {
        places.append(Double(place))
        self.losses.append(losses[place])
        if let heldOut { self.heldOut?.append(heldOut[place]) }
      }
    }
  }

  /// What runs are compared by: the loss of the rows that were held out, where there are some.
  var compared: [Double] { heldOut ?? losses }
}

/// What the runs of one thread share.
final class Bench {
  let shelf: TableShelf
  /// The models that were bound last, by what they depend on.
  private var bound: [String: BoundModel] = [:]
  private static let mostBound = 8

  init(_ shelf: TableShelf) { self.shelf = shelf }

  /// The model of that name, which is made unless it is there.
  func model(
    _ name: String, make: () throws(Failure) -> BoundModel
  ) throws(Failure) -> BoundModel {
    if let model = bound[name] { return model }
    if bound.count >= Self.mostBound { bound = [:] }
    let model = try make()
    bound[name] = model
    return model
  }
}
