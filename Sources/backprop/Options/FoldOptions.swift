import Flags
import Models

/// The flags of cross-validation.
struct FoldOptions: NotesFlags {
  /// How many folds there are; nil where nothing is held out in turn.
  var count: Int?
  var isStratified = false
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static var flags: [Flag<Self>] {
    [
      Flag(
        "kfold", "count",
        """
        Cross-validate: divide the rows at random into this many folds (2 or more), hold out each fold once, and \
        report how well a model trained on the others predicts it.
        """
      ) { $0.count = try wholeNumber($1, from: 2) },
      Flag("stratify", "With --kfold, give every fold about the same proportions of the classes.") {
        $0.isStratified = true
      },
    ]
  }

  /// Throws if the flags do not fit together, or with `others`, flags that say something else of the same run.
  func check(beside others: [(flag: String, reason: String)]) throws(Failure) {
    if isStratified, count == nil {
      throw Failure(.usage, "--stratify has no effect without --kfold")
    }
    guard count != nil else { return }
    if let other = others.first {
      throw Failure(.usage, "--kfold and \(other.flag): \(other.reason); leave one of them out")
    }
    if Job.count > 1 {
      throw Failure(
        .usage, "--kfold runs on one process, with a fold on each core: start it without a launcher"
      )
    }
  }

  /// A fold by its number, counted from 0.
  func fold(_ number: Int, seed: UInt64) -> Fold? {
    count.map { Fold(number, of: $0, seed: seed, isStratified: isStratified) }
  }
}
