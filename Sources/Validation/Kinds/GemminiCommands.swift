import Hardware
import Machine
import Schedule

/// The commands of Gemmini's hardware loops as a schedule: moves in, pairs of a preload and a compute command, and moves out, in the
/// order of their queues, with tokens where the reservation station holds one back until another is done.
///
/// Two loops are at work at a time, each in a half of the memories. A loop's loads begin when all commands of the loop two before have
/// been given out, which is when so few are left that the reservation station has room.
struct GemminiCommands {
  private static let block = 256
  private static let half = 1 << 17
  private static let wide = 1024
  private static let wideHalf = 1 << 15
  /// Tiles, and stores, that the reservation station holds.
  private static let tilesHeld = 9
  private static let storesHeld = 4
  /// Cycles from a command that is done to one that it held back: a compute command, a preload, a move; the first load of a loop.
  ///
  /// A transposed B's preload goes out with the compute command behind it.
  private var toCompute: Int { product.transposesB ? 3 : 2 }
  private var toPreload: Int { product.transposesB ? 4 : 3 }
  private static let toMove = 1
  /// From the last row of a tile read to its results, at the end of which its preload is done.
  private static let toResults = 38
  private static let toLoop = 13

  private let product: GemminiProduct
  private let accelerator: Accelerator
  private var instructions: [Instruction] = []
  private let array = 0
  private let load: Int
  private let store: Int
  /// Instructions by queue: what waits refer to.
  private var tiles: [Int] = []
  private var stores: [Int] = []
  /// By consumer and producer queue: the last instruction of the producer that is waited for already.
  private var covered: [[Int]: Int] = [:]
  /// Per loop: its last tile and store, and whose results lie where the stores of earlier loops are.
  private var lastTile: [Int] = []
  private var lastStore: [Int] = []
  /// By half and block of the accumulators: the last store of it.
  private var storeOf: [[Int: Int]] = [[:], [:]]
  private var halfOfResults = 0
  /// The loops; per loop: how many of the operands' loads of the loop before go before its bias, and the bias' loads by block.
  private let loops: [GemminiLoop]
  private let biasAfter: [Int]
  private var biasLoads: [Int: [Int: Int]] = [:]
  /// Loads by what they load: A, B, biases.
  private var sources: [[Int]] = [[], [], []]
  /// By loop parity: last tiles that read blocks of A and B.
  private var tileOfA: [[Int: Int]] = [[:], [:]]
  private var tileOfB: [[Int: Int]] = [[:], [:]]

  /// - Parameter biasAfter: By loop; by default a bias comes behind all operands of the loop before.
  init(_ product: GemminiProduct, on accelerator: Accelerator, biasAfter: [Int] = []) {
    self.product = product
    self.biasAfter = biasAfter
    loops = product.loops
    self.accelerator = accelerator
    load = accelerator.engines.count + 1
    store = load + 1
    for number in loops.indices { add(loops[number], number) }
  }

  var schedule: Schedule {
    Schedule(
      accelerator: accelerator, model: ModelReference(name: "product", image: 0, batch: 1),
      operators: [OperatorInfo(name: "product", kind: .matmul, macs: product.m * product.n * product.k, elements: 0)],
      layers: [Layer(name: "product", operators: [0])], tensors: [], instructions: instructions)
  }

  private mutating func add(_ loop: GemminiLoop, _ number: Int) {
    let parity = number % 2
    let baseB = (parity + 1) * Self.half - loop.k * loop.j * Self.block
    var loadOfA: [Int: Int] = [:]
    var loadOfB: [Int: Int] = [:]
    let (columnsA, columnsB) = (loop.transposesA ? loop.i : loop.k, loop.transposesB ? loop.k : loop.j)

    if biasLoads[number] == nil { addBias(number) }
    let loadOfBias = biasLoads[number] ?? [:]
    for (position, move) in loop.operandLoads.enumerated() {
      if number + 1 < loops.count, position == biasAfter[safe: number + 1] { addBias(number + 1) }
      if position == 0 { beginLoop(number) }
      let index = instructions.count
      let isA = move.operand == .a
      let first = move.row * (isA ? columnsA : columnsB) + move.first
      for block in first..<first + move.blocks {
        if isA {
          loadOfA[block] = index
          wait(tileOfA[parity][block], from: array, delay: Self.toMove + 1)
        } else {
          loadOfB[block] = index
          // B lies at the end of its half.
          wait(tileOfB[parity][block - loop.k * loop.j], from: array, delay: Self.toResults + Self.toMove)
        }
      }
      add(
        move, to: 0, offset: (isA ? parity * Self.half : baseB) + first * Self.block,
        stride: isA ? loop.strideA : loop.strideB)
    }

    var tileOfResult: [Int: Int] = [:]
    for k in 0..<loop.k {
      for j in 0..<loop.j {
        for i in 0..<loop.i {
          let index = instructions.count
          let a = loop.transposesA ? k * columnsA + i : i * columnsA + k
          let b = loop.transposesB ? j * columnsB + k : k * columnsB + j
          let result = i * loop.j + j
          if i == 0 { wait(loadOfB[b], from: load, delay: toPreload) }
          if k == 0 {
            wait(loadOfBias[result], from: load, delay: toPreload)
            wait(storeOf[halfOfResults][result], from: store, delay: toPreload)
          }
          wait(loadOfA[a], from: load, delay: toCompute)
          finish(
            Instruction(
              queue: array, layer: 0,
              operation: .matmul(tile(loop, i, j, k, a: a, b: b, result: result, parity: parity, baseB: baseB))))
          tileOfA[parity][a] = index
          if i == 0 { tileOfB[parity][b - loop.k * loop.j] = index }
          tileOfResult[result] = index
          tiles.append(index)
        }
      }
    }
    lastTile.append(tiles.count - 1)

    for move in loop.storeMoves {
      let index = instructions.count
      for block in move.first..<move.first + move.blocks {
        wait(tileOfResult[move.row * loop.j + block], from: array, delay: Self.toMove)
      }
      finish(Instruction(queue: store, layer: 0, operation: .store(transfer(loop, move))))
      for block in move.first..<move.first + move.blocks { storeOf[halfOfResults][move.row * loop.j + block] = index }
      stores.append(index)
    }
    lastStore.append(stores.count - 1)
    if loop.stores { halfOfResults = 1 - halfOfResults }
  }

  /// The loads of a loop's bias.
  private mutating func addBias(_ number: Int) {
    let loop = loops[number]
    let half = loops[..<number].count(where: \.stores) % 2
    biasLoads[number] = [:]
    for (position, move) in loop.biasLoads.enumerated() {
      if position == 0 { beginLoop(number) }
      let block = move.row * loop.j + move.first
      biasLoads[number]?[block] = instructions.count
      wait(storeOf[half][block], from: store, delay: Self.toMove)
      add(move, to: 1, offset: half * Self.wideHalf + block * Self.wide, stride: 0)
    }
  }

  private mutating func add(_ move: GemminiLoop.Move, to buffer: Int, offset: Int, stride: Int) {
    let width = buffer == 0 ? 1 : 4
    let transfer = Transfer(
      dram: DRAMRegion(address: move.address, rows: move.rows, rowBytes: move.columns * width, stride: stride),
      region: Region(
        buffer: buffer, offset: offset, rows: move.rows, rowBytes: move.columns * width,
        pitch: move.blocks * GemminiLoop.side * width), op: 0)
    sources[move.operand == .a ? 0 : move.operand == .b ? 1 : 2].append(instructions.count)
    finish(Instruction(queue: load, layer: 0, operation: .load(transfer)))
  }

  private func tile(
    _ loop: GemminiLoop, _ i: Int, _ j: Int, _ k: Int, a: Int, b: Int, result: Int, parity: Int, baseB: Int
  ) -> MatMul {
    let (rows, columns, depth) = (loop.rows(i), loop.columns(j), loop.depth(k))
    /// A block within the region that a move filled, rows of at most four blocks.
    func operand(_ base: Int, _ block: Int, columns count: Int, rows: Int, columns: Int) -> Region {
      let width = min(count, GemminiLoop.most)
      let (row, column) = block.quotientAndRemainder(dividingBy: count)
      let first = column / width * width
      let blocks = min(width, count - first)
      return Region(
        buffer: 0, offset: base + (row * count + first) * Self.block + (column - first) * GemminiLoop.side, rows: rows,
        rowBytes: columns, pitch: blocks * GemminiLoop.side)
    }
    let baseA = parity * Self.half
    return MatMul(
      m: rows, k: depth, n: columns,
      a: loop.transposesA
        ? operand(baseA, a, columns: loop.i, rows: depth, columns: rows)
        : operand(baseA, a, columns: loop.k, rows: rows, columns: depth),
      b: loop.transposesB
        ? operand(baseB, b, columns: loop.k, rows: columns, columns: depth)
        : operand(baseB, b, columns: loop.j, rows: depth, columns: columns),
      out: Region(
        buffer: 1, offset: halfOfResults * Self.wideHalf + result * Self.wide, rows: rows, rowBytes: 4 * columns,
        pitch: 4 * GemminiLoop.side), accumulate: loop.accumulates || k > 0, keeps: i > 0, op: 0,
      aOrder: loop.transposesA ? .columnMajor : .rowMajor, bOrder: loop.transposesB ? .columnMajor : .rowMajor)
  }

  /// A row of blocks of results on its way out, as INT32 or scaled to INT8.
  private func transfer(_ loop: GemminiLoop, _ move: (row: Int, first: Int, blocks: Int)) -> Transfer {
    let width = loop.isWide ? 4 : 1
    let columns = move.blocks * GemminiLoop.side - (move.first + move.blocks >= loop.j ? loop.padJ : 0)
    let block = move.row * loop.j + move.first
    return Transfer(
      dram: DRAMRegion(
        address: loop.c + width * (move.row * loop.strideC + move.first) * GemminiLoop.side, rows: loop.rows(move.row),
        rowBytes: columns * width, stride: loop.strideC * width),
      region: Region(
        buffer: 1, offset: halfOfResults * Self.wideHalf + block * Self.wide, rows: loop.rows(move.row),
        rowBytes: 4 * columns), op: 0)
  }

  // MARK: What waits for what

  /// Of the next instruction: by producing queue, the last one that it waits for.
  private var pending: [Int: (producer: Int, delay: Int)] = [:]

  /// A loop begins when the commands of the one two before have all been given out.
  private mutating func beginLoop(_ number: Int) {
    guard number >= 2 else { return }
    let tile = lastTile[number - 2] - Self.tilesHeld
    if tile >= 0 { wait(tiles[tile], from: array, delay: Self.toResults + Self.toLoop) }
    let last = lastStore[number - 2] - Self.storesHeld
    if last >= 0 { wait(stores[last], from: store, delay: Self.toLoop) }
  }

  /// The next instruction waits for `producer` and all before it in queue `from`.
  private mutating func wait(_ producer: Int?, from: Int, delay: Int) {
    guard let producer else { return }
    guard let last = pending[from] else {
      pending[from] = (producer, delay)
      return
    }
    // The later of both, no sooner than the earlier one's token would be there: a tile takes as many cycles as it has rows.
    let new = (producer: producer, delay: delay)
    let (early, late) = producer < last.producer ? (new, last) : (last, new)
    let between = from == array ? GemminiLoop.side * (late.producer - early.producer) : early.delay
    pending[from] = (late.producer, max(late.delay, early.delay - between))
  }

  /// Adds the next instruction, with tokens for what earlier ones of its queue don't wait for already.
  private mutating func finish(_ instruction: Instruction) {
    var instruction = instruction
    let queue = instruction.queue
    let slot: TokenSlot = queue == array ? .b : .start
    for (from, need) in pending.sorted(by: { $0.key < $1.key })
    where covered[[queue, from], default: -1] < need.producer {
      covered[[queue, from]] = need.producer
      instruction.waits.append(TokenWait(from: from, slot: slot))
      instructions[need.producer].posts.append(
        TokenPost(to: queue, slot: slot, delay: need.delay, whenRead: from == array && queue == load))
    }
    pending = [:]
    instructions.append(instruction)
  }
}

extension GemminiCommands {
  /// Where each loop's bias comes among the loads of the loop before, by the times of a run.
  func biasAfter(_ timings: [InstructionTiming], gap: Int) -> [Int] {
    var completions = GemminiLoopUnit.Completions(repeating: [], count: GemminiLoopUnit.Source.allCases.count)
    for (source, loads) in sources.enumerated() { completions[source] = loads.map { timings[$0].end - 1 } }
    completions[GemminiLoopUnit.Source.tiles.rawValue] = tiles.flatMap {
      [timings[$0].end - 1, timings[$0].read]
    }
    completions[GemminiLoopUnit.Source.stores.rawValue] = stores.map { timings[$0].read }
    return GemminiLoopUnit(loops, gap: gap, completions: completions).biasAfter
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
