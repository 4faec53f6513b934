import Tables
import Testing

/// A file as it is found in the wild, and what it must give.
struct MessyFile: Sendable, CustomTestStringConvertible {
  let title: String
  let bytes: [UInt8]
  let format: TableFormat
  /// The columns as `name: 1.0 2.0`, those of categories as `name: [a b] 0 1`, or the error's line.
  let outcome: String

  init(
    _ title: String, _ text: String, _ format: TableFormat = TableFormat(), gives outcome: String
  ) {
    self.init(title, Array(text.utf8), format, gives: outcome)
  }

  init(
    _ title: String, _ bytes: [UInt8], _ format: TableFormat = TableFormat(),
    gives outcome: String
  ) {
    self.title = title
    self.bytes = bytes
    self.format = format
    self.outcome = outcome
  }

  var testDescription: String { title }

  static let wellFormed = [
    MessyFile("plain", "x,y\n1,2\n3,4\n", gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile("one column, no last newline", "x\n1\n2", gives: "x: 1.0 2.0"),
    MessyFile("byte-order mark", "\u{FEFF}x,y\n1,2\n", gives: "x: 1.0; y: 2.0"),
    MessyFile("CRLF", "x,y\r\n1,2\r\n3,4\r\n", gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile("lone CR", "x,y\r1,2\r3,4", gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile("all line ends in one file", "x\n1\r2\r\n3\n", gives: "x: 1.0 2.0 3.0"),
    MessyFile("trailing blank lines", "x,y\n1,2\n\n  \t\r\n\n", gives: "x: 1.0; y: 2.0"),
    MessyFile(
      "empty lines before the header and between rows", "\n \nx\n\n1\n \t\n\r\n2\n",
      gives: "x: 1.0 2.0"),
    MessyFile(
      "an empty line in quotes", "x,y\n1,\"\n\n\"\n2,3\n",
      gives: #"x: 1.0 2.0; t:2:2: '\n\n' is not a number; column 'y' must hold numbers"#),
    MessyFile("commas at all ends", "x,y,\n1,2,\n3,4,\n", gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile(
      "commas at some ends", "x,y\n1,2,\n3,4\n5,6,,\n", gives: "x: 1.0 3.0 5.0; y: 2.0 4.0 6.0"),
    MessyFile("commas at the header's end", "x,y,,\n1,2\n3,4,\n", gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile("Ctrl-Z", "x\r\n1\r\n2\r\n\u{1A}", gives: "x: 1.0 2.0"),
    MessyFile("Ctrl-Z without a line end", "x\n1\n2\u{1A}", gives: "x: 1.0 2.0"),
    MessyFile("Ctrl-Z and a line end", "x\n1\n\u{1A}\u{1A}\n", gives: "x: 1.0"),
    MessyFile(
      "Fortran's exponents", "x\n2.0D+01\n1d0\n-1.5D-2\n12345678901234567890123D-20\n",
      gives: "x: 20.0 1.0 -0.015 123.45678901234568"),
    MessyFile("Excel's delimiter", "sep=;\nx;y\n1;2\n", gives: "x: 1.0; y: 2.0"),
    MessyFile(
      "Excel's delimiter in quotes", "\"sep=\t\"\r\nx\ty\r\n1\t2\r\n", gives: "x: 1.0; y: 2.0"),
    MessyFile("a column called sep=", "sep=,y\n1,2\n", gives: "sep=: 1.0; y: 2.0"),
    MessyFile("spaces and tabs", " x\t,\ty \n 1 ,\t2\t\n3, 4", gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile("quoted", "\"x\",\"y\"\n\"1\",2\n3,\"4\"", gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile("space around quotes", "\"x\" , \"y\"\n \"1\" ,2\n", gives: "x: 1.0; y: 2.0"),
    MessyFile(
      "comma, quote and line break in a name", "\"a,b\",\"c\"\"d\",\"e\nf\"\n1,2,3\n",
      gives: "a,b: 1.0; c\"d: 2.0; e\nf: 3.0"),
    MessyFile("a pair of quotes alone", "\"\"\"\"\n1\n", gives: "\": 1.0"),
    MessyFile("quote inside an unquoted name", "5\" pipe\n1\n", gives: "5\" pipe: 1.0"),
    MessyFile("semicolon within a quoted name", "\"a;b\"\n1\n", gives: "a;b: 1.0"),
    MessyFile("name in other letters", "größe,重さ\n1,2\n", gives: "größe: 1.0; 重さ: 2.0"),
    MessyFile(
      "all spellings", "x\n+1\n1.\n.5\n1e3\n1E+3\n-1e-3\n007\n1e-999\n",
      gives: "x: 1.0 1.0 0.5 1000.0 1000.0 -0.001 7.0 0.0"),
    MessyFile(
      "words", "x\ninf\n-Infinity\nNaN\n+nan\nINF\n", gives: "x: inf -inf nan nan inf"),
  ]

  /// The columns of text are no error until they are asked for.
  static let withText = [
    MessyFile(
      "labels", "name,x\nsetosa,1\n\"a, \"\"b\"\"\n c\",2\n",
      gives: "t:2:1: 'setosa' is not a number; column 'name' must hold numbers; x: 1.0 2.0"),
    MessyFile(
      "a word late", "x,y\n1,2\n3,n/a\n",
      gives: "x: 1.0 3.0; t:3:2: 'n/a' is not a number; column 'y' must hold numbers; "
        + "'n/a' may stand for a missing value"),
    MessyFile(
      "words below a line break", "x\n\"1\n\"\n2\n",
      gives: #"t:2:1: '1\n' is not a number; column 'x' must hold numbers"#),
    MessyFile(
      "lines count line breaks in quotes", "a,x\n\"\r\n\r\",1\nb,c\n",
      gives: #"t:2:1: '\r\n\r' is not a number; column 'a' must hold numbers; "#
        + "t:5:2: 'c' is not a number; column 'x' must hold numbers"),
    MessyFile(
      "space in quotes", "x\n\" 1\"\n",
      gives: "t:2:1: ' 1' is not a number; column 'x' must hold numbers"),
    MessyFile(
      "a long word with a control character", "x\n\u{1B}[1m\(String(repeating: "é", count: 60))\n",
      gives: #"t:2:1: '\u{1B}[1m"# + String(repeating: "é", count: 22) + "…"
        + String(repeating: "é", count: 13) + "' is not a number; column 'x' must hold numbers"),
    MessyFile(
      "missing", "x,y\n1,\n,2\n",
      gives: "t:3:1: \(missing("x")); t:2:2: \(missing("y"))"),
    MessyFile(
      "quoted nothing", "x\n\"\"\n",
      gives: "t:2:1: \(missing("x"))"),
    MessyFile(
      "overflow", "x,y\n1e999,-1e309\n",
      gives: "t:2:1: '1e999' in column 'x' is too large for a double; the limit is 1.8e308; "
        + "t:2:2: '-1e309' in column 'y' is too large for a double; the limit is 1.8e308"),
  ]

  static let twice = "t:1:3: the column name 'x' is taken by field 1; rename one of them"

  static func nameless(_ field: Int) -> String {
    "t:1:\(field): this column has no name; give it one, or use other columns"
  }

  static let empty =
    "t: the file is empty; it needs a line of column names, then rows of numbers"

  static func missing(_ column: String) -> String {
    "a value of column '\(column)' is missing; leave such rows out, or fill in the column's mean"
  }

  static let unreadable = [
    MessyFile(
      "nothing", "",
      gives: empty),
    MessyFile(
      "blanks only", " \n\r\n\t\n",
      gives: empty),
    MessyFile("header only", "x,y\n\n", gives: "t: there are column names but no rows below them"),
    MessyFile(
      "header without line end", "x", gives: "t: there are column names but no rows below them"),
    MessyFile(
      "no header", "1,2\n3,4\n",
      gives: "t:1: the first line holds numbers; put a line of column names above it"),
    MessyFile(
      "no header, equal numbers", "0,0\n3,4\n",
      gives: "t:1: the first line holds numbers; put a line of column names above it"),
    MessyFile(
      "too few", "x,y,z\n1,2,3\n1,2\n",
      gives: "t:3: this row has 2 fields, the first line has 3; add the missing fields"),
    MessyFile(
      "one of two", "x,y\n1\n",
      gives: "t:2: this row has 1 field, the first line has 2; add the missing fields"),
    MessyFile(
      "too many", "x,y\n1,2\n\"\n\",2,a,\n",
      gives:
        "t:3: this row has 4 fields, the first line has 2; put text that contains the delimiter in double "
        + "quotes, and write numbers without it"),
    MessyFile(
      "unterminated quote", "x,y\n1,2\n3,\"4\n5,6\n",
      gives: "t:3:2: a double quote opens here and is never closed"),
    MessyFile(
      "unterminated quote in the header", "x,\"y\n1,2\n",
      gives: "t:1:2: a double quote opens here and is never closed"),
    MessyFile(
      "text after a quote", "x,y\n1,\"2\" 3\n",
      gives: "t:2:2: '3' follows a closing double quote; write a quote within a quoted field "
        + "twice"),
    MessyFile(
      "duplicate name", "x,1,x\n1,2,3\n",
      gives: "\(twice); 1: 2.0; \(twice)"),
    MessyFile(
      "duplicate among numbers", "1,1,x\n1,2,3\n",
      gives: "t:1:2: the column name '1' is taken by field 1; rename one of them; "
        + "t:1:2: the column name '1' is taken by field 1; rename one of them; x: 3.0"),
    MessyFile("unnamed index", ",x\n0,1\n", gives: "\(nameless(1)); x: 1.0"),
    MessyFile("unnamed index of numbered columns", ",0\n0,1\n", gives: "\(nameless(1)); 0: 1.0"),
    MessyFile(
      "two unnamed columns", ",,x\n0,2,1\n", gives: "\(nameless(1)); \(nameless(1)); x: 1.0"),
    MessyFile("no name at all", ",\n0,1\n", gives: nameless(1)),
    MessyFile("a value below no name", "x,\n0,1\n", gives: "x: 0.0; \(nameless(2))"),
    MessyFile(
      "semicolons", "x;y\n1;2\n",
      gives: "t:1: the first line's fields are separated by ';'; read it with ';' as the delimiter"),
    MessyFile(
      "semicolons and quotes", "\"a,b\";\"y\"\n1;2\n",
      gives: "t:1: the first line's fields are separated by ';'; read it with ';' as the delimiter"),
    MessyFile(
      "tabs", "x\ty\n1\t2\n",
      gives:
        "t:1: the first line's fields are separated by tabs; read it with tabs as the delimiter"),
    MessyFile(
      "gzip", [0x1F, 0x8B, 8, 0],
      gives: "t: this is a gzip file, not CSV; decompress it"),
    MessyFile(
      "UTF-16", [0xFF, 0xFE, 0x78, 0],
      gives: "t: this is UTF-16, not CSV; "
        + "convert it: iconv -f UTF-16 -t UTF-8"),
    MessyFile(
      "spreadsheet", [0x50, 0x4B, 3, 4],
      gives: "t: this is a zip archive or spreadsheet, not CSV; "
        + "convert it to delimited text in UTF-8"),
    MessyFile(
      "zero byte", "x\n1\n2\0\n",
      gives: "t:3: this is binary data, not CSV; convert it to delimited text in UTF-8"),
    MessyFile(
      "Latin-1 in the header", [0x78, 0x2C, 0x67, 0xF6, 0x0A, 0x31, 0x2C, 0x32],
      gives: "t:1:2: this column name is not UTF-8; convert it: iconv -f LATIN1 -t UTF-8"),
  ]
}
