import Tables

extension MessyFile {
  static let ofNumbers =
    wellFormed + withText + almostNumbers + unreadable + formats + remedies + cutAnywhere

  /// A format that differs from comma-separated values.
  static func with(_ change: (inout TableFormat) -> Void) -> TableFormat {
    var format = TableFormat()
    change(&format)
    return format
  }

  static let semicolons = with { $0.delimiter = .character(UInt8(ascii: ";")) }
  static let european = with {
    $0.delimiter = .character(UInt8(ascii: ";"))
    $0.decimal = UInt8(ascii: ",")
  }
  static let tabs = with { $0.delimiter = .character(UInt8(ascii: "\t")) }
  static let spaces = with { $0.delimiter = .spaces }
  static let comments = with { $0.comment = UInt8(ascii: "#") }
  static let headless = with { $0.hasHeader = false }
  static let words = with { $0.missing = ["NA", "nan", "-999"] }

  static let formats = [
    MessyFile("semicolons", "x;y\n1; 2\n\"3\";4\n", semicolons, gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile("a comma in a name", "a,b;y\n1;2\n", semicolons, gives: "a,b: 1.0; y: 2.0"),
    MessyFile(
      "decimal comma", "x;y\n1,5;-,25\n2;\"3,\"\n1,e2;inf\n", european,
      gives: "x: 1.5 2.0 100.0; y: -0.25 3.0 inf"),
    MessyFile(
      "decimal comma, many digits", "x\n0,1234567890123456789012345\n1,0e400\n", european,
      gives: "t:3:1: '1,0e400' in column 'x' is too large for a double; the limit is 1.8e308"),
    MessyFile(
      "decimal comma, more digits", "x\n0,12345678901234567890123456789e1\n", european,
      gives: "x: 1.2345678901234567"),
    MessyFile("tabs", "x y\tz\n 1 \t2\n3\t4", tabs, gives: "x y: 1.0 3.0; z: 2.0 4.0"),
    MessyFile(
      "nothing between tabs", "x\ty\n1\t\t\n", tabs,
      gives: "x: 1.0; t:2:2: \(missing("y"))"),
    MessyFile(
      "columns aligned by blanks", "  x \t y\n\n", spaces,
      gives: "t: there are column names but no rows below them"),
    MessyFile(
      "runs of blanks", "  x  y\t\"z 1\"  \n1 2   3\n \t4\t5 6\t\n\n \n", spaces,
      gives: "x: 1.0 4.0; y: 2.0 5.0; z 1: 3.0 6.0"),
    MessyFile("one column and blanks", " x \n 1 \n2\n", spaces, gives: "x: 1.0 2.0"),
    MessyFile(
      "text after a quote, blanks", "x y\n\"1\"2 3\n", spaces,
      gives: "t:2:1: '2' follows a closing double quote; write a quote within a quoted field "
        + "twice"),
    MessyFile(
      "comments", "# a \" quote\n  #b\nx,y\n#1,2\n1,2\n # c\n3,4\n#\n", comments,
      gives: "x: 1.0 3.0; y: 2.0 4.0"),
    MessyFile("comments alone", "# a\n#", comments, gives: empty),
    MessyFile("empty line and comment", "\n# a\n", comments, gives: empty),
    MessyFile("empty line, comment, row", "x\n\n# a\n1\n", comments, gives: "x: 1.0"),
    MessyFile(
      "no comment within quotes", "\"x\n# y\"\n1\n", comments, gives: "x\n# y: 1.0"),
    MessyFile("a mark within a line", "x#\n1\n", comments, gives: "x#: 1.0"),
    MessyFile(
      "an empty comment mark", "x\n#\n",
      gives: "t:2:1: '#' is not a number; column 'x' must hold "
        + "numbers; lines that begin with '#' may be comments"),
    MessyFile("no header", "1,2\n3,4\n", headless, gives: "x1: 1.0 3.0; x2: 2.0 4.0"),
    MessyFile("no header, one number", "1", headless, gives: "x1: 1.0"),
    MessyFile("no header, commas at the ends", "1,\n3,\n", headless, gives: "x1: 1.0 3.0"),
    MessyFile(
      "no header, a value after nothing", "1,\n3,4\n", headless,
      gives: "x1: 1.0 3.0; t:1:2: \(missing("x2"))"),
    MessyFile(
      "lines above the header", "a \" title\n\nx,y\n1,2\n", with { $0.skippedLines = 2 },
      gives: "x: 1.0; y: 2.0"),
    MessyFile(
      "lines above the rows", "x,y\n1,2\n",
      with {
        $0.skippedLines = 1
        $0.hasHeader = false
      }, gives: "x1: 1.0; x2: 2.0"),
    MessyFile(
      "more lines to skip than there are", "x\n1\n", with { $0.skippedLines = 9 }, gives: empty),
    MessyFile(
      "a line of units", "x,y\n\n# u\ns,m/s^2\n1,2\n",
      with {
        $0.hasUnits = true
        $0.comment = UInt8(ascii: "#")
      }, gives: "x: 1.0; y: 2.0"),
    MessyFile(
      "units alone", "x,y\ns,m\n", with { $0.hasUnits = true },
      gives: "t: there are column names but no rows below them"),
    MessyFile(
      "decimal commas in quotes", "x,y\n\"1,5\",2\n\"-2,5\",\"4,25\"\n4,\"7,0\"\n",
      with { $0.decimal = UInt8(ascii: ",") }, gives: "x: 1.5 -2.5 4.0; y: 2.0 4.25 7.0"),
    MessyFile(
      "a delimiter that is given over Excel's", "sep=;\nx,y\n1,2\n",
      with { $0.delimiter = .character(UInt8(ascii: ",")) }, gives: "x: 1.0; y: 2.0"),
    MessyFile(
      "no header, ragged", "1,2\n3\n", headless,
      gives: "t:2: this row has 1 field, the first line has 2; add the missing fields"),
    MessyFile(
      "no header, unterminated", "\"1", headless,
      gives: "t:1:1: a double quote opens here and is never closed"),
    MessyFile(
      "words for missing", "x,y\n1,2\nNA,-999\n", words,
      gives: "t:3:1: \(missing("x")); t:3:2: \(missing("y"))"),
    MessyFile(
      "words in other spellings", "x,y\nNaN,-999.0\n", words, gives: "x: nan; y: -999.0"),
    MessyFile("a missing word in quotes", "x\n\"NA\"\n", words, gives: "t:2:1: \(missing("x"))"),
    MessyFile(
      "one space between quoted and the next", "x y\n\"1\" \"2\"\n", spaces,
      gives: "x: 1.0; y: 2.0"),
  ]

  /// What an error suggests.
  static let remedies =
    [
      MessyFile(
        "bars", "x|y\n1|2\n",
        gives: number("1|2", "x|y", "read it with '|' as the delimiter")),
      MessyFile(
        "blanks", "x y\n1 2\n",
        gives: number("1 2", "x y", "read it with spaces as the delimiter")),
      MessyFile(
        "commas in spite of a flag", "x,y\n1,2\n", semicolons,
        gives:
          "t:1: the first line's fields are separated by ','; read it with ',' as the delimiter"),
      MessyFile(
        "commas in spite of blanks", "x,y \n1,2\n", spaces,
        gives:
          "t:1: the first line's fields are separated by ','; read it with ',' as the delimiter"),
      MessyFile(
        "semicolons without a header", "1,5;2\n",
        with {
          $0.hasHeader = false
          $0.delimiter = .spaces
        },
        gives:
          "t:1: the first line's fields are separated by ';'; read it with ';' as the delimiter"),
      MessyFile(
        "a decimal comma", "x;y\n2,5;1\n", semicolons,
        gives: number("2,5", "x", "read with a decimal comma, it is a number")
          + "; y: 1.0"),
      MessyFile(
        "a decimal comma in quotes", "x,y\n\"2,5\",1\n",
        gives: number("2,5", "x", "read with a decimal comma, it is a number") + "; y: 1.0"),
      MessyFile(
        "thousands", "x,y\n1,234,5\n",
        gives:
          "t:2: this row has 3 fields, the first line has 2; put text that contains the delimiter in double "
          + "quotes, and write numbers without it"),
      MessyFile(
        "a mark between thousands", "x,y\n\"1,234.5\",\"1,234,567\"\n",
        gives: number("1,234.5", "x", thousands) + "; "
          + number("1,234,567", "y", thousands, field: 2)),
      MessyFile(
        "a mark that may separate either", "x\n\"1,234\"\n",
        gives: number(
          "1,234", "x",
          "the ',' is a thousands separator or a decimal mark; write the number without it")),
      MessyFile(
        "a title above the names", "made by hand\nx,y\n1,2\n",
        gives: "t:2: this row has 2 fields, the first line has 1; if it holds the column names, "
          + "skip the lines above it"),
      MessyFile(
        "a title with a semicolon", "one; two\nx,y\n1,2\n",
        gives: "t:2: this row has 2 fields, the first line has 1; if it holds the column names, "
          + "skip the lines above it"),
      MessyFile(
        "a title as a spreadsheet has it", "hand,,\nx,y,z\n1,2,3\n",
        gives: "t:2: this row has 3 fields, the first line has 1; if it holds the column names, "
          + "skip the lines above it"),
      MessyFile(
        "a line of units, unread", "x,y\ns,m\n1,2\n3,4\n",
        gives: number("s", "x", units) + "; " + number("m", "y", units, field: 2)),
      MessyFile(
        "a word among numbers", "x\n1\n2\nERR\n",
        gives: "t:4:1: 'ERR' is not a number; column 'x' must hold numbers; "
          + "'ERR' may stand for a missing value"),
      MessyFile(
        "a decimal point", "x\n1.5\n", european,
        gives: number("1.5", "x", "read with a decimal point, it would be one")),
      MessyFile(
        "a comment below", "x,y\n1,2\n# end\n",
        gives:
          "t:3: this row has 1 field, the first line has 2; lines that begin with '#' may be comments"
      ),
      MessyFile(
        "a comment with a semicolon above", "# a; b\nx,y\n1,2\n",
        gives: "t:1: the first line begins with '#'; lines that begin with '#' may be comments"),
      MessyFile(
        "a comment above", "# made by hand\nx,y\n1,2\n",
        gives:
          "t:2: this row has 2 fields, the first line has 1; lines that begin with '#' may be comments"
      ),
      MessyFile(
        "another comment", "x\n1\n% end\n",
        gives:
          "t:3:1: '% end' is not a number; column 'x' must hold numbers; lines that begin with '%' may be comments"
      ),
      MessyFile(
        "a unit", "x\n4.1 kg\n", gives: number("4.1 kg", "x", "write '4.1' alone, without 'kg'")),
      MessyFile(
        "Fortran's exponent without digits", "x\n2.0D\n",
        gives: number("2.0D", "x", "write '2.0' alone, without 'D'")),
      MessyFile(
        "a part of a hundred", "x\n12%\n",
        gives: number("12%", "x", "write '12' alone, without '%'")),
      MessyFile(
        "a spreadsheet's error", "x\n#DIV/0!\n",
        gives: number("#DIV/0!", "x", "'#DIV/0!' may stand for a missing value")),
      MessyFile(
        "no value", "x,y\n1,#N/A\n",
        gives:
          "x: 1.0; t:2:2: '#N/A' is not a number; column 'y' must hold numbers; '#N/A' may stand for a missing value"
      ),
    ]
    + ["NA", "n/a", "null", "None", "-", "?", "."].map {
      MessyFile(
        $0, "x\n\($0)\n",
        gives: number($0, "x", "'\($0)' may stand for a missing value"))
    }

  static let almostNumbers =
    [
      "0x10", "1e+", "--1", "+-1", "1.2.3", "e5", "nan(", "nan(-)", "nan(1)", "nan()x",
      "infin", "in", "infinityy", "١", "1.5-114", "4.1kg/m", "$5", "1,2 kg",
    ].map { MessyFile($0, "x;y\n\($0);1\n", semicolons, gives: number($0, "x") + "; y: 1.0") }

  static let thousands = "the ',' is a thousands separator; write the number without it"
  static let units = "skip a line of units below the names"

  static func number(
    _ text: String, _ column: String, _ remedy: String? = nil, field: Int = 1
  ) -> String {
    "t:2:\(field): '\(text)' is not a number; column '\(column)' must hold numbers"
      + (remedy.map { "; \($0)" } ?? "")
  }
}
