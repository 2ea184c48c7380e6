/// Why an `.npy` or `.npz` file can't be read or written.
public struct NumPyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Path of the file.
  public var file: String
  /// The array, in an archive.
  public var array: String?
  /// What is wrong.
  public var problem: String
  /// What to do about it.
  public var advice: String

  public init(file: String, array: String? = nil, problem: String, advice: String) {
    self.file = file
    self.array = array
    self.problem = problem
    self.advice = advice
  }

  /// `logits.npz: array 'fp32': has complex numbers; write …`.
  public var description: String {
    "\(file): \(array.map { "array '\($0)': " } ?? "")\(problem); \(advice)"
  }
}

/// A problem in some bytes; whoever knows the file and the array makes a `NumPyError` of it.
struct Problem: Error {
  var what: String
  var advice: String

  init(_ what: String, _ advice: String = "write the file again with numpy.save or numpy.savez") {
    self.what = what
    self.advice = advice
  }

  func of(_ file: String, array: String? = nil) -> NumPyError {
    NumPyError(file: file, array: array, problem: what, advice: advice)
  }
}
