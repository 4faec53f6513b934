/// s
public enum PictureFormat: String, CaseIterable {
  case png, svg, pdf
  /// s
  public init?(path: String) { self = .png }
}
/// s
public struct PlotError: Error {
  public enum R: Sendable { case nothingToDraw }
  public let reason: R
}
/// s
public struct Picture { public let bytes: [UInt8] }
/// s
public struct Figure {
  /// s
  public static func losses(_ l: [Double]) -> Figure { Figure() }
  /// s
  public func picture(as: PictureFormat, creator: String) throws(PlotError) -> Picture {
    Picture(bytes: [])
  }
}
