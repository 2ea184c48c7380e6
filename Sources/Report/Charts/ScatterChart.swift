/// Points in the plane, with lines behind them and names beside those that have room: roofline, Pareto front.
struct ScatterChart {
  struct Point {
    var x: Double
    var y: Double
    /// Class that paints it.
    var paint: String
    /// Share of the whole that it stands for: its area.
    var weight = 0.05
    /// Stands beside it if there is room; of several, the first ones in the list get theirs.
    var name = ""
    /// Shown when the pointer rests on it.
    var label: String
  }

  struct Line {
    var points: [(x: Double, y: Double)]
    var paint: String
    /// Beside its middle.
    var name = ""
    var isDashed = false
  }

  let title: String
  let x: (title: String, scale: Scale)
  let y: (title: String, scale: Scale)
  var lines: [Line] = []
  let points: [Point]

  static let (width, height) = (960.0, 440.0)
  private static let (left, right, top, bottom) = (64.0, 24.0, 30.0, 46.0)

  /// The picture; points and ends of lines without a place on the axes are left out.
  var svg: Markup {
    """
    <svg class="plot" viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-label="\(title)">
    \(axes)
    \(lines.map(drawn))
    \(points.enumerated().sorted { (-$0.element.weight, $0.offset) < (-$1.element.weight, $1.offset) }.compactMap { drawn($0.element) })
    \(names)
    </svg>
    """
  }

  // MARK: Axes

  private var axes: Markup {
    let (x0, x1) = (Self.left, Self.width - Self.right)
    let (y0, y1) = (Self.height - Self.bottom, Self.top)
    let columns = x.scale.ticks.compactMap { tick -> Markup? in
      guard let at = across(tick.value) else { return nil }
      return """
        <line class="grid" x1="\(at)" y1="\(y0)" x2="\(at)" y2="\(y1)"/>\
        <text x="\(at)" y="\(y0 + 17)" text-anchor="middle">\(tick.label)</text>
        """
    }
    let rows = y.scale.ticks.compactMap { tick -> Markup? in
      guard let at = up(tick.value) else { return nil }
      return """
        <line class="grid" x1="\(x0)" y1="\(at)" x2="\(x1)" y2="\(at)"/>\
        <text x="\(x0 - 7)" y="\(at + 4)" text-anchor="end">\(tick.label)</text>
        """
    }
    return """
      \(columns)
      \(rows)
      <text class="title" x="\((x0 + x1) / 2)" y="\(Self.height - 8)" text-anchor="middle">\(x.title)</text>
      <text class="title" x="\(x0 - 56)" y="14">\(y.title)</text>
      """
  }

  private func across(_ value: Double) -> Double? {
    x.scale.place(value).map { Self.left + $0 * (Self.width - Self.left - Self.right) }
  }

  private func up(_ value: Double) -> Double? {
    y.scale.place(value).map { Self.height - Self.bottom - $0 * (Self.height - Self.top - Self.bottom) }
  }

  // MARK: Marks

  private func place(_ x: Double, _ y: Double) -> (x: Double, y: Double)? {
    guard let across = across(x), let up = up(y) else { return nil }
    return (across, up)
  }

  private func drawn(_ line: Line) -> Markup {
    let places = line.points.compactMap { place($0.x, $0.y) }
    guard places.count > 1 else { return "" }
    let data = places.map { "\(Markup.coordinate($0.x)) \(Markup.coordinate($0.y))" }.joined(separator: "L")
    return "<path class=\"line \(line.paint)\(line.isDashed ? " dashed" : "")\" d=\"M\(data)\"/>"
  }

  private func drawn(_ point: Point) -> Markup? {
    guard let at = place(point.x, point.y) else { return nil }
    return """
      <circle class="\(point.paint)" cx="\(at.x)" cy="\(at.y)" r="\(radius(point))"><title>\(point.label)</title></circle>
      """
  }

  private func radius(_ point: Point) -> Double { 3 + 14 * min(1, max(0, point.weight)).squareRoot() }

  /// Names of lines at their ends, of points where they cover nothing.
  private var names: Markup {
    var room = LabelRoom(width: Self.width - 4, height: Self.height - Self.bottom, top: Self.top - 12)
    for point in points {
      if let at = place(point.x, point.y) { room.occupy(x: at.x, y: at.y, radius: radius(point)) }
    }
    for line in lines { keepClear(of: line, in: &room) }
    var marks: [Markup] = []
    for line in lines where !line.name.isEmpty {
      guard let first = line.points.first, let last = line.points.last, let start = place(first.x, first.y),
        let end = place(last.x, last.y)
      else { continue }
      let isLevel = start.y == end.y
      let places = [0.5, 0.35, 0.65, 0.2, 0.8].map { part in
        LabelRoom.Place(
          x: start.x + (end.x - start.x) * part + (isLevel ? 0 : 10),
          y: start.y + (end.y - start.y) * part + (isLevel ? -7 : 9), anchor: isLevel ? .middle : .start)
      }
      if let place = room.take(line.name, at: places) { marks.append(Self.text(line.name, at: place)) }
    }
    for point in points where !point.name.isEmpty {
      guard let at = place(point.x, point.y),
        let label = room.place(point.name, x: at.x, y: at.y, radius: radius(point))
      else { continue }
      if let start = label.leader {
        marks.append(
          "<line class=\"leader\" x1=\"\(start.x)\" y1=\"\(start.y)\" x2=\"\(label.end.x)\" y2=\"\(label.end.y)\"/>")
      }
      marks.append(Self.text(point.name, at: label))
    }
    return Markup(marks)
  }

  private func keepClear(of line: Line, in room: inout LabelRoom) {
    let places = line.points.compactMap { place($0.x, $0.y) }
    for (start, end) in zip(places, places.dropFirst()) { room.occupy(from: start, to: end) }
  }

  private static func text(_ name: String, at place: LabelRoom.Place) -> Markup {
    "<text class=\"name\" x=\"\(place.x)\" y=\"\(place.y)\" text-anchor=\"\(place.anchor.rawValue)\">\(name)</text>"
  }
}
