internal import CThreads
internal import Synchronization

extension Fitter {
  /// The fits of groups of rows, each alone, in the order of the groups.
  ///
  /// One group has all threads of the settings; several share them, one thread a group. Numbers do not depend on the
  /// threads.
  public func fits(of groups: [Range<Int>], _ settings: FitSettings) -> [Fit] {
    if groups.count == 1 { return [fit(groups[0], settings)] }
    var ofOne = settings
    ofOne.threads = 1
    let work = Work(fitter: self, groups: groups, settings: ofOne)
    return withExtendedLifetime(work) {
      bp_concurrently(
        max(1, min(settings.threads, groups.count)),
        { context, _ in
          guard let context else { return }
          Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().run()
        }, Unmanaged.passUnretained(work).toOpaque())
      return work.fits.compactMap(\.self)
    }
  }

  /// Groups that threads take one after the other.
  private final class Work {
    let fitter: Fitter
    let groups: [Range<Int>]
    let settings: FitSettings
    private let next = Atomic(0)
    /// Each element is written by the thread that took its group, and read when all have ended.
    let found: UnsafeMutableBufferPointer<Fit?>

    init(fitter: Fitter, groups: [Range<Int>], settings: FitSettings) {
      (self.fitter, self.groups, self.settings) = (fitter, groups, settings)
      found = .allocate(capacity: groups.count)
      found.initialize(repeating: nil)
    }

    deinit {
      found.deinitialize()
      found.deallocate()
    }

    var fits: [Fit?] { Array(found) }

    func run() {
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < groups.count else { return }
        found[number] = fitter.fit(groups[number], settings)
      }
    }
  }
}
