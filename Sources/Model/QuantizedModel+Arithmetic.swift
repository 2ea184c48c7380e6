import Numerics

/// The one place where numbers of tensors become arithmetic of stages: interpreters and compilers compute what it says.
extension QuantizedModel {
  /// What the vector unit computes for `op`.
  ///
  /// - Products: the requantization of their accumulators, with a factor for each column or one for all; nothing if the
  ///   result is INT32.
  /// - `concatenate`, `classToken`, `appendColumn`: for each input a change from its numbers to the result's.
  ///   See `appendedInteger(of:)` for what `appendColumn` appends.
  /// - `add`, `multiply`: `first` is the operator's first input.
  /// - Views: nothing.
  /// - All others: one stage.
  ///
  /// - Throws: `ModelError` if a tensor doesn't have the kind of numbers that the operation takes, or the operation doesn't
  ///   exist in its algorithm.
  public func arithmetic(of op: GraphOperator, algorithms: Algorithms) throws(ModelError) -> [StageArithmetic] {
    let stages = try stages(of: op, algorithms)
    for stage in stages {
      if let problem = stage.problem { throw .graphOperator(name: op.name, problem: problem) }
    }
    return stages
  }

  private func stages(of op: GraphOperator, _ algorithms: Algorithms) throws(ModelError) -> [StageArithmetic] {
    switch op.operation {
    case .patchEmbedding, .convolution, .linear, .headProduct:
      return try requantization(of: op, algorithms.requantize).map { [.requantize($0)] } ?? []
    case .concatenate, .classToken, .appendColumn:
      let output = try quantization(op.output)
      return try op.inputs.map { id throws(ModelError) in
        .elementwise(
          Elementwise(.identity, algorithm: algorithms.scale, input: try quantization(id), output: output))
      }
    case .add:
      let (first, second) = (try quantization(input(0, of: op)), try quantization(input(1, of: op)))
      let output = try quantization(op.output)
      return [.add(Addition(algorithm: algorithms.add, first: first, second: second, output: output))]
    case .multiply:
      let (first, second) = (try quantization(input(0, of: op)), try quantization(input(1, of: op)))
      let output = try quantization(op.output)
      return [.multiply(Multiplication(algorithm: algorithms.multiply, first: first, second: second, output: output))]
    case .layerNorm(let epsilon): return [.layerNorm(try layerNorm(of: op, algorithms.layerNorm, epsilon))]
    case .elementwise(let function):
      let (input, output) = (try quantization(input(0, of: op)), try quantization(op.output))
      return [.elementwise(Elementwise(function, algorithm: algorithms[function], input: input, output: output))]
    case .softmax:
      let (input, output) = (try quantization(input(0, of: op)), try quantization(op.output))
      return [.softmax(Softmax(algorithm: algorithms.softmax, input: input, output: output))]
    case .divide(_, let epsilon):
      let id = try input(0, of: op)
      // Accumulators are divided as they are; their numbers have one scale.
      let scale = try singleScale(id)
      let input = if let scale { Quantization(scale: scale) } else { try quantization(id) }
      let output = try quantization(op.output)
      return [.divide(Quotient(algorithm: algorithms.divide, input: input, output: output, epsilon: epsilon))]
    case .average:
      let (input, output) = (try quantization(input(0, of: op)), try quantization(op.output))
      return [.average(Average(algorithm: algorithms.average, input: input, output: output))]
    case .selectToken, .selectColumns, .reshape: return []
    }
  }

  /// The integer in the columns that an `appendColumn` appends.
  ///
  /// - Throws: `ModelError` if `op` is another operation, or its result isn't INT8.
  public func appendedInteger(of op: GraphOperator) throws(ModelError) -> Int8 {
    guard case .appendColumn(_, let value) = op.operation else {
      throw .graphOperator(name: op.name, problem: "appends no column")
    }
    return try quantization(op.output).quantize(value)
  }

  /// Scales of the accumulators of a product, one or one for each column of the result: input scale · weight scale.
  ///
  /// - Throws: `ModelError` if an operand has no INT8 numbers.
  public func accumulatorScales(of op: GraphOperator) throws(ModelError) -> [Double] {
    let scale = Double(try quantization(input(0, of: op)).scale)
    return try operandScales(input(1, of: op)).map { scale * Double($0) }
  }

  private func requantization(
    of op: GraphOperator, _ algorithm: Algorithm
  ) throws(ModelError) -> Requantization? {
    if case .int32 = try numbers(op.output) { return nil }
    let output = try quantization(op.output)
    let factors = try accumulatorScales(of: op).map { $0 / Double(output.scale) }
    return Requantization(algorithm: algorithm, factors: factors, zeroPoint: output.zeroPoint)
  }

  private func layerNorm(
    of op: GraphOperator, _ algorithm: Algorithm, _ epsilon: Float
  ) throws(ModelError) -> LayerNorm {
    let (x, gain, bias) = (try input(0, of: op), try input(1, of: op), try input(2, of: op))
    guard case .int8(let gains) = try numbers(gain), gains.zeroPoint == 0 else {
      throw problem(gain, "a gain must be INT8 with zero point 0")
    }
    guard let biasScale = try singleScale(bias) else { throw problem(bias, "a bias must be INT32 with one scale") }
    return LayerNorm(
      algorithm: algorithm, input: try quantization(x), output: try quantization(op.output), gainScale: gains.scale,
      biasScale: biasScale, epsilon: epsilon)
  }
}

extension QuantizedModel {
  /// The numbers of a tensor that must be INT8 with one scale.
  func quantization(_ id: TensorID) throws(ModelError) -> Quantization {
    guard case .int8(let quantization) = try numbers(id) else { throw problem(id, "must be INT8 with one scale") }
    return quantization
  }

  /// Scales of the second operand of a product.
  func operandScales(_ id: TensorID) throws(ModelError) -> [Float] {
    switch try numbers(id) {
    case .int8(let quantization): return [quantization.scale]
    case .weight(let scales): return scales
    case .int32: throw problem(id, "an operand of a product must be INT8")
    }
  }

  /// The scale of an INT32 tensor that has but one; nil for other numbers.
  func singleScale(_ id: TensorID) throws(ModelError) -> Float? {
    guard case .int32(let scales) = try numbers(id), scales.count == 1 else { return nil }
    return scales[0]
  }

  func numbers(_ id: TensorID) throws(ModelError) -> TensorNumbers {
    guard numbers.indices.contains(id) else {
      throw .tensor(name: "\(id)", problem: "has no numbers; the model has numbers of \(numbers.count) tensors")
    }
    return numbers[id]
  }

  func input(_ index: Int, of op: GraphOperator) throws(ModelError) -> TensorID {
    guard op.inputs.indices.contains(index) else {
      throw .graphOperator(name: op.name, problem: "has no input \(index)")
    }
    return op.inputs[index]
  }

  func problem(_ id: TensorID, _ text: String) -> ModelError {
    .tensor(name: graph.tensors.indices.contains(id) ? graph.tensors[id].name : "\(id)", problem: text)
  }
}
