/// What is wrong with a library of an array in RTL, or with what it was asked.
public enum ArrayLibraryError: Error, Hashable, Sendable {
  /// The file isn't there, or isn't a shared library for this machine; the loader's reason.
  case cannotOpen(path: String, reason: String)
  /// A function of `vitsim_array.h` is missing.
  case missingFunction(path: String, name: String)
  /// Built with another version of `vitsim_array.h`.
  case wrongVersion(path: String, found: Int, expected: Int)
  /// The library can't have this shape; its own reason.
  case wrongShape(path: String, reason: String)
  /// The text of its register groups isn't a list of those that an array of this shape can show.
  case wrongGroups(path: String, text: String)
  /// What enters `edge` (`left`, `bias` or `top`) hasn't as many elements as the array has rows or columns.
  case wrongCount(edge: String, found: Int, expected: Int)
  /// The waveform can't be written to this file.
  case cannotTrace(path: String, waveform: String)
}

extension ArrayLibraryError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason):
      "can't open the array library '\(path)': \(reason)"
    case .missingFunction(let path, let name):
      "array library '\(path)' has no function '\(name)'"
    case .wrongVersion(let path, let found, let expected):
      "array library '\(path)' was built for version \(found) of vitsim_array.h, this is version \(expected)"
    case .wrongShape(let path, let reason):
      "array library '\(path)': \(reason)"
    case .wrongGroups(let path, let text):
      "array library '\(path)' shows the register groups '\(text)', which aren't some of a, w, shadow, pass, sum"
    case .wrongCount(let edge, let found, let expected):
      "\(found) elements enter the edge '\(edge)' of an array that takes \(expected)"
    case .cannotTrace(let path, let waveform):
      "array library '\(path)' can't write the waveform '\(waveform)'"
    }
  }
}
