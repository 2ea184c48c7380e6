import CKernels
import Schedule

/// An operand of a matmul as the engine's address generator finds it: `line` after `line`, each as long as the array asks.
///
/// A line is what enters the array side by side: a row of the matrix, or a column of it.
struct LiteralOperand {
  private enum Form {
    /// Element (line, place) is at byte (start + line·`line` + place·`place`) & mask.
    case plain(start: Int, mask: Int)
    /// Rows of the region that aren't rows of the matrix: it is byte line·`line` + place·`place` of the region.
    case split(LiteralBytes)
    /// Windows of an image of so many rows; lines are windows, or the same element of all windows.
    case windows(Windows, rows: Int, linesAreWindows: Bool)
  }

  private let form: Form
  private let bytes: UnsafePointer<Int8>
  private let line: Int
  private let place: Int
  private let pitch: Int
  private let zero: Int

  /// A matrix of `rows` × `columns`; lines are its rows or its columns.
  init(_ region: LiteralBytes, _ order: OperandOrder, rows: Int, columns: Int, linesAreRows: Bool, zero: Int) {
    bytes = UnsafePointer(UnsafeRawPointer(region.start).assumingMemoryBound(to: Int8.self))
    pitch = region.pitch
    self.zero = zero
    let isTransposed = order == .columnMajor
    // What stands together in the region: elements of a row, or of a column.
    let inner = isTransposed ? rows : columns
    var outer = inner
    if case .windows(let windows) = order {
      form = .windows(windows, rows: region.rows, linesAreWindows: linesAreRows)
    } else if region.isContiguous {
      form = .plain(start: 0, mask: -1)
    } else if region.rowBytes == inner {
      form = .plain(start: 0, mask: -1)
      outer = region.pitch
    } else {
      form = .split(region)
    }
    (line, place) = linesAreRows == isTransposed ? (1, outer) : (outer, 1)
  }

  /// Bytes without meaning: slices of one table.
  init(_ noise: LiteralNoise, start: Int) {
    form = .plain(start: start, mask: LiteralNoise.mask)
    bytes = UnsafePointer(noise.bytes)
    (line, place, pitch, zero) = (4099, 1, 0, 0)
  }

  /// The place of element `first` of a line whose elements stand side by side as they enter the array, else nil.
  @inline(__always)
  func bytes(_ number: Int, _ first: Int) -> UnsafePointer<Int8>? {
    guard place == 1, zero == 0, case .plain(let start, let mask) = form else { return nil }
    return bytes + ((start &+ number &* line &+ first) & mask)
  }

  /// Elements `first` to `first` + `count` of a line, with the zero point subtracted.
  func fetch(_ number: Int, _ first: Int, _ count: Int, into target: UnsafeMutablePointer<Int16>) {
    switch form {
    case .plain(let start, let mask):
      let at = (start &+ number &* line &+ first &* place) & mask
      ck_fetch(target, bytes + at, place, Int32(truncatingIfNeeded: count), Int32(truncatingIfNeeded: zero))
    case .split(let region):
      for index in 0..<count {
        let (row, column) = (number &* line &+ (first &+ index) &* place)
          .quotientAndRemainder(dividingBy: region.rowBytes)
        target[index] = value(bytes + (row &* pitch &+ column))
      }
    case .windows(let windows, let rows, true):
      var done = 0
      while done < count {
        let (pixel, channel) = (first &+ done).quotientAndRemainder(dividingBy: windows.channels)
        let run = min(windows.channels &- channel, count &- done)
        if let place = self.pixel(pixel, of: number, windows, rows) {
          ck_fetch(
            target + done, place + channel, 1, Int32(truncatingIfNeeded: run), Int32(truncatingIfNeeded: zero))
        } else {
          (target + done).update(repeating: 0, count: run)
        }
        done &+= run
      }
    case .windows(let windows, let rows, false):
      let (pixel, channel) = number.quotientAndRemainder(dividingBy: windows.channels)
      for index in 0..<count {
        target[index] = self.pixel(pixel, of: first &+ index, windows, rows).map { value($0 + channel) } ?? 0
      }
    }
  }

  /// Channels `first` to `first` + `count` of one pixel of a window, with the zero point subtracted.
  func fetchChannels(_ tap: Int, of window: Int, _ first: Int, _ count: Int, into target: UnsafeMutablePointer<Int16>) {
    guard case .windows(let windows, let rows, _) = form else {
      return fetch(window &* 61 &+ tap, first, count, into: target)
    }
    guard let place = pixel(tap, of: window, windows, rows) else { return target.update(repeating: 0, count: count) }
    ck_fetch(target, place + first, 1, Int32(truncatingIfNeeded: count), Int32(truncatingIfNeeded: zero))
  }

  @inline(__always)
  private func value(_ place: UnsafePointer<Int8>) -> Int16 { Int16(truncatingIfNeeded: Int(place.pointee) &- zero) }

  /// The first byte of a pixel of window `window`, or nil outside the image.
  private func pixel(_ pixel: Int, of window: Int, _ windows: Windows, _ rows: Int) -> UnsafePointer<Int8>? {
    let (outputRow, outputColumn) = window.quotientAndRemainder(dividingBy: windows.outputColumns)
    let (kernelRow, kernelColumn) = pixel.quotientAndRemainder(dividingBy: windows.kernelColumns)
    let y = windows.originY &+ outputRow &* windows.strideY &+ kernelRow &* windows.dilationY
    let x = windows.originX &+ outputColumn &* windows.strideX &+ kernelColumn &* windows.dilationX
    guard 0..<rows ~= y, 0..<windows.width ~= x else { return nil }
    return bytes + (y &* pitch &+ x &* windows.pixelPitch)
  }
}

/// Where the results of a matmul go: m×n words, row by row.
struct LiteralResults {
  private let region: LiteralBytes
  /// Words between neighbouring rows and columns (or bytes, where the region's rows are rows of the matrix).
  private let row: Int
  private let column: Int
  private let isSplit: Bool

  init(_ region: LiteralBytes, columns: Int) {
    self.region = region
    isSplit = !region.isContiguous && region.rowBytes != 4 * columns
    row = isSplit ? columns : region.isContiguous ? 4 * columns : region.pitch
    column = isSplit ? 1 : 4
  }

  /// What the registers of a tile's results must know; its columns are columns of the matrix, or rows.
  func tile(_ width: Int, delay: Int, reads: Int, columnsAreRows: Bool) -> ck_tile {
    ck_tile(
      bytes: region.start, stride: Int64(columnsAreRows ? row : column), row: Int64(isSplit ? region.rowBytes / 4 : 0),
      pitch: Int64(region.pitch), width: Int32(truncatingIfNeeded: width), delay: Int32(truncatingIfNeeded: delay),
      reads: Int32(truncatingIfNeeded: reads))
  }

  /// Writes one result, or adds it to what stands there.
  func put(_ value: Int32, _ m: Int, _ n: Int, adds: Bool) {
    let at = m &* row &+ n &* column
    let words = region.rowBytes / 4
    let place = region.start + (isSplit ? at / words &* region.pitch &+ at % words &* 4 : at)
    let old = adds ? UnsafeRawPointer(place).loadUnaligned(as: Int32.self) : 0
    UnsafeMutableRawPointer(place).storeBytes(of: (old &+ value).littleEndian, as: Int32.self)
  }

  /// The place of one result, in the terms of the tile.
  @inline(__always)
  func place(_ m: Int, _ n: Int) -> Int64 { Int64(m &* row &+ n &* column) }
}
