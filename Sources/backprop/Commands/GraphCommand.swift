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

        A network and a loss by their names.
        $ backprop graph --model mlp:3 --loss mse --columns x1,x2 \\
            --at x1=0.5,x2=-1,y=2 --output network.svg

        As text, for Graphviz and other tools.
        $ backprop graph --model 'w*x' | grep label

      Without --model it is the lesson's graph: w*x and its squared error. A model without --loss \
      is drawn alone. Above each name stands its value at the point that --at gives, below it \
      the gradient of the loss with respect to it. Operands enter from top to bottom.

      Model and loss can be the names that 'train' knows. Data are x, y, either with digits after it \
      (x1, x2), or what --columns lists, which 'inputs' joins; also the target, which is no input, \
      and names that only the loss has. Any other name is a parameter. Layers start as in training \
      unless --at names their weights.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Prediction, from data and parameters, or a preset. [w*x]", valueName: "formula"))
  var model: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Loss: a name, or a formula in 'prediction' and data.", valueName: "loss"))
  var loss: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What the loss compares the prediction with. [y]", valueName: "name"))
  var target: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Names that are data, such as x1,x2; 'inputs' joins them. [x, y, x1 and so on]",
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
    var diagram = plan.binding.diagram(at: at, precision: precision ?? .float32)
    if let theme = look.theme { diagram.theme = theme }
    if let scale = look.scale { diagram.scale = scale }
    diagram.title = look.title
    switch plan.result {
    case .text(let destination): try destination.replaceContents(with: Array(diagram.dot.utf8))
    case .picture(let file):
      do {
        try file.write(diagram.picture(as: file.format, creator: Backprop.creator))
      } catch let error as PlotError {
        throw Failure(error)
      }
    }
  }
}
