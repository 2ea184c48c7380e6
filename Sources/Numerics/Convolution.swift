/// A convolution of one image along one dimension: which pixels the windows see.
public struct ConvolutionAxis: Sendable, Hashable {
  public var size: Int
  public var kernel: Int
  public var stride: Int
  public var dilation: Int
  /// Pixels outside the image, before its first and behind its last.
  public var before: Int
  public var after: Int

  public init(size: Int, kernel: Int, stride: Int = 1, dilation: Int = 1, before: Int = 0, after: Int = 0) {
    self.size = size
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.before = before
    self.after = after
  }

  /// Windows that fit.
  public var outputs: Int { max(0, (before + size + after - dilation * (kernel - 1) - 1) / stride + 1) }

  /// Place in the image of a window's element; `nil` in the padding.
  func place(_ output: Int, _ element: Int) -> Int? {
    let place = output * stride + element * dilation - before
    return 0..<size ~= place ? place : nil
  }
}

/// A convolution with any kernel, stride, dilation, padding and number of groups: plainly, for tests to compare with.
///
/// The image is [rows, columns, channels]; padding counts as the zero point, so as 0. Weights are
/// [kernel rows · kernel columns · channels a group, outputs]; with as many groups as channels it is depthwise.
public struct Convolution: Sendable, Hashable {
  public var rows: ConvolutionAxis
  public var columns: ConvolutionAxis
  public var channels: Int
  /// Channels of the result.
  public var outputs: Int
  /// Divides `channels` and `outputs`; output d sees the channels of group d / (outputs / groups).
  public var groups: Int

  public init(rows: ConvolutionAxis, columns: ConvolutionAxis, channels: Int, outputs: Int, groups: Int = 1) {
    self.rows = rows
    self.columns = columns
    self.channels = channels
    self.outputs = outputs
    self.groups = groups
  }

  /// Σ (pixel − `imageZero`) · (weight − `weightZero`) + bias, wrapping, as [output rows, output columns, outputs].
  ///
  /// - Returns: `nil` if the sizes don't fit.
  public func reference(
    _ image: [Int8], weights: [Int8], imageZero: Int = 0, weightZero: Int = 0, bias: [Int32]? = nil
  ) -> [Int32]? {
    guard groups > 0, channels % groups == 0, outputs % groups == 0 else { return nil }
    let depth = channels / groups
    guard image.count == rows.size * columns.size * channels,
      weights.count == rows.kernel * columns.kernel * depth * outputs, bias.map({ $0.count == outputs }) ?? true
    else { return nil }
    var result: [Int32] = []
    for y in 0..<rows.outputs {
      for x in 0..<columns.outputs {
        for output in 0..<outputs {
          let firstChannel = output / (outputs / groups) * depth
          var sum = bias?[output] ?? 0
          for ky in 0..<rows.kernel {
            for kx in 0..<columns.kernel {
              guard let row = rows.place(y, ky), let column = columns.place(x, kx) else { continue }
              for channel in 0..<depth {
                let pixel = image[(row * columns.size + column) * channels + firstChannel + channel]
                let weight = weights[((ky * columns.kernel + kx) * depth + channel) * outputs + output]
                sum &+= Int32(truncatingIfNeeded: (Int(pixel) - imageZero) * (Int(weight) - weightZero))
              }
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }
}
