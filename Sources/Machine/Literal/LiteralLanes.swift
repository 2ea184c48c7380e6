import Numerics
import Schedule

/// What a vector instruction computes, and on which bytes.
struct LiteralChain {
  enum Step {
    case requantize(Requantization, firstColumn: Int)
    /// By the bits of the operand.
    case table([Int8])
    case add(Addition)
    case multiply(Multiplication)
    case softmax(Softmax)
    case layerNorm(LayerNorm)
    case divide(Quotient)
    case average(Average)
  }

  var steps: [Step]
  var source: LiteralBytes
  var operand: LiteralBytes?
  var destination: LiteralBytes
  var rows: Int
  var columns: Int
  /// The source holds INT32, else INT8.
  var isWide: Bool

  /// What a run shows of the instruction when it has ended.
  var result: [UInt8] { destination.array(0, destination.rows * destination.rowBytes, of: UInt8.self) }
}

/// The data in the vector unit: a row is read and computed when its last pass has been issued, and written when it leaves
/// the pipeline.
struct LiteralLanes {
  private struct Written {
    /// The cycle at whose end the row is in the destination.
    var cycle: Int
    /// First byte, row by row.
    var first: Int
    var bytes: [Int8]
  }

  private var pending = LiteralFIFO<Written>()
  /// Parameters of a LayerNorm: read once, before the first row is written.
  private var gain: [Int8] = []
  private var bias: [Int32] = []
  /// Columns of an average.
  private var average: [[Int8]] = []

  /// Computes row `row`, which is in its destination at the end of `cycle`.
  mutating func pass(_ row: Int, of chain: LiteralChain, until cycle: Int) {
    var (words, bytes): ([Int32], [Int8]) = ([], [])
    if chain.isWide {
      words = chain.source.array(4 * row * chain.columns, chain.columns, of: Int32.self)
    } else {
      bytes = chain.source.array(row * chain.columns, chain.columns, of: Int8.self)
    }
    for step in chain.steps {
      switch step {
      case .requantize(let requantize, let firstColumn):
        bytes = words.indices.map { requantize(words[$0], column: firstColumn + $0) }
      case .table(let table): bytes = bytes.map { table[Int(UInt8(bitPattern: $0))] }
      case .add(let add): bytes = zip(bytes, operand(row, chain)).map { add($0, $1) }
      case .multiply(let multiply): bytes = zip(bytes, operand(row, chain)).map { multiply($0, $1) }
      case .softmax(let softmax): bytes = softmax.apply(bytes)
      case .layerNorm(let norm):
        if row == 0 { readParameters(chain) }
        bytes = norm.apply(bytes, gain: gain, bias: bias)
      case .divide(let divide): bytes = divide.apply(bytes.isEmpty ? words : bytes.map { Int32($0) })
      case .average(let mean):
        if row == 0 { average = Array(repeating: [], count: chain.columns) }
        for column in bytes.indices { average[column].append(bytes[column]) }
        if row < chain.rows - 1 { return }
        pending.push(Written(cycle: cycle, first: 0, bytes: average.map { mean.apply($0) }))
        return
      }
    }
    pending.push(Written(cycle: cycle, first: row * bytes.count, bytes: bytes))
  }

  private func operand(_ row: Int, _ chain: LiteralChain) -> [Int8] {
    chain.operand?.array(row * chain.columns, chain.columns, of: Int8.self) ?? []
  }

  private mutating func readParameters(_ chain: LiteralChain) {
    gain = chain.operand?.array(0, chain.columns, of: Int8.self) ?? []
    bias = chain.operand?.array(chain.columns, chain.columns, of: Int32.self) ?? []
  }

  /// Whether a row leaves the pipeline in cycle `now`.
  func isDue(_ now: Int) -> Bool { !pending.isEmpty && pending.first.cycle <= now }

  /// The end of cycle `now`: rows that have left the pipeline are written.
  mutating func land(_ now: Int, in chain: LiteralChain) {
    while isDue(now) {
      let row = pending.pop()
      row.bytes.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { chain.destination.write(row.first, bytes.count, from: base) }
      }
    }
  }
}
