import Glibc
import Tables

/// A file that appears whole or not at all: it is written beside its path and renamed.
///
/// It is created at once, so that an output that cannot be is told before the work for it begins. What exists
/// and is not a regular file, such as a device or a pipe, is written in place; a symbolic link is followed.
final class WholeFile {
  private let target: Target
  /// The file that is to be renamed; nil for a stream and for what is written in place.
  private var draft: Draft?
  /// When the disk last had the file.
  private var lastLasting = -Double.infinity

  private enum Target {
    case descriptor(Int32)
    case place(Place)
  }

  /// Creates what will be renamed.
  init(_ destination: Destination) throws(Failure) {
    switch destination {
    case .descriptor(let number):
      target = .descriptor(number)
      try Writer.open(descriptor: number).close()
    case .file(let path):
      let place = try Place(path)
      target = .place(place)
      try place.checkCanWrite()
      if place.kind == .special { return }
      place.removeLeftovers()
      draft = try Draft(for: place)
    }
  }

  deinit { draft?.discard() }

  /// Writes the content; called again, it replaces what is there.
  ///
  /// A disk can take as long to keep a file as a run takes for many epochs. So one that will be written again is
  /// kept there once a second: when the power fails, no more is lost.
  func write(_ bytes: [UInt8], isLast: Bool = true) throws(Failure) {
    switch target {
    case .descriptor(let number):
      let writer = try Writer.open(descriptor: number)
      try writer.writeAll(bytes)
      try writer.close()
    case .place(let place) where place.kind == .special:
      let writer = try place.open(O_TRUNC)
      try writer.writeAll(bytes)
      try writer.close()
    case .place(let place):
      let draft = if let draft { draft } else { try Draft(for: place) }
      self.draft = nil
      let isLasting = isLast || Clock.now - lastLasting > 1
      try draft.commit(bytes, isLasting: isLasting)
      if isLasting { lastLasting = Clock.now }
    }
  }

  /// Writes the text.
  func write(_ text: String) throws(Failure) { try write(Array(text.utf8)) }
}
