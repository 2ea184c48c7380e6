import CKernels

/// A rectangle of elements in memory; `pitch` in bytes.
public struct RowBlock {
  public var base: UnsafeMutableRawPointer
  public var pitch: Int
  public init(base: UnsafeMutableRawPointer, pitch: Int) {
    self.base = base
    self.pitch = pitch
  }

  /// The block from row `index` on.
  public func dropFirst(_ index: Int) -> RowBlock { RowBlock(base: base + index * pitch, pitch: pitch) }
}

/// One stage, prepared for rows of a certain length: the fast form of everything in `StageArithmetic` but averages.
///
/// It gives what the plain functions give; `nil` where there is nothing to compute row by row.
public struct RowKernel: Sendable {
  private enum Form: Sendable {
    case fixedRequantize(multipliers: [Int32], shifts: [Int32], zero: Int32, lowest: Int32)
    case floatRequantize(factors: [Double], zero: Int32, lowest: Int32)
    case lookup([Int8])
    case pair(PairKernel)
    case softmax(SoftmaxKernel)
    case layerNorm(LayerNormKernel)
    case divide(Quotient, isWide: Bool)
  }

  /// Elements of a row that it takes.
  public let columns: Int
  /// Elements of a row that it gives.
  public let resultColumns: Int
  private let form: Form

  /// - Parameters:
  ///   - columns: Length of the rows that it takes.
  ///   - firstColumn: Which factor of a requantization is the first element's.
  ///   - isWide: The rows are INT32, else INT8. A requantization takes the former, a division both, all else the latter.
  public init?(_ arithmetic: StageArithmetic, columns: Int, firstColumn: Int = 0, isWide: Bool) {
    guard columns > 0 else { return nil }
    self.columns = columns
    switch arithmetic {
    case .requantize(let it):
      guard isWide, !it.factors.isEmpty, firstColumn >= 0 else { return nil }
      form = Self.requantize(it, firstColumn..<firstColumn + columns)
      resultColumns = columns
      return
    case .divide(let it):
      guard columns > 1 else { return nil }
      form = .divide(it, isWide: isWide)
      resultColumns = columns - 1
      return
    case .elementwise(let it): form = .lookup(it.table)
    case .add(let it): form = .pair(PairKernel(it))
    case .multiply(let it): form = .pair(PairKernel(it))
    case .softmax(let it): form = .softmax(SoftmaxKernel(it))
    case .layerNorm(let it): form = .layerNorm(LayerNormKernel(it))
    case .average: return nil
    }
    guard !isWide else { return nil }
    resultColumns = columns
  }

  private static func requantize(_ it: Requantization, _ columns: Range<Int>) -> Form {
    let (zero, lowest) = (Int32(clamping: it.zeroPoint), Int32(it.lowest))
    let indices = columns.map { $0 % it.factors.count }
    if it.algorithm == .float {
      return .floatRequantize(factors: indices.map { it.factors[$0] }, zero: zero, lowest: lowest)
    }
    let fixed = it.factors.indices.map { it.multiplierAndShift($0) }
    return .fixedRequantize(
      multipliers: indices.map { Int32(clamping: fixed[$0].multiplier) },
      shifts: indices.map { Int32(clamping: fixed[$0].shift) }, zero: zero, lowest: lowest)
  }

  /// Computes `rows` rows of results.
  ///
  /// `output` may be `input` or `operand` where their elements are as wide as results, else it must not overlap them.
  ///
  /// - Parameter operand: The second operand: rows of elements, or one row of LayerNorm's parameters.
  public func apply(rows: Int, _ input: RowBlock, operand: RowBlock?, to output: RowBlock, path: KernelPath) {
    var block = ck_block(
      rows: Int64(rows), columns: Int64(columns), input: UnsafeRawPointer(input.base), input_pitch: Int64(input.pitch),
      output: output.base.assumingMemoryBound(to: Int8.self), output_pitch: Int64(output.pitch))
    switch form {
    case .fixedRequantize(let multipliers, let shifts, let zero, let lowest):
      ck_requantize_fixed(path.code, &block, multipliers, shifts, zero, lowest)
    case .floatRequantize(let factors, let zero, let lowest):
      ck_requantize_float(path.code, &block, factors, zero, lowest)
    case .lookup(let table): ck_lookup(path.code, &block, table)
    case .pair(let kernel):
      guard let operand else { return }
      kernel.apply(&block, operand, path: path)
    case .softmax(let kernel): kernel.apply(&block, path: path)
    case .layerNorm(let kernel):
      guard let operand else { return }
      kernel.apply(block, parameters: operand.base, path: path)
    case .divide(let it, let isWide):
      each(rows, input, output) { it.apply(isWide ? words($0) : bytes($0).map(Int32.init)) }
    }
  }

  private func each(_ rows: Int, _ input: RowBlock, _ output: RowBlock, _ body: (UnsafeRawPointer) -> [Int8]) {
    for row in 0..<rows {
      body(input.base + row * input.pitch).withUnsafeBytes { results in
        guard let base = results.baseAddress else { return }
        (output.base + row * output.pitch).copyMemory(from: base, byteCount: min(results.count, resultColumns))
      }
    }
  }

  private func bytes(_ row: UnsafeRawPointer) -> [Int8] {
    (0..<columns).map { row.load(fromByteOffset: $0, as: Int8.self) }
  }

  private func words(_ row: UnsafeRawPointer) -> [Int32] {
    (0..<columns).map { row.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self) }
  }
}
