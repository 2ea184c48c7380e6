extension Addition {
  public func callAsFunction(_ x: Int8, _ y: Int8) -> Int8 {
    if algorithm == .float { return output.quantize(first.real(x) + second.real(y)) }
    let units = multipliersAndShift
    let a = Int64(Int(x) - first.zeroPoint) * units.first
    let b = Int64(Int(y) - second.zeroPoint) * units.second
    return Int8(saturating: FixedPoint.round(a + b, shift: units.shift), zeroPoint: output.zeroPoint)
  }

  /// What the fixed-point form multiplies each operand by, at most 2³¹, and the common shift, 0 … 62.
  ///
  /// |a + b| ≤ 2·255·2³¹ < 2⁴⁰.
  public var multipliersAndShift: (first: Int64, second: Int64, shift: Int) {
    let x = Double(first.scale) / Double(output.scale)
    let y = Double(second.scale) / Double(output.scale)
    let shift = FixedPoint.shift(for: max(x, y), bits: 31)
    return (FixedPoint.multiplier(for: x, shift: shift), FixedPoint.multiplier(for: y, shift: shift), shift)
  }
}

extension Multiplication {
  public func callAsFunction(_ x: Int8, _ y: Int8) -> Int8 {
    if algorithm == .float { return output.quantize(first.real(x) * second.real(y)) }
    let product = Int64((Int(x) - first.zeroPoint) * (Int(y) - second.zeroPoint))
    return Int8(saturating: multiplierAndShift(product), zeroPoint: output.zeroPoint)
  }

  /// What the fixed-point form multiplies the product of both operands by.
  public var multiplierAndShift: FixedPoint {
    FixedPoint(Double(first.scale) * Double(second.scale) / Double(output.scale))
  }
}
