extension Table {
  /// What tells the table from another: the checksum of the names and values of all columns that were read.
  ///
  /// It is the same for equal tables however their files are written.
  package var checksum: Checksum {
    var checksum = Checksum()
    for column in columns {
      checksum.add(Array("\(column.name)\0".utf8))
      switch column.content {
      case .numbers(let numbers): numbers.withUnsafeBytes { checksum.add($0) }
      case .texts(let texts, _, _):
        texts.codes.withUnsafeBytes { checksum.add($0) }
        for level in 0..<texts.levelCount {
          texts.withLevel(level) { checksum.add(UnsafeRawBufferPointer($0)) }
          checksum.add([0])
        }
      }
    }
    return checksum
  }
}
