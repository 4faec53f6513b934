import ArgumentParser
import Plotting

/// `backprop graph`: what a formula computes, step by step, as a picture.
struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph",
    abstract: "Draw the computation graph of a model and its loss.",
    usage: "backprop graph [<options>]",
    discussion: """
      EXAMPLES:
        The lesson at its first step: every value, and every gradient of the loss.
        $ backprop graph --at w=1,x=2,y=4 --output graph.svg

        A model of your own, names only.
        $ backprop graph --model 'a*exp(-b*x) + c' --output decay.png

        With its loss, and with columns of other names.
        $ backprop graph --model 'a + b*speed' --loss 'abs(prediction - dist)' \\
            --columns speed,dist --at a=-17,b=4,speed=10,dist=26 --output cars.pdf

        As text, for Graphviz and other tools.
        $ backprop graph --model 'w*x' | grep label

      Without --model it is the lesson's graph: w*x and its squared error. A model without --loss \
      is drawn alone. Above each name stands its value at the point that --at gives, below it \
      the gradient of the loss with respect to it. Operands enter from top to bottom.

      Data are x, y, either with digits after it (x1, x2), and names that only the loss has, unless \
      --columns lists them; any other name is a parameter.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Prediction, from data and parameters. [w*x]", valueName: "formula"))
  var model: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Loss, from 'prediction' and data.", valueName: "formula"))
  var loss: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Names that are data, such as x,y. [x, y, x1 and so on, and names that only the loss has]",
      valueName: "names"),
    transform: { text in try distinctNames(text, example: "x,y") })
  var columns: [String]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A value for each name, such as w=1,x=2,y=4: shows all values and gradients.",
      valueName: "assignments"),
    transform: { text in try assignments(text) })
  var at: Assignments?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Arithmetic of the values, float32 or float64. [float32]", valueName: "precision"),
    transform: { text in try choice(text) })
  var precision: PrecisionName?

  @Option(
    name: [.short, .long], parsing: .unconditional,
    help: ArgumentHelp(
      "Where the graph goes; the extension (.png, .svg, .pdf, .dot) is the format. [DOT to '-']",
      valueName: "file"),
    transform: { text in try fileName(text) })
  var output: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Format (png, svg, pdf, dot), whatever the extension; needed with '-'.",
      valueName: "format"),
    transform: { text in try choice(text) })
  var format: GraphFormat?

  @OptionGroup var look: LookOptions<PlainSpelling>

  func validate() throws {
    _ = try GraphPlan(self)
  }

  func run() throws {
    let plan = try GraphPlan(self)
    try plan.check()
    var diagram = plan.graph.diagram(at: at, precision: precision ?? .float32)
    if let theme = look.theme { diagram.theme = theme }
    if let scale = look.scale { diagram.scale = scale }
    diagram.title = look.title
    switch plan.result {
    case .text(let place): try place.replaceContents(with: Array(diagram.dot.utf8))
    case .picture(let file):
      do {
        try file.write(diagram.picture(as: file.format, creator: Backprop.creator))
      } catch let error as PlotError {
        throw Failure(error)
      }
    }
  }
}
