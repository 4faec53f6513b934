internal import Autograd
public import Formula

/// A model and its loss as a user asks for them: formulas, or names of presets and losses.
public struct ModelRequest: Sendable {
  /// The prediction; a preset's formula is spelled out.
  public let formula: Formula
  /// The loss, if one was asked for.
  public let givenLoss: ModelLoss?
  /// The loss: the one asked for, the preset's, or the squared error.
  public let loss: ModelLoss

  /// Why a model or a loss cannot be made as asked for.
  public enum Fault: Error {
    /// A preset with widths that it cannot have.
    case widths(Preset)
    case formula(FormulaError)
    case loss(ModelLoss.Fault)
  }

  /// Reads a formula or a preset, and a loss's name or formula.
  public init(_ model: String, loss: String? = nil) throws(Fault) {
    if let preset = Preset.misused(in: model) { throw .widths(preset) }
    let named = Preset.named(model)
    do throws(ModelLoss.Fault) {
      let found = try (loss ?? named?.preset.loss).map { text throws(ModelLoss.Fault) in
        try ModelLoss(text)
      }
      givenLoss = loss == nil ? nil : found
      self.loss = found ?? .squaredError
    } catch {
      throw .loss(error)
    }
    let isForClasses = self.loss.named?.prediction == .scores
    do throws(FormulaError) {
      formula = try Formula(
        named.map { $0.preset.text(widths: $0.widths, isForClasses: isForClasses) } ?? model)
    } catch {
      throw .formula(error)
    }
  }
}
