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
      let model = try QuantizedModel.synthetic(graph, seed: 3, asymmetric: asymmetric)
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
        let saturated = Double(values.count { $0 == -128 || $0 == 127 }) / count
        #expect(10...80 ~= size, "\(op.name): \(op.operation)")
        // The 1 of a softmax is no saturation.
        #expect(saturated < 0.08 || op.operation == .softmax, "\(op.name): \(op.operation)")
      }
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
