import Glibc

/// The descriptors 0 to 2, which a program may be started without.
enum StandardStreams {
  /// Opens those that are closed, so that no file gets their numbers, and with it what is meant for them.
  ///
  /// They are open the wrong way round: what reads or writes them hears of a bad descriptor, as if they were
  /// closed. Who opens them again by name, as `/dev/stdout`, hears of a full disk or an empty file.
  static func open() throws(Failure) {
    let substitutes = [("/dev/null", O_WRONLY), ("/dev/full", O_RDONLY), ("/dev/full", O_RDONLY)]
    for (stream, (path, mode)) in zip(STDIN_FILENO..., substitutes)
    where fcntl(stream, F_GETFD) < 0 {
      // The lowest number that is free is this one, as those below are taken.
      guard Glibc.open(path, mode) == stream else {
        throw Failure(
          .inputOutput,
          "descriptor \(stream) is closed, and \(path) cannot stand in: \(reason(errno))")
      }
    }
  }
}
