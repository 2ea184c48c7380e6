import CKernels

extension Softmax {
  /// Softmax of one row.
  public func apply(_ row: [Int8]) -> [Int8] {
    guard let largest = row.max() else { return [] }
    let powers = powers
    let parts = row.map { powers[Int(largest) - Int($0)] }
    let sum = parts.reduce(0, &+)
    if algorithm == .float { return parts.map { output.quantize(Float(Double($0) / Double(sum))) } }
    let shares = Shares(of: sum)
    let unit = FixedPoint(0x1p-30 / Double(output.scale))
    return parts.map { Int8(saturating: unit(shares($0)), zeroPoint: output.zeroPoint) }
  }

  /// e^(−d·scale) by the distance d = 0 … 255 from the row's largest number, all in one unknown unit.
  ///
  /// Integers, so that sums don't depend on their order: at most 2²⁸, with `float` 2⁴⁰. The first is positive.
  public var powers: [Int64] {
    let distances = Array(Int64(0)...255)
    let scale = Double(input.scale)
    switch algorithm {
    case .iBERT:
      let fine = FineScale(scale)
      let exponential = IBERT.Exponential<Int64>(scale: fine.scale)
      return distances.map { exponential(fine(-$0)) >> 30 }
    case .iViT:
      let fine = FineScale(scale)
      let exponential = IViT.Exponential<Int64>(scale: fine.scale, bits: 30)
      return distances.map { exponential(fine(-$0)) >> 15 }
    case .table, .fixedPoint: return distances.map { rounded(0xff_ffff * ck_exp(-Double($0) * scale)) }
    case .float: return distances.map { rounded(0x1p40 * ck_exp(-Double($0) * scale)) }
    }
  }

  private func rounded(_ x: Double) -> Int64 { Int64(x.rounded(.toNearestOrEven)) }
}
