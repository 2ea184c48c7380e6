import Hardware
import Numerics
import Schedule

/// A region as rows of a matrix: `rows` rows of `rowBytes` bytes.
struct ValueView: Sendable {
  let region: Region
  let rows: Int
  let rowBytes: Int
  /// Bytes from row to row where the rows can be used in place.
  private let pitch: Int?
  /// They can't be, because the instruction writes over them before it has read them all.
  private var copies = false

  var bytes: Int { rows * rowBytes }

  /// `region` must hold rows · rowBytes bytes; rows of the region may be cut otherwise than those of the matrix.
  init(_ region: Region, rows: Int, rowBytes: Int) {
    self.region = region
    self.rows = rows
    self.rowBytes = rowBytes
    if region.rowBytes == rowBytes {
      pitch = region.pitch
    } else {
      pitch = region.rows == 1 || region.pitch == region.rowBytes ? rowBytes : nil
    }
  }

  /// The same rows, used as a copy of what they are at the start if `condition` holds.
  func copied(if condition: Bool) -> ValueView {
    var view = self
    view.copies = condition
    return view
  }

  /// Whether both are the same bytes in the same order.
  func isExactly(_ other: ValueView) -> Bool {
    region.buffer == other.region.buffer && region.offset == other.region.offset && rows == other.rows
      && rowBytes == other.rowBytes && pitch == other.pitch && pitch != nil
  }

  func overlaps(_ other: ValueView) -> Bool {
    region.buffer == other.region.buffer && region.offset < other.region.end && other.region.offset < region.end
  }

  /// Rows that share bytes can't be written side by side.
  var hasOverlappingRows: Bool { region.rows > 1 && region.pitch < region.rowBytes }

  /// Bytes of scratch memory that it takes: 0 where the rows can be used in place.
  var scratchBytes: Int { inPlacePitch == nil ? (bytes + 63) & ~63 : 0 }

  private var inPlacePitch: Int? { copies ? nil : pitch }

  /// The rows, in place or in `scratch`.
  func block(in buffers: [UnsafeMutableRawPointer], scratch: UnsafeMutableRawPointer) -> RowBlock {
    if let pitch = inPlacePitch { return RowBlock(base: buffers[region.buffer] + region.offset, pitch: pitch) }
    return RowBlock(base: scratch, pitch: rowBytes)
  }

  /// Fills the scratch memory, if it takes any.
  func gather(from buffers: [UnsafeMutableRawPointer], to scratch: UnsafeMutableRawPointer) {
    if inPlacePitch == nil { region.read(from: buffers[region.buffer], to: scratch) }
  }

  /// Brings back what stands in the scratch memory, if it takes any.
  func scatter(to buffers: [UnsafeMutableRawPointer], from scratch: UnsafeMutableRawPointer) {
    guard inPlacePitch == nil else { return }
    for row in 0..<region.rows {
      (buffers[region.buffer] + region.offset + row * region.pitch).copyMemory(
        from: scratch + row * region.rowBytes, byteCount: region.rowBytes)
    }
  }
}

extension Region {
  /// Copies its bytes, row by row, without gaps.
  func read(from buffer: UnsafeMutableRawPointer, to place: UnsafeMutableRawPointer) {
    for row in 0..<rows {
      (place + row * rowBytes).copyMemory(from: buffer + offset + row * pitch, byteCount: rowBytes)
    }
  }
}
