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
///
/// Networks without LayerNorm hand every error in it on to all layers behind, where it grows: what the rows of a column have in
/// common is told apart, since sums over rows and windows keep it while the rest averages out.
private struct Spread {
  var mean: Float
  /// Root of the mean square.
  var size: Float
  /// Mean square of what all rows of a column have in common, the mean included.
  var shared: Float
  /// What the columns hold that `appendColumn` appended.
  var appended: Float?

  init(mean: Float = 0, size: Float, shared: Float? = nil, appended: Float? = nil) {
    (self.mean, self.size, self.appended) = (mean, max(size, 1e-15), appended)
    self.shared = max(mean * mean, min(shared ?? 0, self.size * self.size))
  }

  var square: Float { size * size }
  /// What is not in common.
  var own: Float { square - shared }

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

  /// Size of every product's results, before a bias of up to so much is added.
  private static let unit: Float = 1.5
  private static let bias: Float = 0.3

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
      let shared = weigh(op, x) * Self.unit * Self.unit
      let bias = Self.bias * Self.bias / 3
      settle(
        op.output, Spread(size: (Self.unit * Self.unit + bias).squareRoot(), shared: shared + bias))
    case .headProduct: multiply(op, x, data(op.inputs[1]))
    case .classToken:
      // Patches and token are only moved side by side: all three have the same numbers.
      spreads[op.output] = mixture([x, data(op.inputs[1])])
      numbers[op.output] = numbers[op.inputs[0]]
      numbers[op.inputs[1]] = numbers[op.inputs[0]]
    case .concatenate: settle(op.output, mixture(op.inputs.map { data($0) }))
    case .add:
      let y = data(op.inputs[1])
      settle(
        op.output,
        Spread(mean: x.mean + y.mean, size: (x.square + y.square).squareRoot(), shared: x.shared + y.shared))
    case .multiply:
      let y = data(op.inputs[1])
      settle(op.output, Spread(mean: x.mean * y.mean, size: x.size * y.size, shared: x.shared * y.shared))
    case .layerNorm:
      constants[op.inputs[1]] = .int8(random.int8s(graph[op.inputs[1]].elements).map { 84 + $0 / 3 })
      numbers[op.inputs[1]] = .int8(Quantization(scale: 1 / 84))
      settleBias(op.inputs[2], scales: [1e-5])
      settle(op.output, Spread(size: 1.1, shared: 1.21 * x.shared / x.square))
    case .elementwise(let function): settle(op.output, image(of: x, function))
    case .softmax:
      let columns = Float(graph[op.output].shape.last ?? 1)
      numbers[op.output] = .int8(
        asymmetric ? Quantization(scale: 1 / 255, zeroPoint: -128) : Quantization(scale: 1 / 127))
      // Some weights stand out: as if a tenth of the columns shared a row's 1.
      spreads[op.output] = Spread(mean: 1 / columns, size: min(1, (10 / columns).squareRoot() / columns.squareRoot()))
    case .divide:
      let divisor = max(x.appended ?? x.size, .leastNormalMagnitude)
      settle(op.output, Spread(size: x.size / divisor, shared: x.shared / (divisor * divisor)))
    case .appendColumn(_, let value):
      settle(op.output, Spread(mean: x.mean, size: x.size, shared: x.shared, appended: value))
    case .average:
      let rows = Float(graph[op.inputs[0]].elements / max(1, graph[op.output].elements))
      settle(op.output, Spread(mean: x.mean, size: (x.shared + x.own / rows).squareRoot(), shared: x.shared))
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

  /// Weights and biases of a product whose results are to be of size `unit`; which share of their mean square all rows of a
  /// column have in common.
  private mutating func weigh(_ op: GraphOperator, _ x: Spread) -> Float {
    var shared = x.shared / x.square
    let (weight, columns) = (op.inputs[1], graph[op.inputs[1]].shape[1])
    if constants[weight] == nil {
      let values = random.int8s(graph[weight].elements)
      constants[weight] = .int8(values)
      // Columns differ in size, by 0.4/√3 of it.
      let usual = Self.unit / (1 + 0.16 / 3 as Float).squareRoot()
      let sums = sums(of: values, columns: columns, op, x)
      numbers[weight] = .weight(scales: sums.map { usual / $0.size * (1 + 0.4 * random.unit()) })
      shared = sums.reduce(0) { $0 + $1.shared } / Float(columns)
    }
    guard case .int8(let input) = numbers[op.inputs[0]], case .weight(let scales) = numbers[weight] else {
      return shared
    }
    settleBias(op.inputs[2], scales: scales.map { input.scale * $0 })
    return shared
  }

  /// Size of each column's sums, by the weights that were drawn, since few of them seldom have their usual size; and which share
  /// of their mean square rows have in common.
  private func sums(
    of values: [Int8], columns: Int, _ op: GraphOperator, _ x: Spread
  ) -> [(size: Float, shared: Float)] {
    var sums = [Float](repeating: 0, count: columns)
    var squares = sums
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        squares.withUnsafeMutableBufferPointer { squares in
          // A `while` because debug builds draw many weights, too.
          var (index, column) = (0, 0)
          while index < values.count {
            let value = Float(values[index])
            sums[column] += value
            squares[column] += value * value
            (index, column) = (index + 1, column + 1 == columns ? 0 : column + 1)
          }
        }
      }
    }
    let mean = x.mean * x.mean
    var (live, isDepthwise) = (1 as Float, false)
    if case .convolution(let convolution) = op.operation {
      let image = graph[op.inputs[0]].shape
      live = convolution.live(0, image[1]) * convolution.live(1, image[2])
      isDepthwise = convolution.groups == image[3]
    }
    return zip(sums, squares).map { sum, square in
      // The taps of a channel meet what its pixels have in common; other channels have something else.
      let together = mean * sum * sum + (x.shared - mean) * (isDepthwise ? sum * sum : square)
      let size = max(1, together + x.own * square)
      return ((size * live).squareRoot(), together / size)
    }
  }

  private mutating func settleBias(_ id: TensorID, scales: [Float]) {
    numbers[id] = .int32(scales: scales)
    constants[id] = .int32(
      (0..<graph[id].elements).map { column in
        Int32(clamping: Int(max(-1e9, min(1e9, Self.bias * random.unit() / scales[scales.count == 1 ? 0 : column]))))
      })
  }

  private mutating func multiply(_ op: GraphOperator, _ x: Spread, _ y: Spread) {
    guard case .headProduct(let product) = op.operation else { return }
    let shape = graph[op.inputs[0]].shape
    let depth = Float(product.a.layout(shape, image: 0, head: 0).columns)
    // Along K: the columns of A and rows of B, or the other way round where they lie across.
    let (a, b) = (product.a.transposed ? x.shared : x.mean * x.mean, product.b.transposed ? y.mean * y.mean : y.shared)
    func square(_ a: Float, _ x: Float) -> Float { depth * depth * a * b + depth * (x * y.square - a * b) }
    let common = x.mean * x.mean
    var spread = Spread(
      mean: depth * x.mean * y.mean, size: square(a, x.square).squareRoot(), shared: square(common, common))
    // Positive numbers times a column that holds one value.
    spread.appended = y.appended.map { depth * x.mean * $0 }
    guard wide.contains(op.output), case .int8(let a) = numbers[op.inputs[0]], case .int8(let b) = numbers[op.inputs[1]]
    else { return settle(op.output, spread) }
    spreads[op.output] = spread
    numbers[op.output] = .int32(scales: [a.scale * b.scale])
  }

  private func mixture(_ parts: [Spread]) -> Spread {
    let count = Float(parts.count)
    func average(_ number: (Spread) -> Float) -> Float { parts.reduce(0) { $0 + number($1) } / count }
    return Spread(mean: average(\.mean), size: average(\.square).squareRoot(), shared: average(\.shared))
  }

  /// Mean and size of a function of Gaussian numbers.
  private func image(of x: Spread, _ function: ElementwiseFunction) -> Spread {
    if case .table = function { return Spread(size: 1) }
    let (column, row) = (max(0, x.shared - x.mean * x.mean).squareRoot(), max(0, x.own).squareRoot())
    /// Mean of a function of Gaussian numbers.
    func mean(_ deviation: Float, _ function: (Float) -> Float) -> Float {
      var (weights, sum): (Float, Float) = (0, 0)
      for step in -20...20 {
        let z = Float(step) / 5
        // (1 − z²/2¹¹)^1024: a bell that needs no exponential.
        var weight = 1 - z * z / 2048
        for _ in 0..<10 { weight *= weight }
        (weights, sum) = (weights + weight, sum + weight * function(deviation * z))
      }
      return sum / weights
    }
    func square(_ value: Float) -> Float { value * value }
    return Spread(
      mean: mean(column) { common in mean(row) { function(x.mean + common + $0) } },
      size: mean(column) { common in mean(row) { square(function(x.mean + common + $0)) } }.squareRoot(),
      shared: mean(column) { common in square(mean(row) { function(x.mean + common + $0) }) })
  }
}

extension Model.Convolution {
  /// Share of the kernel's places along `axis` that lie in an image of `size` rows or columns, the rest being padding.
  fileprivate func live(_ axis: Int, _ size: Int) -> Float {
    let extent = dilation[axis] * (kernel[axis] - 1) + 1
    let outputs = (size + padding[axis] + padding[axis + 2] - extent) / stride[axis] + 1
    var count = 0
    for output in 0..<outputs {
      for tap in 0..<kernel[axis]
      where 0..<size ~= output * stride[axis] + tap * dilation[axis] - padding[axis] { count += 1 }
    }
    return Float(max(1, count)) / Float(outputs * kernel[axis])
  }
}
