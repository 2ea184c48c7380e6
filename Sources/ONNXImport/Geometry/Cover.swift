/// The part of a matrix that a view shows, as the view operations of a graph can cut it out: all rows or one token, and
/// columns in equal groups at equal distances.
struct Cover: Hashable {
  /// Groups of columns.
  struct Columns: Hashable {
    var first: Int
    var step: Int
    var width: Int
    var count: Int
  }

  /// What is cut out.
  struct Part: Hashable {
    /// The only row of each image, if it isn't all of them.
    var token: Int?
    /// `nil`: all columns.
    var columns: Columns?
    /// The tensor's shape without the dimension of the token, and with as many columns as were taken.
    var shape: [Int]

    var isEverything: Bool { token == nil && columns == nil }
  }

  var part: Part
  /// The same view, of what is cut out: each element exactly once.
  var view: View

  private struct Piece {
    var axis: Int
    var size: Int
    var stride: Int
  }

  /// - Parameters:
  ///   - view: of a tensor's elements.
  ///   - base: the tensor's shape.
  /// - Throws: why no view operations cut it out.
  init(_ view: View, of base: [Int]) throws(Problem) {
    let width = base[base.count - 1]
    let (firstRow, firstColumn) = (view.offset / width, view.offset % width)
    var (rows, cols): ([Piece], [Piece]) = ([], [])
    for (axis, (size, stride)) in zip(view.shape, view.strides).enumerated() where size > 1 {
      if stride == 0 { throw Problem("it repeats elements along dimension \(axis)") }
      if stride < 0 { throw Problem("it reads dimension \(axis) backwards") }
      if stride % width == 0 {
        rows.append(Piece(axis: axis, size: size, stride: stride))
      } else if firstColumn + (size - 1) * stride < width {
        cols.append(Piece(axis: axis, size: size, stride: stride))
      } else {
        let inner = width / stride
        guard width % stride == 0, size % inner == 0, firstColumn < stride else {
          throw Problem("dimension \(axis) runs from columns into rows with gaps")
        }
        rows.append(Piece(axis: axis, size: size / inner, stride: width))
        cols.append(Piece(axis: axis, size: inner, stride: stride))
      }
    }
    let taken = try Self.columns(cols, first: firstColumn, of: width)
    let kept = taken.width * taken.count
    let token = try Self.token(rows, first: firstRow, width: width, base)
    part = Part(
      token: token, columns: kept == width ? nil : taken,
      shape: (token == nil ? Array(base.dropLast()) : [base[0]]) + [kept])

    var strides = Array(repeating: 0, count: view.rank)
    for piece in cols {
      strides[piece.axis] = piece.stride % taken.step == 0 ? piece.stride / taken.step * taken.width : piece.stride
    }
    let rowUnit = token == nil ? width : base.dropFirst().reduce(1, *)
    for piece in rows {
      let stride = piece.stride / rowUnit * kept
      if let inner = cols.first(where: { $0.axis == piece.axis }), inner.size * strides[piece.axis] != stride {
        throw Problem("dimension \(piece.axis) runs from columns into rows with gaps")
      } else if !cols.contains(where: { $0.axis == piece.axis }) {
        strides[piece.axis] = stride
      }
    }
    self.view = View(shape: view.shape, strides: strides)
  }

  /// Pieces one inside the other without gaps become one.
  private static func merged(_ pieces: [Piece]) -> [Piece] {
    var result: [Piece] = []
    for piece in pieces.sorted(by: { $0.stride > $1.stride }) {
      if let last = result.last, last.stride == piece.size * piece.stride {
        result[result.count - 1] = Piece(axis: last.axis, size: last.size * piece.size, stride: piece.stride)
      } else {
        result.append(piece)
      }
    }
    return result
  }

  private static func columns(_ pieces: [Piece], first: Int, of width: Int) throws(Problem) -> Columns {
    let merged = merged(pieces)
    let columns: Columns
    switch merged.count {
    case 0: columns = Columns(first: first, step: 1, width: 1, count: 1)
    case 1 where merged[0].stride == 1:
      columns = Columns(first: first, step: merged[0].size, width: merged[0].size, count: 1)
    case 1: columns = Columns(first: first, step: merged[0].stride, width: 1, count: merged[0].size)
    case 2 where merged[1].stride == 1 && merged[0].stride > merged[1].size:
      columns = Columns(first: first, step: merged[0].stride, width: merged[1].size, count: merged[0].size)
    default: throw Problem("it takes columns that aren't equal groups at equal distances")
    }
    guard first + (columns.count - 1) * columns.step + columns.width <= width else {
      throw Problem("it takes columns of more than one row at once")
    }
    return columns
  }

  /// `nil` if the rows are all of them.
  private static func token(_ pieces: [Piece], first: Int, width: Int, _ base: [Int]) throws(Problem) -> Int? {
    let merged = merged(pieces)
    let rows = base.dropLast().reduce(1, *)
    let taken = merged.reduce(1) { $0 * $1.size }
    if taken == rows, first == 0, merged.count <= 1, merged.first?.stride ?? width == width { return nil }
    let rowsOfImage = base.dropFirst().dropLast().reduce(1, *)
    if taken == base[0], first < rowsOfImage, merged.count <= 1,
      merged.first?.stride ?? 0 == (taken == 1 ? 0 : rowsOfImage * width)
    {
      return first
    }
    throw Problem("it takes some of the rows, which is neither all of them nor one of each image")
  }
}
