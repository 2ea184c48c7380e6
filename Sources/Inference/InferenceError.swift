/// Why images can't go through a model.
public enum InferenceError: Error, Sendable, Hashable {
  /// The images don't fit the model, or there are none.
  case images(String)
  /// Labels or logits don't fit the images.
  case reference(String)
  /// The model isn't one that takes an image and gives logits.
  case model(String)

  /// The problem in words; the command line puts the file's name before it.
  public var problem: String {
    switch self {
    case .images(let problem), .reference(let problem), .model(let problem): problem
    }
  }
}
