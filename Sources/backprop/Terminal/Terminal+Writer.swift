import Glibc
import Plotting

extension Terminal {
  /// What can be shown where `writer` writes: a terminal's own size and colours, else plain text.
  init(of writer: Writer) {
    func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(variable).first { !$0.isEmpty } ?? ""
    let encoding = locale.uppercased().filter { $0 != "-" }
    self.init(isUnicode: encoding.hasSuffix("UTF8"))
    guard writer.isTerminal else { return }
    var size = winsize()
    if ioctl(writer.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      columns = Int(size.ws_col)
      if size.ws_row > 0 { rows = Int(size.ws_row) }
    }
    hasColor = variable("NO_COLOR").isEmpty && variable("TERM") != "dumb"
  }
}
