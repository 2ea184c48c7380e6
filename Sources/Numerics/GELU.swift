/// GELU of INT8 numbers in integers: (x − zero point) · gate, scaled once.
struct IntegerGELU {
  private let arithmetic: Elementwise
  private let fine: FineScale

  init(_ arithmetic: Elementwise) {
    self.arithmetic = arithmetic
    fine = FineScale(Double(arithmetic.input.scale) * (arithmetic.algorithm == .iViT ? 1.702 : 1))
  }

  func callAsFunction(_ x: Int8) -> Int8 {
    let distance = Int64(Int(x) - arithmetic.input.zeroPoint)
    let (gate, scale) = arithmetic.algorithm == .iViT ? sigmoid(fine(distance)) : erf(fine(distance))
    let unit = FixedPoint(Double(arithmetic.input.scale) * scale / Double(arithmetic.output.scale))
    return Int8(saturating: unit(distance * gate), zeroPoint: arithmetic.output.zeroPoint)
  }

  /// I-BERT's gate, at most 2¹⁷, and its scale.
  private func erf(_ x: Int64) -> (Int64, Double) {
    let gate = IBERT.Gate<Int64>(scale: fine.scale)
    return (-gate(x), -gate.scale)
  }

  /// I-ViT's σ(1.702 x) with max(x, 0) in place of the row's largest number, at most 2²⁰, and its scale.
  private func sigmoid(_ x: Int64) -> (Int64, Double) {
    let exponential = IViT.Exponential<Int64>(scale: fine.scale, bits: 30)
    let largest = max(x, 0)
    let power = exponential(x - largest) >> 15
    let one = exponential(-largest) >> 15
    return (Shares(of: power + one)(power) >> 10, 0x1p-20)
  }
}
