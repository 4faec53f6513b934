import Autograd
import Testing

@testable import Formula

@Suite struct FormulaErrorTests {
  /// A formula, the line of carets that the error must draw, and the sentence.
  @Test(
    arguments: [
      ("w*sine(x)", "  ^^^^", "unknown function 'sine'; did you mean 'sin'?"),
      ("w*(x+1", "  ^", "this '(' is never closed"),
      ("w*x)", "   ^", "this ')' closes nothing"),
      ("exp(x", "   ^", "this '(' is never closed"),
      ("", "^", "the formula is empty"),
      ("   ", "   ^", "the formula is empty"),
      ("w*", "  ^", "the formula ends where a value should follow"),
      ("w* *x", "   ^", "a value is missing before '*'"),
      ("w**x", " ^^", "'**' has no meaning in a formula; a power is written '^'"),
      (
        "w x", "  ^",
        "an operator is missing before 'x'; a product is written with '*', and a column's name with blanks in backquotes"
      ),
      (
        "2x", "^^",
        "an operator is missing: a product is written '2*x', and a column's name in backquotes: `2x`"
      ),
      ("1.2.3", "^^^^^", "'1.2.3' is not a number"),
      ("1e999", "^^^^^", "'1e999' is too large: numbers end at 1.8e308"),
      ("w*0x1F", "  ^^^^", "'0x1F' is not a number"),
      (
        "w$x", " ^",
        "'$' has no meaning in a formula; put a column's name that has it in backquotes"
      ),
      ("a−b*x", " ^", "'−' has no meaning in a formula; write '-'"),
      ("a×x", " ^", "'×' has no meaning in a formula; write '*'"),
      ("größe*w & 1", "        ^", "'&' has no meaning in a formula; 'and' is written '&&'"),
      ("w = x", "  ^", "'=' has no meaning in a formula; write only the right side: 'x'"),
      (
        "0 < x < 1", "      ^",
        "comparisons do not chain; join two with '&&', as in '0 < x && x < 1'"
      ),
      ("x ? 1", "  ^", "this '?' has no ':'; a choice is written 'condition ? a : b'"),
      ("x : 1", "  ^", "':' has no meaning in a formula"),
      ("w*`petal length", "  ^", "this ` opens a quote that is never closed"),
      ("(a == 'b)", "      ^", "this ' opens a quote that is never closed"),
      ("x |> 2", "     ^", "after '|>' comes a function, as in '|> relu' or '|> dense(8)'"),
      ("x |> sin(2)", "     ^^^^^^", "'sin' takes 1 argument, not 2; the pipe gives the first"),
      (
        "dense*2", "^^^^^",
        "'dense' is a function: write 'dense(…)', or give the parameter another name"
      ),
      ("0x1F + 1", "^^^^", "'0x1F' is not a number"),
      ("exp*x", "^^^", "'exp' is a function: write 'exp(…)', or give the parameter another name"),
      ("w*exp()", "  ^^^^^", "'exp' takes 1 argument, not 0"),
      ("exp(x, y)", "^^^^^^^^^", "'exp' takes 1 argument, not 2"),
      ("w*elu()", "  ^^^^^", "'elu' takes 1 or 2 arguments, not 0"),
      ("softplus(x, 1, 2, 3)", "^^^^^^^^^^^^^^^^^^^^", "'softplus' takes 1 to 3 arguments, not 4"),
      ("w, x", " ^", "',' has no meaning in a formula"),
      ("(w, x)", "  ^", "',' has no meaning in a formula"),
      (
        "frobnicate(x)", "^^^^^^^^^^",
        "unknown function 'frobnicate'; a product of a column or parameter is written 'frobnicate*(…)'"
      ),
      ("w*−x", "  ^", "'−' has no meaning in a formula; write '-'"),
      ("x ≤ 1", "  ^", "'≤' has no meaning in a formula; write '<='"),
      ("x²", " ^", "'²' has no meaning in a formula; write '^2'"),
      ("w[1]", " ^", "'[' has no meaning in a formula; write 'pick(v, n)'"),
      ("w*\u{1B}[31mx", "  ^", "'U+001B' has no meaning in a formula"),
      ("w*\u{200B}x", "  ^", "'U+200B' has no meaning in a formula"),
      ("w*\0", "  ^", "'U+0000' has no meaning in a formula"),
      ("2 x", "  ^", "an operator is missing before 'x'; a product is written with '*'"),
      ("2(x)", " ^", "an operator is missing before '('; a product is written with '*'"),
      (
        "2.5sin(x)", "^^^^^^",
        "an operator is missing: a product is written '2.5*sin', and a column's name in backquotes: `2.5sin`"
      ),
      (
        "3x^2", "^^",
        "an operator is missing: a product is written '3*x', and a column's name in backquotes: `3x`"
      ),
      (
        "2größe", "^^^^^^",
        "an operator is missing: a product is written '2*größe', and a column's name in backquotes: `2größe`"
      ),
      ("0x10", "^^^^", "'0x10' is not a number"),
      ("1e", "^^", "'1e' is not a number"),
      ("1e+", "^^^", "'1e+' is not a number"),
      ("1_000", "^^^^^", "'1_000' is not a number"),
      (".", "^", "'.' is not a number"),
      ("a.b", "^^^", "'a.b' is not a name; a column of that name is written in backquotes: `a.b`"),
      ("-1e400", " ^^^^^", "'1e400' is too large: numbers end at 1.8e308"),
      ("y == x = 1", "       ^", "'=' has no meaning in a formula; equality is written '=='"),
      (
        "x == 1 != 0", "       ^^",
        "comparisons do not chain; join two with '&&', as in '0 < x && x < 1'"
      ),
      (
        "x < 1 && 0 < x < 2", "               ^",
        "comparisons do not chain; join two with '&&', as in '0 < x && x < 1'"
      ),
      ("w |", "  ^", "'|' has no meaning in a formula; 'or' is written '||'"),
      ("x ? 1 :", "       ^", "the formula ends where a value should follow"),
      ("(x ? 1)", "   ^", "this '?' has no ':'; a choice is written 'condition ? a : b'"),
      ("x |>", "    ^", "after '|>' comes a function, as in '|> relu' or '|> dense(8)'"),
      (
        "x |> `relu`", "     ^^^^^^",
        "after '|>' comes a function, as in '|> relu' or '|> dense(8)'"
      ),
      (
        "x |> exp + 1", "         ^",
        "the pipe ends before '+', which binds tighter; put the pipe in parentheses"
      ),
      (
        "(x |> exp ? 1 : 2)", "          ^",
        "the pipe ends before '?', which binds tighter; put the pipe in parentheses"
      ),
      (
        "x |> exp 2", "         ^",
        "an operator is missing before '2'; a product is written with '*'"
      ),
      ("x |> y", "     ^", "after '|>' comes a function, as in '|> relu' or '|> dense(8)'"),
      ("x |> sine", "     ^^^^", "unknown function 'sine'; did you mean 'sin'?"),
      (
        "w*x(2)", "  ^",
        "unknown function 'x'; a product of a column or parameter is written 'x*(…)'"
      ),
      ("power(x, 2)", "^^^^^", "unknown function 'power'; did you mean 'pow'?"),
      ("ln(x)", "^^", "unknown function 'ln'; did you mean 'log'?"),
      ("fmin(x, 2)", "^^^^", "unknown function 'fmin'; did you mean 'min'?"),
      ("max()", "^^^^^", "'max' takes 1 argument or more, not 0"),
      ("concat()", "^^^^^^^^", "'concat' takes 1 argument or more, not 0"),
      ("where(x, 1)", "^^^^^^^^^^^", "'where' takes 3 arguments, not 2"),
      ("x |> dense", "     ^^^^^", "'dense' takes 2 arguments, not 1; the pipe gives the first"),
      (
        "dense(8)", "^^^^^^^^",
        "'dense' takes 2 arguments, not 1; a pipe gives the first, as in 'inputs |> dense(…)'"
      ),
      (
        "x |> dropout(0.1, 2)", "     ^^^^^^^^^^^^^^^",
        "'dropout' takes 1 or 2 arguments, not 3; the pipe gives the first"
      ),
      (
        "pi(2)", "^^",
        "unknown function 'pi'; a product of a column or parameter is written 'pi*(…)'"
      ),
      (
        "lambda x: a*x", "^^^^^^",
        "'lambda' has no meaning in a formula; write only what follows its ':'"
      ),
      ("x =< 1", "  ^", "'=<' has no meaning in a formula; write '<='"),
      (
        "y = f(x) = a*x", "  ^",
        "'=' has no meaning in a formula; write only the right side: 'a*x'"
      ),
      (
        "f(x, a) := a*x", "        ^^",
        "'=' has no meaning in a formula; write only the right side: 'a*x'"
      ),
      (
        "y =", "  ^",
        "'=' has no meaning in a formula, which is one side of an equation: what the target should be"
      ),
      (
        "a*[S]", "  ^",
        "'[S]' is not a name; a column of that name is written in backquotes: `[S]`"
      ),
      ("sum([x, y])", "    ^", "'[…]' has no meaning in a formula; write 'concat(…)'"),
      (
        "mean(x, y)", "^^^^^^^^^^",
        "'mean' takes 1 argument, not 2; 'concat(x, y)' makes one of several"
      ),
      (
        "log(x, 10)", "^^^^^^^^^^",
        "'log' takes 1 argument, not 2; to base n, write 'log(x)/log(n)'"
      ),
      (
        "conv2d(x)", "^^^^^^",
        "unknown layer 'conv2d'; there are 'dense', 'layerNorm', 'dropout'"
      ),
      ("x.exp()", "^^^^^", "unknown function 'x.exp'; did you mean 'exp'?"),
      ("2*|x|", "  ^", "'|' has no meaning before a value; the magnitude is written 'abs(…)'"),
      ("x - |x|", "    ^", "'|' has no meaning before a value; the magnitude is written 'abs(…)'"),
      ("x[1:2]", " ^", "'[' has no meaning in a formula; write 'pick(v, n)'"),
      ("y_1 = a", "    ^", "'=' has no meaning in a formula; write only the right side: 'a'"),
      ("`y 1` = a", "      ^", "'=' has no meaning in a formula; write only the right side: 'a'"),
      ("x = 1 ? a : b", "  ^", "'=' has no meaning in a formula; equality is written '=='"),
      (
        "where(x = 1, a, b)", "        ^",
        "'=' has no meaning in a formula; equality is written '=='"
      ),
      ("()", " ^", "a value is missing before ')'"),
      ("exp(x,)", "      ^", "a value is missing before ')'"),
      ("exp(,x)", "    ^", "a value is missing before ','"),
      ("exp(x", "   ^", "this '(' is never closed"),
      ("(exp(x)", "^", "this '(' is never closed"),
      ("列列*x*", "       ^", "the formula ends where a value should follow"),
      ("列*sine(x)", "   ^^^^", "unknown function 'sine'; did you mean 'sin'?"),
      ("a\n*\tsine(x)", "    ^^^^", "unknown function 'sine'; did you mean 'sin'?"),
      ("a\r\n*sine(x)", "   ^^^^", "unknown function 'sine'; did you mean 'sin'?"),
      (
        "(w x)", "   ^",
        "an operator is missing before 'x'; a product is written with '*', and a column's name with blanks in backquotes"
      ),
    ] as [(String, String, String)])
  func `an error points at its part`(text: String, carets: String, message: String) {
    let error = #expect(throws: FormulaError.self) { try Formula(text) }
    #expect(error?.description == message)
    let line = String(text.map { "\n\r\n\t\0\u{1B}".contains($0) ? " " : $0 })
    #expect(error?.excerpt == line + "\n" + carets)
  }

  @Test func `of a long formula the part about the error is shown, on one line of a terminal`() {
    func excerpt(_ text: String) -> [Substring] {
      let error = #expect(throws: FormulaError.self) { try Formula(text) }
      return error?.excerpt.split(separator: "\n", omittingEmptySubsequences: false) ?? []
    }
    let sum = String(repeating: "a + ", count: 100)
    let middle = excerpt(sum + "sine(x) + " + sum + "a")
    #expect(middle.count == 2 && middle[0].count == 79)
    #expect(middle[0].hasPrefix("…") && middle[0].hasSuffix("…"))
    let carets = middle[1].firstIndex(of: "^").map {
      middle[1].distance(from: middle[1].startIndex, to: $0)
    }
    #expect(carets.map { middle[0].dropFirst($0).hasPrefix("sine(") } == true)
    #expect(middle[1].drop { $0 == " " } == "^^^^")

    #expect(excerpt("sine(x) + " + sum)[1] == "^^^^")
    #expect(excerpt(sum)[0].hasSuffix(" + a + "))
    #expect(excerpt(sum)[1].count == 79)
    for length in 76...82 {
      let lines = excerpt(String(repeating: "a", count: length - 1) + "+")
      #expect(lines[1].count == lines[0].count + 1 && lines[1].count <= 79)
    }
    let wide = excerpt(String(repeating: "列*", count: 100) + "sine(x)")
    #expect(wide[0].hasSuffix("sine(x)"))
    let wideCount = wide[0].count { $0 == "列" }
    #expect(wide[1].count == wide[0].count - "sine(x)".count + wideCount + "sine".count)
    #expect((78...79).contains(wide[0].count + wideCount))
    let long = excerpt(String(repeating: "f", count: 500) + "(x)")
    #expect(long[0].count <= 79 && long[1].count <= 79)
  }

  @Test func `names in a sentence stay on one line, and short`() throws {
    let name = String(repeating: "é\n", count: 100_000)
    let graph = Graph()
    var scope = Scope(graph) { _ in .parameter }
    let error = #expect(throws: FormulaError.self) { try Formula("`\(name)`").node(in: &scope) }
    #expect(error?.description.contains("\n") == false)
    #expect(error.map { $0.description.count < 80 } == true)
    #expect(throws: FormulaError.self) {
      try Formula(String(repeating: "f", count: 1_000_000) + "(x)")
    }
  }

  /// A formula of a vector `v` of 3, a column `species` of the texts `setosa` and `virginica`, and a column
  /// `x`; other names are parameters.
  @Test(
    arguments: [
      (
        "species", "^^^^^^^",
        "column 'species' holds text; compare it with one, as in (species == 'text')"
      ),
      (
        "w*species", "  ^^^^^^^",
        "column 'species' holds text; compare it with one, as in (species == 'text')"
      ),
      (
        "species < 'setosa'", "^^^^^^^",
        "column 'species' holds text; compare it with one, as in (species == 'text')"
      ),
      (
        "species == x", "^^^^^^^",
        "column 'species' holds text; compare it with one, as in (species == 'text')"
      ),
      (
        "w*(species == 'setsoa')", "              ^^^^^^^^",
        "column 'species' never holds 'setsoa'; did you mean 'setosa'?"
      ),
      ("\"rose\" != species", "^^^^^^", "column 'species' never holds 'rose'"),
      (
        "x == 'setosa'", "     ^^^^^^^^",
        "the text 'setosa' can only be compared with a column of texts, as in (species == 'setosa')"
      ),
      (
        "'a' == 'b'", "^^^",
        "the text 'a' can only be compared with a column of texts, as in (species == 'setosa')"
      ),
      (
        "exp('a')", "    ^^^",
        "the text 'a' can only be compared with a column of texts, as in (species == 'setosa')"
      ),
      ("w*`petal length`", "  ^^^^^^^^^^^^^^", "no column is named 'petal length'"),
      ("nothing*x", "^^^^^^^", "unknown name 'nothing'"),
      (
        "dot(v, concat(1, 2))", "^^^^^^^^^^^^^^^^^^^^",
        "'dot' takes two vectors of one length, not a vector of 3 and a vector of 2"
      ),
      (
        "v < concat(1, 2)", "  ^",
        "'<' takes values of one shape, not a vector of 3 and a vector of 2"
      ),
      (
        "x ? v : concat(1, 2)", "  ^",
        "'where' takes values of one shape, not a scalar and a vector of 3 and a vector of 2"
      ),
      (
        "v |> maximum(concat(1, 2))", "     ^^^^^^^^^^^^^^^^^^^^^",
        "'maximum' takes values of one shape, not a vector of 3 and a vector of 2"
      ),
      (
        "pick(v, 3)", "^^^^^^^^^^",
        "'pick' takes a vector and the index of an element, not a vector of 3 and a scalar"
      ),
      (
        "w*x + dot(w, v)", "      ^^^^^^^^^",
        "'dot' takes two vectors of one length, not a scalar and a vector of 3"
      ),
      (
        "v", "^",
        "the formula's value is a vector of 3, not one number; 'sum' or 'mean' makes it one number"
      ),
      ("v |> dense(0)", "     ^^^^^^^^", "'dense' takes a whole number of outputs, 1 or more"),
      ("v |> dense(2.5)", "     ^^^^^^^^^^", "'dense' takes a whole number of outputs, 1 or more"),
      ("v |> dense(-1)", "     ^^^^^^^^^", "'dense' takes a whole number of outputs, 1 or more"),
      ("v |> dense(0/0)", "     ^^^^^^^^^^", "'dense' takes a whole number of outputs, 1 or more"),
      ("v |> dense(1000001)", "     ^^^^^^^^^^^^^^", "'dense' takes at most 1000000 outputs"),
      ("v |> dense(1e300)", "     ^^^^^^^^^^^^", "'dense' takes at most 1000000 outputs"),
      (
        "v |> dense(w)", "     ^^^^^^^^",
        "'dense' takes numbers here, which no column or parameter may change"
      ),
      (
        "v |> dropout(x)", "     ^^^^^^^^^^",
        "'dropout' takes numbers here, which no column or parameter may change"
      ),
      ("v |> dropout(1)", "     ^^^^^^^^^^", "'dropout' takes a probability from 0 to below 1"),
      (
        "v |> dropout(-0.1)", "     ^^^^^^^^^^^^^",
        "'dropout' takes a probability from 0 to below 1"
      ),
      ("v |> dropout(0/0)", "     ^^^^^^^^^^^^", "'dropout' takes a probability from 0 to below 1"),
      ("v |> layerNorm(0)", "     ^^^^^^^^^^^^", "'layerNorm' takes an eps above 0"),
      ("v |> layerNorm(1/0)", "     ^^^^^^^^^^^^^^", "'layerNorm' takes an eps above 0"),
      ("x |> layerNorm", "     ^^^^^^^^^", "'layerNorm' takes a vector, not a scalar"),
      (
        "v |> dense(1e6) |> dense(1e6)", "                   ^^^^^^^^^^",
        "the layers have more than 100000000 weights together"
      ),
    ] as [(String, String, String)])
  func `what only a graph can tell is pointed at`(text: String, carets: String, message: String)
    throws
  {
    let formula = try Formula(text)
    let graph = Graph()
    var scope = Scope(graph) { name in
      switch name {
      case "v": .value(graph.column("v", count: 3))
      case "x": .value(graph.column("x"))
      case "species": .text(graph.column("species"), levels: ["setosa", "virginica"])
      case "nothing": nil
      default: .parameter
      }
    }
    let error = #expect(throws: FormulaError.self) { try formula.scalar(in: &scope) }
    #expect(error?.description == message)
    #expect(error?.excerpt == text + "\n" + carets)
  }

  @Test(arguments: ["prediction |> dense(1)", "prediction |> dropout", "prediction |> layerNorm"])
  func `a loss has no layers`(text: String) throws {
    let formula = try Formula(text)
    let graph = Graph()
    let error = #expect(throws: FormulaError.self) {
      try formula.node(in: graph) { graph.column($0) }
    }
    let layer = text.dropFirst("prediction |> ".count).prefix { $0 != "(" }
    #expect(error?.description == "'\(layer)' belongs in a model: a loss has no parameters")
    #expect(error?.range.lowerBound == 14)
  }

  /// Shapes come from what is joined, so that they are only known in a graph.
  @Test(arguments: [
    (
      "w + dot(concat(a, b), x)", "    ^^^^^^^^^^^^^^^^^^^^",
      "'dot' takes two vectors of one length, not a vector of 2 and a scalar"
    ),
    (
      "sum(concat(a, b) + concat(a, concat(b, x)))", "                 ^",
      "'+' takes values of one shape, not a vector of 2 and a vector of 3"
    ),
    (
      "2*concat(a, b)", "^^^^^^^^^^^^^^",
      "the formula's value is a vector of 2, not one number; 'sum' or 'mean' makes it one number"
    ),
  ])
  func `shapes that do not fit are pointed at`(text: String, carets: String, message: String) throws
  {
    let formula = try Formula(text)
    let graph = Graph()
    let error = #expect(throws: FormulaError.self) {
      try formula.node(in: graph) { graph.parameter($0) }
    }
    #expect(error?.description == message)
    #expect(error?.excerpt == text + "\n" + carets)
  }
}
