/// Numbers that published integer functions are written for: integers, as hardware has them, and float64, as their authors'
/// code computes. There an integer comes as x·s / s, which isn't always an integer.
public protocol Steps: SignedNumeric, Comparable, Sendable {
  /// ⌊self · 2^exponent⌋
  func scaled(_ exponent: Int) -> Self
  /// ⌊self / divisor⌋; the divisor mustn't be 0.
  func quotient(_ divisor: Self) -> Self
  /// self / divisor to the nearest integer, halves to the even one; the divisor mustn't be 0.
  func nearest(_ divisor: Self) -> Self
  /// For numbers that are integers.
  var int: Int { get }
  /// ⌊real⌋
  init(floor real: Double)
}

extension Int64: Steps {
  public func scaled(_ exponent: Int) -> Int64 { exponent < 0 ? self >> Int64(-exponent) : self << Int64(exponent) }

  public func quotient(_ divisor: Int64) -> Int64 {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest != 0 && (rest < 0) != (divisor < 0) ? quotient - 1 : quotient
  }

  public func nearest(_ divisor: Int64) -> Int64 {
    let below = quotient(divisor)
    let rest = (self - below * divisor).magnitude
    let missing = divisor.magnitude - rest
    return rest > missing || rest == missing && below & 1 == 1 ? below + 1 : below
  }

  public var int: Int { Int(self) }
  public init(floor real: Double) { self.init(real.rounded(.down)) }
}

extension Double: Steps {
  public func scaled(_ exponent: Int) -> Double {
    (self * Double(sign: .plus, exponent: exponent, significand: 1)).rounded(.down)
  }

  public func quotient(_ divisor: Double) -> Double { (self / divisor).rounded(.down) }
  public func nearest(_ divisor: Double) -> Double { (self / divisor).rounded(.toNearestOrEven) }
  public var int: Int { Int(self) }
  public init(floor real: Double) { self = real.rounded(.down) }
}
