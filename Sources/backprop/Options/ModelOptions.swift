import Flags
import Models
import Tables

/// The columns that `inputs` joins, or those that it leaves out.
struct Features {
  /// How the flag was given.
  let text: String
  /// The columns that are joined; nil for all but those left out.
  var joined: [String]?
  var leftOut: [String] = []

  /// Reads names between commas, each of them once; all of them, or none, after a minus.
  ///
  /// In double quotes or backquotes a name can have a comma, or begin with a minus.
  init(_ text: String) throws(BadValue) {
    self.text = text
    var names: [(text: String, isLeftOut: Bool)] = []
    var rest = text[...]
    repeat {
      rest = rest.drop { $0 == " " }
      let isLeftOut = rest.first == "-"
      if isLeftOut { rest.removeFirst() }
      var name = ""
      if let quote = rest.first, quote == "\"" || quote == "`" {
        rest.removeFirst()
        guard let end = rest.firstIndex(of: quote) else {
          throw BadValue("a name opens with \(quote) and is never closed")
        }
        name = String(rest[..<end])
        rest = rest[rest.index(after: end)...]
        guard rest.isEmpty || rest.first == "," else {
          throw BadValue("a comma follows a name in quotes")
        }
      } else {
        name = String(rest.prefix { $0 != "," })
        rest = rest.dropFirst(name.count)
        if name.isEmpty { throw BadValue("give each name once, as in a,b or -id,-date") }
      }
      names.append((name, isLeftOut))
      if rest.isEmpty { break }
      rest.removeFirst()
    } while true
    guard Set(names.map(\.text)).count == names.count else {
      throw BadValue("give each name once, as in a,b or -id,-date")
    }
    guard names.allSatisfy({ $0.isLeftOut == names[0].isLeftOut }) else {
      throw BadValue(
        "list the columns to join, as in a,b, or those to leave out, as in -id,-date")
    }
    if names[0].isLeftOut { leftOut = names.map(\.text) } else { joined = names.map(\.text) }
  }
}

/// The flags that say what is trained on what.
struct ModelOptions: NotesFlags {
  var data: [Path] = []
  var target: String?
  var features: Features?
  var weights: String?
  var condition: String?
  var standardize: Standardization?
  var model: String?
  var loss: String?
  var initial: Word?
  /// All of them, as they were given.
  var given: [GivenFlag] = []

  static var flags: [Flag<Self>] {
    [
      Flag(
        "data", file: "file",
        """
        CSV table to train on. Can be repeated, or be a pattern such as 'part-*.csv'; the rows of all files form one \
        table. [the built-in lesson]
        """
      ) { $0.data.append(try fileName($1)) },
      Flag("target", "column", "Column to predict. [y]") { $0.target = $1 },
      Flag(
        "features", "columns",
        """
        Columns that 'inputs' in --model contains, such as a,b, or leaves out, such as -id,-date. Put names with \
        commas in double quotes. [all but the target and the weights]
        """
      ) { $0.features = try Features($1) },
      Flag("weights", "column", "Column with the weight of each row in the loss.") {
        $0.weights = $1
      },
      Flag("where", "formula", "Use only the rows that satisfy this condition, such as 'x > 0'.") {
        $0.condition = $1
      },
      Flag(
        "standardize", "inputs|all",
        "Scale columns to mean 0 and standard deviation 1: the inputs, or all, which scales the target and so the losses."
      ) { $0.standardize = try choice($1) },
      Flag(
        "model", "formula",
        "Formula of the prediction, in columns and parameters, or a preset such as mlp:16. [w*x]"
      ) { $0.model = $1 },
      Flag(
        "loss", "loss",
        "Loss of one row: a name, or a formula in 'prediction' and columns. [that of the preset, or mse]"
      ) { $0.loss = $1 },
      Flag(
        "init", file: "values",
        """
        Start values, such as w=0.5,b=0, or a file that contains them: a model or JSON. [1 for every parameter, random \
        values for layers]
        """
      ) { $0.initial = $1 },
    ]
  }
}
