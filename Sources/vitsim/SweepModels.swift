import Exploration
import Hardware
import Synchronization

/// The models of a sweep, each read and built once.
final class SweepModels: Sendable {
  private struct Key: Hashable {
    /// An ONNX file's name is relative to the file that names it.
    var file: String?
    var name: String
    var image: Int?
    var batch: Int?
  }

  private let models = Mutex<[Key: SweepModel]>([:])

  /// - Throws: `DiagnosticError` at the place of the request.
  func model(_ request: ModelRequest) throws(DiagnosticError) -> SweepModel {
    let key = Key(
      file: request.isFile ? request.nameMark.file : nil, name: request.name, image: request.image, batch: request.batch
    )
    return try models.withLock { models throws(DiagnosticError) in
      if let model = models[key] { return model }
      let model = try Loading.sweepModel(request)
      models[key] = model
      return model
    }
  }
}
