import Hardware
import Machine
import Model
import Schedule

/// A model of a sweep, its graph built once.
public struct SweepModel: Sendable {
  public let graph: Graph
  /// What figures depend on besides image and batch: a built-in model's name, or what an ONNX file holds.
  public let identity: String

  /// A model of the zoo.
  public init(_ graph: Graph) {
    self.graph = graph
    identity = graph.name
  }

  /// A model of an ONNX file.
  ///
  /// - Parameter bytes: the whole file.
  public init(_ graph: Graph, file bytes: some Collection<UInt8>) {
    self.graph = graph
    identity = "onnx " + DesignKey(bytes: SHA256.digest(bytes)).description
  }

  var reference: ModelReference { ModelReference(name: graph.name, image: graph.image, batch: graph.batch) }
}

/// An accelerator and a model: all that the figures of a point depend on.
struct Design: Sendable {
  let accelerator: Accelerator
  let model: SweepModel

  /// The same for equal designs alone, under the same rules.
  var key: DesignKey {
    let reference = model.reference
    return DesignKey(
      of: "vitsim design 1\nrules \(Evaluation.rules)\nmodel \(model.identity)\nimage \(reference.image)\n"
        + "batch \(reference.batch)\n\(accelerator.yaml)")
  }

  /// What the accelerator's device has too little of; `nil` if it fits or has no device.
  var misfit: SweepFailure? {
    guard let device = accelerator.device else { return nil }
    let violations = Resources.estimate(accelerator).violations(on: device)
    return violations.isEmpty ? nil : SweepFailure(.doesNotFit, violations.joined(separator: "; "))
  }

  /// Compiles and executes it.
  func evaluate() -> SweepOutcome {
    do {
      // Figures are of the total: nobody asks where its cycles went.
      return .done(DesignFigures(try Evaluation(model.graph, on: accelerator, options: RunOptions()).summary))
    } catch let error as MachineError {
      if case .inconsistent = error { return .failed(SweepFailure(.defect, error.explanation)) }
      return .failed(SweepFailure(.notRun, error.explanation))
    } catch {
      return .failed(SweepFailure(.notCompiled, "\(error)"))
    }
  }
}

/// SHA-256 of everything that a design's figures depend on (docs/sweep.md, "The store").
public struct DesignKey: Sendable, Hashable, CustomStringConvertible {
  /// 32 of them.
  public let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }

  init(of text: String) { bytes = SHA256.digest(text.utf8) }

  /// Hexadecimal.
  public var description: String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
