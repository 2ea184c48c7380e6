import Compiler
import Hardware
import Machine
import Model
import Numerics
import Quantizer
import Schedule
import TestSupport
import Testing

@Suite struct FuzzTests {
  /// Random graphs of all operations: every schedule is sound, and every byte that a vector instruction writes is the
  /// interpreter's.
  @Test(arguments: 0..<24)
  func randomGraphsGiveTheInterpretersBytes(_ seed: Int) throws {
    try checkRandomGraph(UInt64(seed))
  }
}

/// Compiles, lints and runs one random graph on one random accelerator.
///
/// - Returns: false if that has too little memory.
@discardableResult func checkRandomGraph(_ seed: UInt64, _ source: SourceLocation = #_sourceLocation) throws -> Bool {
  var random = SplitMix64(seed: seed)
  let graph = GraphMaker.random(&random)
  let accelerator = random.chance(30) ? random.pick(Accelerator.all) : Accelerator.random(&random)
  let model = try QuantizedModel.synthetic(graph, seed: seed, asymmetric: random.chance(50))
  do {
    let compilation = try Compiler.compile(model, for: accelerator)
    try checkValues(compilation, model, accelerator, seed: seed, source)
    return true
  } catch let error as CompileError {
    // Small memories may be too small; nothing else may go wrong.
    guard case .doesNotFit(_, _, _, let needed, let available) = error else { throw error }
    #expect(needed > available, sourceLocation: source)
    return false
  }
}

/// Lint, both engines' times, and every byte.
func checkValues(
  _ compilation: Compilation, _ model: QuantizedModel, _ accelerator: Accelerator, seed: UInt64,
  _ source: SourceLocation = #_sourceLocation
) throws {
  let schedule = compilation.schedule
  let findings = Lint.check(schedule, against: try Compiler.operators(of: model.graph))
  try #require(findings.isEmpty, "\(findings.prefix(3))", sourceLocation: source)
  checkPlacements(compilation, model.graph, source)
  #expect(schedule.timeOnly == (try Compiler.compile(model.graph, for: accelerator)), sourceLocation: source)

  var random = SplitMix64(seed: seed ^ 77)
  let input = try #require(model.graph.tensors.first { $0.role == .input }, sourceLocation: source)
  let pixels = (0..<input.elements).map { _ in Int8(random.int(-128...127)) }
  let tensors = try IntegerInterpreter(model, algorithms: Algorithms(accelerator.vector)).run(input: pixels)
  var image = compilation.image
  image.tensors[compilation.input] = pixels.map { UInt8(bitPattern: $0) }
  let literal = try run(compilation, .literal, image, model.graph, tensors, source)
  let event = try run(compilation, .event, image, model.graph, tensors, source)
  #expect(literal.run.cycles == event.run.cycles, sourceLocation: source)
  #expect(literal.image == event.image, sourceLocation: source)
  let output = try #require(model.graph.tensors.firstIndex { $0.role == .output }, sourceLocation: source)
  #expect(event.image.tensors[compilation.output] == bytes(tensors[output]), "output", sourceLocation: source)
}

private func run(
  _ compilation: Compilation, _ engine: EngineKind, _ image: MemoryImage, _ graph: Graph,
  _ tensors: [TensorID: IntegerValues], _ source: SourceLocation
) throws -> (run: Run, image: MemoryImage) {
  var wrong: String?
  let result = try Simulator.run(compilation.schedule, engine: engine, image: image) { event in
    guard wrong == nil, let part = compilation.placements[event.instruction],
      let all = bytes(tensors[part.tensor])
    else { return }
    let width = graph[part.tensor].shape.last ?? 1
    let expected = part.rows.flatMap { row in part.columns.map { all[row * width + $0] } }
    if expected != event.bytes {
      wrong = "\(engine) instruction \(event.instruction): \(graph[part.tensor].name) \(part.rows) × \(part.columns)"
    }
  }
  #expect(wrong == nil, sourceLocation: source)
  return result
}

private func bytes(_ values: IntegerValues?) -> [UInt8]? {
  if case .int8(let values)? = values { values.map { UInt8(bitPattern: $0) } } else { nil }
}
