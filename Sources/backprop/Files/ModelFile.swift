import Flags
import Formula
import Models
import Tables

extension SavedModel {
  /// Reads a model file.
  init(of source: Source) throws(Failure) { try self.init(of: source, try source.bytes()) }

  /// Reads the model in the bytes of a file.
  init(of source: Source, _ bytes: [UInt8]) throws(Failure) {
    let file = try RunFile.read(source, bytes)
    do throws(ModelFileError) { try self.init(file) } catch {
      throw Failure(.badData, "\(source.name): \(error)")
    }
  }
}

extension Arguments {
  /// The file of the trained model that a command is about; of several, ``Source/init(ofModel:for:)`` complains.
  static func model(_ paths: WritableKeyPath<Command, [Path]>) -> Arguments {
    Arguments(
      name: "model",
      help: "File that 'train' or 'fit' wrote with --save or --checkpoint; '-' is standard input.",
      isRequired: true
    ) { $0[keyPath: paths].append(try fileName($1)) }
  }
}

extension Source {
  /// The one model that a command was given; `advice` is how its other file is named, if it has one.
  init(ofModel paths: [Path], for command: String, advice: String = "") throws(Failure) {
    guard let path = paths.first, paths.count == 1 else {
      throw Failure(.usage, "\(command): give one model file, not \(paths.count)\(advice)")
    }
    self.init(path)
  }
}

/// Throws if a table lacks a column that a model needs.
func require(
  _ needed: [String], in columns: [String], of table: String
) throws(Failure) {
  guard let name = needed.first(where: { !columns.contains($0) }) else { return }
  let known = columns.filter { !$0.isEmpty }
  throw Failure(.badData, "\(table): \(unknown("column", name, among: known))")
}
