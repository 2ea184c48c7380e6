import Model

/// The order in which one product's weights stand in DRAM: block by block, as they are loaded, columns outside and depth
/// inside. A block is K × N bytes row by row; behind the first block along K stand the 4·N bytes of its columns' bias.
struct WeightLayout {
  /// Rows of the weight matrix.
  let k: Int
  /// Cuts of the columns.
  let columns: [Range<Int>]
  /// Cuts of the rows, each a list of ranges.
  let depths: [[Range<Int>]]
  /// By cut of the rows: rows in the cuts before it.
  private let before: [Int]
  /// The tensor's address in DRAM.
  var address = 0

  init(k: Int, columns: [Range<Int>], depths: [[Range<Int>]]) {
    self.k = k
    self.columns = columns
    self.depths = depths
    var rows = 0
    before = depths.map { cut in
      defer { rows += cut.rows }
      return rows
    }
  }

  /// Bytes of the whole tensor.
  var bytes: Int { (k + 4) * columns.reduce(0) { $0 + $1.count } }

  /// Where a block begins, and its bytes without and with its bias.
  func block(_ columns: Range<Int>, depth: Int) -> (address: Int, weights: Int, bytes: Int) {
    let bias = 4 * columns.count
    let start = address + columns.lowerBound * (k + 4) + before[depth] * columns.count + (depth == 0 ? 0 : bias)
    let weights = depths[depth].rows * columns.count
    return (start, weights, weights + (depth == 0 ? bias : 0))
  }
}

extension [Range<Int>] {
  /// Rows in all ranges together.
  var rows: Int { reduce(0) { $0 + $1.count } }
}

extension Numbers {
  /// A product's weights and biases, in the order of `layout`.
  func bytes(_ parameters: Parameters, _ layout: WeightLayout) throws(CompileError) -> [UInt8] {
    let (weights, biases) = (try int8(parameters.weight), try int32(parameters.bias))
    let width = biases.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(layout.bytes)
    for columns in layout.columns {
      for (index, depth) in layout.depths.enumerated() {
        for rows in depth {
          for row in rows {
            let start = row * width
            let block = weights[start + columns.lowerBound..<start + columns.upperBound]
            bytes.append(contentsOf: block.lazy.map { UInt8(bitPattern: $0) })
          }
        }
        if index == 0 { for column in columns { bytes.append(littleEndian: biases[column]) } }
      }
    }
    return bytes
  }

  /// Parameters of a LayerNorm: a byte of gain for each column, then the biases.
  func bytes(ofNorm parameters: Parameters) throws(CompileError) -> [UInt8] {
    var bytes = try bytes(of: parameters.weight)
    for value in try int32(parameters.bias) { bytes.append(littleEndian: value) }
    return bytes
  }

  /// An INT8 parameter as it is.
  func bytes(of id: TensorID) throws(CompileError) -> [UInt8] { try int8(id).map { UInt8(bitPattern: $0) } }

  private func int8(_ id: TensorID) throws(CompileError) -> [Int8] {
    guard case .int8(let values)? = model.constants[id], values.count == model.graph[id].elements else {
      throw constant(id, "INT8")
    }
    return values
  }

  private func int32(_ id: TensorID) throws(CompileError) -> [Int32] {
    guard case .int32(let values)? = model.constants[id], values.count == model.graph[id].elements else {
      throw constant(id, "INT32")
    }
    return values
  }

  private func constant(_ id: TensorID, _ type: String) -> CompileError {
    let tensor = model.graph[id]
    return .invalidModel(.tensor(name: tensor.name, problem: "needs a constant of \(tensor.elements) \(type) values"))
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: Int32) {
    for shift in stride(from: 0, to: 32, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
