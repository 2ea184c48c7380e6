/// How numbers become places along an axis of a chart.
struct Scale: Sendable, Hashable {
  /// A number that is marked on the axis; without a label, a mark alone.
  struct Tick: Sendable, Hashable {
    var value: Double
    var label: String
  }

  enum Kind: Sendable { case linear, logarithmic }

  let kind: Kind
  let domain: ClosedRange<Double>
  let ticks: [Tick]

  /// From 0 to the first tick that no value exceeds; about `count` ticks at 1, 2 or 5 times a power of ten.
  ///
  /// Values that aren't finite or are negative have no place. Without any other, 0 to 1.
  static func linear(_ values: [Double], ticks count: Int = 5) -> Scale {
    let largest = values.filter(hasPlace).max() ?? 1
    let step = Self.step(largest / Double(max(1, count)))
    var steps = Int((largest / step).rounded(.up))
    // Rounding must not leave the largest outside.
    if Double(steps) * step < largest { steps += 1 }
    let ticks = (0...steps).map {
      Tick(value: Double($0) * step, label: TickText.linear(Double($0) * step, step: step))
    }
    return Scale(kind: .linear, domain: 0...Double(steps) * step, ticks: ticks)
  }

  /// From 1, 2 or 5 times a power of ten to another. Within three decades all of these have ticks, else the powers of ten; of more
  /// than seven, every so many are labelled.
  ///
  /// Values that aren't positive and finite have no place. Without any other, 1 to 10.
  static func logarithmic(_ values: [Double]) -> Scale {
    let proper = values.filter(hasPlace)
    let (least, largest) = (proper.min() ?? 1, proper.max() ?? 10)
    let decades = Decade.floor(least)...Decade.floor(largest)
    let marks = (decades.lowerBound...decades.upperBound + 1).flatMap { power in
      [1, 2, 5].map { (value: $0 * Decade.value(power), power: power, isPower: $0 == 1) }
    }
    let lower = marks.lastIndex { $0.value <= least } ?? 0
    let upper = marks.firstIndex { $0.value >= largest && $0.value > marks[lower].value } ?? marks.count - 1
    let shown = marks[lower...upper].filter { decades.count <= 3 || $0.isPower }
    let every = (decades.count + 6) / 7
    let ticks = shown.map { mark in
      let isLabelled = (mark.power - decades.lowerBound) % every == 0
      return Tick(value: mark.value, label: isLabelled ? TickText.short(mark.value) : "")
    }
    return Scale(kind: .logarithmic, domain: marks[lower].value...marks[upper].value, ticks: ticks)
  }

  /// Linear from 0; logarithmic where one value is more than 20 times another.
  static func spread(_ values: [Double]) -> Scale {
    let proper = values.filter(hasPlace)
    guard let least = proper.min(), let largest = proper.max(), largest > 20 * least else { return .linear(values) }
    return .logarithmic(values)
  }

  /// 0 at the domain's lower end, 1 at its upper one; `nil` for what has no place on the axis.
  func place(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch kind {
    case .linear: return (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    case .logarithmic:
      guard value > 0 else { return nil }
      let (low, high) = (Decade.logarithm(domain.lowerBound), Decade.logarithm(domain.upperBound))
      return (Decade.logarithm(value) - low) / (high - low)
    }
  }

  /// Beyond these, sums of steps would leave the range of the type.
  private static func hasPlace(_ value: Double) -> Bool { value > 1e-300 && value < 1e300 }

  /// The least of 1, 2, 5 times a power of ten that isn't below `value`, which is positive.
  private static func step(_ value: Double) -> Double {
    let unit = Decade.value(Decade.floor(value))
    return [1, 2, 5].map { $0 * unit }.first { $0 >= value } ?? 10 * unit
  }
}

/// Labels of ticks: `0`, `250 k`, `1.5 M`, `0.02`.
enum TickText {
  private static let units: [(power: Int, name: String)] = [
    (15, "P"), (12, "T"), (9, "G"), (6, "M"), (3, "k"),
  ]

  /// One of several `step` apart: with as many decimals as tell them apart.
  static func linear(_ value: Double, step: Double) -> String {
    if value == 0 { return "0" }
    let unit = units.first { value >= Decade.value($0.power) && value >= 1e4 }
    let scale = unit.map { Decade.value($0.power) } ?? 1
    let decimals = max(0, -Decade.floor(step / scale))
    return trimmed(value / scale, decimals) + (unit.map { " " + $0.name } ?? "")
  }

  /// One by itself, of three digits.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "0" }
    let unit = units.first { value >= Decade.value($0.power) && value >= 1e4 }
    let scaled = value / (unit.map { Decade.value($0.power) } ?? 1)
    return trimmed(scaled, max(0, 2 - Decade.floor(scaled))) + (unit.map { " " + $0.name } ?? "")
  }

  private static func trimmed(_ value: Double, _ decimals: Int) -> String {
    var text = NumberText.fixed(value, decimals)
    guard text.contains(".") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
