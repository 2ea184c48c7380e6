import Machine
import Schedule

/// What became of the images of one inference.
public struct InferenceResult: Sendable {
  /// The model's name.
  public var model: String
  public var images: Int
  public var engine: EngineKind
  public var accuracy: Accuracy?
  public var agreement: Agreement?

  public init(model: String, images: Int, engine: EngineKind, accuracy: Accuracy? = nil, agreement: Agreement? = nil) {
    self.model = model
    self.images = images
    self.engine = engine
    self.accuracy = accuracy
    self.agreement = agreement
  }
}
