import Schedule

/// Rows × columns of a matrix of bytes.
struct Rect: Hashable {
  var rows: Range<Int>
  var columns: Range<Int>
  init(_ rows: Range<Int>, _ columns: Range<Int>) {
    self.rows = rows
    self.columns = columns
  }

  var bytes: Int { rows.count * columns.count }

  @inline(__always) func overlaps(_ other: Rect) -> Bool {
    rows.lowerBound < other.rows.upperBound && other.rows.lowerBound < rows.upperBound
      && columns.lowerBound < other.columns.upperBound && other.columns.lowerBound < columns.upperBound
  }

  @inline(__always) func contains(_ other: Rect) -> Bool {
    rows.lowerBound <= other.rows.lowerBound && other.rows.upperBound <= rows.upperBound
      && columns.lowerBound <= other.columns.lowerBound && other.columns.upperBound <= columns.upperBound
  }
}

/// Rows of A that one block covers, and where their results and addends are.
struct RowBlock {
  var row: Int
  var rows: Int
  var outputRow: Int
  var addendRow: Int
}

/// `count` cut into pieces of `size`; the last may be smaller.
func pieces(_ range: Range<Int>, of size: Int) -> [Range<Int>] {
  stride(from: range.lowerBound, to: range.upperBound, by: size).map { $0..<min($0 + size, range.upperBound) }
}

extension MatMulWork {
  /// The rows in blocks of at most `size`. Blocks stay within a segment; those of patches are whole strips or parts of one.
  func rowBlocks(of size: Int) -> [RowBlock] {
    segments.flatMap { segment in
      ranges(0..<segment.rows, of: size).map {
        RowBlock(
          row: segment.row + $0.lowerBound, rows: $0.count, outputRow: segment.outputRow + $0.lowerBound,
          addendRow: segment.addendRow + $0.lowerBound)
      }
    }
  }

  private func ranges(_ range: Range<Int>, of size: Int) -> [Range<Int>] {
    guard let patches, size < patches.gridColumns else { return pieces(range, of: size) }
    return pieces(range, of: patches.gridColumns).flatMap { pieces($0, of: size) }
  }

  /// The largest legal height of a row block up to `limit`, even over the rows, or nil where none is.
  func rowBlock(upTo limit: Int, alignment: Int, wholeDepth: Bool) -> Int? {
    guard limit >= 1, !segments.isEmpty else { return nil }
    let longest = segments.reduce(0) { max($0, $1.rows) }
    func even(_ count: Int, _ limit: Int, _ step: Int) -> Int {
      if limit >= count { return count }
      let blocks = ceilDiv(count, limit)
      let size = roundUp(ceilDiv(count, blocks), step)
      if size <= limit { return size }
      return limit >= step ? limit - limit % step : ceilDiv(count, blocks)
    }
    guard let patches else { return even(longest, limit, alignment) }
    if wholeDepth, limit >= patches.gridColumns {
      return even(patches.gridRows, limit / patches.gridColumns, 1) * patches.gridColumns
    }
    return even(patches.gridColumns, limit, 1)
  }

  /// The bytes of A that a block needs, in A's own matrix: M × K, or the rows of pixels of all images.
  func inputRect(_ block: RowBlock, _ depth: Range<Int>) -> Rect {
    guard let patches else { return Rect(block.row..<block.row + block.rows, depth) }
    let image = block.row / patches.count
    let (strip, column) = (block.row % patches.count).quotientAndRemainder(dividingBy: patches.gridColumns)
    let top = (image * patches.gridRows + strip) * patches.patch
    if block.rows >= patches.gridColumns, depth.count == k {
      let strips = block.rows / patches.gridColumns
      return Rect(top..<top + strips * patches.patch, 0..<inputWidth)
    }
    let lines = depth.lowerBound / patches.pixelRow..<depth.upperBound / patches.pixelRow
    return Rect(
      top + lines.lowerBound..<top + lines.upperBound,
      column * patches.pixelRow..<(column + block.rows) * patches.pixelRow)
  }

  /// How the rows of A stand in the rectangle that `inputRect` gives.
  func inputOrder(_ block: RowBlock, _ depth: Range<Int>) -> OperandOrder {
    guard let patches else { return .rowMajor }
    let side = patches.patch
    let isWhole = block.rows >= patches.gridColumns && depth.count == k
    let columns = min(block.rows, patches.gridColumns)
    return .windows(
      Windows(
        width: columns * side, channels: patches.channels, kernelRows: isWhole ? side : depth.count / patches.pixelRow,
        kernelColumns: side, strideY: side, strideX: side, outputColumns: columns))
  }

  /// Bytes of a row of A's own matrix.
  var inputWidth: Int { patches.map { $0.gridColumns * $0.pixelRow } ?? k }
  /// Rows of A's own matrix.
  var inputRows: Int { patches.map { $0.images * $0.gridRows * $0.patch } ?? m }
}
