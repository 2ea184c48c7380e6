import Hardware
import Schedule

/// One matmul as its engine sees it: constants of rules M1–M12 that hold for all its tiles.
struct ArrayJob {
  let instruction: Int
  let outputStationary: Bool
  /// Tiles along the columns of PEs ("outer") and along their rows ("inner", as is usual).
  let outerTiles: Int
  let innerTiles: Int
  /// Extent of the outer and inner tiles, and of the last of each.
  let column: Int
  let lastColumn: Int
  let inner: Int
  let lastInner: Int
  /// Rows of PEs, or of multipliers (rule M17), and multipliers of each.
  let rows: Int
  let depth: Int
  /// Of a depthwise product: pixels of a row of the image that is made; 0 for any other.
  let pixelsInRow: Int
  /// Steps of a tile.
  let steps: Int
  let accumulate: Bool
  /// Rows of A (columns of B) that stream through a tile, or K: the streamed extent before it is cut into steps.
  let streamed: Int
  /// Replicas at work in a stationary design.
  let replicas: Int
  let inputDepth: Int
  let loadDepth: Int
  let outputDepth: Int
  let outputLatency: Int
  let streamWord: Int
  /// Operand B's word (output-stationary).
  let secondWord: Int
  let loadWord: Int
  let outputWord: Int
  let share: Int
  /// Of the bias, where there is one.
  let biasBytes: Int
  let biasWords: Int
  let columnsInner: Bool
  let streamer: Claims
  let loader: Claims
  let stationaryBuffer: Int
  let streamedBuffer: Int
  let outputBuffer: Int

  var tiles: Int { outerTiles * innerTiles }

  init(_ index: Int, _ matmul: MatMul, spec: MatrixEngineSpec, accelerator: Accelerator, ports: PortTable) {
    instruction = index
    accumulate = matmul.accumulate
    let buffers = accelerator.buffers
    let (a, b, out) = (matmul.a, matmul.b, matmul.out)
    var streamer = Claims()
    var loader = Claims()
    let stationary: Region
    let moving: Region
    let outer: Int
    var innerExtent: Int
    switch spec.dataflow {
    case .weightStationary:
      (stationary, moving, outer, innerExtent, streamed) = (b, a, matmul.n, matmul.k, matmul.m)
    case .inputStationary:
      (stationary, moving, outer, innerExtent, streamed) = (a, b, matmul.m, matmul.k, matmul.n)
    case .outputStationary:
      (stationary, moving, outer, innerExtent, streamed) = (b, a, matmul.n, matmul.m, matmul.k)
    }
    outputStationary = spec.dataflow == .outputStationary
    columnsInner = spec.tileOrder == .columnsInner
    column = spec.columns
    rows = matmul.isDepthwise ? spec.rows * spec.macsPerPE : spec.rows
    depth = matmul.isDepthwise ? 1 : spec.macsPerPE
    pixelsInRow = matmul.isDepthwise ? matmul.windows?.outputColumns ?? matmul.m : 0
    if pixelsInRow > 0 { innerExtent = innerExtent / pixelsInRow * ceil(pixelsInRow, rows) * rows }
    inner = outputStationary ? rows * spec.replicas : spec.rows * spec.macsPerPE
    outerTiles = ceil(outer, column)
    innerTiles = ceil(innerExtent, inner)
    lastColumn = outer - (outerTiles - 1) * column
    lastInner = innerExtent - (innerTiles - 1) * inner
    if outputStationary {
      let taps = spec.kernelTaps == .separate && !matmul.isDepthwise ? matmul.windows?.taps ?? 1 : 1
      steps = taps * ceil(streamed / taps, depth)
    } else {
      steps = ceil(streamed, spec.replicas)
    }
    replicas = min(spec.replicas, streamed)
    streamer.add(ports.banks(of: moving), role: 0)
    if outputStationary {
      streamer.add(ports.banks(of: stationary), role: 1)
      inputDepth = max(buffers[a.buffer].latency, buffers[b.buffer].latency) + spec.edgeRegisters
    } else {
      loader.add(ports.banks(of: stationary), role: 0)
      inputDepth = buffers[moving.buffer].latency + spec.edgeRegisters
    }
    streamer.add(ports.banks(of: out), role: 2)
    loadDepth = buffers[stationary.buffer].latency + spec.edgeRegisters
    outputLatency = buffers[out.buffer].latency
    outputDepth = outputLatency + spec.edgeRegisters
    streamWord = buffers[moving.buffer].wordBytes
    secondWord = buffers[stationary.buffer].wordBytes
    loadWord = secondWord
    outputWord = buffers[out.buffer].wordBytes
    share = ports.share(streamer)
    biasBytes = matmul.bias == nil ? 0 : 4 * matmul.n
    biasWords = matmul.bias.map { ceil(4 * matmul.n, buffers[$0.buffer].wordBytes) } ?? 0
    self.streamer = streamer
    self.loader = loader
    stationaryBuffer = stationary.buffer
    streamedBuffer = moving.buffer
    outputBuffer = out.buffer
  }
}

extension ArrayJob {
  /// Rows of the result that a tile makes: of a depthwise product without those of its groups that are beyond a row of the image.
  func results(_ tile: TileCursor) -> Int {
    let slots = tile.rows(of: self)
    guard pixelsInRow > 0 else { return slots }
    func before(_ slot: Int) -> Int {
      let (row, group) = (slot / rows).quotientAndRemainder(dividingBy: ceil(pixelsInRow, rows))
      return row * pixelsInRow + min(pixelsInRow, group * rows)
    }
    return before(tile.inner * inner + slots) - before(tile.inner * inner)
  }
}

/// A place in an engine's program: a job and a tile of it.
struct TileCursor {
  var job = 0
  var outer = 0
  var inner = 0
  /// Tile number within the job.
  var tile = 0

  mutating func advance(over job: ArrayJob) {
    tile += 1
    if tile == job.tiles {
      self = TileCursor(job: self.job + 1)
    } else if job.columnsInner {
      outer += 1
      if outer == job.outerTiles { (outer, inner) = (0, inner + 1) }
    } else {
      inner += 1
      if inner == job.innerTiles { (outer, inner) = (outer + 1, 0) }
    }
  }

  func columns(of job: ArrayJob) -> Int { outer == job.outerTiles - 1 ? job.lastColumn : job.column }
  func rows(of job: ArrayJob) -> Int { inner == job.innerTiles - 1 ? job.lastInner : job.inner }
}
