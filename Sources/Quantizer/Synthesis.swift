import Model
import Numerics

extension QuantizedModel {
  /// A model with random weights for any graph, whose activations use the INT8 range from the first layer to the last.
  ///
  /// Scales follow from how the sizes of sums grow: nothing is run. The same graph and seed give the same model.
  ///
  /// ```swift
  /// let model = try QuantizedModel.synthetic(Zoo.graph("deit-tiny"), seed: 1)
  /// ```
  ///
  /// - Parameter asymmetric: activations have zero points other than 0.
  /// - Throws: `ModelError` if the graph isn't valid, has a tensor of more than `largestTensor` elements, or uses one bias
  ///   behind two products.
  public static func synthetic(
    _ graph: Graph, seed: UInt64, asymmetric: Bool = false
  ) throws(ModelError) -> QuantizedModel {
    try graph.validate()
    var synthesis = Synthesis(graph, seed: seed, asymmetric: asymmetric)
    for op in graph.operators { synthesis.add(op) }
    let model = QuantizedModel(
      graph: graph, numbers: synthesis.numbers.map { $0 ?? .int8(Quantization(scale: 1 / 32)) },
      constants: synthesis.constants)
    try model.validate()
    return model
  }
}

/// What is expected of a tensor's real values.
private struct Spread {
  var mean: Float = 0
  /// Root of the mean square.
  var size: Float
  /// What the columns hold that `appendColumn` appended.
  var appended: Float?

  /// Largest value to be represented; Gaussian tails beyond saturate.
  var peak: Float { max(3.5 * size, 1.4 * (appended ?? 0).magnitude) }
}

private struct Synthesis {
  let graph: Graph
  let asymmetric: Bool
  let wide: Set<TensorID>
  var random: RandomBytes
  var numbers: [TensorNumbers?]
  var constants: [TensorID: IntegerValues] = [:]
  private var spreads: [Spread?]

  /// Size of every product's results.
  private static let unit: Float = 1.5

  init(_ graph: Graph, seed: UInt64, asymmetric: Bool) {
    self.graph = graph
    self.asymmetric = asymmetric
    wide = graph.wideTensors
    random = RandomBytes(seed: seed)
    numbers = Array(repeating: nil, count: graph.tensors.count)
    spreads = Array(repeating: nil, count: graph.tensors.count)
    for id in graph.tensors.indices where graph[id].role == .input {
      settle(id, Spread(size: 1))
      // Inputs are as often near the ends of their range as in its middle.
      spreads[id] = Spread(size: 2)
    }
  }

  mutating func add(_ op: GraphOperator) {
    let x = data(op.inputs[0])
    switch op.operation {
    case .patchEmbedding, .convolution, .linear:
      weigh(op, x)
      settle(op.output, Spread(size: Self.unit))
    case .headProduct: multiply(op, x, data(op.inputs[1]))
    case .classToken:
      // Patches and token are only moved side by side: all three have the same numbers.
      spreads[op.output] = mixture([x, data(op.inputs[1])])
      numbers[op.output] = numbers[op.inputs[0]]
      numbers[op.inputs[1]] = numbers[op.inputs[0]]
    case .concatenate: settle(op.output, mixture(op.inputs.map { data($0) }))
    case .add:
      let y = data(op.inputs[1])
      settle(op.output, Spread(mean: x.mean + y.mean, size: (x.size * x.size + y.size * y.size).squareRoot()))
    case .multiply:
      let y = data(op.inputs[1])
      settle(op.output, Spread(mean: x.mean * y.mean, size: x.size * y.size))
    case .layerNorm:
      constants[op.inputs[1]] = .int8(random.int8s(graph[op.inputs[1]].elements).map { 84 + $0 / 3 })
      numbers[op.inputs[1]] = .int8(Quantization(scale: 1 / 84))
      settleBias(op.inputs[2], scales: [1e-5])
      settle(op.output, Spread(size: 1.1))
    case .elementwise(let function): settle(op.output, image(of: x, function))
    case .softmax:
      let columns = Float(graph[op.output].shape.last ?? 1)
      numbers[op.output] = .int8(
        asymmetric ? Quantization(scale: 1 / 255, zeroPoint: -128) : Quantization(scale: 1 / 127))
      // Some weights stand out: as if a tenth of the columns shared a row's 1.
      spreads[op.output] = Spread(mean: 1 / columns, size: min(1, (10 / columns).squareRoot() / columns.squareRoot()))
    case .divide: settle(op.output, Spread(mean: 0, size: x.size / max(x.appended ?? x.size, .leastNormalMagnitude)))
    case .appendColumn(_, let value): settle(op.output, Spread(mean: x.mean, size: x.size, appended: value))
    case .average:
      // As above: rows have part of a column in common.
      settle(op.output, Spread(mean: x.mean, size: (x.mean * x.mean + x.size * x.size / 2).squareRoot()))
    case .selectToken, .selectColumns, .reshape:
      numbers[op.output] = numbers[op.inputs[0]]
      spreads[op.output] = x
    }
  }
}

extension Synthesis {
  /// Numbers that hold `spread`.
  private mutating func settle(_ id: TensorID, _ spread: Spread) {
    spreads[id] = spread
    let zero = asymmetric ? Int(random.word() % 49) - 24 : 0
    numbers[id] = .int8(Quantization(scale: max(1e-30, spread.peak) / Float(127 - zero.magnitude), zeroPoint: zero))
  }

  /// What is known of an operand; a parameter gets values of size 0.3 when it is first met.
  private mutating func data(_ id: TensorID) -> Spread {
    if let spread = spreads[id] { return spread }
    let spread = Spread(size: 0.3)
    spreads[id] = spread
    if graph[id].role == .parameter {
      constants[id] = .int8(random.int8s(graph[id].elements))
      numbers[id] = .int8(Quantization(scale: spread.size / RandomBytes.spread))
    }
    return spread
  }

  /// Weights and biases of a product whose results are to be of size `unit`.
  private mutating func weigh(_ op: GraphOperator, _ x: Spread) {
    let (weight, columns) = (op.inputs[1], graph[op.inputs[1]].shape[1])
    if constants[weight] == nil {
      let usual = Self.unit / (RandomBytes.spread * x.size * Float(graph[weight].shape[0]).squareRoot())
      constants[weight] = .int8(random.int8s(graph[weight].elements))
      numbers[weight] = .weight(scales: (0..<columns).map { _ in usual * (1 + 0.4 * random.unit()) })
    }
    guard case .int8(let input) = numbers[op.inputs[0]], case .weight(let scales) = numbers[weight] else { return }
    settleBias(op.inputs[2], scales: scales.map { input.scale * $0 })
  }

  private mutating func settleBias(_ id: TensorID, scales: [Float]) {
    numbers[id] = .int32(scales: scales)
    constants[id] = .int32(
      (0..<graph[id].elements).map { column in
        Int32(clamping: Int(max(-1e9, min(1e9, 0.3 * random.unit() / scales[scales.count == 1 ? 0 : column]))))
      })
  }

  private mutating func multiply(_ op: GraphOperator, _ x: Spread, _ y: Spread) {
    guard case .headProduct(let product) = op.operation else { return }
    let shape = graph[op.inputs[0]].shape
    let depth = Float(product.a.layout(shape, image: 0, head: 0).columns)
    let mean = depth * x.mean * y.mean
    // Rows that are positive on average don't average out what the rows of a column have in common, a third of it.
    let common = depth * x.mean * y.size
    let squares = mean * mean + common * common / 3 + depth * x.size * x.size * y.size * y.size
    var spread = Spread(mean: mean, size: squares.squareRoot())
    // Positive numbers times a column that holds one value.
    spread.appended = y.appended.map { depth * x.mean * $0 }
    guard wide.contains(op.output), case .int8(let a) = numbers[op.inputs[0]], case .int8(let b) = numbers[op.inputs[1]]
    else { return settle(op.output, spread) }
    spreads[op.output] = spread
    numbers[op.output] = .int32(scales: [a.scale * b.scale])
  }

  private func mixture(_ parts: [Spread]) -> Spread {
    let count = Float(parts.count)
    let square = parts.reduce(0) { $0 + $1.size * $1.size } / count
    return Spread(mean: parts.reduce(0) { $0 + $1.mean } / count, size: square.squareRoot())
  }

  /// Mean and size of a function of Gaussian numbers.
  private func image(of x: Spread, _ function: ElementwiseFunction) -> Spread {
    if case .table = function { return Spread(size: 1) }
    let deviation = max(0, x.size * x.size - x.mean * x.mean).squareRoot()
    var (weights, sum, squares): (Float, Float, Float) = (0, 0, 0)
    for step in -30...30 {
      let z = Float(step) / 10
      // A bell that needs no exponential: (1 + z²/8)⁻⁴.
      let root = 1 / (1 + z * z / 8)
      let weight = root * root * root * root
      let y = function(x.mean + deviation * z)
      (weights, sum, squares) = (weights + weight, sum + weight * y, squares + weight * y * y)
    }
    return Spread(mean: sum / weights, size: (squares / weights).squareRoot())
  }
}
