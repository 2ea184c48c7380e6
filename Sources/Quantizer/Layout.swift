import Model

/// A matrix among a tensor's values: element (row, column) stands at `offset` + row·`rowStride` + column·`columnStride`.
struct MatrixLayout {
  var offset = 0
  var rows: Int
  var columns: Int
  var rowStride: Int
  var columnStride = 1

  /// Rows one after the other.
  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    rowStride = columns
  }

  /// All of a tensor: its last dimension are the columns.
  init(_ shape: [Int]) {
    let columns = shape.last ?? 1
    self.init(rows: shape.dropLast().reduce(1, *), columns: columns)
  }

  /// `width` columns from `first` on.
  func columns(_ first: Int, _ width: Int) -> MatrixLayout {
    var part = self
    part.offset += first * columnStride
    part.columns = width
    return part
  }

  /// `count` rows from `first` on.
  func rows(_ first: Int, _ count: Int) -> MatrixLayout {
    var part = self
    part.offset += first * rowStride
    part.rows = count
    return part
  }

  var transposed: MatrixLayout {
    var matrix = self
    swap(&matrix.rows, &matrix.columns)
    swap(&matrix.rowStride, &matrix.columnStride)
    return matrix
  }

  /// Where the elements stand, row by row.
  func forEach(_ body: (Int) -> Void) {
    var row = 0
    while row < rows {
      var (index, column) = (offset + row * rowStride, 0)
      while column < columns {
        body(index)
        index += columnStride
        column += 1
      }
      row += 1
    }
  }
}

extension HeadOperand {
  /// The matrix of one head of one image in an operand of that shape.
  func layout(_ shape: [Int], image: Int, head: Int) -> MatrixLayout {
    let matrix: MatrixLayout
    switch layout {
    case .columns(let first, let step, let width):
      let all = MatrixLayout(shape)
      let rows = all.rows / shape[0]
      matrix = all.rows(image * rows, rows).columns(first + head * step, width)
    case .stacked:
      matrix = MatrixLayout(shape).rows((image * shape[1] + head) * shape[2], shape[2])
    }
    return transposed ? matrix.transposed : matrix
  }
}

extension HeadProduct {
  /// Where the product of one head of one image goes, in a result of that shape.
  func resultLayout(_ shape: [Int], image: Int, head: Int) -> MatrixLayout {
    let width = stacked ? shape[3] : shape[shape.count - 1] / heads
    let layout: HeadLayout = stacked ? .stacked : .columns(first: 0, step: width, width: width)
    return HeadOperand(layout).layout(shape, image: image, head: head)
  }
}

extension Convolution {
  /// A patch embedding: windows side by side.
  init(patch: Int) {
    self.init(kernel: [patch, patch], stride: [patch, patch])
  }

  /// Where the windows of one group's channels stand in an image of that shape, window by window; nil in the padding.
  func forEachElement(ofGroup group: Int, _ image: [Int], _ body: (Int?) -> Void) {
    let (height, width, channels) = (image[1], image[2], image[3])
    let groupChannels = channels / groups
    let rows = positions(height, axis: 0)
    let columns = positions(width, axis: 1)
    for image in 0..<image[0] {
      for row in 0..<rows {
        for column in 0..<columns {
          for kernelRow in 0..<kernel[0] {
            let y = row * stride[0] + kernelRow * dilation[0] - padding[0]
            for kernelColumn in 0..<kernel[1] {
              let x = column * stride[1] + kernelColumn * dilation[1] - padding[1]
              let isInside = 0..<height ~= y && 0..<width ~= x
              let first = ((image * height + y) * width + x) * channels + group * groupChannels
              for channel in 0..<groupChannels { body(isInside ? first + channel : nil) }
            }
          }
        }
      }
    }
  }

  /// Windows along an axis.
  func positions(_ size: Int, axis: Int) -> Int {
    (size + padding[axis] + padding[axis + 2] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis] + 1
  }
}
