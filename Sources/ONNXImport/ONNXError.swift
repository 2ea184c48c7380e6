/// Why a file can't be imported: which file, where in it, and what to do.
///
/// ```swift
/// do {
///   let model = try ONNXModel(contentsOf: "vit.int8.onnx").quantized()
/// } catch {
///   print(error)   // vit.int8.onnx: node 'conv' (Conv): its weight 'w' has the zero point 3; …
/// }
/// ```
public struct ONNXError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Place: Sendable, Hashable {
    case file
    case node(name: String, type: String)
    case tensor(String)
  }

  /// Path of the file.
  public var file: String
  public var place: Place
  /// What is wrong, and what helps.
  public var problem: String

  public init(file: String, place: Place, problem: String) {
    self.file = file
    self.place = place
    self.problem = problem
  }

  public var description: String {
    switch place {
    case .file: "\(file): \(problem)"
    case .node(let name, let type): "\(file): node '\(name)' (\(type)): \(problem)"
    case .tensor(let name): "\(file): tensor '\(name)': \(problem)"
    }
  }
}

/// A problem whose place the caller knows.
struct Problem: Error {
  var text: String
  init(_ text: String) { self.text = text }
}
