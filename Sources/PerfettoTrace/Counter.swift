import Analysis

/// Values of a counter track over time.
struct Counter: Sendable {
  struct Point: Sendable {
    enum Value: Sendable, Equatable {
      case whole(Int)
      case real(Double)
    }
    var cycle: Int
    var value: Value
  }

  let track: UInt64
  /// In order; each holds until the next.
  private let all: [Point]

  init(_ track: UInt64, _ steps: [RateStep], times factor: Double) {
    self.track = track
    all = steps.map { Point(cycle: $0.cycle, value: .real($0.rate * factor)) }
  }

  init(_ track: UInt64, _ steps: [BufferOccupancy.Step]) {
    self.track = track
    all = steps.map { Point(cycle: $0.cycle, value: .whole($0.bytes)) }
  }

  /// The values within `window`, the first at its beginning, and the last once more at its end, where a counter would go on for ever.
  func points(in window: Range<Int>) -> [Point] {
    guard let first = all.lastIndex(where: { $0.cycle <= window.lowerBound }), !window.isEmpty else { return [] }
    var points = all[first...].prefix { $0.cycle < window.upperBound }
    points[first].cycle = window.lowerBound
    if let last = points.last { points.append(Point(cycle: window.upperBound, value: last.value)) }
    return Array(points)
  }
}
