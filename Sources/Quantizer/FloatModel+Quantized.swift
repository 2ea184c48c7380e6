import Model
import Numerics

/// How `FloatModel.quantized(by:options:)` chooses numbers.
public struct QuantizationOptions: Sendable, Hashable {
  /// Activations have zero points and use all 256 integers; else zero points are 0.
  public var asymmetric: Bool

  public init(asymmetric: Bool = false) { self.asymmetric = asymmetric }
}

extension Graph {
  /// Tensors whose numbers come from their ranges, in the order in which they are written. Those of all others follow from the
  /// graph: parameters, views, softmax, products with a constant, INT32 results.
  var calibratedTensors: [TensorID] {
    let wide = wideTensors
    let written = operators.filter { op in
      switch op.operation {
      case .selectToken, .selectColumns, .reshape, .softmax, .elementwise(.identity): false
      case .elementwise(.scale(let factor)): factor <= 0
      default: !wide.contains(op.output)
      }
    }
    return tensors.indices.filter { tensors[$0].role == .input } + written.map(\.output)
  }
}

extension FloatModel {
  /// The model in integers: INT8 activations whose numbers hold the table's ranges, INT8 weights with a scale for each column,
  /// INT32 biases (docs/quantization.md).
  ///
  /// - Throws: `CalibrationError` if the model isn't valid, or the table lacks a tensor that needs a range.
  public func quantized(
    by table: CalibrationTable, options: QuantizationOptions = QuantizationOptions()
  ) throws(CalibrationError) -> QuantizedModel {
    do { try validate() } catch { throw .model(error) }
    var quantizer = ModelQuantizer(model: self, table: table, options: options)
    try quantizer.run()
    let quantized = QuantizedModel(
      graph: graph, numbers: quantizer.numbers.map { $0 ?? .int8(Quantization(scale: 1 / 127)) },
      constants: quantizer.constants)
    do { try quantized.validate() } catch { throw .model(error) }
    return quantized
  }
}

private struct ModelQuantizer {
  let model: FloatModel
  let table: CalibrationTable
  let options: QuantizationOptions
  let wide: Set<TensorID>
  let calibrated: Set<TensorID>
  /// Patches and class token, which are only moved, take the numbers of what they become.
  let tied: [TensorID: TensorID]
  var numbers: [TensorNumbers?]
  var constants: [TensorID: IntegerValues] = [:]

  var graph: Graph { model.graph }

  init(model: FloatModel, table: CalibrationTable, options: QuantizationOptions) {
    self.model = model
    self.table = table
    self.options = options
    wide = model.graph.wideTensors
    calibrated = Set(model.graph.calibratedTensors)
    tied = model.graph.operators.reduce(into: [:]) { tied, op in
      if case .classToken = op.operation { for input in op.inputs { tied[input] = op.output } }
    }
    numbers = Array(repeating: nil, count: model.graph.tensors.count)
  }

  mutating func run() throws(CalibrationError) {
    for id in graph.tensors.indices where graph[id].role == .input { numbers[id] = try calibratedNumbers(id) }
    for op in graph.operators { try add(op) }
    // Parameters that no operator reads.
    for id in graph.tensors.indices where graph[id].role == .parameter { _ = data(id) }
  }

  private mutating func add(_ op: GraphOperator) throws(CalibrationError) {
    switch op.operation {
    case .patchEmbedding, .convolution, .linear: weigh(op)
    case .layerNorm: scaleColumns(op)
    case .headProduct, .classToken, .concatenate, .add, .multiply, .elementwise, .softmax, .divide, .appendColumn,
      .average, .selectToken, .selectColumns, .reshape:
      for id in op.inputs { _ = data(id, tied[id] == nil ? nil : try calibratedNumbers(id)) }
    }
    numbers[op.output] = try calibrated.contains(op.output) ? calibratedNumbers(op.output) : impliedNumbers(of: op)
  }

  /// Numbers of a result that needs no range.
  private func impliedNumbers(of op: GraphOperator) -> TensorNumbers? {
    let x = numbers[op.inputs[0]]
    switch op.operation {
    case .softmax:
      return .int8(options.asymmetric ? Quantization(scale: 1 / 255, zeroPoint: -128) : Quantization(scale: 1 / 127))
    case .elementwise(.scale(let factor)):
      // The integers stay what they are.
      guard case .int8(let x) = x else { return x }
      return .int8(Quantization(scale: x.scale * factor, zeroPoint: x.zeroPoint))
    case .headProduct:
      guard case .int8(let x) = x, case .int8(let y) = numbers[op.inputs[1]] else { return x }
      return .int32(scales: [x.scale * y.scale])
    default: return x
    }
  }

  private func calibratedNumbers(_ id: TensorID) throws(CalibrationError) -> TensorNumbers {
    let name = graph[tied[id] ?? id].name
    guard let calibration = table[name] else {
      throw .tensor(name: name, problem: "there is no range of it; calibrate with images, or write one")
    }
    if let problem = calibration.problem { throw .tensor(name: name, problem: problem) }
    switch calibration {
    case .numbers(let numbers): return .int8(numbers)
    case .range(let min, let max): return .int8(quantization(min, max))
    }
  }

  /// Numbers that hold a range and 0; 1/127 for a range of nothing but 0.
  private func quantization(_ low: Float, _ high: Float) -> Quantization {
    let (low, high) = (min(0, low), max(0, high))
    if !options.asymmetric { return Quantization(scale: step(max(-low, high), 127)) }
    // Halves, lest the difference overflow.
    let scale = step(high / 2 - low / 2, 127.5)
    return Quantization(scale: scale, zeroPoint: max(-128, min(127, Int((-128 - low / scale).rounded()))))
  }

  private func step(_ reach: Float, _ steps: Float) -> Float {
    reach > 0 ? max(reach / steps, .leastNormalMagnitude) : 1 / 127
  }
}

// MARK: Parameters

extension ModelQuantizer {
  /// A parameter that is added, multiplied or put beside something: INT8 of its own range.
  private mutating func data(_ id: TensorID, _ given: TensorNumbers? = nil) -> TensorNumbers? {
    guard graph[id].role == .parameter, numbers[id] == nil, let values = model.constants[id] else { return numbers[id] }
    var quantization = quantization(values.min() ?? 0, values.max() ?? 0)
    if case .int8(let given) = given { quantization = given }
    numbers[id] = .int8(quantization)
    constants[id] = .int8(values.map { quantization.quantize($0) })
    return numbers[id]
  }

  /// Weights with a scale for each column, biases with the scales of the accumulators.
  private mutating func weigh(_ op: GraphOperator) {
    guard case .int8(let input) = data(op.inputs[0]), let weights = model.constants[op.inputs[1]],
      let biases = model.constants[op.inputs[2]]
    else { return }
    let columns = biases.count
    if numbers[op.inputs[1]] == nil {
      var reaches = [Float](repeating: 0, count: columns)
      for start in stride(from: 0, to: weights.count, by: columns) {
        for column in 0..<columns { reaches[column] = max(reaches[column], abs(weights[start + column])) }
      }
      let scales = zip(reaches, biases).map { reach, bias in
        // Wide enough that the bias fits an INT32 with room for the sum.
        max(step(reach, 127), abs(bias) / input.scale / 0x1p30)
      }
      var integers: [Int8] = []
      integers.reserveCapacity(weights.count)
      for start in stride(from: 0, to: weights.count, by: columns) {
        for column in 0..<columns {
          integers.append(Quantization(scale: scales[column]).quantize(weights[start + column]))
        }
      }
      numbers[op.inputs[1]] = .weight(scales: scales)
      constants[op.inputs[1]] = .int8(integers)
    }
    guard case .weight(let scales) = numbers[op.inputs[1]] else { return }
    settleBias(op.inputs[2], scales: scales.map { input.scale * $0 })
  }

  /// LayerNorm's gain and bias, one scale each.
  private mutating func scaleColumns(_ op: GraphOperator) {
    guard case .int8(let input) = data(op.inputs[0]), let gains = model.constants[op.inputs[1]],
      let biases = model.constants[op.inputs[2]]
    else { return }
    let gain = Quantization(scale: step(gains.reduce(0) { max($0, abs($1)) }, 127))
    numbers[op.inputs[1]] = .int8(gain)
    constants[op.inputs[1]] = .int8(gains.map { gain.quantize($0) })
    let room = biases.reduce(0) { max($0, abs($1)) } / 0x1p30
    settleBias(op.inputs[2], scales: [max(input.scale * gain.scale, room, .leastNormalMagnitude)])
  }

  private mutating func settleBias(_ id: TensorID, scales: [Float]) {
    let values = model.constants[id] ?? []
    numbers[id] = .int32(scales: scales)
    constants[id] = .int32(
      values.indices.map { column in
        let steps = (Double(values[column]) / Double(scales[scales.count == 1 ? 0 : column])).rounded(.toNearestOrEven)
        return Int32(max(-0x1p31, min(0x1p31 - 1, steps)))
      })
  }
}
