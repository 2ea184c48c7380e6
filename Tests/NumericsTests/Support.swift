import Foundation
import Numerics
import TestSupport
import Testing

enum Fixture {
  /// Lines of a CSV file in Fixtures.
  static func lines(_ name: String) throws -> [Substring] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "csv", subdirectory: "Fixtures"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
  }
}

extension SplitMix64 {
  /// Any INT8 numbers.
  mutating func row(_ count: Int) -> [Int8] { (0..<count).map { _ in Int8(truncatingIfNeeded: next()) } }

  /// Rows of many characters: noise wide and narrow, constant, ramps, one-hot, extremes.
  mutating func characteristicRow(_ count: Int) -> [Int8] {
    switch int(0...7) {
    case 0: return [Int8](repeating: Int8(truncatingIfNeeded: next()), count: count)
    case 1: return (0..<count).map { Int8(clamping: $0 * 255 / count - 128) }
    case 2: return (0..<count).map { Int8(clamping: 127 - $0) }
    case 3:
      let hot = int(0...count - 1)
      return (0..<count).map { $0 == hot ? 127 : -128 }
    case 4: return (0..<count).map { _ in pick([-128, 127]) }
    case 5:
      let (middle, width) = (int(-100...100), int(1...20))
      return (0..<count).map { _ in Int8(clamping: middle + int(-width...width)) }
    default: return row(count)
    }
  }

  /// A scale between 2⁻¹⁰ and 2⁰ and any zero point.
  mutating func quantization(symmetric: Bool = false) -> Quantization {
    Quantization(scale: Float(exp2(Double(int(-1000...0)) / 100)), zeroPoint: symmetric ? 0 : int(-128...127))
  }
}

extension Quantization {
  /// A real number in steps, however large.
  func unclamped(_ real: Double) -> Double { real / Double(scale) + Double(zeroPoint) }

  func wide(_ x: Int8) -> Double { Double(Int(x) - zeroPoint) * Double(scale) }
}
/// How much more than half a step `result` is away from `steps`, which saturate first.
func excess(_ result: Int8, _ steps: Double) -> Double { abs(Double(result) - max(-128, min(127, steps))) - 0.5 }

/// x · Φ(x)
func gelu(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }
