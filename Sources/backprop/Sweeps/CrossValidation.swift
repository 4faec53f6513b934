import Plotting
import Tables

extension SweptCommand {
  /// Runs the command once for each fold, and writes a row of numbers each, and one of their means.
  ///
  /// The table goes to standard output unless a path is given, or a picture goes there. It is written when all folds
  /// have ended: what is interrupted leaves nothing.
  func crossValidate<E: Experiment>(
    _: E.Type, into path: Path?, flag: String, _ pictures: CurvePictures?, isQuiet: Bool
  ) throws(Failure) where E.Subject == Self {
    if let (flag, reason) = try refusal(areOutputsOwn: false) {
      throw Failure(.usage, "\(flag) cannot be given with --kfold: \(reason)")
    }
    var wishes = StudyWishes()
    wishes.isSwept = false
    wishes.wantsCurves = pictures != nil
    wishes.isQuiet = isQuiet
    wishes.jobs = givenThreads ?? coreCount
    var outputs = pictures?.destinations ?? []
    let table = FlaggedDestination(path, flag: flag, beside: outputs)
    if let table { outputs.append(table) }
    let run = StudyRun(number: 0, settings: [])
    let study = try Study<E>([run], of: [run], settings: [], wishes) { _ in self }
    try outputs.requireDistinct(from: study.inputs)
    let file = try table.map { table throws(Failure) in try WholeFile(table.destination) }
    try pictures?.create()
    let result = try study.run(nil)
    var failures: [Failure] = []
    do throws(Failure) { try file?.write(study.lines(of: result)) } catch { failures.append(error) }
    if let pictures {
      do throws(Failure) {
        try pictures.draw(study.figure(of: result, pictures.curves))
      } catch {
        failures.append(error)
      }
    }
    let failed = result.rows.count { !E.isSuccess($0.outcome) }
    if failed > 0 {
      Diagnostics.say("\(failed) of \(result.rows.count) folds \(E.failing.words)")
    }
    if !failures.isEmpty { throw .several(failures) }
    if failed > 0 { throw .said(E.failing.status) }
  }
}
