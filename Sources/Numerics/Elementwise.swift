import CKernels

extension Elementwise {
  /// All results, by the bits of the operand: the entry of x is `table[Int(UInt8(bitPattern: x))]`.
  public var table: [Int8] { (0...UInt8.max).map { self(Int8(bitPattern: $0)) } }

  public func callAsFunction(_ x: Int8) -> Int8 {
    switch (function, algorithm) {
    case (.table(let entries), _):
      let place = Int(x) + 128
      return entries.indices.contains(place) ? entries[place] : 0
    case (.identity, .fixedPoint): return scaled(Int64(x), by: 1)
    case (.scale(let factor), .fixedPoint): return scaled(Int64(x), by: factor)
    case (.relu, .fixedPoint): return scaled(max(Int64(x), Int64(input.zeroPoint)), by: 1)
    case (.gelu, .iBERT), (.gelu, .iViT): return IntegerGELU(self)(x)
    default: return output.quantize(function(input.real(x)))
    }
  }

  /// (x − input zero point) · factor · input scale / output scale, in fixed point.
  private func scaled(_ x: Int64, by factor: Float) -> Int8 {
    let multiply = FixedPoint(Double(factor.magnitude) * Double(input.scale) / Double(output.scale))
    let distance = x - Int64(input.zeroPoint)
    return Int8(saturating: multiply(factor < 0 ? -distance : distance), zeroPoint: output.zeroPoint)
  }
}

extension ElementwiseFunction {
  /// The function itself: piecewise linear ones in float32, the others in float64 and rounded to float32.
  ///
  /// A `table` has no real function; it gives NaN.
  public func callAsFunction(_ x: Float) -> Float {
    let wide = Double(x)
    return switch self {
    case .identity: x
    case .scale(let factor): x * factor
    case .relu: max(0, x)
    case .gelu: Float(0.5 * wide * (1 + ck_erf(wide / 2.0.squareRoot())))
    case .hardSigmoid(let alpha, let beta): max(0, min(1, alpha * x + beta))
    case .hardSwish(let gate):
      {
        let sigmoid = ElementwiseFunction.hardSigmoid(alpha: 1 / 6, beta: 0.5)(x)
        return x * (gate.map { $0.real($0.quantize(sigmoid)) } ?? sigmoid)
      }()
    case .sigmoid: Float(1 / (1 + ck_exp(-wide)))
    case .silu: Float(wide / (1 + ck_exp(-wide)))
    case .tanh: Float(ck_tanh(wide))
    case .table: .nan
    }
  }
}
