/// stub
public struct TableError: Error, CustomStringConvertible {
  public enum Reason: Sendable { case cannotOpen, cannotRead, other }
  public let reason: Reason
  public var description: String { "" }
}
/// stub
public struct Table {
  public var columnNames: [String] { ["x", "y"] }
  public var rowCount: Int { 3 }
  /// s
  public init(readingCSV: String) throws(TableError) {}
  /// s
  public init(csv: [UInt8], name: String) throws(TableError) {}
  /// s
  public func numbers(of: String) throws(TableError) -> [Double] {
    of == "x" ? [1, 2, 3] : [2, 4, 6]
  }
}
/// s
public func pythonText(of value: Double) -> String { "\(value)" }
/// s
public func appendPythonText(of value: Double, to line: inout [UInt8]) {
  line += Array("\(value)".utf8)
}
