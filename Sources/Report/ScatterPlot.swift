/// Two positive numbers a point, on logarithmic axes with the same range, as SVG: what is equal lies on the diagonal.
///
/// Colours follow the viewer's light or dark scheme.
struct ScatterPlot {
  struct Point {
    var x: Double
    var y: Double
    /// Which of the series it belongs to.
    var series: Int
    /// Of y, if it isn't certain.
    var band: ClosedRange<Double>?
    /// Shown when the pointer rests on it.
    var label: String
  }

  let title: String
  let xTitle: String
  let yTitle: String
  /// Names for the legend.
  let series: [String]
  let points: [Point]

  private static let (side, left, top) = (420.0, 64.0, 40.0)
  private static let colours = ["#4878cf", "#d65f5f", "#4daf6a", "#b47cc7", "#c48a3a", "#5fb3c4", "#8c8c8c", "#d17fb0"]

  /// The picture; without points, the axes alone.
  var svg: String {
    let (width, height) = (Self.left + Self.side + 190, Self.top + Self.side + 56)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(text(width)) \(text(height))\" role=\"img\">",
      "<title>\(escaped(title))</title>",
      "<style>text{font:12px sans-serif;fill:#333}.b{fill:#fff}.a{stroke:#888;fill:none}.g{stroke:#888;stroke-opacity:.25}"
        + "@media(prefers-color-scheme:dark){text{fill:#ddd}.b{fill:#14171b}}</style>",
      "<rect class=\"b\" width=\"100%\" height=\"100%\"/>",
      "<text x=\"\(text(Self.left))\" y=\"24\">\(escaped(title))</text>",
    ]
    lines += grid
    lines.append(line("a", from: (axis.lower, axis.lower), to: (axis.upper, axis.upper)))
    for point in points { lines += marks(of: point) }
    lines += legend
    lines.append(
      "<text x=\"\(text(Self.left + Self.side / 2))\" y=\"\(text(height - 12))\" text-anchor=\"middle\">\(escaped(xTitle))</text>"
    )
    let middle = text(Self.top + Self.side / 2)
    lines.append(
      "<text x=\"16\" y=\"\(middle)\" text-anchor=\"middle\" transform=\"rotate(-90 16 \(middle))\">\(escaped(yTitle))</text>"
    )
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  // MARK: Scale

  /// Powers of ten around everything that is shown.
  private var axis: (lower: Int, upper: Int) {
    let values = points.flatMap { [$0.x, $0.y] + ($0.band.map { [$0.lowerBound, $0.upperBound] } ?? []) }
    var (lower, upper) = (Int.max, Int.min)
    for value in values where value > 0 && value.isFinite {
      let power = Decade.floor(value)
      lower = min(lower, power)
      upper = max(upper, Decade.value(power) == value ? power : power + 1)
    }
    if lower > upper { return (0, 1) }
    return (lower, max(upper, lower + 1))
  }

  private func place(_ value: Double) -> Double {
    let (lower, upper) = axis
    return (Decade.logarithm(value) - Double(lower)) / Double(upper - lower) * Self.side
  }
  private func x(_ value: Double) -> Double { Self.left + place(value) }
  private func y(_ value: Double) -> Double { Self.top + Self.side - place(value) }

  // MARK: Parts

  private var grid: [String] {
    let (lower, upper) = axis
    let (right, bottom) = (Self.left + Self.side, Self.top + Self.side)
    return (lower...upper).flatMap { power in
      let value = Decade.value(power)
      let (atX, atY) = (text(x(value)), text(y(value)))
      return [
        line("g", from: (power, lower), to: (power, upper)), line("g", from: (lower, power), to: (upper, power)),
        "<text x=\"\(atX)\" y=\"\(text(bottom + 18))\" text-anchor=\"middle\">\(Decade.label(power))</text>",
        "<text x=\"\(text(Self.left - 6))\" y=\"\(atY)\" text-anchor=\"end\" dy=\".35em\">\(Decade.label(power))</text>",
      ]
    } + [
      "<rect class=\"a\" x=\"\(text(Self.left))\" y=\"\(text(Self.top))\" width=\"\(text(right - Self.left))\" height=\"\(text(bottom - Self.top))\"/>"
    ]
  }

  private func line(_ kind: String, from: (Int, Int), to: (Int, Int)) -> String {
    let (a, b) = ((Decade.value(from.0), Decade.value(from.1)), (Decade.value(to.0), Decade.value(to.1)))
    return
      "<line class=\"\(kind)\" x1=\"\(text(x(a.0)))\" y1=\"\(text(y(a.1)))\" x2=\"\(text(x(b.0)))\" y2=\"\(text(y(b.1)))\"/>"
  }

  private func marks(of point: Point) -> [String] {
    guard point.x > 0, point.y > 0, point.x.isFinite, point.y.isFinite else { return [] }
    let (colour, at) = (Self.colours[point.series % Self.colours.count], text(x(point.x)))
    var marks: [String] = []
    if let band = point.band, band.lowerBound > 0 {
      marks.append(
        "<line stroke=\"\(colour)\" stroke-width=\"2\" stroke-opacity=\".6\" x1=\"\(at)\" y1=\"\(text(y(band.lowerBound)))\" "
          + "x2=\"\(at)\" y2=\"\(text(y(band.upperBound)))\"/>")
    }
    marks.append(
      "<circle cx=\"\(at)\" cy=\"\(text(y(point.y)))\" r=\"4\" fill=\"\(colour)\"><title>\(escaped(point.label))</title></circle>"
    )
    return marks
  }

  private var legend: [String] {
    let left = Self.left + Self.side + 20
    return series.enumerated().flatMap { index, name in
      let y = Self.top + 12 + 22 * Double(index)
      return [
        "<circle cx=\"\(text(left))\" cy=\"\(text(y))\" r=\"4\" fill=\"\(Self.colours[index % Self.colours.count])\"/>",
        "<text x=\"\(text(left + 12))\" y=\"\(text(y))\" dy=\".35em\">\(escaped(name))</text>",
      ]
    }
  }

  private func text(_ value: Double) -> String { NumberText.fixed(value, 1) }

  private func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      case "\"": "&quot;"
      default: String(character)
      }
    }.joined()
  }
}

/// Powers of ten and logarithms without the C library.
enum Decade {
  /// 10^`power`.
  static func value(_ power: Int) -> Double {
    let scale = (0..<power.magnitude).reduce(1.0) { scale, _ in scale * 10 }
    return power < 0 ? 1 / scale : scale
  }

  /// The largest power of ten that isn't above `value`, which is positive.
  static func floor(_ value: Double) -> Int {
    var power = 0
    while value >= Self.value(power + 1) { power += 1 }
    while value < Self.value(power) { power -= 1 }
    return power
  }

  /// The decimal logarithm of a positive number, to 8 decimals: bit by bit, by squaring.
  static func logarithm(_ value: Double) -> Double {
    let power = floor(value)
    var rest = value / Self.value(power)
    var (result, bit) = (Double(power), 0.5)
    for _ in 0..<32 {
      rest *= rest
      if rest >= 10 {
        rest /= 10
        result += bit
      }
      bit /= 2
    }
    return result
  }

  /// `0.01`, `1`, `1000`.
  static func label(_ power: Int) -> String {
    power < 0 ? NumberText.fixed(value(power), -power) : "1" + String(repeating: "0", count: power)
  }
}
