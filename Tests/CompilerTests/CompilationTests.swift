import Compiler
import Hardware
import Model
import Numerics
import Quantizer
import Schedule
import Testing

extension Schedule {
  /// Without arithmetic and zero points: what a graph without numbers gives.
  var timeOnly: Schedule {
    var copy = self
    copy.arithmetic = []
    for index in copy.instructions.indices {
      switch copy.instructions[index].operation {
      case .vector(var vector):
        for stage in vector.stages.indices { vector.stages[stage].arithmetic = nil }
        copy.instructions[index].operation = .vector(vector)
      case .matmul(var matmul):
        (matmul.aZero, matmul.bZero) = (0, 0)
        copy.instructions[index].operation = .matmul(matmul)
      default: break
      }
    }
    return copy
  }
}

@Suite struct CompilationTests {
  private func small() throws -> Graph {
    try Zoo.graph(VisionTransformer("small", width: 24, depth: 1, heads: 3, patch: 4, classes: 5), image: 16, batch: 2)
  }

  @Test(arguments: Accelerator.all)
  func numbersChangeNoInstruction(_ accelerator: Accelerator) throws {
    let model = try QuantizedModel.synthetic(try small(), seed: 1)
    let compilation = try Compiler.compile(model, for: accelerator)
    #expect(compilation.schedule.timeOnly == (try Compiler.compile(model.graph, for: accelerator)))
    for case .vector(let vector) in compilation.schedule.instructions.map(\.operation) {
      #expect(vector.stages.allSatisfy { $0.arithmetic != nil })
    }
    #expect(Set(compilation.schedule.arithmetic).count == compilation.schedule.arithmetic.count)
  }

  /// Every tensor that a chain ends with is written once, and nothing else is placed.
  @Test(arguments: Accelerator.all)
  func partsCoverTheirTensors(_ accelerator: Accelerator) throws {
    let compilation = try Compiler.compile(try QuantizedModel.synthetic(try small(), seed: 2), for: accelerator)
    checkPlacements(compilation, try small())
  }

  /// A first block brings a bias, others none; every weight stands where its block is loaded.
  @Test func weightsStandBlockByBlock() throws {
    let graph = Graph(
      name: "linear", image: 0, batch: 1,
      tensors: [
        Tensor(name: "x", shape: [5, 300], role: .input), Tensor(name: "w", shape: [300, 70], role: .parameter),
        Tensor(name: "b", shape: [70], role: .parameter), Tensor(name: "y", shape: [5, 70], role: .output),
      ], operators: [GraphOperator(name: "fc", operation: .linear, inputs: [0, 1, 2], output: 3)])
    let model = try QuantizedModel.synthetic(graph, seed: 3)
    guard case .int8(let weights)? = model.constants[1], case .int32(let biases)? = model.constants[2] else { return }
    let compilation = try Compiler.compile(model, for: .tiny)
    let bytes = try #require(compilation.image.tensors.compactMap { $0 }.first { $0.count == 304 * 70 })
    // Everything is there once; the blocks' order is held by the values' tests.
    var expected = weights.map { UInt8(bitPattern: $0) }
    for bias in biases { expected += withUnsafeBytes(of: bias.littleEndian, Array.init) }
    #expect(bytes.sorted() == expected.sorted())
    let matmuls = compilation.schedule.instructions.compactMap {
      if case .matmul(let matmul) = $0.operation { matmul } else { nil }
    }
    #expect(matmuls.contains { $0.accumulate })
    #expect(matmuls.allSatisfy { ($0.bias == nil) == $0.accumulate })
    #expect(matmuls.allSatisfy { $0.bias.map { $0.bytes } ?? 4 * $0.n == 4 * $0.n })
  }

  @Test func missingConstantsAreNamed() throws {
    var model = try QuantizedModel.synthetic(try small(), seed: 4)
    let weight = try #require(model.graph.tensors.firstIndex { $0.name == "head.weight" })
    model.constants[weight] = .int8([1, 2, 3])
    #expect {
      try Compiler.compile(model, for: .zcu102)
    } throws: {
      "\($0)".contains("head.weight")
    }
  }
}

/// Every part fits its tensor and its destination, and no element of a tensor is placed twice.
func checkPlacements(_ compilation: Compilation, _ graph: Graph, _ source: SourceLocation = #_sourceLocation) {
  #expect(compilation.placements.count == compilation.schedule.instructions.count, sourceLocation: source)
  var placed: [Int: Int] = [:]
  for (instruction, part) in zip(compilation.schedule.instructions, compilation.placements) {
    guard case .vector(let vector) = instruction.operation else {
      #expect(part == nil, sourceLocation: source)
      continue
    }
    guard let part else { continue }
    #expect(part.rows.count * part.columns.count == vector.destination.bytes, sourceLocation: source)
    let shape = graph[part.tensor].shape
    let columns = shape.last ?? 1
    #expect(part.columns.upperBound <= columns, sourceLocation: source)
    #expect(part.rows.upperBound <= shape.reduce(1, *) / columns, sourceLocation: source)
    placed[part.tensor, default: 0] += part.rows.count * part.columns.count
  }
  for (tensor, elements) in placed {
    #expect(elements == graph[tensor].elements, "\(graph[tensor].name)", sourceLocation: source)
  }
}
