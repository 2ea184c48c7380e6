import CKernels
import Numerics
import Schedule

/// A matrix product with its operands as the kernels take them.
struct ValueMatMul: Sendable {
  let instruction: Int
  private let matmul: MatMul
  private let a: ValueView
  private let b: ValueView
  private let bias: ValueView?
  private let out: ValueView
  private let windows: Windows?

  /// The product; its sizes fit each other.
  init(_ instruction: Int, _ matmul: MatMul) {
    self.instruction = instruction
    self.matmul = matmul
    let out = ValueView(matmul.out, rows: matmul.m, rowBytes: 4 * matmul.n)
    let a: ValueView
    switch matmul.aOrder {
    case .rowMajor: (a, windows) = (ValueView(matmul.a, rows: matmul.m, rowBytes: matmul.k), nil)
    case .columnMajor: (a, windows) = (ValueView(matmul.a, rows: matmul.k, rowBytes: matmul.m), nil)
    case .windows(let it): (a, windows) = (ValueView(matmul.a, rows: matmul.a.rows, rowBytes: matmul.a.rowBytes), it)
    }
    let b =
      matmul.bOrder == .columnMajor
      ? ValueView(matmul.b, rows: matmul.n, rowBytes: matmul.k)
      : ValueView(matmul.b, rows: matmul.k, rowBytes: matmul.n)
    let bias = matmul.bias.map { ValueView($0, rows: 1, rowBytes: 4 * matmul.n) }
    self.out = out.copied(if: out.hasOverlappingRows)
    self.a = a.copied(if: a.overlaps(out))
    self.b = b.copied(if: b.overlaps(out))
    self.bias = bias.map { $0.copied(if: $0.overlaps(out)) }
  }

  func execute(_ state: ValueState) throws(MachineError) {
    let views = [a, b, out] + (bias.map { [$0] } ?? [])
    let memory = try state.scratch(views.reduce(0) { $0 + $1.scratchBytes }, for: instruction)
    var places: [UnsafeMutableRawPointer] = []
    var place = memory
    for view in views {
      places.append(place)
      place += view.scratchBytes
    }
    let buffers = state.buffers
    a.gather(from: buffers, to: places[0])
    b.gather(from: buffers, to: places[1])
    bias?.gather(from: buffers, to: places[3])
    if matmul.accumulate { out.gather(from: buffers, to: places[2]) }
    let (left, right) = (a.block(in: buffers, scratch: places[0]), b.block(in: buffers, scratch: places[1]))
    let results = out.block(in: buffers, scratch: places[2])
    var product = ck_product(
      m: Int64(matmul.m), k: Int64(matmul.k), n: Int64(matmul.n), depthwise: matmul.isDepthwise,
      a: left.base.assumingMemoryBound(to: Int8.self),
      a_pitch: Int64(left.pitch), a_by_columns: matmul.aOrder == .columnMajor,
      windows: windows.map { ck_windows($0, height: matmul.a.rows) } ?? ck_windows(),
      b: right.base.assumingMemoryBound(to: Int8.self), b_pitch: Int64(right.pitch),
      b_by_columns: matmul.bOrder == .columnMajor,
      bias: bias.map {
        UnsafePointer($0.block(in: buffers, scratch: places[3]).base.assumingMemoryBound(to: UInt8.self))
      },
      out: results.base.assumingMemoryBound(to: UInt8.self), out_pitch: Int64(results.pitch),
      accumulate: matmul.accumulate, a_zero: Int32(matmul.aZero), b_zero: Int32(matmul.bZero))
    guard ck_product_run(&product, state.path.code, state.pool.pool) else { throw ValueState.noMemory(instruction) }
    out.scatter(to: buffers, from: places[2])
  }
}

extension ck_windows {
  init(_ it: Windows, height: Int) {
    self.init(
      height: Int64(height), width: Int64(it.width), channels: Int64(it.channels), pixel_pitch: Int64(it.pixelPitch),
      kernel_rows: Int64(it.kernelRows), kernel_columns: Int64(it.kernelColumns), stride_y: Int64(it.strideY),
      stride_x: Int64(it.strideX), dilation_y: Int64(it.dilationY), dilation_x: Int64(it.dilationX),
      origin_y: Int64(it.originY), origin_x: Int64(it.originX), output_columns: Int64(it.outputColumns))
  }
}
