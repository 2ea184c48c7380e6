import CKernels

/// Sum or product of two INT8 operands, prepared.
struct PairKernel: Sendable {
  private enum Form: Sendable {
    case fixedSum, fixedProduct, floatSum, floatProduct
  }
  private let form: Form
  private let first: Quantization
  private let second: Quantization
  private let output: Quantization
  private var multipliers: (Int64, Int64) = (0, 0)
  private var shift = 0

  init(_ it: Addition) {
    (first, second, output) = (it.first, it.second, it.output)
    form = it.algorithm == .float ? .floatSum : .fixedSum
    if form == .fixedSum { (multipliers.0, multipliers.1, shift) = it.multipliersAndShift }
  }

  init(_ it: Multiplication) {
    (first, second, output) = (it.first, it.second, it.output)
    form = it.algorithm == .float ? .floatProduct : .fixedProduct
    if form == .fixedProduct {
      let factor = it.multiplierAndShift
      (multipliers.0, shift) = (factor.multiplier, factor.shift)
    }
  }

  func apply(_ block: inout ck_block, _ operand: RowBlock, path: KernelPath) {
    var pair = ck_pair(
      other: operand.base.assumingMemoryBound(to: Int8.self), other_pitch: Int64(operand.pitch),
      zeros: (Int32(clamping: first.zeroPoint), Int32(clamping: second.zeroPoint)),
      result_zero: Int32(clamping: output.zeroPoint), multipliers: multipliers, shift: Int32(clamping: shift),
      scales: (first.scale, second.scale), result_scale: output.scale)
    switch form {
    case .fixedSum: ck_add_fixed(path.code, &block, &pair)
    case .fixedProduct: ck_multiply_fixed(path.code, &block, &pair)
    case .floatSum: ck_add_float(path.code, &block, &pair)
    case .floatProduct: ck_multiply_float(path.code, &block, &pair)
    }
  }
}
