extension Quotient {
  /// All elements but the last, divided by the last; nothing of a row without any.
  public func apply(_ row: [Int32]) -> [Int8] {
    guard let last = row.last else { return [] }
    if algorithm == .float {
      let divisor = real(last) + epsilon
      return row.dropLast().map { output.quantize(real($0) / divisor) }
    }
    let factor = factor(divisor: last)
    return row.dropLast().map { x in
      let product = (Int64(x) - Int64(input.zeroPoint)) * factor.multiplier
      return Int8(saturating: FixedPoint.round(product, shift: factor.shift), zeroPoint: output.zeroPoint)
    }
  }

  private func real(_ x: Int32) -> Float { Float(Int(x) - input.zeroPoint) * input.scale }

  /// What the fixed-point form multiplies a row by: ±2²⁸ … ±2³⁰ over 2^shift; 0 for a divisor of 0.
  ///
  /// A row costs one division and one product. |x·multiplier| ≤ (2³¹ + 2⁷)·2³⁰ and the rounding constant is at most 2⁶¹.
  public func factor(divisor: Int32) -> (multiplier: Int64, shift: Int) {
    // The divisor and ε with 16 bits behind the point.
    let guardSteps = (Double(epsilon) / Double(input.scale) * 0x1p16).rounded(.toNearestOrEven)
    let steps = (Int64(divisor) - Int64(input.zeroPoint)) << 16 + Int64(min(guardSteps, 0x1p48))
    guard steps != 0 else { return (0, 0) }
    // |steps| = mantissa · 2^exponent, 2³⁰ ≤ mantissa < 2³¹.
    let exponent = 33 - steps.magnitude.leadingZeroBitCount
    let mantissa = exponent > 0 ? steps.magnitude >> UInt64(exponent) : steps.magnitude << UInt64(-exponent)
    let reciprocal = Int64((1 << 60) / mantissa)
    let unit = 0x1p16 / Double(output.scale)
    let multiplier = (reciprocal * Int64((unit.significand * 0x1p30).rounded(.toNearestOrEven))) >> 31
    let shift = 59 + exponent - Int(unit.exponent)
    if shift > 62 { return (0, 0) }
    return (steps < 0 ? -multiplier : multiplier, max(0, shift))
  }
}
