import Models
import Testing

@Suite struct JSONTests {
  @Test(
    arguments: [
      ("null", .null), (" true ", .flag(true)), ("false", .flag(false)), ("-0", .number(-0.0)),
      ("0", .number(0)), ("-12.50e-1", .number(-1.25)), ("1E+2", .number(100)),
      ("0.5", .number(0.5)),
      ("\"\\u00e9\\n\"", .text("é\n")), ("[]", .list([])), ("{}", .object([:])),
      (
        "[1, [\"a\"], {\"b\": null}]\n",
        .list([.number(1), .list([.text("a")]), .object(["b": .null])])
      ),
    ] as [(String, JSON)])
  func `a text that is JSON is read`(text: String, value: JSON) throws {
    #expect(try JSON(parsing: text) == value)
    #expect(try JSON(parsing: value.line) == value)
    #expect(try JSON(parsing: value.lines) == value)
  }

  @Test(arguments: [
    ("", "byte 0: the JSON must go on with a value here"), ("nul", "byte 0: the JSON must go on"),
    ("True", "byte 0: the JSON must go on"), ("nan", "byte 0: the JSON must go on"),
    ("+1", "byte 0: '+1' is not a number of JSON"), ("01", "byte 0: '01' is not a number"),
    ("-01", "byte 0: '-01' is not a number"), (".5", "byte 0: '.5' is not a number"),
    ("5.", "byte 0: '5.' is not a number"), ("5.e1", "byte 0: '5.e1' is not a number"),
    ("--5", "byte 0: '--5' is not a number"), ("1e", "byte 0: '1e' is not a number"),
    ("1e999", "byte 0: '1e999' is not a number"), ("1 2", "byte 2: only spaces may follow here"),
    ("[1,]", "byte 3: the JSON must go on with a value here"),
    ("[1", "byte 2: the JSON must go on with"),
    ("{\"a\":1,}", "byte 7: the JSON must go on with a text in double quotes here"),
    ("{\"a\":1,\"b\":2,\"a\":3}", "byte 13: the name 'a' is there twice"),
    ("[{\"a\":{\"b\":1,\"\\u0062\":2}}]", "byte 13: the name 'b' is there twice"),
    ("\"a\nb\"", "byte 2: a control character"),
    ("\"\\ud800\"", "byte 1: this backslash begins no escape"),
  ])
  func `a text that is not JSON is an error at its byte`(text: String, sentence: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.description.hasPrefix(sentence) == true, "\(String(describing: error))")
  }

  @Test(arguments: ["[", "{\"a\":"])
  func `nesting has a limit`(opening: String) throws {
    func nested(_ levels: Int) -> String {
      String(repeating: opening, count: levels - 1) + "[]"
        + String(repeating: opening == "[" ? "]" : "}", count: levels - 1)
    }
    _ = try JSON(parsing: nested(32))
    for levels in [33, 100_000] {
      let error = #expect(throws: JSONError.self) { try JSON(parsing: nested(levels)) }
      #expect(
        error?.description
          == "byte \(32 * opening.utf8.count): the JSON nests deeper than 32 levels")
    }
  }
}
