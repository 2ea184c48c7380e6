/// How a tensor of the file stands in the elements of another one: element i⃗ is at offset + Σ iₐ·strideₐ.
///
/// Reshaping, transposing and slicing change a view and move nothing.
struct View: Hashable {
  /// Sizes whose product, zeros left out, is within `Limits.elements`; zeros in constants alone.
  var shape: [Int]
  /// In elements; 0 along dimensions of size 1 and along expanded ones.
  var strides: [Int]
  var offset = 0

  init(shape: [Int], strides: [Int], offset: Int = 0) {
    self.shape = shape
    self.strides = zip(shape, strides).map { $0 == 1 ? 0 : $1 }
    self.offset = offset
  }

  /// All elements, row by row.
  init(_ shape: [Int]) {
    var strides = shape
    var step = 1
    for axis in shape.indices.reversed() {
      strides[axis] = step
      step *= shape[axis]
    }
    self.init(shape: shape, strides: strides)
  }

  var rank: Int { shape.count }
  var elements: Int { shape.reduce(1, *) }
  /// Row by row without gaps, from the first element on.
  var isContiguous: Bool { self == View(shape) }

  func transposed(_ permutation: [Int]) -> View {
    View(shape: permutation.map { shape[$0] }, strides: permutation.map { strides[$0] }, offset: offset)
  }

  /// Elements first, first + step … of one dimension.
  func sliced(_ axis: Int, first: Int, count: Int, step: Int = 1) -> View {
    var view = self
    view.offset += first * strides[axis]
    view.shape[axis] = count
    view.strides[axis] = count == 1 ? 0 : strides[axis] * step
    return view
  }

  func removing(_ axis: Int) -> View {
    var view = self
    view.shape.remove(at: axis)
    view.strides.remove(at: axis)
    return view
  }

  func inserting(_ axis: Int) -> View {
    var view = self
    view.shape.insert(1, at: axis)
    view.strides.insert(0, at: axis)
    return view
  }

  /// With leading dimensions of size 1.
  func padded(to rank: Int) -> View {
    let missing = max(0, rank - self.rank)
    return View(
      shape: Array(repeating: 1, count: missing) + shape, strides: Array(repeating: 0, count: missing) + strides,
      offset: offset)
  }

  /// Broadcast to a shape, or `nil` if a size neither agrees nor is 1.
  func expanded(to target: [Int]) -> View? {
    guard target.count >= rank else { return nil }
    var view = padded(to: target.count)
    for axis in target.indices where view.shape[axis] != target[axis] {
      guard view.shape[axis] == 1 else { return nil }
      view.shape[axis] = target[axis]
    }
    return view
  }

  /// The same elements in the same order under another shape of as many, or `nil` if that isn't a view: dimensions can be
  /// merged only where one follows the other without a gap.
  func reshaped(_ target: [Int]) -> View? {
    if shape.contains(0) || target.contains(0) { return elements == target.reduce(1, *) ? View(target) : nil }
    var runs: [(size: Int, stride: Int)] = []
    for (size, stride) in zip(shape, strides) where size > 1 {
      if let last = runs.last, last.stride == size * stride {
        runs[runs.count - 1] = (last.size * size, stride)
      } else {
        runs.append((size, stride))
      }
    }
    var result: [Int] = []
    var rest = runs[...]
    for size in target {
      if size == 1 {
        result.append(0)
        continue
      }
      guard let run = rest.first, run.size % size == 0 else { return nil }
      result.append(run.size / size * run.stride)
      if run.size == size { rest.removeFirst() } else { rest[rest.startIndex].size /= size }
    }
    return rest.isEmpty ? View(shape: target, strides: result, offset: offset) : nil
  }

  /// Calls `body` with the place of each element, row by row.
  func forEachPlace(_ body: (Int) -> Void) {
    guard !shape.contains(0) else { return }
    var index = Array(repeating: 0, count: rank)
    var place = offset
    while true {
      body(place)
      var axis = rank - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
