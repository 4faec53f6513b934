/// Why a picture could not be made.
public struct PlotError: Error, Hashable, CustomStringConvertible {
  /// What can go wrong with a picture.
  public enum Reason: Hashable, Sendable {
    /// No value of any curve can be shown on the axes.
    case nothingToDraw
    /// The canvas leaves too little room for the curves; this size, in px, would do.
    case canvasTooSmall(neededWidth: Int, neededHeight: Int)
    /// The picture has more pixels in a row or column than a PNG can be drawn with.
    case tooManyPixels(width: Int, height: Int)
    /// A diagram has more boxes than a picture can show.
    case tooManyBoxes(Int, most: Int)
    /// A matrix has more classes than a picture can show.
    case tooManyClasses(Int, most: Int)
    /// A fit has more groups than a picture can show.
    case tooManyGroups(Int, most: Int)
    /// A library that draws, or a function of it, is missing, as the reason says.
    case libraryMissing(String)
    /// The drawing library failed, for the reason that it gave.
    case drawingFailed(String)
  }

  /// What went wrong, for code that reacts to it.
  public let reason: Reason

  /// An error with its reason.
  public init(_ reason: Reason) { self.reason = reason }

  /// One sentence for the person who asked for the picture.
  public var description: String {
    switch reason {
    case .nothingToDraw:
      "there is nothing to draw: no value is a number that the axes can show"
    case .canvasTooSmall(let width, let height):
      "the picture is too small for its labels; use a size of \(width)x\(height) or more"
    case .tooManyPixels(let width, let height):
      "a PNG of \(width)x\(height) pixels is too large; use a smaller scale, or SVG or PDF"
    case .tooManyBoxes(let count, let most):
      "the graph has \(count) boxes and a picture shows at most \(most); write it as DOT, to a .dot file"
    case .tooManyClasses(let count, let most):
      "there are \(count) classes and a picture shows at most \(most); write the matrix as CSV"
    case .tooManyGroups(let count, let most):
      "there are \(count) groups and a picture shows at most \(most)"
    case .libraryMissing(let why):
      "pictures are drawn by cairo, which cannot be loaded (\(why)); install libcairo2"
    case .drawingFailed(let why):
      "the picture could not be drawn: \(why)"
    }
  }
}
