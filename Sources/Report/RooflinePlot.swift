import Analysis
import Model

/// Intensities as SVG, on a logarithmic axis: a row for each kind of operator, a colour for each model and size; above them,
/// over the same axis, the roofs. What lies left of the ridge is bound by memory. The larger a point, the more time it takes, or
/// without roofs, memory operations.
///
/// Colours follow the viewer's light or dark scheme.
struct RooflinePlot {
  private struct Point {
    var intensity: Double
    var role: OperatorRole
    var series: Int
    /// Of its model's time or memory operations.
    var share: Double
    /// Shown when the pointer rests on it.
    var label: String
  }

  private let roofs: MachineRoofs?
  private let series: [String]
  private let points: [Point]
  private let roles: [OperatorRole]
  private let xAxis: LogarithmicAxis

  private static let (left, top, width, row) = (92.0, 44.0, 560.0, 24.0)
  private static let colours = ["#4878cf", "#d65f5f", "#4daf6a", "#b47cc7", "#c48a3a", "#5fb3c4", "#8c8c8c", "#d17fb0"]

  init(_ report: RooflineReport) {
    let roofs = report.roofs.flatMap { $0.ridge > 0 && $0.ridge.isFinite ? $0 : nil }
    self.roofs = roofs
    series = report.rooflines.map { "\($0.model), \($0.image) px" + ($0.batch > 1 ? ", batch \($0.batch)" : "") }
    var points: [Point] = []
    for (index, roofline) in report.rooflines.enumerated() {
      func size(_ row: Roofline.Row) -> Double {
        roofs.map { roofline.placement(of: row, under: $0).seconds } ?? Double(row.work.memoryOperations)
      }
      let total = size(roofline.total)
      for row in report.perOperator ? roofline.operators : roofline.kinds {
        guard let role = row.kind, let intensity = row.work.intensity, intensity > 0 else { continue }
        let label =
          "\(row.name): \(NumberText.count(row.work.flops)) FLOPs, \(NumberText.short(intensity)) FLOP/element"
          + (roofs.map {
            ", at most " + NumberText.short(roofline.placement(of: row, under: $0).rate / 1e9) + " GFLOP/s"
          }
            ?? "")
        points.append(
          Point(
            intensity: intensity, role: role, series: index, share: size(row) / total,
            label: "\(label) (\(series[index]))"))
      }
    }
    self.points = points
    let shown = Set(points.map(\.role))
    roles = OperatorRole.allCases.filter(shown.contains)
    xAxis = LogarithmicAxis(
      points.map(\.intensity) + (roofs.map { [$0.ridge * 1.01] } ?? []), from: Self.left, to: Self.left + Self.width)
  }

  /// Where the rows begin, below the roofs.
  private var firstRow: Double { Self.top + (roofs == nil ? 0 : 200) }
  private var bottom: Double { firstRow + Self.row * Double(max(1, roles.count)) }
  private var right: Double { Self.left + Self.width }

  var svg: String {
    let title = roofs.map { "Roofline, \($0.name)" } ?? "Arithmetic intensity"
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(text(right + 210)) \(text(bottom + 56))\" role=\"img\">",
      "<title>\(escaped(title))</title>",
      "<style>text{font:12px sans-serif;fill:#333}.b{fill:#fff}.a{stroke:#888;fill:none}"
        + ".g{stroke:#888;stroke-opacity:.25}.r{stroke:#888;stroke-width:2;fill:none}"
        + "@media(prefers-color-scheme:dark){text{fill:#ddd}.b{fill:#14171b}}</style>",
      "<rect class=\"b\" width=\"100%\" height=\"100%\"/>", write(title, Self.left, 26),
    ]
    lines += intensities + roofLines + rows + legend
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  // MARK: Parts

  /// The axis that all parts share.
  private var intensities: [String] {
    xAxis.powers.flatMap { power in
      let x = xAxis.place(Decade.value(power))
      return [line("g", x, Self.top, x, bottom), write(Decade.label(power), x, bottom + 18, "text-anchor=\"middle\"")]
    } + [
      write("FLOP/element", Self.left + Self.width / 2, bottom + 42, "text-anchor=\"middle\""),
      frame(firstRow, bottom),
    ]
  }

  /// The slope up to the ridge, the flat roof behind it, and the ridge down through all rows.
  private var roofLines: [String] {
    guard let roofs else { return [] }
    let (least, peak) = (roofs.attainable(xAxis.lower) / 1e9, roofs.peak / 1e9)
    let yAxis = LogarithmicAxis([least, peak], from: firstRow - 12, to: Self.top)
    let lines = yAxis.powers.flatMap { power in
      let y = yAxis.place(Decade.value(power))
      return [
        line("g", Self.left, y, right, y), write(Decade.label(power), Self.left - 6, y + 4, "text-anchor=\"end\""),
      ]
    }
    let (ridge, flat, start) = (xAxis.place(roofs.ridge), yAxis.place(peak), yAxis.place(least))
    let middle = (Self.top + firstRow) / 2
    return lines + [
      frame(Self.top, firstRow - 12),
      "<path class=\"r\" d=\"M\(text(Self.left)) \(text(start))L\(text(ridge)) \(text(flat))H\(text(right))\"/>",
      "<path class=\"a\" stroke-dasharray=\"3 3\" d=\"M\(text(ridge)) \(text(flat))V\(text(bottom))\"/>",
      write(NumberText.short(peak) + " GFLOP/s", right - 6, flat + 16, "text-anchor=\"end\""),
      write(
        NumberText.short(roofs.bandwidth / 1e9) + " GB/s", (Self.left + ridge) / 2 - 8, (start + flat) / 2 - 8,
        "text-anchor=\"end\""),
      write(NumberText.short(roofs.ridge), ridge, Self.top - 6, "text-anchor=\"middle\""),
      write("GFLOP/s", 16, middle, "text-anchor=\"middle\" transform=\"rotate(-90 16 \(text(middle)))\""),
    ]
  }

  /// The kinds, the points of each behind its name; small points over large ones.
  private var rows: [String] {
    let names = roles.indices.flatMap { index in
      let y = firstRow + Self.row * (Double(index) + 0.5)
      return [
        line("g", Self.left, y, right, y), write(roles[index].rawValue, Self.left - 8, y + 4, "text-anchor=\"end\""),
      ]
    }
    let marks = points.sorted { ($1.share, $0.series) < ($0.share, $1.series) }.map { point in
      let index = Double(roles.firstIndex(of: point.role) ?? 0)
      return circle(
        xAxis.place(point.intensity), firstRow + Self.row * (index + 0.5), 2.5 + 13 * point.share.squareRoot(),
        point.series, "<title>\(escaped(point.label))</title>")
    }
    return names + marks
  }

  private var legend: [String] {
    let left = right + 24
    var lines = series.enumerated().flatMap { index, name in
      let y = Self.top + 12 + 20 * Double(index)
      return [circle(left, y, 5, index), write(name, left + 12, y + 4)]
    }
    lines.append(
      write(
        "area: " + (roofs == nil ? "memory operations" : "least time"), left - 5,
        Self.top + 24 + 20 * Double(series.count)))
    return lines
  }

  // MARK: Elements

  private func line(_ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<line class=\"\(kind)\" x1=\"\(text(x1))\" y1=\"\(text(y1))\" x2=\"\(text(x2))\" y2=\"\(text(y2))\"/>"
  }

  private func circle(_ x: Double, _ y: Double, _ radius: Double, _ series: Int, _ inner: String = "") -> String {
    "<circle cx=\"\(text(x))\" cy=\"\(text(y))\" r=\"\(text(radius))\" fill-opacity=\".7\" "
      + "fill=\"\(Self.colours[series % Self.colours.count])\"" + (inner.isEmpty ? "/>" : ">\(inner)</circle>")
  }

  private func frame(_ top: Double, _ bottom: Double) -> String {
    "<rect class=\"a\" x=\"\(text(Self.left))\" y=\"\(text(top))\" width=\"\(text(Self.width))\" height=\"\(text(bottom - top))\"/>"
  }

  private func write(_ words: String, _ x: Double, _ y: Double, _ more: String = "") -> String {
    "<text x=\"\(text(x))\" y=\"\(text(y))\"\(more.isEmpty ? "" : " " + more)>\(escaped(words))</text>"
  }

  private func text(_ value: Double) -> String { NumberText.fixed(value, 1) }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}

/// Whole decades around some values, on a line of the picture.
private struct LogarithmicAxis {
  let powers: ClosedRange<Int>
  private let from: Double
  private let to: Double

  init(_ values: [Double], from: Double, to: Double) {
    let values = values.filter { $0 > 0 && $0.isFinite }
    let least = values.min().map(Decade.floor) ?? 0
    let most = values.max().map { Decade.value(Decade.floor($0)) == $0 ? Decade.floor($0) : Decade.floor($0) + 1 } ?? 1
    powers = least...max(most, least + 1)
    (self.from, self.to) = (from, to)
  }

  var lower: Double { Decade.value(powers.lowerBound) }

  func place(_ value: Double) -> Double {
    let share =
      (Decade.logarithm(value) - Double(powers.lowerBound)) / Double(powers.upperBound - powers.lowerBound)
    return from + share * (to - from)
  }
}
