import Hardware
import HardwareYAML
import Schedule
import Synchronization

/// A sweep whose base and models are there.
///
/// ```swift
/// let sweep = try Sweep(SweepDescription(path: "shapes.yaml"), file: "shapes.yaml") { request throws(DiagnosticError) in
///   try zooModel(request)
/// }
/// let run = try sweep.resolve().run(store: store)
/// ```
public struct Sweep: Sendable {
  public typealias ModelSource = @Sendable (ModelRequest) throws(DiagnosticError) -> SweepModel

  public let description: SweepDescription
  /// Whether a design that is too large for its device fails.
  public let keepsBudget: Bool
  private let source: ConfigurationSource
  private let models: ModelSource

  /// - Parameters:
  ///   - file: the sweep's own file.
  ///   - models: the model that a configuration asks for. It is asked several times and from several threads.
  /// - Throws: `DiagnosticError` if the base can't be read, or one of the listed models isn't there.
  public init(
    _ description: SweepDescription, file: String, keepsBudget: Bool = true, models: @escaping ModelSource
  ) throws(DiagnosticError) {
    self.description = description
    self.keepsBudget = keepsBudget
    self.models = models
    switch description.base {
    case .path(let path, let mark):
      source = try ConfigurationSource(path: ConfigurationSource.resolve(path, besides: file), from: mark)
    case .inline(let node): source = ConfigurationSource(node, file: file)
    }
    var mistakes: [Diagnostic] = []
    for model in description.models {
      guard let request = source.model([Override(path: "model", value: model)]) else { continue }
      do { _ = try models(request) } catch { mistakes += error.diagnostics }
    }
    if let error = DiagnosticError(mistakes) { throw error }
  }

  /// The design that point `index` asks for.
  ///
  /// - Throws: `DiagnosticError` if its description is wrong.
  func design(at index: Int) throws(DiagnosticError) -> Design {
    let settings = description.overrides(at: index)
    let configuration = try source.configuration(settings)
    guard let request = configuration.model else {
      throw DiagnosticError(
        Diagnostic(source.root.mark, "the base names no model", expected: "a list 'models' in the sweep"))
    }
    var accelerator = configuration.accelerator
    if !Self.keepsDeclaredLogic(settings) { accelerator.declaredLogic = DeclaredLogic() }
    return Design(accelerator: accelerator, model: try models(request))
  }

  /// LUTs and flip-flops that the base declares are those of its own logic. A point that changes this and declares
  /// nothing itself has none: they aren't estimated.
  private static func keepsDeclaredLogic(_ settings: [Override]) -> Bool {
    let parts = Set(settings.map { String($0.path.prefix { $0 != "." }) })
    return parts.contains("resources") || parts.isDisjoint(with: ["engines", "vector", "dma", "buffers"])
  }

  /// The model of a point whose accelerator is wrong.
  private func reference(at index: Int) -> ModelReference? {
    guard let request = source.model(description.overrides(at: index)) else { return nil }
    return (try? models(request))?.reference
  }

  /// Decodes every point: which design it asks for, or what is wrong with it.
  ///
  /// - Parameters:
  ///   - workers: At once; by default one a core.
  ///   - isStopped: Asked before each point; once `true`, no further one is decoded.
  ///   - progress: Called after each point, from several threads, with the number of those that are decoded.
  /// - Throws: `DiagnosticError` if no point's description is right, `CancellationError` if it was stopped.
  public func resolve(
    workers: Int? = nil, isStopped: @Sendable () -> Bool = { false }, progress: @Sendable (Int) -> Void = { _ in }
  ) throws -> ResolvedSweep {
    let done = Atomic(0)
    let decoded = mapConcurrently(Array(0..<description.count), workers: workers) { index in
      if isStopped() { return (point: ResolvedPoint, mistakes: DiagnosticError?)?.none }
      defer { progress(done.add(1, ordering: .relaxed).newValue) }
      return resolve(index)
    }
    let resolved = decoded.compactMap { $0 }
    guard resolved.count == decoded.count else { throw CancellationError() }
    let mistakes = resolved.compactMap(\.mistakes)
    if mistakes.count == resolved.count, let error = DiagnosticError(mistakes.flatMap(\.diagnostics)) {
      throw DiagnosticError(Array(error.diagnostics.prefix(Self.shownMistakes))) ?? error
    }
    return ResolvedSweep(sweep: self, points: resolved.map(\.point))
  }

  private static let shownMistakes = 20

  private func resolve(_ index: Int) -> (point: ResolvedPoint, mistakes: DiagnosticError?) {
    do throws(DiagnosticError) {
      let design = try design(at: index)
      if keepsBudget, let misfit = design.misfit { return (.failed(misfit, design.model.reference), nil) }
      return (.design(design.key, design.model.reference), nil)
    } catch {
      let failure = SweepFailure(.invalid, error.diagnostics.map(\.description).joined(separator: "; "))
      return (.failed(failure, reference(at: index)), error)
    }
  }
}

/// A sweep of which is known what each point asks for.
public struct ResolvedSweep: Sendable {
  public let sweep: Sweep
  let points: [ResolvedPoint]
}

/// What a point asks for.
enum ResolvedPoint: Sendable, Hashable {
  case design(DesignKey, ModelReference)
  /// It asks for none, or for one that isn't evaluated.
  case failed(SweepFailure, ModelReference?)
}
