import Foundation
import Glibc
import Testing

@testable import Tables

/// Files that somebody writes to while they are read.
@Suite struct ChangedFileTests {
  /// A file in a folder of its own, which goes away with its owner.
  private final class File {
    let path: Path
    private let folder: URL

    init(rows: Int) throws {
      folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("tables-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let file = folder.appendingPathComponent("t.csv")
      try Data(("x,y\n" + String(repeating: "1,2\n", count: rows)).utf8).write(to: file)
      path = Path(file.path)
      setTime(1)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Sets when the file was changed, since clocks may tick seldom.
    func setTime(_ seconds: Int) {
      let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 1)]
      _ = path.withCString { utimensat(AT_FDCWD, $0, times, 0) }
    }

    func truncate(to size: Int) { _ = path.withCString { Glibc.truncate($0, size) } }

    func append(_ text: String) {
      let descriptor = path.withCString { open($0, O_WRONLY | O_APPEND) }
      _ = write(descriptor, text, text.utf8.count)
      close(descriptor)
    }
  }

  /// Enough for a file that is mapped, and for several threads.
  private let many = 1_000_000

  /// What is wrong with mapped bytes; nil if they are a table.
  private func error(of bytes: consuming FileBytes, threads: Int = 2) -> TableError? {
    do throws(TableError) {
      _ = try Table(bytes, name: "t.csv", format: TableFormat(), threads: threads)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: [0, 5, 1_000_000, 3_999_999])
  func `a mapped file that is cut short is an error, whoever reads it`(size: Int) throws {
    for threads in [1, 4] {
      let file = try File(rows: many)
      let bytes = try FileBytes.contents(of: file.path, name: "t.csv")
      file.truncate(to: size)
      let error = error(of: bytes, threads: threads)
      #expect(error?.reason == .changedWhileRead(onlyGrew: false))
    }
  }

  @Test func `a mapped file that is written over is an error`() throws {
    let file = try File(rows: many)
    let bytes = try FileBytes.contents(of: file.path, name: "t.csv")
    file.setTime(2)
    #expect(
      error(of: bytes)?.description
        == "t.csv: something wrote to the file while it was read; wait until it is complete, or give a copy"
    )
  }

  @Test func `a mapped file that grows is told`() throws {
    let file = try File(rows: many)
    let bytes = try FileBytes.contents(of: file.path, name: "t.csv")
    file.append("3,4\n")
    #expect(error(of: bytes)?.reason == .changedWhileRead(onlyGrew: true))
    #expect(try Table(readingCSV: file.path).rowCount == many + 1)
  }

  @Test func `of several files those are told that have grown`() throws {
    let (one, other) = (try File(rows: many), try File(rows: many))
    let texts = [try OpenText(one.path), try OpenText(other.path)]
    other.append("3,4\n")
    #expect(texts.map(\.isWhole) == [true, false])
    #expect(try Table(readingCSV: [one.path, other.path]).rowCount == 2 * many + 1)
  }

  @Test func `a file that grows once while it is copied is copied again`() throws {
    let file = try File(rows: 10)
    var reads = 0
    let table = try copy(file) {
      reads += 1
      if reads < 3 { file.append("3,4\n") }
    }
    #expect(reads == 3 && table.rowCount == 12)
  }

  @Test func `a file that changes whenever it is copied is an error`() throws {
    let file = try File(rows: 10)
    for (change, onlyGrew) in [
      ({ file.append("3,4\n") }, true), ({ file.truncate(to: 8) }, false),
      ({ file.setTime(2) }, false),
    ] {
      let error = #expect(throws: TableError.self) { _ = try copy(file, whenRead: change) }
      #expect(error?.reason == .changedWhileRead(onlyGrew: onlyGrew))
    }
  }

  private func copy(_ file: File, whenRead: () -> Void) throws -> Table {
    let descriptor = file.path.withCString { open($0, O_RDONLY) }
    defer { close(descriptor) }
    let bytes = try FileBytes.copy(descriptor, from: 0, name: "t.csv", whenRead: whenRead)
    return try Table(bytes, name: "t.csv", format: TableFormat(), threads: 1)
  }
}
