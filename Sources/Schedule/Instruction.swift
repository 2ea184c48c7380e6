import Hardware

/// A rectangle of bytes in an on-chip buffer: `rows` rows of `rowBytes`, `pitch` bytes from row to row.
public struct Region: Sendable, Hashable {
  /// Index into `Accelerator.buffers`.
  public var buffer: Int
  public var offset: Int
  public var rows: Int
  public var rowBytes: Int
  public var pitch: Int

  /// `pitch` defaults to `rowBytes`: rows without gaps.
  public init(buffer: Int, offset: Int, rows: Int, rowBytes: Int, pitch: Int? = nil) {
    self.buffer = buffer
    self.offset = offset
    self.rows = rows
    self.rowBytes = rowBytes
    self.pitch = pitch ?? rowBytes
  }

  /// Bytes of data (gaps between rows not counted).
  public var bytes: Int { rows * rowBytes }
  /// First byte after the last row.
  public var end: Int { offset + (rows - 1) * pitch + rowBytes }
}

/// A rectangle of bytes in DRAM.
public struct DRAMRegion: Sendable, Hashable {
  public var address: Int
  public var rows: Int
  public var rowBytes: Int
  /// Bytes from row to row.
  public var stride: Int

  public init(address: Int, rows: Int, rowBytes: Int, stride: Int? = nil) {
    self.address = address
    self.rows = rows
    self.rowBytes = rowBytes
    self.stride = stride ?? rowBytes
  }

  public var bytes: Int { rows * rowBytes }
  public var end: Int { address + (rows - 1) * stride + rowBytes }
}

/// Which element of an operand stands where in its region.
public enum OperandOrder: Sendable, Hashable {
  /// The region's bytes, row by row, are the matrix's elements row by row.
  case rowMajor
  /// The region's bytes, row by row, are the matrix's elements column by column: it is read transposed.
  case columnMajor
  /// The region is an image; the matrix's rows are its windows (im2col). Operand A only.
  case windows(Windows)
}

/// Windows of an image as the rows of a matrix: the address generator of a convolution.
///
/// The region's rows are rows of pixels. Pixel (y, x) stands `pixelPitch`·x bytes from the start of row y, its `channels` bytes
/// one after the other. Row i of the matrix is the window of output (i / `outputColumns`, i mod `outputColumns`); its
/// columns are kernel row, kernel column, channel. What lies outside the image counts as the operand's zero point.
public struct Windows: Sendable, Hashable {
  /// Pixels in a row of the region.
  public var width: Int
  public var channels: Int
  public var pixelPitch: Int
  public var kernelRows: Int
  public var kernelColumns: Int
  public var strideY: Int
  public var strideX: Int
  public var dilationY: Int
  public var dilationX: Int
  /// First pixel of the first window, relative to the region's first; negative in the padding.
  public var originY: Int
  public var originX: Int
  public var outputColumns: Int

  public init(
    width: Int, channels: Int, pixelPitch: Int? = nil, kernelRows: Int, kernelColumns: Int, strideY: Int = 1,
    strideX: Int = 1, dilationY: Int = 1, dilationX: Int = 1, originY: Int = 0, originX: Int = 0, outputColumns: Int
  ) {
    self.width = width
    self.channels = channels
    self.pixelPitch = pixelPitch ?? channels
    self.kernelRows = kernelRows
    self.kernelColumns = kernelColumns
    self.strideY = strideY
    self.strideX = strideX
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.originY = originY
    self.originX = originX
    self.outputColumns = outputColumns
  }

  /// Positions of the kernel.
  public var taps: Int { kernelRows * kernelColumns }
  /// Columns of the matrix: K.
  public var depth: Int { kernelRows * kernelColumns * channels }
}

/// `out[m×n] (+)= (a[m×k] − aZero) · (b[k×n] − bZero) [+ bias[n]]`, INT8 operands, INT32 results that wrap.
///
/// A depthwise one multiplies channel by channel: `a`'s windows have n channels, `out[i, c] = Σₜ window i[t, c] · b[t, c]`, and k is
/// the number of kernel positions.
///
/// The engine cuts it into tiles of its own size (rule M1 of docs/timing.md). Zero points are subtracted at the edge of the
/// array: inside, operands have 9 bits. A bias enters with the first partial sums, so only where nothing is accumulated on.
public struct MatMul: Sendable, Hashable {
  public var m: Int
  public var k: Int
  public var n: Int
  /// Channel by channel; an engine with `depthwise` alone can do it.
  public var isDepthwise: Bool
  /// m·k bytes, or an image of which `aOrder` says how windows are cut.
  public var a: Region
  /// k·n bytes.
  public var b: Region
  /// 4·m·n bytes: little-endian INT32, row by row.
  public var out: Region
  /// Adds to what `out` holds instead of replacing it.
  public var accumulate: Bool
  /// Its one stationary operand is that of the matmul before in its queue, and still in the array (rule M29).
  public var keeps: Bool
  /// Index into `Schedule.operators`.
  public var op: Int
  public var aOrder: OperandOrder
  public var bOrder: OperandOrder
  /// 4·n bytes: little-endian INT32. It comes with the weights and takes no cycles of its own, but with `streams` (rule M20).
  public var bias: Region?
  public var aZero: Int
  public var bZero: Int

  public init(
    m: Int, k: Int, n: Int, isDepthwise: Bool = false, a: Region, b: Region, out: Region, accumulate: Bool = false,
    keeps: Bool = false, op: Int,
    aOrder: OperandOrder = .rowMajor, bOrder: OperandOrder = .rowMajor, bias: Region? = nil, aZero: Int = 0,
    bZero: Int = 0
  ) {
    self.m = m
    self.k = k
    self.n = n
    self.isDepthwise = isDepthwise
    self.a = a
    self.b = b
    self.out = out
    self.accumulate = accumulate
    self.keeps = keeps
    self.op = op
    self.aOrder = aOrder
    self.bOrder = bOrder
    self.bias = bias
    self.aZero = aZero
    self.bZero = bZero
  }

  public var macs: Int { m * k * n }
  /// How windows of operand A are cut, if it is an image.
  public var windows: Windows? {
    if case .windows(let windows) = aOrder { windows } else { nil }
  }
}

/// One step of a chained vector instruction and the operator of the model that it performs.
public struct VectorStage: Sendable, Hashable {
  public var operation: VectorOperation
  /// Index into `Schedule.operators`.
  public var op: Int
  /// Index into `Schedule.arithmetic`; nil where only time is asked for.
  public var arithmetic: Int?
  /// Column of the operator's output that is the instruction's first: which of the factors of a requantization apply.
  public var firstColumn: Int
  public init(_ operation: VectorOperation, op: Int, arithmetic: Int? = nil, firstColumn: Int = 0) {
    self.operation = operation
    self.op = op
    self.arithmetic = arithmetic
    self.firstColumn = firstColumn
  }
}

/// A chain of vector operations over a tile of `rows` × `columns` elements.
///
/// Elements of `source` are `source.bytes / (rows · columns)` bytes wide (4: accumulators, 1: INT8). The destination has
/// rows · columns bytes; behind `divide` a column less, behind `average` one row.
public struct VectorInstruction: Sendable, Hashable {
  public var stages: [VectorStage]
  public var rows: Int
  public var columns: Int
  public var source: Region
  /// Second operand: that of an `add` or `multiply` stage, or the parameters of a `layernorm` stage (5 bytes a column:
  /// INT8 gain and INT32 bias). A chain has at most one stage that takes it.
  public var operand: Region?
  public var destination: Region

  public init(
    stages: [VectorStage], rows: Int, columns: Int, source: Region, operand: Region? = nil, destination: Region
  ) {
    self.stages = stages
    self.rows = rows
    self.columns = columns
    self.source = source
    self.operand = operand
    self.destination = destination
  }

  public var elements: Int { rows * columns }
}

/// One DMA transfer; both sides hold the same number of bytes.
public struct Transfer: Sendable, Hashable {
  public var dram: DRAMRegion
  public var region: Region
  /// The operator that needs or makes the data.
  public var op: Int

  public init(dram: DRAMRegion, region: Region, op: Int) {
    self.dram = dram
    self.region = region
    self.op = op
  }
}

/// What an instruction does. Indirect: a matmul has half a kilobyte of sizes and regions, and schedules are passed on, reordered
/// and read instruction by instruction; that must not copy them.
public indirect enum Operation: Sendable, Hashable {
  /// DRAM to buffer, on a DMA channel.
  case load(Transfer)
  /// Buffer to DRAM, on a DMA channel.
  case store(Transfer)
  /// On a matrix engine.
  case matmul(MatMul)
  /// On the vector unit.
  case vector(VectorInstruction)
}

/// What a token lets go ahead.
///
/// A matrix engine takes tokens for each operand separately, so that weights load while inputs are still awaited.
public enum TokenSlot: String, Sendable, Hashable, CaseIterable {
  /// The whole instruction (DMA and vector instructions).
  case start
  /// Operand A, operand B, or the room for the results of a matmul.
  case a, b, out
}

/// Tokens that an instruction takes before it (or the operand `slot`) starts.
public struct TokenWait: Sendable, Hashable {
  /// The queue that posts them.
  public var from: Int
  public var slot: TokenSlot
  public var count: Int
  public init(from: Int, slot: TokenSlot, count: Int = 1) {
    self.from = from
    self.slot = slot
    self.count = count
  }
}

/// Tokens that an instruction gives when it has ended.
public struct TokenPost: Sendable, Hashable {
  /// The queue that takes them.
  public var to: Int
  public var slot: TokenSlot
  public var count: Int
  /// Cycles that they are on their way (rule G3).
  public var delay: Int
  /// They are given when the operands have been read, not at the end (rule G4).
  public var whenRead: Bool
  public init(to: Int, slot: TokenSlot, count: Int = 1, delay: Int = 0, whenRead: Bool = false) {
    self.to = to
    self.slot = slot
    self.count = count
    self.delay = delay
    self.whenRead = whenRead
  }
}

/// One instruction of one unit's in-order queue.
public struct Instruction: Sendable, Hashable {
  /// Index into `Accelerator.queues`.
  public var queue: Int
  /// Index into `Schedule.layers`.
  public var layer: Int
  public var operation: Operation
  public var waits: [TokenWait]
  public var posts: [TokenPost]

  public init(
    queue: Int, layer: Int, operation: Operation, waits: [TokenWait] = [], posts: [TokenPost] = []
  ) {
    self.queue = queue
    self.layer = layer
    self.operation = operation
    self.waits = waits
    self.posts = posts
  }
}
