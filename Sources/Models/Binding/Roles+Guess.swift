public import Formula

extension Roles {
  /// The column that a loss with a name is taken to compare with the prediction.
  public static let usualTarget = "y"

  /// Guesses from formulas alone which names are data.
  ///
  /// In the formula of the prediction those are the `columns`, if they are given, else x and y, alone or
  /// with digits after it, names in backquotes and names that are compared with texts. Data are also
  /// the target and all names that only the loss has. The target is `y` unless a name is given or the loss is a
  /// formula without `y`. `inputs` joins the given columns but for the target; if it is not known, but for
  /// the names that the loss has. Throws if `inputs` is used and joins no column.
  public init(
    guessedFrom formula: Formula, loss: ModelLoss?, columns given: [String]?,
    target: String? = nil
  ) throws(FormulaError) {
    let texts = formula.comparedTexts.merging(loss?.formula?.comparedTexts ?? [:]) { own, others in
      own + others.filter { !own.contains($0) }
    }
    let lossNames = (loss?.formula?.names ?? []).map(\.text).filter {
      $0 != Formula.predictionName && !Formula.isConstant($0)
    }
    let plain = formula.names.filter { name in
      name.isQuoted || given?.contains(name.text) == true
        || !Formula.reservedNames.contains(name.text)
    }
    let quoted = Set(plain.filter(\.isQuoted).map(\.text))
    let own = plain.map(\.text).filter { name in
      given?.contains(name)
        ?? (looksLikeData(name) || quoted.contains(name) || texts[name] != nil)
    }
    let parameters = Set(plain.map(\.text)).subtracting(own)
    let target = loss.flatMap { loss in
      target
        ?? (loss.formula == nil || lossNames.contains(Self.usualTarget) ? Self.usualTarget : nil)
    }
    let inputs = formula.names.first { $0.text == Formula.inputsName }
    let joined = inputs == nil ? [] : given ?? []
    var known = Set<String>()
    let ofLoss = lossNames.filter { !parameters.contains($0) } + [target].compactMap(\.self)
    let names = (joined + own + ofLoss).filter { known.insert($0).inserted }
    let kinds = texts.filter { known.contains($0.key) }.mapValues { Schema.Kind.text(levels: $0) }
    self.init(
      schema: Schema(names: names, kinds: kinds), target: target,
      features: joined.filter { target == nil ? !lossNames.contains($0) : $0 != target })
    if let inputs, features.isEmpty, !schema.contains(inputs.text) {
      throw FormulaError(.inputsWithoutColumns, in: formula.text, at: inputs.range)
    }
  }

  /// The roles of the names of a loss that is bound alone.
  init(guessedFrom loss: ModelLoss) {
    guard let formula = loss.formula else {
      self.init(schema: Schema(names: [Self.usualTarget]), target: Self.usualTarget)
      return
    }
    let names = formula.names.map(\.text).filter {
      $0 != Formula.predictionName && !Formula.isConstant($0)
    }
    let texts = formula.comparedTexts.mapValues { Schema.Kind.text(levels: $0) }
    self.init(schema: Schema(names: names, kinds: texts))
  }
}

/// Whether a name is data when nobody says otherwise: x or y, or one of them with digits after it.
private func looksLikeData(_ name: String) -> Bool {
  (name.first == "x" || name.first == "y")
    && name.dropFirst().allSatisfy { ("0"..."9").contains($0) }
}
