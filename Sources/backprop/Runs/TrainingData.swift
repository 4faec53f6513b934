import Autograd
import Models
import Tables
import Training

/// The rows that a run reads, in its precision.
struct TrainingData<Scalar: Precision>: ~Copyable {
  /// The rows to train on.
  let rows: RowSupply<Scalar>
  /// Those on which the loss is measured, if there are some.
  let validation: RowSupply<Scalar>?
  /// Rows that stand for all where these are not in memory; else none.
  private let sample: Columns<Scalar>

  /// Throws if a number of them is beyond the precision.
  init(_ bound: BoundModel) throws(Failure) {
    let rows = try Self.supply(bound.table, bound.storedRows, of: bound.model)
    let validation = try bound.validation.map { table throws(Failure) in
      try Self.supply(table, bound.storedValidation, of: bound.model)
    }
    let sample = try Self.sample(bound)
    self.rows = rows
    self.validation = validation
    self.sample = sample
  }

  private static func supply(
    _ table: Table, _ stored: StoredRows?, of model: Model
  ) throws(Failure) -> RowSupply<Scalar> {
    if let stored {
      do throws(TableError) {
        _ = try model.data(from: table, rowCount: stored.rowCount, as: Scalar.self)
      } catch {
        throw Failure(error)
      }
      return .stored(StoredColumns<Scalar>(stored, of: model))
    }
    return .memory(try model.numbers(of: table, as: Scalar.self))
  }

  private static func sample(_ bound: BoundModel) throws(Failure) -> Columns<Scalar> {
    if bound.storedRows == nil { return .zeros(rowCount: 0, columnCount: 0) }
    return try bound.model.numbers(of: bound.table, as: Scalar.self)
  }

  /// What tells the data of one run from another's.
  func fingerprint() throws(Failure) -> UInt64 {
    do throws(TableError) {
      let own = try rows.fingerprint()
      switch validation {
      case .some(let validation): return try own ^ validation.fingerprint() &* 3
      case nil: return own
      }
    } catch {
      throw Failure(error)
    }
  }

  /// What tells the rows of one process from another's: of rows that are not in memory, those that stand for all.
  var identity: UInt64 {
    switch rows {
    case .memory(let data): data.fingerprint
    case .stored(let source): sample.fingerprint &+ UInt64(source.rowCount)
    }
  }

  /// Whether no row has a gradient at some values of the parameters.
  func isFlat(_ model: Model, at parameters: [Scalar]) throws(Failure) -> Bool {
    switch rows {
    case .memory(let data): return model.isFlat(at: parameters, in: data)
    case .stored(let source):
      // Seldom is more looked at than the first row of those that stand for all.
      guard model.isFlat(at: parameters, in: sample) else { return false }
      var isFlat = true
      do throws(TableError) {
        try source.forEachWindow { data, _ in
          if isFlat { isFlat = model.isFlat(at: parameters, in: data) }
        }
      } catch {
        throw Failure(error)
      }
      return isFlat
    }
  }
}
