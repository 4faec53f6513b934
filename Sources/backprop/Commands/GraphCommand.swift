import Flags
import Plotting
import Tables

/// `backprop graph`: what a formula computes, step by step, as a picture.
struct GraphCommand: Command {
  var model: String?
  var loss: String?
  var target: String?
  var columns: [String]?
  var at: Assignments?
  var precision: PrecisionName?
  var output: Path?
  var format: GraphFormat?
  var look = LookOptions()

  static let name = "graph"
  static let summary = "Draw the computation graph of a model and its loss."
  static let usage = "[<options>]"

  static var sections: [FlagSection<Self>] {
    [
      FlagSection(
        "Graph options",
        [
          Flag<GraphCommand>(
            "model", "formula", "Prediction, from data and parameters, or a preset. [w*x]"
          ) { $0.model = $1 },
          Flag("loss", "loss", "Loss: a name, or a formula in 'prediction' and data.") {
            $0.loss = $1
          },
          Flag("target", "name", "What the loss compares the prediction with. [y]") {
            $0.target = $1
          },
          Flag(
            "columns", "names",
            "Names that are data, such as x1,x2; 'inputs' joins them. [x, y, x1 and so on]"
          ) { $0.columns = try distinctNames($1, example: "x,y") },
          Flag(
            "at", "assignments",
            "A value for each name, such as w=1,x=2,y=4: shows all values and gradients."
          ) { $0.at = try assignments($1) },
          Flag(
            "precision", "precision", "Arithmetic of the values, float32 or float64. [float32]",
            choices: PrecisionName.allCases.map(\.rawValue)
          ) { $0.precision = try choice($1) },
          Flag(
            "output", short: "o", file: "file",
            "Where the graph goes; the extension (.png, .svg, .pdf, .dot) is the format. [DOT to '-']"
          ) { $0.output = try fileName($1) },
          Flag(
            "format", "format",
            "Format (png, svg, pdf, dot), whatever the extension; needed with '-'.",
            choices: GraphFormat.allCases.map(\.rawValue)
          ) { $0.format = try choice($1) },
        ]),
      FlagSection("Picture options", \.look, LookOptions.flags()),
    ]
  }

  static var discussion: String {
    """
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
    """
  }

  func run() throws(Failure) {
    let plan = try GraphPlan(self)
    let file = try plan.create()
    var diagram = plan.binding.diagram(at: at, precision: precision ?? .float32)
    if let theme = look.theme { diagram.theme = theme }
    if let scale = look.scale { diagram.scale = scale }
    diagram.title = look.title
    switch plan.result {
    case .text: try file.write(diagram.dot)
    case .picture(let picture):
      try file.write { () throws(PlotError) in
        try diagram.picture(as: picture.format, creator: Backprop.creator)
      }
    }
  }
}
