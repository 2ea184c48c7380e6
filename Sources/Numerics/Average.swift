extension Average {
  /// The mean of one column; the zero point of nothing.
  public func apply(_ column: [Int8]) -> Int8 {
    let sum = column.reduce(0) { $0 + Int64(Int($1) - input.zeroPoint) }
    if algorithm == .float {
      return output.quantize(Float(Double(sum) * Double(input.scale) / Double(column.count)))
    }
    let steps = multiplierAndShift(rows: column.count)(Int64(Int32(clamping: sum)))
    return Int8(saturating: steps, zeroPoint: output.zeroPoint)
  }

  /// What the fixed-point form multiplies the sum of `rows` rows by; the sum saturates to an INT32 before.
  public func multiplierAndShift(rows: Int) -> FixedPoint {
    FixedPoint(Double(input.scale) / (Double(output.scale) * Double(rows)))
  }
}
