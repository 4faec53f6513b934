import Tables
import Testing

@testable import backprop

/// A table that cannot be read, and the advice about it with the flags of the program.
struct AdviceCase: CustomTestStringConvertible {
  let testDescription: String
  let text: [UInt8]
  let format: TableFormat
  let advice: String

  init(
    _ name: String, _ text: String, with change: (inout TableFormat) -> Void = { _ in },
    gives advice: String
  ) {
    self.init(name, Array(text.utf8), with: change, gives: advice)
  }

  init(
    _ name: String, _ text: [UInt8], with change: (inout TableFormat) -> Void = { _ in },
    gives advice: String
  ) {
    testDescription = name
    self.text = text
    var format = TableFormat()
    change(&format)
    self.format = format
    self.advice = advice
  }

  static let all = [
    AdviceCase("semicolons", "x;y\n1;2\n", gives: "give --delimiter ';'"),
    AdviceCase("tabs", "x\ty\n1\t2\n", gives: "give --delimiter tab"),
    AdviceCase(
      "commas in spite of a flag", "x,y\n1,2\n", with: { $0.delimiter = .spaces },
      gives: "give --delimiter ,"),
    AdviceCase("bars", "x|y\n1|2\n", gives: "fields separated by '|' need --delimiter '|'"),
    AdviceCase("blanks", "x y\n1 2\n", gives: "fields separated by spaces need --delimiter space"),
    AdviceCase(
      "a decimal comma", "x;y\n2,5;1\n", with: { $0.delimiter = .character(UInt8(ascii: ";")) },
      gives: "--decimal , reads it as a number with a decimal comma"),
    AdviceCase(
      "a mark between thousands", "x\n\"1,234.5\"\n",
      gives: "the ',' is a thousands separator; write the number without it"),
    AdviceCase(
      "a mark that may be either", "x\n\"1,234\"\n",
      gives: "the ',' is a thousands separator or a decimal mark; write the number without it, "
        + "or give --decimal , if it is a decimal mark"),
    AdviceCase(
      "a title", "made by hand\n\nx,y\n1,2\n",
      gives: "if it holds the column names, --skip 2 skips the lines above it"),
    AdviceCase(
      "units", "x,y\ns,m\n1,2\n3,4\n",
      gives: "--units skips a line of units below the names"),
    AdviceCase(
      "no name", ",x\n1,2\n", gives: "give it one, or list the columns to use by --features"),
    AdviceCase(
      "a decimal point", "x\n1.5\n",
      with: {
        $0.delimiter = .character(UInt8(ascii: ";"))
        $0.decimal = UInt8(ascii: ",")
      },
      gives: "without --decimal , it would be one"),
    AdviceCase(
      "a comment above", "# made by hand\nx,y\n", gives: "--comment '#' skips such lines"),
    AdviceCase("a word", "x\nn/a\n", gives: "--na n/a --missing drop leaves such rows out"),
    AdviceCase("a mark", "x\n?\n", gives: "--na '?' --missing drop leaves such rows out"),
    AdviceCase(
      "no header", "1,2\n3,4\n",
      gives: "put a line of column names above it, or give --no-header"),
    AdviceCase(
      "a missing value", "x\n\"\"\n",
      gives:
        "--missing drop leaves such rows out, --missing mean fills in the column's mean"),
    AdviceCase("a short row", "x,y\n1\n", gives: "add the missing fields"),
    AdviceCase(
      "gzip", [0x1F, 0x8B, 8, 0], gives: "decompress it: zcat FILE | backprop plot -"),
    AdviceCase(
      "UTF-16", [0xFF, 0xFE, 0x78, 0],
      gives: "convert it: iconv -f UTF-16 -t UTF-8 FILE | backprop plot -"),
    AdviceCase(
      "a spreadsheet", [0x50, 0x4B, 3, 4], gives: "convert it to delimited text in UTF-8"),
  ]
}

@Suite struct TableAdviceTests {
  @Test(arguments: AdviceCase.all)
  func `advice about a table names flags`(table: AdviceCase) {
    let error = #expect(throws: TableError.self) {
      let read = try Table(csv: table.text, name: "t", format: table.format)
      _ = try read.columns[0].numbers.get()
    }
    guard let error else { return }
    #expect(
      error.text(advice: TableAdvice(pipe: "backprop plot -"))
        == "\(error.problem); \(table.advice)")
    #expect(!error.description.contains("--"), "flags are the program's")
  }
}
