import Hardware
import Machine
import Schedule

/// Whole products on Gemmini, from memory to memory through its hardware loop, from simulation of its RTL. Cycle 0 is that of the
/// first command; `total` ends when nothing is busy any more.
struct GemminiGEMMRow: ReferenceRow {
  static let kind = ReferenceKind(
    name: "gemmini-gemm", summary: "whole products on Gemmini, from memory to memory (RTL simulation)",
    columns: [
      "M", "N", "K", "tI", "tJ", "tK", "I0", "J0", "K0", "fullC", "bias", "at", "bt", "SA", "SB", "SC", "lat", "gap",
      "total", "reads", "read_beats", "writes", "write_beats", "first_A", "errors",
    ], target: .within(percent: 3, mean: 1))

  struct Case: Hashable {
    let product: GemminiProduct
    /// Of memory; and idle cycles between two commands.
    let latency, gap: Int
  }

  struct Result {
    let cycles: Int
    let bursts, beats: (read: Int, written: Int)
    let firstRequest: Int
  }

  let input: Case
  private let expected: [String: Int]
  private let errors: Int

  init(_ cells: inout RecordDecoder) {
    let (size, blocks, flag) = (1...1 << 16, 1...1 << 12, [("0", false), ("1", true)])
    let product = GemminiProduct(
      m: cells.integer("M", size), n: cells.integer("N", size), k: cells.integer("K", size),
      tileI: cells.integer("tI", blocks), tileJ: cells.integer("tJ", blocks), tileK: cells.integer("tK", blocks),
      loopsI: cells.integer("I0", blocks), loopsJ: cells.integer("J0", blocks), loopsK: cells.integer("K0", blocks),
      isWide: cells.choice("fullC", flag[0], flag[1]), hasBias: cells.choice("bias", flag[0], flag[1]),
      transposesA: cells.choice("at", flag[0], flag[1]), transposesB: cells.choice("bt", flag[0], flag[1]),
      strideA: cells.integer("SA", size), strideB: cells.integer("SB", size), strideC: cells.integer("SC", size))
    input = Case(product: product, latency: cells.integer("lat", 1...10_000), gap: cells.integer("gap", 0...900))
    expected = Dictionary(
      uniqueKeysWithValues: ["total", "reads", "read_beats", "writes", "write_beats", "first_A"].map {
        ($0, cells.integer($0, 0...Int.max))
      })
    errors = cells.integer("errors", 0...Int.max)
  }

  private static let mostBlocks = 1 << 18
  /// The machine knows the gaps of the first loop's commands alone; later ones come while a loop before is at work.
  private static let longestGap = 9

  var label: String {
    let product = input.product
    let options = [
      (product.hasBias, "bias"), (product.isWide, "INT32"), (product.transposesA, "A transposed"),
      (product.transposesB, "B transposed"), (input.gap > 0, "gap \(input.gap)"),
    ]
    return
      (["\(product.m)x\(product.k)x\(product.n) in \(product.loopCount) loops", "latency \(input.latency)"]
      + options.filter(\.0).map(\.1)).joined(separator: ", ")
  }

  var reasonToLeaveOut: String? {
    let product = input.product
    if errors != 0 { return "errors is not 0: the RTL's results were wrong" }
    if !product.isCovered { return "loops of tI, tJ, tK blocks, I0, J0, K0 of them, that don't make up the product" }
    if !product.fits { return "a loop that doesn't fit half of the memories" }
    if product.blocks > Self.mostBlocks { return "more than \(Self.mostBlocks) products of two blocks" }
    if input.gap > Self.longestGap, product.loopCount > 1 {
      return "several loops and more than \(Self.longestGap) cycles between commands: loops would wait for theirs"
    }
    return nil
  }

  static func result(of input: Case, on bench: Bench) throws -> Result {
    let product = input.product
    let accelerator = try bench.design("designs/gemmini-gemm.yaml", input.settings)
    let options = RunOptions(trace: true)
    var commands = GemminiCommands(product, on: accelerator)
    var run = try Simulator.run(commands.schedule, options: options)
    if product.hasBias {
      // Where a loop's bias comes among the loads of the loop before depends on time.
      var after: [Int] = []
      // What was given out before a bias is right when all before is: each round settles one more at least.
      for _ in product.loops {
        let next = commands.biasAfter(run.timings, gap: input.gap)
        if next == after { break }
        after = next
        commands = GemminiCommands(product, on: accelerator, biasAfter: after)
        run = try Simulator.run(commands.schedule, options: options)
      }
    }
    let requests = run.trace.filter { $0.kind == .request }
    let load = accelerator.engines.count + 1
    let isRead = requests.map { $0.unit == load }
    return Result(
      cycles: run.cycles, bursts: (isRead.count { $0 }, isRead.count { !$0 }),
      beats: (run.traffic.dramRead[0] / 16, run.traffic.dramWritten[1] / 16), firstRequest: requests.first?.cycle ?? -1)
  }

  func comparisons(with result: Result) -> [Comparison] {
    [
      ("total", result.cycles), ("reads", result.bursts.read), ("read_beats", result.beats.read),
      ("writes", result.bursts.written), ("write_beats", result.beats.written), ("first_A", result.firstRequest),
    ].map { Comparison($0.0, .integer(expected: expected[$0.0] ?? -1, got: $0.1)) }
  }
}

extension GemminiGEMMRow.Case {
  fileprivate var settings: [String] {
    let isTransposed = product.transposesA || product.transposesB
    return [
      "dram.latency=\(latency)", "dma.channels.store.acknowledgement=\(latency - 1)",
      "dma.channels.store.narrowing=\(product.isWide ? 1 : 4)",
      "engines.array.transpose-cycles=\(isTransposed ? GemminiLoop.side : 0)",
      "engines.array.minimum-steps=\(isTransposed ? GemminiLoop.side : 4)",
      // Eleven commands until the loop begins.
      "dma.channels.load.dispatch=\(8 + 10 * (1 + gap))",
    ]
  }
}

extension GemminiProduct {
  fileprivate var loopCount: Int { loopsI * loopsJ * loopsK }

  /// Products of a block of A and one of B.
  fileprivate var blocks: Int { [m, n, k].reduce(1) { $0 * (($1 + GemminiLoop.side - 1) / GemminiLoop.side) } }

  /// The last loop along each side has blocks left, and no more than the others.
  fileprivate var isCovered: Bool {
    [(m, tileI, loopsI), (n, tileJ, loopsJ), (k, tileK, loopsK)].allSatisfy { size, tile, loops in
      let blocks = (size + GemminiLoop.side - 1) / GemminiLoop.side
      return (loops - 1) * tile < blocks && blocks <= loops * tile
    }
  }

  /// Each loop has half of the scratchpad, and half of the accumulators.
  fileprivate var fits: Bool {
    (tileI + tileJ) * tileK * 256 <= 1 << 17 && tileI * tileJ * 1024 <= 1 << 15
  }
}
