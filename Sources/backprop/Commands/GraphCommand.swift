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
            "model", "formula",
            "Formula of the prediction, in data and parameters, or a preset such as mlp:3. [w*x]"
          ) { $0.model = $1 },
          Flag("loss", "loss", "Loss: a name, or a formula in 'prediction' and data.") {
            $0.loss = $1
          },
          Flag("target", "name", "Name that the loss compares the prediction with. [y]") {
            $0.target = $1
          },
          Flag(
            "columns", "names",
            "Names that are data, such as x1,x2; 'inputs' contains them. [x, y, x1 and so on]"
          ) { $0.columns = try distinctNames($1, example: "x,y") },
          Flag(
            "at", "assignments",
            "Value of each name, such as w=1,x=2,y=4, to show all values and gradients."
          ) { $0.at = try assignments($1) },
          Flag(
            "precision", "precision",
            "Floating-point precision of the values: float32 or float64. [float32]",
            choices: PrecisionName.allCases.map(\.rawValue)
          ) { $0.precision = try choice($1) },
          Flag(
            "output", short: "o", file: "file",
            "Write the graph to this file; the extension (.png, .svg, .pdf, .dot) sets the format. [DOT to standard output]"
          ) { $0.output = try fileName($1) },
          Flag(
            "format", "format",
            "Format (png, svg, pdf, dot), whatever the extension; required with '-'.",
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

      Your own model, with names only.
      $ backprop graph --model 'a*exp(-b*x) + c' --output decay.png

      With a loss, and with columns that have other names.
      $ backprop graph --model 'a + b*speed' --loss 'abs(prediction - dist)' \\
          --columns speed,dist --at a=-17,b=4,speed=10,dist=26 --output cars.pdf

      A network and a loss, by name.
      $ backprop graph --model mlp:3 --loss mse --columns x1,x2 \\
          --at x1=0.5,x2=-1,y=2 --output network.svg

      As text, for Graphviz and other tools.
      $ backprop graph --model 'w*x' | grep label

    Without --model, the graph is that of the built-in lesson: w*x and its squared error. A model without --loss is \
    drawn alone. Above each name is its value at the point given by --at, and below it the gradient of the loss with \
    respect to it. The operands of an operation are drawn from top to bottom.

    Models and losses can also be given by the names that 'train' knows. Data are x and y, with or without digits \
    (x1, x2), or the names that --columns lists; 'inputs' contains them. The target, which is not an input, and names \
    that occur only in the loss are data too. Any other name is a parameter. Layers start as in training unless --at \
    gives their weights.
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
