/// Boxes joined by arrows that run from left to right, described apart from any way to draw it.
///
/// ```swift
/// var diagram = Diagram(boxes: [
///   Diagram.Box("w", .parameter), Diagram.Box("x", .data),
///   Diagram.Box("*", .output, inputs: [0, 1]),
/// ])
/// diagram.theme = .dark
/// ```
public struct Diagram: Sendable {
  /// The kind of a box: each kind has its own shape and a line in the legend.
  public enum Kind: String, CaseIterable, Sendable {
    /// Something given.
    case data
    /// Something to find.
    case parameter
    /// A number that never changes; it is placed next to the box that reads it.
    case constant
    /// Something computed on the way.
    case operation
    /// What it is all computed for.
    case output
  }

  /// One box: its name, the text above and below it, and the boxes that its arrows come from.
  public struct Box: Hashable, Sendable {
    /// The text in the middle.
    public var name: String
    /// The kind of the box.
    public var kind: Kind
    /// The text beside the name, in smaller type.
    public var note: String
    /// The text above the name.
    public var above: String?
    /// The text below the name.
    public var below: String?
    /// The boxes that arrows come from, earlier in the list; they enter from top to bottom.
    public var inputs: [Int]

    /// A box with a name.
    public init(
      _ name: String, _ kind: Kind, note: String = "", above: String? = nil,
      below: String? = nil, inputs: [Int] = []
    ) {
      self.name = name
      self.kind = kind
      self.note = note
      self.above = above
      self.below = below
      self.inputs = inputs
    }
  }

  /// How many boxes a picture can show.
  public static let mostBoxes = 200

  /// The boxes; arrows lead from earlier to later ones.
  public var boxes: [Box]
  /// The text above the picture; none by default.
  public var title: String?
  /// Lines of text at the foot of the picture.
  public var captions: [String] = []
  /// What the document is called, for those who cannot see it.
  public var documentTitle = "Diagram"
  /// One sentence on what the picture shows, for those who cannot see it.
  public var summary = ""
  /// The colours.
  public var theme = Figure.Theme.light
  /// Device px to one px in a PNG.
  public var scale = 2.0

  /// A diagram of boxes whose inputs are earlier boxes.
  public init(boxes: [Box]) {
    for (index, box) in boxes.enumerated() {
      precondition(box.inputs.allSatisfy { $0 >= 0 && $0 < index }, "inputs are earlier boxes")
    }
    self.boxes = boxes
  }
}
