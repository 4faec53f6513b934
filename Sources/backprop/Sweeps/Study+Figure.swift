import Plotting

extension Study {
  /// The curves of all runs, those of a sweep coloured by the first setting that has numbers, or in their order.
  func figure(of result: StudyResult, _ curves: CurveOptions) -> Figure {
    let units = units
    func line(_ index: Int, _ name: String) -> [Figure.Run.Line] {
      guard let curve = result.curves[index] else { return [] }
      if wishes.isSwept {
        return [Figure.Run.Line(name: name, x: curve.places, y: curve.compared)]
      }
      let name = name.isEmpty ? "" : name + " "
      return [Figure.Run.Line(name: name + "train", x: curve.places, y: curve.losses)]
        + (curve.heldOut.map {
          [Figure.Run.Line(name: name + "validation", x: curve.places, y: $0, isValidation: true)]
        } ?? [])
    }
    if !wishes.isSwept {
      let runs = units.enumerated().map { index, unit in
        Figure.Run(lines: line(index, unit.fold.map { "fold \($0 + 1)" } ?? ""))
      }
      return curves.figure(of: runs.filter { !$0.lines.isEmpty }, xTitle: E.curveTitle)
    }
    let count = table.foldCount ?? 1
    let drawn = runs.indices.map { run in
      Figure.Run(
        lines: (run * count..<(run + 1) * count).flatMap { line($0, colorName(of: run)) })
    }
    let isValidated = result.curves.values.contains { $0.heldOut != nil }
    var figure = curves.figure(
      of: drawn, xTitle: E.curveTitle, yTitle: isValidated ? "Validation loss" : "Loss",
      usualScale: .auto)
    figure.shadeRuns(by: runs.indices.map(colorValue))
    return figure
  }

  /// The setting that colours runs: the first that has numbers, and more than one of them; nil if none has.
  private var colorSetting: Int? {
    table.settings.indices.first { setting in
      let values = runs.map { Double($0.settings[setting]) }
      return !values.contains(nil) && Set(values).count > 1
    }
  }

  private func colorValue(of run: Int) -> Double {
    colorSetting.flatMap { Double(runs[run].settings[$0]) } ?? Double(runs[run].number)
  }

  private func colorName(of run: Int) -> String {
    if let setting = colorSetting {
      return "\(table.settings[setting]) \(runs[run].settings[setting])"
    }
    return zip(table.settings, runs[run].settings).map { "\($0) \($1)" }.joined(separator: ", ")
  }
}
