extension LayerNorm {
  /// LayerNorm of one row, with as many gains and biases as the row has columns.
  ///
  /// Parameters of another length count as zeros.
  public func apply(_ row: [Int8], gain: [Int8], bias: [Int32]) -> [Int8] {
    guard gain.count == row.count, bias.count == row.count else {
      return [Int8](repeating: Int8(clamping: output.zeroPoint), count: row.count)
    }
    let moments = Moments(row)
    let scale = Double(input.scale)
    let columns = Double(row.count)
    let root = (Double(moments.spread) * scale * scale + columns * columns * Double(epsilon)).squareRoot()
    return row.indices.map { column in
      let distance = moments.distance(row[column])
      let normal = distance == 0 ? 0 : Double(distance) * scale / root
      let factor = Double(Float(gain[column]) * gainScale)
      return output.quantize(Float(normal * factor + Double(Float(bias[column]) * biasScale)))
    }
  }
}

/// Sums of a row of C columns, all exact up to 2²⁴ columns, and wrapping beyond.
struct Moments {
  let columns: Int64
  let sum: Int64
  /// C·Σx² − (Σx)²: C² times the variance.
  let spread: Int64

  init(_ row: [Int8]) {
    columns = Int64(row.count)
    sum = row.reduce(0) { $0 &+ Int64($1) }
    spread = columns &* row.reduce(0) { $0 &+ Int64($1) * Int64($1) } &- sum &* sum
  }

  /// C·x − Σx: C times the distance from the mean.
  func distance(_ x: Int8) -> Int64 { columns &* Int64(x) &- sum }
}
