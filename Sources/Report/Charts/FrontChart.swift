/// What designs cost and what they give, with the front of those that no other one beats in both.
struct FrontChart {
  struct Point {
    var cost: Double
    var gain: Double
    var paint: String
    var name = ""
    var label: String
  }

  let title: String
  let x: String
  let y: String
  let points: [Point]

  /// Indices of the points for which no other one costs less without giving less, or gives more without costing more; by cost. Of
  /// equals the first.
  static func front(_ points: [(cost: Double, gain: Double)]) -> [Int] {
    let order = points.indices.filter { points[$0].cost.isFinite && points[$0].gain.isFinite }.sorted {
      (points[$0].cost, -points[$0].gain, $0) < (points[$1].cost, -points[$1].gain, $1)
    }
    var front: [Int] = []
    var best = -Double.infinity
    for index in order where points[index].gain > best {
      front.append(index)
      best = points[index].gain
    }
    return front
  }

  /// The front as a line: each point gives its gain until the next one costs no more, the last one until `end`.
  static func steps(of points: [(cost: Double, gain: Double)], until end: Double) -> [(x: Double, y: Double)] {
    var line: [(x: Double, y: Double)] = []
    for index in front(points) {
      if let last = line.last { line.append((points[index].cost, last.y)) }
      line.append((points[index].cost, points[index].gain))
    }
    if let last = line.last { line.append((end, last.y)) }
    return line
  }

  /// The picture.
  var scatter: ScatterChart {
    let (across, up) = (Scale.spread(points.map(\.cost)), Scale.spread(points.map(\.gain)))
    let line = Self.steps(of: points.map { (cost: $0.cost, gain: $0.gain) }, until: across.domain.upperBound)
    return ScatterChart(
      title: title, x: (x, across), y: (y, up),
      lines: [ScatterChart.Line(points: line, paint: "soft", isDashed: true)],
      points: points.map {
        ScatterChart.Point(x: $0.cost, y: $0.gain, paint: $0.paint, name: $0.name, label: $0.label)
      })
  }
}
