extension Windows {
  /// Largest size, step or distance that windows may have, in pixels: addresses of what lies outside the image can be
  /// calculated before it is known to.
  public static let limit = 1 << 20

  /// Sizes that aren't between 1 and `limit`, or an origin that is further out.
  var mistakeInSizes: String? {
    let sizes = [
      width, channels, pixelPitch, kernelRows, kernelColumns, strideY, strideX, dilationY, dilationX, outputColumns,
    ]
    if let size = sizes.first(where: { !(1...Self.limit ~= $0) }) {
      return "windows with a size of \(size): use 1 to 2^20"
    }
    let origin = [originY, originX].first { !(-Self.limit...Self.limit ~= $0) }
    return origin.map { "windows that begin at pixel \($0): use -2^20 to 2^20" }
  }

  /// Why these windows of `image` aren't the rows of a matrix of m×k, or can't be found; nil if they are.
  ///
  /// Both engines rely on it: behind it no address of a window, inside the image or out of it, overflows.
  public func mistake(m: Int, k: Int, image: Region) -> String? {
    if let mistake = mistakeInSizes { return mistake }
    if k != depth {
      return "K is \(k), but windows of \(kernelRows)×\(kernelColumns)×\(channels) have \(depth) elements"
    }
    if m < 1 || m % outputColumns != 0 { return "M is \(m), which isn't whole rows of \(outputColumns) windows" }
    let rowBytes = (width - 1) * pixelPitch + channels
    if image.rowBytes != rowBytes {
      return "image rows have \(image.rowBytes) bytes, \(width) pixels \(pixelPitch) bytes apart need \(rowBytes)"
    }
    if !(1...Self.limit ~= image.rows) || !(0...1 << 40 ~= image.pitch) {
      return "an image of \(image.rows) rows, \(image.pitch) bytes apart: use up to 2^20 rows and 2^40 bytes"
    }
    let reaches = [
      (m / outputColumns, strideY), (outputColumns, strideX), (kernelRows, dilationY), (kernelColumns, dilationX),
    ]
    let isTooFar = reaches.contains { count, step in checkedProduct(count - 1, step).map { $0 > Self.limit } ?? true }
    return isTooFar ? "windows that reach more than 2^20 pixels: use smaller steps" : nil
  }
}
