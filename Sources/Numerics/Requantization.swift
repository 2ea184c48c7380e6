extension Requantization {
  /// An accumulator of column `column` of the operator's output as INT8.
  ///
  /// A list of factors is used modulo its length: a single factor serves all columns.
  public func callAsFunction(_ x: Int32, column: Int) -> Int8 {
    let steps: Int64
    if algorithm == .float {
      let product = (Double(x) * factor(column)).rounded(.toNearestOrEven)
      steps = Int64(max(-1024, min(1024, product)))
    } else {
      steps = multiplierAndShift(column)(Int64(x))
    }
    return max(lowest, Int8(saturating: steps, zeroPoint: zeroPoint))
  }

  /// What the fixed-point form multiplies column `column` by.
  public func multiplierAndShift(_ column: Int) -> FixedPoint { FixedPoint(factor(column)) }

  private func factor(_ column: Int) -> Double {
    guard !factors.isEmpty else { return 0 }
    let place = column % factors.count
    return factors[place < 0 ? place + factors.count : place]
  }
}
