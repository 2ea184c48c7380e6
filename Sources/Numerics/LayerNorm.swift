extension LayerNorm {
  /// LayerNorm of one row, with as many gains and biases as the row has columns; the zero point for parameters of another
  /// length.
  public func apply(_ row: [Int8], gain: [Int8], bias: [Int32]) -> [Int8] {
    guard gain.count == row.count, bias.count == row.count else {
      return [Int8](repeating: Int8(clamping: output.zeroPoint), count: row.count)
    }
    let moments = Moments(row)
    if algorithm == .float {
      let root = realRoot(moments)
      return row.indices.map { column in
        let distance = Double(moments.distance(row[column])) * Double(input.scale)
        let factor = Double(Float(gain[column]) * gainScale)
        let normal = distance == 0 ? 0 : distance / root
        return output.quantize(Float(normal * factor + Double(Float(bias[column]) * biasScale)))
      }
    }
    let inverse = inverseRoot(moments)
    let units = units
    return row.indices.map { column in
      let normal = inverse.normal(moments.distance(row[column]))
      let sum = normal * Int64(gain[column]) * units.gain + Int64(bias[column]) * units.bias
      return Int8(saturating: FixedPoint.round(sum, shift: units.shift), zeroPoint: output.zeroPoint)
    }
  }

  /// C · √(variance + ε), in float64.
  func realRoot(_ moments: Moments) -> Double {
    let scale = Double(input.scale)
    let columns = Double(moments.columns)
    return (Double(moments.spread) * scale * scale + columns * columns * Double(epsilon)).squareRoot()
  }

  /// What the integer forms multiply gain · normal (scale 2⁻¹⁶) and bias by, at most 2²⁷ and 2³⁰, and the common shift.
  public var units: (gain: Int64, bias: Int64, shift: Int) {
    let gain = Double(gainScale) * 0x1p-16 / Double(output.scale)
    let bias = Double(biasScale) / Double(output.scale)
    let shift = min(FixedPoint.shift(for: gain, bits: 27), FixedPoint.shift(for: bias, bits: 30))
    return (
      min(FixedPoint.multiplier(for: gain, shift: shift), 1 << 27),
      min(FixedPoint.multiplier(for: bias, shift: shift), 1 << 30), shift
    )
  }

  /// 1 / (C·√(variance + ε)) of a row, ε with 16 bits behind the point.
  ///
  /// No spread of up to 2¹⁵ columns is cut off: it is at most C²·2¹⁴.
  func inverseRoot(_ moments: Moments) -> InverseRoot {
    let scale = Double(input.scale)
    let columns = Double(moments.columns)
    let guardSteps = (0x1p16 * columns * columns * Double(epsilon) / (scale * scale)).rounded(.toNearestOrEven)
    let spread = max(0, min(1 << 45, moments.spread)) << 16
    return InverseRoot(spread + Int64(min(guardSteps, 0x1p61)), algorithm)
  }
}

/// 1 / √x of a number x with 16 bits behind the point, as `factor` / 2^(23 + halvings), 2¹⁵ ≤ factor ≤ 2¹⁶; 0 for x ≤ 0.
struct InverseRoot {
  let factor: Int64
  /// −15 … 16
  let halvings: Int

  init(_ x: Int64, _ algorithm: Algorithm) {
    guard x > 0 else {
      (factor, halvings) = (0, 0)
      return
    }
    // x = mantissa · 4^halvings / 2¹⁶, 2³⁰ ≤ mantissa < 2³².
    halvings = (33 - x.leadingZeroBitCount) >> 1
    let mantissa = x.scaled(-2 * halvings)
    switch algorithm {
    case .iViT: factor = 0x7fff_ffff / IViT.squareRoot(mantissa)
    case .table: factor = Self.table[Int(mantissa >> 22) - 256]
    default: factor = (1 << 31) / IBERT.squareRoot(mantissa)
    }
  }

  /// half even(2³¹ / √((i + ½)·2²²)) for i = 256 … 1023: the upper ten bits of the mantissa.
  static let table: [Int64] = (256..<1024).map {
    Int64((0x1p31 / ((Double($0) + 0.5) * 0x1p22).squareRoot()).rounded(.toNearestOrEven))
  }

  /// ⌊distance / √x · 2¹⁶⌋ within ±2²⁷, for |distance| ≤ 2³².
  func normal(_ distance: Int64) -> Int64 {
    max(-1 << 27, min(1 << 27, (distance &* factor).scaled(-7 - halvings)))
  }
}

/// Sums of a row of C columns, exact up to 2²⁴ columns, wrapping beyond.
struct Moments {
  let columns: Int64
  let sum: Int64
  /// C·Σx² − (Σx)²: C² times the variance.
  let spread: Int64

  init(_ row: [Int8]) {
    self.init(
      columns: Int64(row.count), sum: row.reduce(0) { $0 &+ Int64($1) },
      squares: row.reduce(0) { $0 &+ Int64($1) * Int64($1) })
  }

  init(columns: Int64, sum: Int64, squares: Int64) {
    self.columns = columns
    self.sum = sum
    spread = columns &* squares &- sum &* sum
  }

  /// C·x − Σx: C times the distance from the mean.
  func distance(_ x: Int8) -> Int64 { columns &* Int64(x) &- sum }
}
