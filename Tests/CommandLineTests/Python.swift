import Foundation

/// Python with packages that the library is compared with.
///
/// `scripts/prepare-python` installs them where it can; tests are skipped where they are missing.
struct Python {
  let path: String

  /// An interpreter that has some packages, if there is one.
  init?(with packages: String) {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["XDG_CACHE_HOME"] ?? "\(environment["HOME"] ?? "")/.cache"
    for path in ["\(cache)/backprop-tests/python/bin/python", "/usr/bin/env python3"] {
      guard let result = try? Sandbox().run("\(path) -c 'import \(packages)'"), result.status == 0
      else { continue }
      self.path = path
      return
    }
    return nil
  }

  static let withSafetensors = Python(with: "numpy, safetensors")
}
