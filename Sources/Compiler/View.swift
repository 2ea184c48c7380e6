/// Rows and columns of a value: what an operator reads of it. Views of the graph are nothing else.
struct View: Hashable {
  var value: Int
  /// Row i of the view is row `first` + i·`step` of the value: a token of each image, or (step 0) one row again and again.
  var first: Int
  var step: Int
  var rows: Int
  /// Columns of the value, in the order of the view's; no two neighbours could be one range.
  private(set) var columns: [Range<Int>]

  /// All of a value.
  init(value: Int, rows: Int, width: Int) {
    self.value = value
    (first, step) = (0, 1)
    self.rows = rows
    columns = [0..<width]
  }

  var width: Int { columns.rows }
  /// Rows are the value's own, in their order.
  var hasAllRows: Bool { first == 0 && step == 1 }

  /// Every `step`-th row from `first` on.
  func rows(from first: Int, step: Int, count: Int) -> View {
    var view = self
    view.first = self.first + first * self.step
    view.step = self.step * step
    view.rows = count
    return view
  }

  /// `width` columns from first + i·step on, for each i < count.
  func columns(from first: Int, step: Int, width: Int, count: Int) -> View {
    var view = self
    view.columns = []
    for index in 0..<count {
      for range in ranges(first + index * step..<first + index * step + width) {
        if let last = view.columns.last, last.upperBound == range.lowerBound {
          view.columns[view.columns.count - 1] = last.lowerBound..<range.upperBound
        } else {
          view.columns.append(range)
        }
      }
    }
    return view
  }

  /// Where columns of the view stand in the value.
  func ranges(_ wanted: Range<Int>) -> [Range<Int>] {
    if columns.count == 1 {
      let start = columns[0].lowerBound
      return [start + wanted.lowerBound..<start + wanted.upperBound]
    }
    var result: [Range<Int>] = []
    var start = 0
    for range in columns {
      let here = wanted.clamped(to: start..<start + range.count)
      if !here.isEmpty {
        result.append(range.lowerBound + here.lowerBound - start..<range.lowerBound + here.upperBound - start)
      }
      start += range.count
    }
    return result
  }

  /// The one distance between ranges of one width that cut a row of `pitch` bytes evenly: then rows · ranges are rows
  /// of an even pitch. Nil for any other view.
  func evenStep(pitch: Int) -> Int? {
    guard columns.count > 1, step == 1, pitch % columns.count == 0 else { return nil }
    let (distance, width) = (pitch / columns.count, columns[0].count)
    for (index, range) in columns.enumerated() {
      guard range.count == width, range.lowerBound == columns[0].lowerBound + index * distance else { return nil }
    }
    return distance
  }
}

/// The matrices of all heads in one operand of a product.
struct HeadMatrices: Hashable {
  var view: View
  /// Of one head's matrix, as it stands in memory.
  var rows: Int
  var columns: Int
  /// First column of a head, and the distance to the next one's; nil: the heads' rows follow one another.
  var place: Place?
  var heads: Int
  /// It is multiplied transposed.
  var transposed: Bool
  var zero: Int

  struct Place: Hashable {
    var first: Int
    var step: Int
  }

  /// Part of a head's matrix, given as it is multiplied, in the view.
  func rect(image: Int, head: Int, _ down: Range<Int>, _ across: Range<Int>) -> Rect {
    let (lines, offsets) = transposed ? (across, down) : (down, across)
    let row = (place == nil ? image * heads + head : image) * rows
    let column = place.map { $0.first + head * $0.step } ?? 0
    return Rect(
      row + lines.lowerBound..<row + lines.upperBound, column + offsets.lowerBound..<column + offsets.upperBound)
  }

  /// Whether an address generator can follow each head's matrix: its columns stand side by side.
  var isRegular: Bool {
    guard view.columns.count > 1 else { return true }
    return (0..<heads).allSatisfy { head in
      let start = place.map { $0.first + head * $0.step } ?? 0
      return view.ranges(start..<start + columns).count == 1
    }
  }
}
