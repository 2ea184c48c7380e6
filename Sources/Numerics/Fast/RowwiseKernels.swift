import CKernels

/// Softmax, prepared: its 256 powers and the multiplier of its shares.
struct SoftmaxKernel: Sendable {
  private let isFloat: Bool
  private let powers: [Int64]
  private let output: Quantization
  private let unit: FixedPoint

  init(_ it: Softmax) {
    isFloat = it.algorithm == .float
    powers = it.powers
    output = it.output
    unit = FixedPoint(0x1p-30 / Double(it.output.scale))
  }

  func apply(_ block: inout ck_block, path: KernelPath) {
    let zero = Int32(clamping: output.zeroPoint)
    if isFloat {
      ck_softmax_float(path.code, &block, powers, output.scale, zero)
    } else {
      ck_softmax_fixed(
        path.code, &block, powers, Int32(clamping: unit.multiplier), Int32(clamping: unit.shift), zero)
    }
  }
}

/// LayerNorm, prepared.
struct LayerNormKernel: Sendable {
  private let it: LayerNorm
  private let units: (gain: Int64, bias: Int64, shift: Int)

  init(_ it: LayerNorm) {
    self.it = it
    units = it.algorithm == .float ? (0, 0, 0) : it.units
  }

  /// - Parameter parameters: C bytes of gain and C words of bias, at any address.
  func apply(_ block: ck_block, parameters: UnsafeRawPointer, path: KernelPath) {
    let columns = Int(block.columns)
    func gain(_ column: Int) -> Int8 { parameters.load(fromByteOffset: column, as: Int8.self) }
    func bias(_ column: Int) -> Int32 {
      parameters.loadUnaligned(fromByteOffset: columns + 4 * column, as: Int32.self)
    }
    let zero = Int32(clamping: it.output.zeroPoint)
    if it.algorithm == .float {
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * columns) { terms in
        guard let base = terms.baseAddress else { return }
        for column in 0..<columns {
          (base + column).initialize(to: Double(Float(gain(column)) * it.gainScale))
          (base + columns + column).initialize(to: Double(Float(bias(column)) * it.biasScale))
        }
        eachRow(block, path) { row, moments in
          ck_normalize_float(
            path.code, &row, Double(moments.sum), Double(it.input.scale), it.realRoot(moments), base, base + columns,
            it.output.scale, zero)
        }
      }
    } else {
      let half: Int64 = units.shift > 0 ? 1 << Int64(units.shift - 1) : 0
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: 2 * columns) { terms in
        guard let base = terms.baseAddress else { return }
        for column in 0..<columns {
          (base + column).initialize(to: Int64(gain(column)) * units.gain)
          (base + columns + column).initialize(to: Int64(bias(column)) * units.bias + half)
        }
        eachRow(block, path) { row, moments in
          let root = it.inverseRoot(moments)
          ck_normalize_fixed(
            path.code, &row, moments.sum, root.factor, Int32(clamping: 7 + root.halvings), base, base + columns,
            Int32(clamping: units.shift), zero)
        }
      }
    }
  }

  private func eachRow(_ block: ck_block, _ path: KernelPath, _ body: (inout ck_block, Moments) -> Void) {
    var row = block
    row.rows = 1
    for _ in 0..<block.rows {
      var sums: (Int64, Int64) = (0, 0)
      withUnsafeMutableBytes(of: &sums) { sums in
        guard let sums = sums.assumingMemoryBound(to: Int64.self).baseAddress else { return }
        ck_moments(path.code, row.input.assumingMemoryBound(to: Int8.self), row.columns, sums)
      }
      body(&row, Moments(columns: row.columns, sum: sums.0, squares: sums.1))
      row.input += Int(row.input_pitch)
      row.output += Int(row.output_pitch)
    }
  }
}
