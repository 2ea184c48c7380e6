/// Where there is still room for names among the marks of a picture.
struct LabelRoom {
  /// Which end of a name is at its place; the values are those of SVG.
  enum Anchor: String { case start, middle, end }

  private struct Box {
    var (left, top, right, bottom): (Double, Double, Double, Double)

    func contains(_ other: Box) -> Bool {
      left <= other.left && other.right <= right && top <= other.top && other.bottom <= bottom
    }

    func touches(_ other: Box) -> Bool {
      left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }
  }

  /// Of a character, about: the page decides on the font.
  private static let (characterWidth, lineHeight) = (6.6, 13.0)
  private let frame: Box
  /// Marks and lines.
  private var taken: [Box] = []
  private var names: [Box] = []

  init(width: Double, height: Double, top: Double) { frame = Box(left: 0, top: top, right: width, bottom: height) }

  mutating func occupy(x: Double, y: Double, radius: Double) { taken.append(Self.box(x, y, radius)) }

  /// A line.
  mutating func occupy(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
    taken += Self.boxes(from: start, to: end)
  }

  /// Where a name stands.
  struct Place {
    var x: Double
    var y: Double
    var anchor: Anchor
    /// The mark from which a line leads to the name, if it stands away from it.
    var leader: (x: Double, y: Double)?

    /// Where that line ends: at half the height of the name's letters.
    var end: (x: Double, y: Double) { (x, y - 4) }
  }

  /// Right of, left of, above or below the mark, then farther and farther up and down; `nil` where all of that is taken.
  mutating func place(_ name: String, x: Double, y: Double, radius: Double) -> Place? {
    let gap = radius + 4
    var places = [
      Place(x: x + gap, y: y + 4, anchor: .start), Place(x: x - gap, y: y + 4, anchor: .end),
      Place(x: x, y: y - gap - 1, anchor: .middle), Place(x: x, y: y + gap + 9, anchor: .middle),
    ]
    for step in 1...6 {
      for side in [1.0, -1.0] {
        let (aside, away) = (gap + 14, side * Double(step) * (Self.lineHeight + 2))
        places.append(Place(x: x + aside, y: y + 4 + away, anchor: .start, leader: (x, y)))
        places.append(Place(x: x - aside, y: y + 4 + away, anchor: .end, leader: (x, y)))
      }
    }
    return take(name, at: places)
  }

  /// The first of `places` at which a name covers nothing, and no line to it a name; it is taken then.
  mutating func take(_ name: String, at places: [Place]) -> Place? {
    for place in places {
      let box = box(x: place.x, y: place.y, name: name, anchor: place.anchor)
      let leader = place.leader.map { Self.boxes(from: $0, to: place.end) } ?? []
      guard frame.contains(box), !taken.contains(where: box.touches), !names.contains(where: box.touches),
        !names.contains(where: { name in leader.contains(where: name.touches) })
      else { continue }
      names.append(box)
      taken += leader
      return place
    }
    return nil
  }

  private static func box(_ x: Double, _ y: Double, _ radius: Double) -> Box {
    Box(left: x - radius, top: y - radius, right: x + radius, bottom: y + radius)
  }

  /// Along a line.
  private static func boxes(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) -> [Box] {
    (0...64).map { step in
      let part = Double(step) / 64
      return box(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part, 1)
    }
  }

  private func box(x: Double, y: Double, name: String, anchor: Anchor) -> Box {
    let width = Double(name.count) * Self.characterWidth
    let left =
      switch anchor {
      case .start: x
      case .middle: x - width / 2
      case .end: x - width
      }
    return Box(left: left, top: y - Self.lineHeight + 3, right: left + width, bottom: y + 3)
  }
}
