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
  private let xScale: Scale

  private static let (left, top, width, row) = (92.0, 44.0, 560.0, 24.0)

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
    // Beyond the ridge, so that there is some of the flat roof.
    xScale = .logarithmic(points.map(\.intensity) + (roofs.map { [$0.ridge * 4] } ?? []))
  }

  /// Where the rows begin, below the roofs.
  private var firstRow: Double { Self.top + (roofs == nil ? 0 : 200) }
  private var bottom: Double { firstRow + Self.row * Double(max(1, roles.count)) }
  private var right: Double { Self.left + Self.width }

  var svg: String {
    let title = roofs.map { "Roofline, \($0.name)" } ?? "Arithmetic intensity"
    let height = max(bottom + 56, Self.top + 40 + 20 * Double(series.count))
    let picture: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(right + 210) \(height)" role="img">
      <title>\(title)</title>
      <style>\(style)</style>
      <rect class="b" width="100%" height="100%"/>
      \(words(title, Self.left, 26))
      \(intensities)
      \(roofLines)
      \(names)
      \(marks)
      \(legend)
      </svg>

      """
    return picture.text
  }

  private var style: Markup {
    func paints(_ colour: (ChartPalette.Colour) -> String) -> String {
      ChartPalette.series.indices.map {
        ".\(ChartPalette.paint(series: $0)){fill:\(colour(ChartPalette.series[$0]))}"
      }.joined()
    }
    return Markup(
      source: "text{font:12px sans-serif;fill:#333}circle{fill-opacity:.75}.b{fill:#fff}.a{stroke:#888;fill:none}"
        + ".g{stroke:#888;stroke-opacity:.25}.r{stroke:#888;stroke-width:2;fill:none}\(paints(\.light))"
        + "@media(prefers-color-scheme:dark){text{fill:#ddd}.b{fill:#14171b}\(paints(\.dark))}")
  }

  // MARK: Parts

  /// The axis that all parts share.
  private var intensities: [Markup] {
    xScale.ticks.flatMap { tick -> [Markup] in
      let at = across(tick.value)
      return [line(at, Self.top, at, bottom), words(tick.label, at, bottom + 18, .middle)]
    } + [words("FLOP/element", Self.left + Self.width / 2, bottom + 42, .middle), frame(firstRow, bottom)]
  }

  /// The slope up to the ridge, the flat roof behind it, and the ridge down through all rows.
  private var roofLines: [Markup] {
    guard let roofs else { return [] }
    let (least, peak) = (roofs.attainable(xScale.domain.lowerBound) / 1e9, roofs.peak / 1e9)
    let scale = Scale.logarithmic([least, peak])
    let base = firstRow - 12
    func up(_ value: Double) -> Double { base - (scale.place(value) ?? 0) * (base - Self.top) }
    let grid = scale.ticks.flatMap { tick -> [Markup] in
      [
        line(Self.left, up(tick.value), right, up(tick.value)),
        words(tick.label, Self.left - 6, up(tick.value) + 4, .end),
      ]
    }
    let (ridge, flat, start, middle) = (across(roofs.ridge), up(peak), up(least), (Self.top + firstRow) / 2)
    let (speed, width) = (NumberText.short(peak), NumberText.short(roofs.bandwidth / 1e9))
    return grid + [
      frame(Self.top, base),
      "<path class=\"r\" d=\"M\(Self.left) \(start)L\(ridge) \(flat)H\(right)\"/>",
      "<path class=\"a\" stroke-dasharray=\"3 3\" d=\"M\(ridge) \(flat)V\(bottom)\"/>",
      words(speed + " GFLOP/s", right - 6, flat + 16, .end),
      words(width + " GB/s", (Self.left + ridge) / 2 - 8, (start + flat) / 2 - 8, .end),
      words(NumberText.short(roofs.ridge), ridge, Self.top - 6, .middle),
      "<text x=\"16\" y=\"\(middle)\" text-anchor=\"middle\" transform=\"rotate(-90 16 \(middle))\">GFLOP/s</text>",
    ]
  }

  /// A line for each kind.
  private var names: [Markup] {
    roles.indices.flatMap { index -> [Markup] in
      let y = middle(of: index)
      return [line(Self.left, y, right, y), words(roles[index].rawValue, Self.left - 8, y + 4, .end)]
    }
  }

  /// Small points over large ones.
  private var marks: [Markup] {
    points.sorted { ($1.share, $0.series) < ($0.share, $1.series) }.map { point in
      let (at, y) = (across(point.intensity), middle(of: roles.firstIndex(of: point.role) ?? 0))
      let radius = 2.5 + 13 * point.share.squareRoot()
      return """
        <circle class="\(ChartPalette.paint(series: point.series))" cx="\(at)" cy="\(y)" r="\(radius)"><title>\(point.label)</title></circle>
        """
    }
  }

  private var legend: [Markup] {
    let left = right + 24
    return series.enumerated().flatMap { index, name -> [Markup] in
      let y = Self.top + 12 + 20 * Double(index)
      return [
        "<circle class=\"\(ChartPalette.paint(series: index))\" cx=\"\(left)\" cy=\"\(y)\" r=\"5\"/>",
        words(name, left + 12, y + 4),
      ]
    } + [
      words(
        "area: " + (roofs == nil ? "memory operations" : "least time"), left - 5,
        Self.top + 24 + 20 * Double(series.count))
    ]
  }

  // MARK: Elements

  private func across(_ intensity: Double) -> Double { Self.left + (xScale.place(intensity) ?? 0) * Self.width }

  private func middle(of row: Int) -> Double { firstRow + Self.row * (Double(row) + 0.5) }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> Markup {
    "<line class=\"g\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>"
  }

  private func frame(_ top: Double, _ bottom: Double) -> Markup {
    "<rect class=\"a\" x=\"\(Self.left)\" y=\"\(top)\" width=\"\(Self.width)\" height=\"\(bottom - top)\"/>"
  }

  private func words(_ words: String, _ x: Double, _ y: Double, _ anchor: LabelRoom.Anchor = .start) -> Markup {
    "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor.rawValue)\">\(words)</text>"
  }
}
