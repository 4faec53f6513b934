import Tables

extension MessyFile {
  static let ofCategories = [
    MessyFile(
      "labels", "name,x\nsetosa,1\n\"a, \"\"b\"\"\n c\",2\nsetosa,1\n",
      gives: "name: [setosa a, \"b\"\n c] 0 1 0; x: [1 2] 0 1 0"),
    MessyFile(
      "numbers by value", "x\n1\n1.0\n01\n-0\n0\n0.5\n5e-1\nnan\n-nan\n1e300\n9007199254740993\n",
      gives: "x: [1 0 0.5 nan 1e+300 9007199254740992.0] 0 0 0 1 1 2 2 3 3 4 5"),
    MessyFile(
      "text that begins as numbers", "x,y\n1,a\n1.0,b\n01,c\nx,\"a\"\nx, b\nz,b\n",
      gives: "x: [1 1.0 01 x z] 0 1 2 3 3 4; y: [a b c] 0 1 2 0 1 1"),
    MessyFile(
      "a word among numbers", "x\n1\n2\n1\nERR\n",
      gives: "t:5:1: 'ERR' is not a number; column 'x' must hold numbers; "
        + "'ERR' may stand for a missing value"),
    MessyFile("a country among words", "x\nDE\nNA\n1\n", gives: "x: [DE NA 1] 0 1 2"),
    MessyFile(
      "text that ends as numbers", "x\nx\nx\n1\n1.0\n\"1\"\nx\n", gives: "x: [x 1 1.0] 0 0 1 2 1 0"),
    MessyFile(
      "only the first part has text",
      "x\n" + String(repeating: "a\n", count: 40) + (0..<40).map { "\($0 % 2)\n" }.joined(),
      gives: "x: [a 0 1]" + String(repeating: " 0", count: 40)
        + String(repeating: " 1 2", count: 20)),
    MessyFile(
      "only the last part has text",
      "x\n" + (0..<40).map { "\($0 % 2)\n" }.joined() + String(repeating: "a\n", count: 40),
      gives: "x: [0 1 a]" + String(repeating: " 0 1", count: 20)
        + String(repeating: " 2", count: 40)),
    MessyFile(
      "a number too large", "x,y\n1e999,a\n1,\n",
      gives: "t:2:1: '1e999' in column 'x' is too large for a double; the limit is 1.8e308; "
        + "t:3:2: \(missing("y"))"),
    MessyFile(
      "missing after text", "x,y\na,1\nNA,2\n", words,
      gives: "t:3:1: \(missing("x")); y: [1 2] 0 1"),
    MessyFile("blanks and text", "x y\na \"b c\"\n", spaces, gives: "x: [a] 0; y: [b c] 0"),
    MessyFile("letters of other scripts", "x\nä\nö\nä\n", gives: "x: [ä ö] 0 1 0"),
    MessyFile(
      "letters apart by accents written apart", "x\né\ne\u{301}\n", gives: "x: [é e\u{301}] 0 1"),
    MessyFile(
      "Latin-1", [0x78, 0x0A, 0x61, 0x0A, 0xF6, 0x0A],
      gives: "t:3:1: this text is not UTF-8; column 'x' is read as text; convert it: "
        + "iconv -f LATIN1 -t UTF-8"),
  ]

  /// Files in which a cut may fall within quotes, between CR and LF, or into a comment.
  static let cutAnywhere = [
    MessyFile(
      "line breaks in quotes",
      "x,y\n" + (1...9).map { "\"\($0)\",2\n\"\n\",\"\r\n\r\"\n" }.joined(),
      gives: #"t:3:1: '\n' is not a number; column 'x' must hold numbers; "#
        + #"t:4:2: '\r\n\r' is not a number; column 'y' must hold numbers"#),
    MessyFile(
      "a table within a field", "x,y\n1,\"" + String(repeating: "3,4\n", count: 20) + "\"\n5,6\n",
      gives: "x: 1.0 5.0; t:2:2: '" + String(repeating: #"3,4\n"#, count: 6) + #"3,…\n"#
        + String(repeating: #"3,4\n"#, count: 3) + "' is not a number; column 'y' must hold numbers"
    ),
    MessyFile(
      "CRLF everywhere", "x,y\r\n" + String(repeating: "1,2\r\n", count: 5),
      gives: "x: 1.0 1.0 1.0 1.0 1.0; y: 2.0 2.0 2.0 2.0 2.0"),
    MessyFile(
      "a quote in a comment", "x\n" + String(repeating: "# \"\n1\n", count: 6), comments,
      gives: "x: 1.0 1.0 1.0 1.0 1.0 1.0"),
    MessyFile(
      "many empty lines at the end", "x\n1\n" + String(repeating: " \n", count: 20),
      gives: "x: 1.0"),
    MessyFile(
      "empty lines, then a row", "x\n1\n" + String(repeating: "\n", count: 20) + "2\n",
      gives: "x: 1.0 2.0"),
    MessyFile(
      "a short row with text, among commas at the ends", "x,y,\n1,a,\n2,b\n3,a,\n4,b\n5,a\n",
      gives: "x: 1.0 2.0 3.0 4.0 5.0; t:2:2: 'a' is not a number; column 'y' must hold numbers"),
    MessyFile(
      "empty lines before a bad row", "x\n1\n\n\n\n\n\n1,2\n",
      gives:
        "t:8: this row has 2 fields, the first line has 1; put text that contains the delimiter in double "
        + "quotes, and write numbers without it"),
    MessyFile(
      "a bad row before other ones", "x\n1\n2\n3\n1,2\n\n1\n1,2\n\"",
      gives:
        "t:5: this row has 2 fields, the first line has 1; put text that contains the delimiter in double "
        + "quotes, and write numbers without it"),
    MessyFile(
      "an unterminated quote late", "x,y\n1,2\n1,2\n1,2\n1,2\n1,\"2\n",
      gives: "t:6:2: a double quote opens here and is never closed"),
    MessyFile(
      "zero byte after other faults", "x\n1,2\n1\n1\n1\n\0\n",
      gives: "t:6: this is binary data, not CSV; convert it to delimited text in UTF-8"),
    MessyFile(
      "zero byte within quotes", "x\n1\n1\n\"1\0\"\n1\n1\n",
      gives: "t:4: this is binary data, not CSV; convert it to delimited text in UTF-8"),
  ]
}
