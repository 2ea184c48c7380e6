/// One horizontal bar, cut into the parts of a whole. It is as wide as its place; `whole` fills it.
struct StackBar {
  struct Segment {
    /// Class that paints it.
    var paint: String
    var amount: Int
    /// Shown when the pointer rests on it.
    var label: String
  }

  let segments: [Segment]
  let whole: Int
  /// For those who don't see it.
  let description: String

  static let width = 1000.0

  /// The picture; segments of nothing are left out, and without a whole it is empty.
  var svg: Markup {
    var rectangles: [Markup] = []
    var before = 0
    for segment in segments where segment.amount > 0 && whole > 0 {
      let start = place(before)
      before += segment.amount
      rectangles.append(
        """
        <rect class="\(segment.paint)" x="\(start)" width="\(place(before) - start)" height="10">\
        <title>\(segment.label)</title></rect>
        """)
    }
    return """
      <svg class="bar" viewBox="0 0 \(Self.width) 10" preserveAspectRatio="none" role="img" aria-label="\(description)">\
      \(Markup(rectangles, separator: ""))</svg>
      """
  }

  /// On hundredths: what ends somewhere and what begins there meet.
  private func place(_ amount: Int) -> Double {
    (Double(amount) / Double(whole) * Self.width * 100).rounded() / 100
  }
}
