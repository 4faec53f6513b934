/// A file format of pictures.
public enum PictureFormat: String, CaseIterable, Sendable {
  case png, svg, pdf

  /// The format that a path's extension names, in any case; nil if it names none.
  public init?(path: String) {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
    self.init(rawValue: path[dot...].dropFirst().lowercased())
  }
}

/// A finished picture.
public struct Picture: Sendable {
  /// The file's contents.
  public let bytes: [UInt8]
  /// Characters that no font has and that are drawn as boxes, in order of appearance.
  public let missingCharacters: [Character]
  /// Letters of Arabic and the like, drawn as boxes since nothing here joins them to words.
  public let unshapedCharacters: [Character]
}

extension Picture {
  /// Throws an error if the machine lacks a library that pictures need, which is then loaded.
  public static func checkCanDraw() throws(PlotError) { _ = try DrawingLibraries.loaded.get() }

  /// Draws what `draw` lays out, for formats with device pixels or without, as the fonts measure it.
  fileprivate init(
    as format: PictureFormat, creator: String,
    _ draw: (_ vector: Bool, _ fonts: FontBook) throws(PlotError) -> Drawing
  ) throws(PlotError) {
    let fonts = try FontBook()
    let drawing = try draw(format != .png, fonts)
    self = try drawing.picture(as: format, creator: creator, fonts: fonts)
  }
}

extension Figure {
  /// Draws the figure.
  ///
  /// `creator` names the program and its version in the documents that can say so. The same figure
  /// gives the same bytes on one machine, whenever and wherever it is drawn.
  public func picture(as format: PictureFormat, creator: String) throws(PlotError) -> Picture {
    try Picture(as: format, creator: creator) { vector, fonts throws(PlotError) in
      try drawing(vector: vector, measuring: fonts)
    }
  }
}

extension FitFigure {
  /// Draws the figure, as ``Figure/picture(as:creator:)`` draws a figure of losses.
  public func picture(as format: PictureFormat, creator: String) throws(PlotError) -> Picture {
    try Picture(as: format, creator: creator) { vector, fonts throws(PlotError) in
      try drawing(vector: vector, measuring: fonts)
    }
  }
}

extension Diagram {
  /// Draws the diagram, as ``Figure/picture(as:creator:)`` draws a figure.
  public func picture(as format: PictureFormat, creator: String) throws(PlotError) -> Picture {
    try Picture(as: format, creator: creator) { vector, fonts throws(PlotError) in
      try drawing(vector: vector, measuring: fonts)
    }
  }
}

extension ConfusionMatrix {
  /// Draws the matrix, as ``Figure/picture(as:creator:)`` draws a figure.
  public func picture(as format: PictureFormat, creator: String) throws(PlotError) -> Picture {
    try Picture(as: format, creator: creator) { vector, fonts throws(PlotError) in
      try drawing(vector: vector, measuring: fonts)
    }
  }
}
