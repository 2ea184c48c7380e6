import Model
import Numerics
import Quantizer
import TestSupport
import Testing

struct SynthesisTests {
  /// Neither do activations vanish nor do they saturate, from the first layer to the last.
  @Test(arguments: [false, true])
  func activationsUseTheirRange(asymmetric: Bool) throws {
    for graph in try [smallTransformer(width: 64, depth: 6), smallLinearAttention()] {
      // So few channels that what is expected of them is rough.
      try expectRange(of: graph, asymmetric: asymmetric, sizes: 10...80, saturated: 0.15)
    }
  }

  /// Nor do they where no LayerNorm makes up for errors, and images are so small that most of a kernel is padding.
  @Test(arguments: [
    ("efficientvit-b0", 32), ("efficientvit-b1", 32), ("efficientvit-b2", 32), ("efficientvit-b3", 32),
    ("deit-tiny", 64),
  ])
  func zooUsesItsRange(name: String, image: Int) throws {
    try expectRange(of: Zoo.graph(name, image: image, batch: 1), sizes: 3...80, saturated: 0.05)
  }

  /// Large images, where attention averages over many tokens, and many blocks of it.
  @Test func errorsDontGrowWithDepth() throws {
    let model = EfficientViT(
      "deep", widths: [8, 16, 32, 32, 64], depths: [1, 1, 1, 1, 12], headWidth: 16, headWidths: [64, 64], classes: 10)
    try expectRange(of: Zoo.graph(model, image: 224, batch: 1), seed: 2, sizes: 3...80, saturated: 0.05)
  }

  /// - Parameters:
  ///   - sizes: Of roots of mean squares, in steps.
  ///   - saturated: Share of numbers at the ends of the range.
  private func expectRange(
    of graph: Graph, asymmetric: Bool = false, seed: UInt64 = 3, sizes: ClosedRange<Double>, saturated: Double
  ) throws {
    let model = try QuantizedModel.synthetic(graph, seed: seed, asymmetric: asymmetric)
    var random = SplitMix64(seed: 5)
    let pixels = (0..<graph[0].elements).map { _ in Int8(random.int(-128...127)) }
    let tensors = try IntegerInterpreter(model, algorithms: .float).run(input: pixels)
    for op in graph.operators {
      guard case .int8(let numbers) = model.numbers[op.output], case .int8(let values) = tensors[op.output] else {
        continue
      }
      let count = Double(values.count)
      let squares = values.map { Double((Int($0) - numbers.zeroPoint) * (Int($0) - numbers.zeroPoint)) }
      let size = (squares.reduce(0, +) / count).squareRoot()
      let ends = Double(values.count { $0 == -128 || $0 == 127 }) / count
      #expect(sizes ~= size, "\(graph.name) \(op.name): \(op.operation)")
      // The 1 of a softmax is no saturation.
      #expect(ends < saturated || op.operation == .softmax, "\(graph.name) \(op.name): \(op.operation)")
    }
  }

  @Test func seedsDecide() throws {
    let graph = try smallLinearAttention()
    #expect(try QuantizedModel.synthetic(graph, seed: 1) == QuantizedModel.synthetic(graph, seed: 1))
    #expect(
      try QuantizedModel.synthetic(graph, seed: 1).constants != QuantizedModel.synthetic(graph, seed: 2).constants)
  }

  /// A division reads accumulators, not their INT8 remains.
  @Test func divisionsAreWide() throws {
    let model = try QuantizedModel.synthetic(smallLinearAttention(), seed: 1)
    for op in model.graph.operators {
      guard case .divide = op.operation, case .int32 = model.numbers[op.inputs[0]] else { continue }
      return
    }
    Issue.record("no division of INT32 numbers")
  }
}
