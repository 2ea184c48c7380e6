/// Why there is no such model, or why a graph isn't one.
public enum ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// No model of the zoo has this name; `suggestion` is the nearest name, if one is near.
  case unknownModel(name: String, suggestion: String?)
  /// The image side isn't a positive multiple of the model's step, or it is larger than `Zoo.largestImage`.
  case image(Int, step: Int)
  /// The batch isn't within 1...`Zoo.largestBatch`.
  case batch(Int)
  /// A tensor of a graph is malformed.
  case tensor(name: String, problem: String)
  /// An operator's tensors don't fit what it computes, or the order of operators is wrong.
  case graphOperator(name: String, problem: String)

  public var description: String {
    switch self {
    case .unknownModel(let name, let suggestion):
      let hint = suggestion.map { "; did you mean '\($0)'?" } ?? ""
      return "unknown model '\(name)'\(hint) (models: \(Zoo.models.map(\.name).joined(separator: ", ")))"
    case .image(let side, let step):
      return "image side \(side) must be a multiple of \(step), from \(step) to \(Zoo.largestImage) pixels"
    case .batch(let batch):
      return "batch \(batch) must be from 1 to \(Zoo.largestBatch)"
    case .tensor(let name, let problem):
      return "tensor '\(name)': \(problem)"
    case .graphOperator(let name, let problem):
      return "operator '\(name)': \(problem)"
    }
  }
}
