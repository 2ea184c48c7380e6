/// The bytes that matmuls over windows read of their images.
///
/// The pixels of one channel of a depthwise convolution are single bytes, so that exact footprints have a row for each
/// pixel. Where these are too many, all channels that a schedule reads of a pixel are taken together: reads seem larger
/// then, which can only lead to findings, never hide one.
struct ImageFootprints {
  /// Images whose pixels are the same, whatever channels of them are read.
  private struct Pixels: Hashable {
    var buffer: Int
    var rows: Int
    var rowBytes: Int
    var pitch: Int
    var pixelPitch: Int
    /// Offset in pixels.
    var pixel: Int

    init?(_ matmul: MatMul) {
      // Wrong windows have findings of their own; their bytes are the region's.
      guard case .windows(let windows) = matmul.aOrder, windows.pixelPitch > windows.channels, matmul.a.offset >= 0,
        matmul.windowsMistake == nil
      else { return nil }
      let image = matmul.a
      (buffer, rows, rowBytes, pitch) = (image.buffer, image.rows, image.rowBytes, image.pitch)
      pixelPitch = windows.pixelPitch
      pixel = image.offset / windows.pixelPitch
    }
  }

  private static let limit = 1 << 19
  private var isExact = true
  /// The least and the greatest offset of channels of the same pixels.
  private var offsets: [Pixels: ClosedRange<Int>] = [:]

  init(_ schedule: Schedule) {
    var seen: Set<Region> = []
    var pieces = 0
    for instruction in schedule.instructions {
      guard case .matmul(let matmul) = instruction.operation, let pixels = Pixels(matmul),
        case .windows(let windows) = matmul.aOrder
      else { continue }
      let offset = matmul.a.offset
      let known = offsets[pixels] ?? offset...offset
      offsets[pixels] = min(known.lowerBound, offset)...max(known.upperBound, offset)
      if seen.insert(matmul.a).inserted {
        pieces = saturatingSum(pieces, checkedProduct(matmul.a.rows, windows.width) ?? .max)
      }
    }
    isExact = pieces <= Self.limit
  }

  /// Nil where the bytes of operand `a` are simply its region.
  func footprint(of matmul: MatMul) -> Footprint? {
    guard case .windows(let windows) = matmul.aOrder, let pixels = Pixels(matmul) else { return nil }
    let image = matmul.a
    if isExact, image.pitch >= image.rowBytes || image.rows == 1 {
      return Footprint(
        offset: image.offset, rows: windows.width, rowBytes: windows.channels, pitch: windows.pixelPitch,
        planes: image.rows, planePitch: image.pitch)
    }
    guard let offsets = offsets[pixels] else { return nil }
    return Footprint(
      offset: offsets.lowerBound, rows: image.rows, rowBytes: image.rowBytes + offsets.count - 1, pitch: image.pitch)
  }
}
