import Model
import Numerics
import Quantizer
import TestSupport
import Testing

struct QuantizationTests {
  /// Random weights that keep the size of what they multiply.
  private func random(_ graph: Graph, seed: UInt64) -> FloatModel {
    var random = SplitMix64(seed: seed)
    var constants: [TensorID: [Float]] = [:]
    for op in graph.operators {
      for (place, id) in op.inputs.enumerated() where graph[id].role == .parameter {
        let shape = graph[id].shape
        let reach: Float = place == 1 && shape.count == 2 ? (3 / Float(shape[0])).squareRoot() : 0.3
        let middle: Float = op.operation.isLayerNorm && place == 1 ? 1 : 0
        constants[id] = (0..<graph[id].elements).map { _ in middle + reach * Float.random(in: -1...1, using: &random) }
      }
    }
    return FloatModel(graph: graph, constants: constants)
  }

  private func images(_ graph: Graph, _ count: Int, seed: UInt64) -> [[Float]] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in (0..<graph[0].elements).map { _ in Float.random(in: -1...1, using: &random) } }
  }

  private func output(_ graph: Graph) throws -> TensorID {
    try #require(graph.tensors.firstIndex { $0.role == .output })
  }

  /// Integers give what real numbers give, to a few hundredths of the range.
  @Test(arguments: [false, true])
  func integersFollowRealNumbers(asymmetric: Bool) throws {
    for graph in try [smallTransformer(), smallLinearAttention()] {
      let model = random(graph, seed: 2)
      var calibrator = try Calibrator(model)
      for image in images(graph, 12, seed: 3) { try calibrator.add(image) }
      let quantized = try model.quantized(by: calibrator.table, options: QuantizationOptions(asymmetric: asymmetric))
      let (output, interpreter) = (try output(graph), try FloatInterpreter(model))
      guard case .int8(let x) = quantized.numbers[0], case .int8(let y) = quantized.numbers[output] else {
        Issue.record("input and output aren't INT8")
        return
      }
      for algorithms in [Algorithms.float, .integer] {
        let integers = try IntegerInterpreter(quantized, algorithms: algorithms)
        var (errors, size): (Float, Float) = (0, 0)
        for image in images(graph, 6, seed: 4) {
          let real = try #require(try interpreter.run(input: image)[output])
          guard case .int8(let found) = try integers.run(input: image.map { x.quantize($0) })[output] else { return }
          errors += zip(real, found).reduce(0) { $0 + ($1.0 - y.real($1.1)) * ($1.0 - y.real($1.1)) }
          size += real.reduce(0) { $0 + $1 * $1 }
        }
        #expect((errors / size).squareRoot() < 0.1, "\(graph.name), \(algorithms == .float ? "float" : "integer")")
      }
    }
  }

  /// A table that went through a file gives the same model; numbers in it are taken as they are.
  @Test func tableFromAFile() throws {
    let model = random(try smallLinearAttention(), seed: 5)
    var calibrator = try Calibrator(model)
    try calibrator.add(images(model.graph, 1, seed: 6)[0])
    var table = try CalibrationTable(parsing: calibrator.table.text)
    #expect(try model.quantized(by: table) == model.quantized(by: calibrator.table))
    table["x"] = .numbers(Quantization(scale: 0.125, zeroPoint: 5))
    #expect(try model.quantized(by: table).numbers[0] == .int8(Quantization(scale: 0.125, zeroPoint: 5)))
  }

  @Test func numbersThatFollowFromTheGraph() throws {
    let graph = try smallTransformer()
    let model = random(graph, seed: 7)
    var calibrator = try Calibrator(model)
    try calibrator.add(images(graph, 1, seed: 8)[0])
    let quantized = try model.quantized(by: calibrator.table)
    for op in graph.operators {
      let (x, y) = (quantized.numbers[op.inputs[0]], quantized.numbers[op.output])
      switch op.operation {
      case .softmax: #expect(y == .int8(Quantization(scale: 1 / 127)))
      case .selectToken: #expect(x == y)
      case .elementwise(.scale(let factor)):
        guard case .int8(let x) = x else { continue }
        // A positive factor changes the numbers, not the integers.
        #expect(y == .int8(Quantization(scale: x.scale * factor)))
      default: #expect(calibrator.table[graph[op.output].name] != nil)
      }
    }
  }

  /// One dense layer by hand: scales 1/127 of the largest of each column, bias in steps of input scale · weight scale.
  @Test func parametersByHand() throws {
    let it = OperationCase(
      "", .linear, [([1, 2], [1, 2]), ([2, 3], [1, -2, 0, 0.5, 0.25, 0]), ([3], [1, -1, 0.5])], [1, 3], [0, 0, 0])
    var table = CalibrationTable()
    table["t0"] = .range(min: -1, max: 12.7)
    table["y"] = .range(min: -25.4, max: 1)
    let model = try it.float.quantized(by: table)
    #expect(model.numbers[0] == .int8(Quantization(scale: 12.7 / 127)))
    #expect(model.numbers[3] == .int8(Quantization(scale: 25.4 / 127)))
    // A column of zeros gets a scale that is as good as any.
    let scales: [Float] = [1, 2, 1].map { $0 / 127 }
    #expect(model.numbers[1] == .weight(scales: scales))
    #expect(model.constants[1] == .int8([127, -127, 0, 64, 16, 0]))
    #expect(model.constants[2] == .int32([1270, -635, 635]))
    let asymmetric = try it.float.quantized(by: table, options: QuantizationOptions(asymmetric: true))
    guard case .int8(let x) = asymmetric.numbers[0] else { return }
    #expect(x.quantize(-1) <= -127 && x.quantize(12.7) >= 126 && x.real(Int8(x.zeroPoint)) == 0)
  }

  @Test func ranges() throws {
    func model(_ low: Float, _ high: Float) throws -> QuantizedModel {
      let it = OperationCase("", .elementwise(.relu), [([1, 2], [1, 2])], [1, 2], [0, 0])
      var table = CalibrationTable()
      table["t0"] = .range(min: low, max: high)
      table["y"] = .range(min: 0, max: 1)
      return try it.float.quantized(by: table)
    }
    #expect(try model(0, 0).numbers[0] == .int8(Quantization(scale: 1 / 127)))
    // A range always holds 0.
    #expect(try model(5, 12.7).numbers[0] == .int8(Quantization(scale: 12.7 / 127)))
    for (low, high) in [(Float.nan, 1), (-.infinity, 1), (0, .infinity), (1, 0)] as [(Float, Float)] {
      #expect(throws: CalibrationError.self) { try model(low, high) }
    }
    #expect(
      throws: CalibrationError.tensor(
        name: "t0", problem: "there is no range of it; calibrate with images, or write one")
    ) {
      try OperationCase("", .softmax, [([1, 2], [1, 2])], [1, 2], []).float.quantized(by: CalibrationTable())
    }
  }

  /// Outliers widen a range of all values, and not the middle 99 %.
  @Test func percentile() throws {
    let it = OperationCase("", .elementwise(.relu), [([1, 1000], [])], [1, 1000], [])
    let image = (0..<1000).map { $0 == 500 ? 100 : Float($0 % 100 - 50) / 50 }
    for (method, largest) in [(CalibrationMethod.minMax, 100), (.percentile(0.99), Float(1))] {
      var calibrator = try Calibrator(it.float, method: method)
      #expect(calibrator.table == CalibrationTable())
      for scale in [0.001, 1] as [Float] { try calibrator.add(image.map { $0 * scale }) }
      guard case .range(_, let max) = calibrator.table["t0"] else {
        Issue.record("no range")
        return
      }
      #expect(abs(max - largest) < 0.1)
    }
    #expect(throws: CalibrationError.self) { try Calibrator(it.float, method: .percentile(0.2)) }
  }

  @Test func hostileModels() throws {
    let it = OperationCase("", .linear, [([1, 1], [1]), ([1, 1], [1]), ([1], [1])], [1, 1], [0])
    var calibrator = try Calibrator(it.float)
    #expect(throws: CalibrationError.self) { try calibrator.add([1, 2]) }
    #expect(throws: CalibrationError.self) { try calibrator.add([.nan]) }
    for value in [Float.nan, .infinity] {
      var model = it.float
      model.constants[1] = [value]
      #expect(throws: CalibrationError.self) { try Calibrator(model) }
    }
    var model = it.float
    model.constants[2] = []
    #expect(throws: CalibrationError.self) { try Calibrator(model) }
    // A bias beyond what its scale could hold widens the scale.
    model = it.float
    model.constants = [1: [1e-20], 2: [3]]
    var table = CalibrationTable()
    table["t0"] = .range(min: -1, max: 1)
    table["y"] = .range(min: -4, max: 4)
    guard case .int8(let y) = try IntegerInterpreter(model.quantized(by: table), algorithms: .float).run(input: [0])[3]
    else { return }
    #expect(y == [95])
  }
}

extension GraphOperation {
  fileprivate var isLayerNorm: Bool { if case .layerNorm = self { true } else { false } }
}
