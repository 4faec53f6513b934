/// s
public enum PictureFormat: String, CaseIterable {
  case png, svg, pdf
  /// s
  public init?(path: String) { self = .png }
}
/// s
public struct Picture { public let bytes: [UInt8] }
extension Figure {
  /// s
  public static func losses(_ l: [Double]) -> Figure { Figure(runs: []) }
  /// s
  public func picture(as: PictureFormat, creator: String) throws(PlotError) -> Picture {
    Picture(bytes: [])
  }
}
