/// The first operation of a computation whose result is not finite.
public struct NonFinite: Sendable {
  /// The operation, as the part of the formula that it computes.
  public let expression: String
  /// Which operation it is; nil for an input.
  public let op: Op?
  /// The values it was given: of each operand the first element that is not finite, else the first.
  public let operands: [Double]
  /// What came of them: an infinity or a nan, of a vector the first.
  public let result: Double

  /// Looks through everything that `outputs` are computed from, row by row; also gives the row.
  ///
  /// Inputs come before the operations on them, so the operands of the operation found are finite.
  /// Nil if all values are finite, but for branches of a choice that are not taken. The graph is run again with every value kept: this explains a
  /// failure and is not for the inner loop.
  public static func first<Scalar: Precision>(
    in outputs: [Node], columns: [Node], parameters: [Node], rows: Range<Int>,
    of data: borrowing Columns<Scalar>, values: [Scalar]
  ) -> (row: Int, fault: NonFinite)? {
    guard let graph = outputs.first?.graph else { return nil }
    let nodes = graph.nodes(behind: outputs)
    let program = Program(outputs: nodes, columns: columns, parameters: parameters)
    var executor = Executor<Scalar>(program, batchRows: 1)
    for row in rows {
      let elements = executor.values(ofRow: row, in: data, parameters: values).map(Double.init)
      var first = 0
      let found = nodes.map { node in
        defer { first += node.shape.count }
        let own = elements[first..<first + node.shape.count]
        return own.first { !$0.isFinite } ?? elements[first]
      }
      let valueByIndex = Dictionary(uniqueKeysWithValues: zip(nodes.map(\.index), found))
      let counting = Self.counting(nodes, for: outputs, valueByIndex)
      guard
        let position = nodes.indices.first(where: {
          !found[$0].isFinite && counting.contains(nodes[$0].index)
        })
      else { continue }
      let node = nodes[position]
      let fault = NonFinite(
        expression: node.description, op: node.operation?.op,
        operands: node.operation?.operands.map { valueByIndex[$0.index] ?? .nan } ?? [],
        result: found[position])
      return (row, fault)
    }
    return nil
  }
  /// The nodes whose values reach the outputs: all but branches that one condition keeps out.
  private static func counting(
    _ nodes: [Node], for outputs: [Node], _ values: [Int: Double]
  ) -> Set<Int> {
    var counting = Set(outputs.map(\.index))
    for node in nodes.reversed() where counting.contains(node.index) {
      guard let (op, operands) = node.operation else { continue }
      let isChoice = op == .select && operands[0].shape == .scalar
      let skipped = isChoice ? (values[operands[0].index] == 0 ? 1 : 2) : operands.count
      for (place, operand) in operands.enumerated() where place != skipped {
        counting.insert(operand.index)
      }
    }
    return counting
  }
}
