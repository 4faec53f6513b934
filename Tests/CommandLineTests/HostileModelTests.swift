import Foundation
import Models
import Testing

/// Model files that nobody should trust, for every command that reads one.
@Suite struct HostileModelTests {
  /// What a header says, and what is said of the file.
  private static let headers: [(header: String, complaint: String)] = [
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "its tensors are not of a model"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, "tensor 'a': its shape and type"),
    (#"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#, "tensor 'a', byte "),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, "tensor 'a': its data end at 0"),
    (
      #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#,
      "tensor 'b': its data begin at 1, but the data before them end only at 3"
    ),
    (
      #"{"a":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
      "tensor 'a': the shape has more elements than can be counted"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#,
      "tensor 'a': the file is cut short"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551616]}}"#,
      "tensor 'a', byte "
    ),
    (#"{"a":{},"a":{}}"#, "tensor 'a', byte 15: its 'dtype' is missing"),
    (
      #"{"__metadata__":{"format":"backprop","format":"backprop"}}"#,
      "byte 45: the name 'format' occurs twice"
    ),
    (
      #"{"__metadata__":{"format":"backprop","format_version":"9"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
      "it is of version 9 of the format, and only versions up to 1 are known here"
    ),
    (#"{"__metadata__":{"format":NaN}}"#, "byte "),
    (#"{"a":"# + String(repeating: "[", count: 100_000), "tensor 'a', byte 13: "),
  ]

  private static func file(_ header: String) -> Data {
    Data((0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) })
      + Data(header.utf8) + Data([1, 2, 3, 4])
  }

  /// A model file with one entry of its metadata changed.
  private static func changed(_ key: String, _ value: String?, in valid: Safetensors) throws -> Data
  {
    var file = valid
    file.metadata[key] = value
    return Data(try file.withChecksum().serialized())
  }

  /// Every file, with what is said of it after its name.
  private static func files(_ valid: Safetensors) throws -> [(content: Data, complaint: String)] {
    var files = headers.map { (file($0.header), $0.complaint) }
    let bytes = Data(try valid.withChecksum().serialized())
    files.append((bytes.prefix(bytes.count - 1), "tensor "))
    files.append((bytes.prefix(100), "the file is cut short: its header should have"))
    files.append((bytes.prefix(6), "the file has only 6 bytes"))
    files.append(
      (Data([255, 255, 255, 255, 255, 255, 255, 127]) + bytes.dropFirst(8), "this is not a"))
    files.append((Data([0, 0, 0, 5, 0, 0, 0, 0]) + bytes.dropFirst(8), "the file is cut short"))
    files.append((Data("PK\u{3}\u{4}".utf8) + Data(count: 40), "this is a zip archive, as PyTorch"))
    for (key, value, complaint) in [
      ("model", "w*(x", "its formulas cannot be read: this '(' is never closed"),
      ("model", "v*x", "it has no tensor 'v'"),
      ("target", nil, "the file does not say what its 'target' is"),
      ("target", "z", "its target 'z' is none of its columns"),
      ("columns", #"["x","x","y"]"#, "its 'columns' are not a list of names, each of them once"),
      ("columns", String(repeating: "[", count: 100_000), "its 'columns' cannot be read: byte 32"),
      (
        "levels", #"{"x":["u","u"]}"#,
        "its levels of 'x' are not a list of texts, each of them once"
      ),
      (
        "scaling", #"{"x":[0,0]}"#,
        "its scaling of 'x' is not a pair of numbers, the second above 0"
      ),
      ("scaling", #"{"x":[NaN,1]}"#, "its 'scaling' cannot be read: byte 6"),
      ("scaling", #"{"x":[1e999,1]}"#, "its 'scaling' cannot be read: byte 6: '1e999' is not"),
      ("loss", "cross-entropy", "its formulas cannot be read"),
      ("response", "log(z)", "its formulas cannot be read: unknown name 'z'"),
      ("response", "log(", "its formulas cannot be read"),
      ("fit", "{}", "its 'fit.covariance' is not a square matrix with a row for each parameter"),
    ] as [(String, String?, String)] {
      files.append((try changed(key, value, in: valid), complaint))
    }
    for value in [Float.nan, .infinity] {
      var file = valid
      file.tensors["w"] = .init(shape: [], [value])
      files.append((Data(try file.serialized()), "its tensor 'w' holds \(value)"))
    }
    return files
  }

  @Test(arguments: ["show", "train --init", "train --resume"])
  func `every reader refuses it in one line, without much memory`(command: String) throws {
    let sandbox = try Sandbox()
    let made = try sandbox.run(
      "backprop train --epochs 3 --csv c.csv --checkpoint c.st && rm c.csv")
    #expect(made.status == 0, "\(made)")
    var valid = try Safetensors(reading: Array(sandbox.read("c.st")))
    valid.metadata["checksum"] = nil
    for (content, complaint) in try Self.files(valid) {
      try content.write(to: sandbox.folder.appendingPathComponent("h.st"))
      // Far less than what the headers promise.
      let result = try sandbox.run("ulimit -v 2000000; backprop \(command) h.st")
      #expect(result.status == 65 && result.text == "", "\(result)")
      #expect(result.errors.hasPrefix("backprop: h.st: \(complaint)"), "\(complaint): \(result)")
      #expect(result.errors.filter { $0 == "\n" }.count == 1, "\(result)")
    }
    #expect(try sandbox.files() == ["c.st", "h.st"])
  }
}
