/// How the integers of one INT8 tensor stand for real numbers: real = `scale` · (integer − `zeroPoint`).
///
/// ```swift
/// let x = Quantization(scale: 0.5)
/// x.quantize(1.25)   // 2.5 → 2: halves go to the even neighbour
/// x.real(2)          // 1.0
/// ```
public struct Quantization: Sendable, Hashable {
  /// Positive and finite.
  public var scale: Float
  /// Within −128...127; 0 where the tensor is quantized symmetrically.
  public var zeroPoint: Int

  public init(scale: Float, zeroPoint: Int = 0) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// DequantizeLinear of ONNX, in float32.
  public func real(_ integer: Int8) -> Float { Float(Int(integer) - zeroPoint) * scale }

  /// QuantizeLinear of ONNX, in float32: halves to even, saturated. NaN gives the zero point.
  public func quantize(_ real: Float) -> Int8 {
    let steps = (real / scale).rounded(.toNearestOrEven)
    if steps.isNaN { return Int8(clamping: zeroPoint) }
    return Int8(clamping: Int(max(-1024, min(1024, steps))) + zeroPoint)
  }
}

/// How an operation of the vector unit computes: what `algorithm` says in an accelerator's YAML.
public enum Algorithm: String, Sendable, Hashable, CaseIterable {
  /// float32, as the operators of ONNX are defined.
  case float
  /// Integer multipliers and shifts, halves up.
  case fixedPoint = "fixed-point"
  /// Polynomials of I-BERT (arXiv 2101.01321).
  case iBERT = "i-bert"
  /// Shifts of I-ViT (arXiv 2207.01405).
  case iViT = "i-vit"
  /// Look-up tables.
  case table
}
