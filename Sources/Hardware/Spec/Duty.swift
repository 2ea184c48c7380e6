/// In which cycles something is offered or taken: the first `open` of every `period`, counted from cycle 0.
public struct Duty: Sendable, Hashable {
  public var open: Int
  public var period: Int

  public init(open: Int, period: Int) {
    self.open = open
    self.period = period
  }

  /// Every cycle.
  public static let always = Duty(open: 1, period: 1)

  /// Cycles for one open one, on average.
  public var cyclesEach: Double { Double(period) / Double(open) }

  public var isAlways: Bool { open == period }

  public func isOpen(in cycle: Int) -> Bool { cycle % period < open }

  /// The first open cycle from `cycle` on.
  public func first(from cycle: Int) -> Int {
    let phase = cycle % period
    return phase < open ? cycle : cycle - phase + period
  }
}

extension Duty: CustomStringConvertible {
  /// As a description says it: `3/4`.
  public var description: String { "\(open)/\(period)" }

  /// `nil` unless `text` is two whole numbers, the first from 1 to the second, the second at most `longest`.
  init?(_ text: String, longest: Int) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let open = try? Quantity.count.parse(String(parts[0])),
      let period = try? Quantity.count.parse(String(parts[1])), 1...longest ~= period, 1...period ~= open
    else { return nil }
    self.init(open: open, period: period)
  }
}
