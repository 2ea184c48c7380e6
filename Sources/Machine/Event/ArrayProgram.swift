import Hardware
import Schedule

/// One matmul as its engine sees it: constants of rules M1–M12 that hold for all its tiles.
///
/// A class, since every decision about a tile asks for its job, and copies of so many constants would cost more than these.
final class ArrayJob: Sendable {
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
  /// Tiles that follow one another on one stationary operand, their rows of A (columns of B), and those of the last of them.
  let blocks: Int
  let block: Int
  let lastBlock: Int
  /// Steps of a tile, and of the last of `blocks`.
  let steps: Int
  let lastSteps: Int
  let accumulate: Bool
  /// Its stationary operand is that of the matmul before.
  let keeps: Bool
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
  /// `transpose-cycles`, where the stationary operand lies across.
  let transposeCycles: Int
  /// Of an engine that reads row by row: operand A goes through the transposer, with the load (rule M27).
  let readsAhead: Bool
  /// Of an engine in lock step: the loader's role when it acts with the streamer.
  let besideRole: Int
  let streamer: Claims
  let loader: Claims
  let stationaryBuffer: Int
  let streamedBuffer: Int
  let outputBuffer: Int

  var tiles: Int { outerTiles * innerTiles * blocks }

  init(_ index: Int, _ matmul: MatMul, _ constants: ArrayState.Constants) {
    let (spec, buffers, banks) = (constants.spec, constants.buffers, constants.banks)
    instruction = index
    accumulate = matmul.accumulate
    keeps = matmul.keeps
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
    let together = outputStationary ? depth : spec.replicas
    block = spec.tileSteps > 0 ? min(streamed, spec.tileSteps * together) : streamed
    blocks = ceil(streamed, block)
    lastBlock = streamed - (blocks - 1) * block
    let taps = outputStationary && spec.kernelTaps == .separate && !matmul.isDepthwise ? matmul.windows?.taps ?? 1 : 1
    steps = max(spec.minimumSteps, taps * ceil(block / taps, together))
    lastSteps = max(spec.minimumSteps, taps * ceil(lastBlock / taps, together))
    replicas = min(spec.replicas, streamed)
    switch spec.dataflow {
    case .weightStationary: transposeCycles = matmul.bOrder == .columnMajor ? spec.transposeCycles : 0
    case .inputStationary: transposeCycles = matmul.aOrder == .columnMajor ? 0 : spec.transposeCycles
    case .outputStationary: transposeCycles = 0
    }
    readsAhead = spec.rowByRow && spec.transposeCycles > 0 && matmul.aOrder == .columnMajor
    besideRole = outputStationary ? 0 : 1
    if outputStationary, spec.lockStep {
      loader.add(banks.banks(of: moving), role: 0)
      streamer.add(banks.banks(of: stationary), role: 1)
      inputDepth = buffers[stationary.buffer].latency + spec.edgeRegisters
      loadDepth = buffers[moving.buffer].latency + spec.edgeRegisters
    } else if outputStationary {
      streamer.add(banks.banks(of: moving), role: 0)
      streamer.add(banks.banks(of: stationary), role: 1)
      inputDepth = max(buffers[a.buffer].latency, buffers[b.buffer].latency) + spec.edgeRegisters
      loadDepth = 0
    } else {
      streamer.add(banks.banks(of: moving), role: 0)
      loader.add(banks.banks(of: stationary), role: 0)
      inputDepth = buffers[moving.buffer].latency + spec.edgeRegisters
      loadDepth = buffers[stationary.buffer].latency + spec.edgeRegisters
    }
    streamer.add(banks.banks(of: out), role: 2)
    outputLatency = buffers[out.buffer].latency
    outputDepth = outputLatency + spec.edgeRegisters
    streamWord = buffers[moving.buffer].wordBytes
    secondWord = buffers[stationary.buffer].wordBytes
    loadWord = secondWord
    outputWord = buffers[out.buffer].wordBytes
    share = banks.share(streamer)
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
  /// Which of the tiles on one stationary operand.
  var block = 0
  /// Tile number within the job, and within the engine's program.
  var tile = 0
  var number = 0

  mutating func advance(over job: ArrayJob) {
    tile += 1
    number += 1
    if tile == job.tiles {
      self = TileCursor(job: self.job + 1, number: number)
      return
    }
    if job.blocks > 1 {
      block += 1
      if block < job.blocks { return }
      block = 0
    }
    if job.columnsInner {
      outer += 1
      if outer == job.outerTiles { (outer, inner) = (0, inner + 1) }
    } else {
      inner += 1
      if inner == job.innerTiles { (outer, inner) = (outer + 1, 0) }
    }
  }

  /// Goes on to the next tile that is loaded.
  mutating func advanceLoad(over job: ArrayJob) {
    let left = job.blocks - 1 - block
    (block, tile, number) = (block + left, tile + left, number + left)
    advance(over: job)
  }

  /// Whether it uses the stationary operand of the tile before.
  func isKept(of job: ArrayJob) -> Bool { block > 0 || job.keeps && tile == 0 }
  func streamed(of job: ArrayJob) -> Int { block == job.blocks - 1 ? job.lastBlock : job.block }
  func steps(of job: ArrayJob) -> Int { block == job.blocks - 1 ? job.lastSteps : job.steps }
  func columns(of job: ArrayJob) -> Int { outer == job.outerTiles - 1 ? job.lastColumn : job.column }
  func rows(of job: ArrayJob) -> Int { inner == job.innerTiles - 1 ? job.lastInner : job.inner }
}
