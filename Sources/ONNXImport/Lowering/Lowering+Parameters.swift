import Model
import Numerics

extension Lowering {
  /// A constant as a matrix of weights.
  ///
  /// - Parameters:
  ///   - view: of the constant, in the order of the graph's memory.
  ///   - columns: the constant's dimension along which columns, and their scales, run.
  func weight(_ constant: Constant, _ view: View, columns: Int, shape: [Int]) throws(Problem) -> Parameter {
    func make(_ values: ParameterValues) -> Parameter { Parameter(name: constant.name, shape: shape, values: values) }
    switch constant.elements {
    case .missing(_, let why): return make(try missing(constant, why))
    case .quantized(let quantized):
      guard mode == .quantized else { throw Problem("weight '\(constant.name)' is quantized") }
      guard case .int8 = quantized.integers else { throw Problem("weight '\(constant.name)' must be int8") }
      guard quantized.zeroPoints.allSatisfy({ $0 == 0 }) else {
        throw Problem(
          "weight '\(constant.name)' has a zero point other than 0: quantize weights symmetrically (WeightSymmetric, QInt8)"
        )
      }
      guard quantized.axis == nil || quantized.axis == columns else {
        throw Problem(
          "weight '\(constant.name)' has its scales along dimension \(quantized.axis ?? 0); they must run along its outputs, dimension \(columns)"
        )
      }
      guard case .quantized(let moved) = constant.rearranged(view, axis: quantized.axis).elements,
        case .int8(let integers) = moved.integers
      else { throw Problem("weight '\(constant.name)' must be int8") }
      let scales = quantized.axis == nil ? Array(repeating: quantized.scales[0], count: shape[1]) : quantized.scales
      return make(.integers(.int8(integers), .weight(scales: scales)))
    default:
      guard mode != .quantized else {
        throw Problem("weight '\(constant.name)' isn't quantized: it needs DequantizeLinear before it")
      }
      let values = try constant.rearranged(view).floats()
      guard values.allSatisfy(\.isFinite) else { throw Problem("weight '\(constant.name)' holds NaN or infinity") }
      return make(.floats(values))
    }
  }

  private func missing(_ constant: Constant, _ why: String) throws(Problem) -> ParameterValues {
    guard mode == .structure else { throw Problem("tensor '\(constant.name)': \(why)") }
    return .missing(why)
  }

  /// A constant [columns] as a bias, still with the scales of the file.
  func bias(_ constant: Constant, columns: Int) throws(Problem) -> Parameter {
    let shape = constant.shape
    guard constant.count == columns || constant.count == 1, shape.dropLast().allSatisfy({ $0 == 1 }) else {
      throw Problem("bias '\(constant.name)' \(shape) doesn't have \(columns) elements")
    }
    func spread<T>(_ values: [T]) -> [T] {
      values.count == columns ? values : Array(repeating: values[0], count: columns)
    }
    func make(_ values: ParameterValues) -> Parameter {
      Parameter(name: constant.name, shape: [columns], values: values)
    }
    if case .missing(_, let why) = constant.elements { return make(try missing(constant, why)) }
    if case .quantized(let quantized) = constant.elements, case .int32(let integers) = quantized.integers {
      guard quantized.zeroPoints.allSatisfy({ $0 == 0 }) else {
        throw Problem("bias '\(constant.name)' has a zero point other than 0")
      }
      return make(.integers(.int32(spread(integers)), .int32(scales: spread(quantized.scales))))
    }
    let values = try constant.floats()
    guard values.allSatisfy(\.isFinite) else { throw Problem("bias '\(constant.name)' holds NaN or infinity") }
    return make(.floats(spread(values)))
  }

  /// The inputs of a product: activations, weight, and bias with the scales of its sums.
  mutating func parameters(of product: Product, _ node: Node) throws(Problem) -> [TensorID] {
    guard let weight = product.weight else { return product.inputs }
    let columns = weight.shape[1]
    var bias = product.bias ?? Parameter(name: "\(node.name).bias", shape: [columns], values: .floats([]))
    if case .floats(let values) = bias.values, values.isEmpty {
      try folding.take([columns])
      bias.values = .floats(Array(repeating: 0, count: columns))
    }
    if case .integers(_, .weight(let scales)) = weight.values {
      let input = try int8(product.inputs[0]).scale
      bias = try scaled(bias, to: scales.map { input * $0 })
    }
    return product.inputs + [addParameter(weight), addParameter(bias)]
  }

  /// Real numbers become integers with the scales of the sums; integers must have them.
  private func scaled(_ bias: Parameter, to scales: [Float]) throws(Problem) -> Parameter {
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw Problem("the scales of input and weight together are beyond float32")
    }
    var bias = bias
    switch bias.values {
    case .missing: break
    case .floats(let values):
      var integers: [Int32] = []
      integers.reserveCapacity(values.count)
      for (channel, (value, scale)) in zip(values, scales).enumerated() {
        guard let integer = Int32(exactly: (Double(value) / Double(scale)).rounded(.toNearestOrEven)) else {
          throw Problem(
            "bias '\(bias.name)' is \(value) in channel \(channel), beyond INT32 in steps of \(scale) (input scale times weight scale): widen the scales"
          )
        }
        integers.append(integer)
      }
      bias.values = .integers(.int32(integers), .int32(scales: scales))
    case .integers(let integers, let numbers):
      guard case .int32(let given) = numbers, given.count == scales.count,
        zip(given, scales).allSatisfy({ abs($0 / $1 - 1) < 1e-5 })
      else {
        throw Problem(
          "bias '\(bias.name)' must have the scale of its input times that of its weight, and has another one")
      }
      bias.values = .integers(integers, .int32(scales: scales))
    }
    return bias
  }

  /// A constant INT8 operand of the vector unit: LayerNorm's gain, position embedding.
  func operand(_ constant: Constant, _ what: String, shape: [Int], symmetric: Bool = false) throws(Problem) -> Parameter
  {
    func make(_ values: ParameterValues) -> Parameter { Parameter(name: constant.name, shape: shape, values: values) }
    if case .missing(_, let why) = constant.elements { return make(try missing(constant, why)) }
    guard mode == .quantized else {
      let values = try constant.floats()
      guard values.allSatisfy(\.isFinite) else { throw Problem("\(what) '\(constant.name)' holds NaN or infinity") }
      return make(.floats(values))
    }
    guard case .quantized(let quantized) = constant.elements, case .int8(let integers) = quantized.integers,
      quantized.axis == nil || quantized.scales.count == 1
    else { throw Problem("\(what) '\(constant.name)' must be int8 or uint8 with one scale") }
    guard !symmetric || quantized.zeroPoints[0] == 0 else {
      throw Problem("\(what) '\(constant.name)' must have the zero point 0")
    }
    let numbers = Quantization(scale: quantized.scales[0], zeroPoint: quantized.zeroPoints[0])
    return make(.integers(.int8(integers), .int8(numbers)))
  }

  /// LayerNorm's bias: INT32 with one scale.
  func normBias(_ constant: Constant, columns: Int) throws(Problem) -> Parameter {
    let bias = try bias(constant, columns: columns)
    guard mode == .quantized else { return bias }
    switch constant.elements {
    case .quantized(let quantized) where quantized.scales.count == 1:
      let integers = (0..<quantized.count).map {
        Int32(truncatingIfNeeded: quantized.integer($0) - quantized.zeroPoints[0])
      }
      return Parameter(
        name: constant.name, shape: [columns],
        values: .integers(.int32(integers), .int32(scales: [quantized.scales[0]])))
    default: throw Problem("bias '\(constant.name)' must be quantized with one scale")
    }
  }

  /// The class token, on the scale of the tokens that it joins.
  func parameter(ofToken token: Constant, width: Int, _ wanted: TensorNumbers?) throws(Problem) -> Parameter {
    func make(_ values: ParameterValues) -> Parameter {
      Parameter(name: token.name, shape: [1, width], values: values)
    }
    if case .missing(_, let why) = token.elements { return make(try missing(token, why)) }
    let values = Array(try token.floats().prefix(width))
    guard values.allSatisfy(\.isFinite) else { throw Problem("class token '\(token.name)' holds NaN or infinity") }
    guard case .int8(let quantization)? = wanted else { return make(.floats(values)) }
    return make(.integers(.int8(values.map(quantization.quantize)), .int8(quantization)))
  }
}
