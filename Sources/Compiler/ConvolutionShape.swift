import Model
import Schedule

/// The sizes of a convolution. Its weight matrix has a row for each kernel row, kernel column and channel of a group.
struct ConvolutionShape: Hashable {
  var images: Int
  var height: Int
  var width: Int
  var groups: Int
  /// Channels of one group.
  var groupChannels: Int
  var kernelRows: Int
  var kernelColumns: Int
  var strideY: Int
  var strideX: Int
  var dilationY: Int
  var dilationX: Int
  var top: Int
  var left: Int
  var outputRows: Int
  var outputColumns: Int
  /// Columns of the result: of all groups.
  var columns: Int

  /// - Parameter image: [B, height, width, C] of a valid graph.
  init(_ convolution: Model.Convolution, image: [Int], columns: Int) {
    (images, height, width) = (image[0], image[1], image[2])
    groups = convolution.groups
    groupChannels = image[3] / convolution.groups
    (kernelRows, kernelColumns) = (convolution.kernel[0], convolution.kernel[1])
    (strideY, strideX) = (convolution.stride[0], convolution.stride[1])
    (dilationY, dilationX) = (convolution.dilation[0], convolution.dilation[1])
    (top, left) = (convolution.padding[0], convolution.padding[1])
    let (bottom, right) = (convolution.padding[2], convolution.padding[3])
    outputRows = (height + top + bottom - dilationY * (kernelRows - 1) - 1) / strideY + 1
    outputColumns = (width + left + right - dilationX * (kernelColumns - 1) - 1) / strideX + 1
    self.columns = columns
  }

  /// Rows of the weight matrix.
  var depth: Int { kernelRows * kernelColumns * groupChannels }
  var groupColumns: Int { columns / groups }
  /// Channel by channel.
  var isDepthwise: Bool { groups > 1 && groupChannels == 1 && groupColumns == 1 }
  /// Rows of the result.
  var rows: Int { images * outputRows * outputColumns }
  /// Each row of A is a pixel of the image.
  var isPointwise: Bool {
    kernelRows == 1 && kernelColumns == 1 && strideY == 1 && strideX == 1 && outputRows == height
      && outputColumns == width
  }

  /// Columns in blocks of at most `size`: whole groups, or parts of one.
  func columnBlocks(of size: Int) -> [Range<Int>] {
    if size >= groupColumns { return pieces(0..<columns, of: size / groupColumns * groupColumns) }
    return pieces(0..<columns, of: groupColumns).flatMap { pieces($0, of: size) }
  }

  /// The groups that columns belong to.
  func groups(of columns: Range<Int>) -> Range<Int> {
    columns.lowerBound / groupColumns..<(columns.upperBound - 1) / groupColumns + 1
  }

  /// The channels of the input that columns are made from.
  func channels(of columns: Range<Int>) -> Range<Int> {
    let groups = groups(of: columns)
    return groups.lowerBound * groupChannels..<groups.upperBound * groupChannels
  }

  /// Output pixels in blocks of `rows` whole rows, or of `span` pixels of one.
  func blocks(rows: Int, span: Int) -> [ConvolutionBlock] {
    (0..<images).flatMap { image in
      pieces(0..<outputRows, of: rows).flatMap { lines in
        pieces(0..<outputColumns, of: span).map { ConvolutionBlock(image: image, rows: lines, columns: $0) }
      }
    }
  }

  /// The first row of the result that a block makes; the others follow.
  func firstRow(_ block: ConvolutionBlock) -> Int {
    (block.image * outputRows + block.rows.lowerBound) * outputColumns + block.columns.lowerBound
  }

  /// The pixels that a block needs for a part of the kernel, and where its first window begins relative to them.
  ///
  /// A window that lies in the padding altogether is given the nearest pixel, beside which it lies.
  func patch(_ block: ConvolutionBlock, _ slice: KernelSlice) -> ConvolutionPatch {
    func range(_ outputs: Range<Int>, _ kernel: Range<Int>, _ stride: Int, _ dilation: Int, _ padding: Int, _ size: Int)
      -> (Range<Int>, origin: Int)
    {
      let first = outputs.lowerBound * stride - padding + kernel.lowerBound * dilation
      let end = (outputs.upperBound - 1) * stride - padding + (kernel.upperBound - 1) * dilation + 1
      let lower = min(max(first, 0), size - 1)
      let range = lower..<max(lower + 1, min(end, size))
      return (range, first - lower)
    }
    let (rows, originY) = range(block.rows, slice.rows, strideY, dilationY, top, height)
    let (columns, originX) = range(block.columns, slice.columns, strideX, dilationX, left, width)
    return ConvolutionPatch(rows: rows, columns: columns, originY: originY, originX: originX)
  }

  /// The kernel in slices of at most so many rows, columns and channels.
  func slices(_ size: KernelSlice) -> [KernelSlice] {
    pieces(0..<kernelRows, of: size.rows.count).flatMap { rows in
      pieces(0..<kernelColumns, of: size.columns.count).flatMap { columns in
        pieces(0..<groupChannels, of: size.channels.count).map {
          KernelSlice(rows: rows, columns: columns, channels: $0)
        }
      }
    }
  }

  /// Rows of the weight matrix that belong to a slice.
  func weightRows(_ slice: KernelSlice) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for row in slice.rows {
      for column in slice.columns {
        let start = (row * kernelColumns + column) * groupChannels
        let range = start + slice.channels.lowerBound..<start + slice.channels.upperBound
        if let last = result.last, last.upperBound == range.lowerBound {
          result[result.count - 1] = last.lowerBound..<range.upperBound
        } else {
          result.append(range)
        }
      }
    }
    return result
  }
}

/// Output pixels of one image: whole rows, or a part of one.
struct ConvolutionBlock: Hashable {
  var image: Int
  var rows: Range<Int>
  var columns: Range<Int>
  var pixels: Int { rows.count * columns.count }
}

/// Part of a kernel.
struct KernelSlice: Hashable {
  var rows: Range<Int>
  var columns: Range<Int>
  /// Of a group.
  var channels: Range<Int>
  var depth: Int { rows.count * columns.count * channels.count }
}

/// A rectangle of pixels of one image.
struct ConvolutionPatch: Hashable {
  var rows: Range<Int>
  var columns: Range<Int>
  /// First pixel of the first window, relative to the rectangle's.
  var originY: Int
  var originX: Int
  var pixels: Int { rows.count * columns.count }
}
