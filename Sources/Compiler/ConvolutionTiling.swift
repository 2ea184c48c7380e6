import Hardware
import Schedule

/// How a convolution is cut into blocks.
struct ConvolutionTiling: Hashable {
  /// Output pixels of a block: whole rows, or `span` pixels of one.
  var rows: Int
  var span: Int
  /// Columns of a block: of whole groups, or part of one's.
  var nt: Int
  /// The largest slice of the kernel; the ranges begin at 0.
  var slice: KernelSlice
  /// Bytes of the pixels of the largest block, if they have to be loaded.
  var inputBytes: Int
  /// Blocks of pixels are outside: each is loaded once and serves all columns.
  var rowsOuter: Bool
  var slots: Int
  var traffic: Int
  var cycles: Double
}

extension Tiler {
  /// The tiling of a convolution with the least estimated cost.
  func tile(
    _ work: ConvolutionWork, _ placement: Placement, layer: String
  ) throws(CompileError) -> ConvolutionTiling {
    var best: (cost: Double, tiling: ConvolutionTiling)?
    let chain = target.chain(work.stages.map(\.operation))
    let isDepthwise = target.isDepthwise(work)
    let tallest = tallestBlock(work.shape)
    for nt in columnBlocks(work.shape, placement) {
      let blocks = pixelBlocks(work.shape, limit: outputSlot / (4 * nt)).filter { $0.rows <= tallest }
      var found = 0
      for slice in slices(work.shape) where (slice.depth + 4) * nt <= weightSlot {
        let isWhole = slice.depth == work.shape.depth
        for rowsOuter in isWhole && !placement.inputResident ? [false, true] : [false] {
          for slots in slotCounts {
            for (rows, span) in blocks {
              let tiling = ConvolutionTiling(
                rows: rows, span: span, nt: nt, slice: slice,
                inputBytes: inputBytes(work.shape, rows, span, nt, slice, rowsOuter), rowsOuter: rowsOuter,
                slots: slots, traffic: 0, cycles: 0)
              guard fits(tiling, placement) else { continue }
              found += 1
              let estimate = evaluate(work, placement, chain, isDepthwise: isDepthwise, tiling, best: best?.cost)
              if let estimate { best = estimate }
            }
          }
        }
        // Finer slices only load more often.
        if found > 0 { break }
      }
    }
    guard let tiling = best?.tiling else { throw tooSmall(work, placement, layer: layer) }
    let shape = work.shape
    try refuse(
      [
        (shape.images * shape.outputRows, tiling.rows), (shape.outputColumns, tiling.span), (shape.columns, tiling.nt),
        (shape.depth, tiling.slice.depth),
      ], layer: layer)
    return tiling
  }

  /// Numbers of columns to try: whole groups, all of them first, and less than one.
  private func columnBlocks(_ shape: ConvolutionShape, _ placement: Placement) -> [Int] {
    var blocks: [Int] = []
    var groups = shape.groups
    while groups > 1 {
      blocks.append(groups * shape.groupColumns)
      groups = ceilDiv(groups, 2)
    }
    if target.overlapsLayers, shape.isDepthwise, placement.inputResident, placement.outputResident {
      let part = depthwiseColumns(shape)
      blocks = [part] + blocks.filter { $0 < part }
    } else if target.overlapsLayers, !shape.isDepthwise {
      let widest = ceilDiv(shape.columns, Self.overlappingColumns)
      blocks = blocks.filter { $0 <= max(widest, shape.groupColumns) }
    }
    return blocks + columnBlocks(shape.groupColumns)
  }

  /// Channels of a depthwise block where layers overlap: a part of them, since a convolution in groups needs no more to begin.
  /// Only on chip: short rows make short bursts.
  private func depthwiseColumns(_ shape: ConvolutionShape) -> Int {
    let rows = min(tallestBlock(shape), shape.outputRows)
    for parts in (1...Self.overlappingColumns).reversed() {
      let columns = min(shape.columns, roundUp(ceilDiv(shape.columns, parts), steps.n))
      let isLong = target.mainSites.allSatisfy {
        $0.depthwiseCycles(rows: rows, pixels: shape.outputColumns, taps: shape.depth, channels: columns)
          >= Self.shortestBlock
      }
      if isLong { return columns }
    }
    return shape.columns
  }

  /// Slices of the kernel to try, the largest first: all of it, a row, a pixel, some channels of one.
  private func slices(_ shape: ConvolutionShape) -> [KernelSlice] {
    var slices = [(shape.kernelRows, shape.kernelColumns), (1, shape.kernelColumns), (1, 1)].map {
      KernelSlice(rows: 0..<$0, columns: 0..<$1, channels: 0..<shape.groupChannels)
    }
    var channels = shape.groupChannels
    while channels > 1 {
      channels = ceilDiv(channels, 2)
      slices.append(KernelSlice(rows: 0..<1, columns: 0..<1, channels: 0..<channels))
    }
    return slices
  }

  /// Blocks of pixels to try: whole rows, and parts of one.
  private func pixelBlocks(_ shape: ConvolutionShape, limit: Int) -> [(rows: Int, span: Int)] {
    guard limit > 0 else { return [] }
    func even(_ count: Int, _ limit: Int) -> [Int] {
      guard limit > 0 else { return [] }
      var sizes: [Int] = []
      var parts = ceilDiv(count, limit)
      while true {
        let size = ceilDiv(count, parts)
        if sizes.last != size { sizes.append(size) }
        if size == 1 { return sizes }
        parts = min(count, max(parts + 1, parts + parts / 2))
      }
    }
    let rows = even(shape.outputRows, limit / shape.outputColumns).map { (rows: $0, span: shape.outputColumns) }
    return rows + even(shape.outputColumns, min(limit, shape.outputColumns)).map { (rows: 1, span: $0) }
  }

  /// Bytes of the pixels of the largest block.
  private func inputBytes(
    _ shape: ConvolutionShape, _ rows: Int, _ span: Int, _ nt: Int, _ slice: KernelSlice, _ rowsOuter: Bool
  ) -> Int {
    func side(_ outputs: Int, _ stride: Int, _ kernel: Int, _ dilation: Int, _ size: Int) -> Int {
      min(size, (outputs - 1) * stride + (kernel - 1) * dilation + 1)
    }
    let groups = rowsOuter ? shape.groups : max(1, nt / shape.groupColumns)
    let channels = groups == 1 ? slice.channels.count : groups * shape.groupChannels
    return side(rows, shape.strideY, slice.rows.count, shape.dilationY, shape.height)
      * side(span, shape.strideX, slice.columns.count, shape.dilationX, shape.width) * channels
  }

  private func fits(_ tiling: ConvolutionTiling, _ placement: Placement) -> Bool {
    let staged = placement.outputResident ? 0 : tiling.rows * tiling.span * tiling.nt
    return tiling.slots * ((placement.inputResident ? 0 : tiling.inputBytes) + staged) <= working
  }

  /// The most rows of a block. With more than a piece should have, and than occupy all replicas, the next layer would have to wait
  /// too long for its first rows.
  private func tallestBlock(_ shape: ConvolutionShape) -> Int {
    guard target.overlapsLayers else { return .max }
    let filled = target.mainSites.map(\.spec).reduce(1) { rows, spec in
      let places = shape.isDepthwise && spec.depthwise ? spec.rows * spec.macsPerPE : spec.rows
      return max(rows, ceilDiv(spec.replicas, ceilDiv(shape.outputColumns, places)))
    }
    return max(filled, shape.outputRows / Self.overlappingPieces)
  }

  /// - Parameter best: The least cost so far; `nil` is returned for what doesn't cost less.
  private func evaluate(
    _ work: ConvolutionWork, _ placement: Placement, _ chain: VectorChain, isDepthwise: Bool,
    _ tiling: ConvolutionTiling, best: Double?
  ) -> (cost: Double, tiling: ConvolutionTiling)? {
    let shape = work.shape
    let m = tiling.rows * tiling.span
    let blocks = shape.images * ceilDiv(shape.outputRows, tiling.rows) * ceilDiv(shape.outputColumns, tiling.span)
    let columns =
      tiling.nt >= shape.groupColumns
      ? ceilDiv(shape.columns, tiling.nt) : shape.groups * ceilDiv(shape.groupColumns, tiling.nt)
    let slices =
      ceilDiv(shape.kernelRows, tiling.slice.rows.count) * ceilDiv(shape.kernelColumns, tiling.slice.columns.count)
      * ceilDiv(shape.groupChannels, tiling.slice.channels.count)
    let groups = max(1, tiling.nt / shape.groupColumns)
    let pieces = Double(blocks * columns * slices)

    let width = min(tiling.nt, shape.groupColumns)
    let isShared = target.sharesWeights && slices == 1
    let items = isShared ? blocks * columns : tiling.rowsOuter ? blocks : columns
    let each = isShared ? 1 : tiling.rowsOuter ? columns : blocks
    let array = target.shared(items: items) {
      if isDepthwise {
        return Double(each * slices)
          * (4
            + $0.depthwiseCycles(rows: tiling.rows, pixels: tiling.span, taps: tiling.slice.depth, channels: tiling.nt))
      }
      let taps = tiling.slice.rows.count * tiling.slice.columns.count
      return Double(each * groups * slices) * ($0.cycles(m: m, k: tiling.slice.depth, n: width, taps: taps) + 4)
    }
    let epilogue = chain.cycles(rows: m, columns: tiling.nt)
    let vector = epilogue * Double(blocks * columns)
    // Most need no more of an estimate than this to be ruled out.
    if let best, max(array, vector) + 64 * pieces >= best { return nil }

    var traffic = Transfers(
      weights: Double((shape.depth + 4) * shape.columns), inputRow: tiling.inputBytes,
      outputRow: columns == 1 ? m * tiling.nt : tiling.nt)
    if tiling.rowsOuter || slices > 1 { traffic.weights *= Double(blocks) }
    let results = Double(shape.rows) * Double(shape.columns)
    if !placement.inputResident {
      traffic.inputs = Double(blocks * slices) * Double(tiling.inputBytes) * (tiling.rowsOuter ? 1 : Double(columns))
    }
    if work.addend != nil, !placement.addendResident { traffic.inputs += results }
    if !placement.outputResident { traffic.outputs = results }
    let dram = target.dramCycles(traffic)
    let bound = max(array, vector, dram)
    let firstLoad =
      Double(tiling.slice.depth * tiling.nt + (placement.inputResident ? 0 : tiling.inputBytes))
      / target.dramBytesPerCycle
    let overhead = (64 + bound / 65536) * pieces
    var result = tiling
    result.traffic = traffic.total
    result.cycles = bound + firstLoad + epilogue + overhead
    let cost = result.cycles + dram / 4 + (tiling.slots == 1 && target.home.slots > 1 ? dram / 10 : 0)
    if let best, !(cost < best) { return nil }
    return (cost, result)
  }

  /// Names the buffer that can't hold even the smallest block.
  private func tooSmall(_ work: ConvolutionWork, _ placement: Placement, layer: String) -> CompileError {
    func error(_ what: String, _ section: Section, _ needed: Int, _ available: Int) -> CompileError {
      .doesNotFit(layer: layer, what: what, buffer: target.name(section), needed: needed, available: available)
    }
    for site in target.mainSites {
      if site.weights.slotBytes < 5 {
        return error("a weight and its bias", site.weights, 5, site.weights.slotBytes)
      }
      if site.outputs.slotBytes < 4 { return error("an accumulator", site.outputs, 4, site.outputs.slotBytes) }
    }
    let needed = (placement.inputResident ? 0 : 1) + (placement.outputResident ? 0 : 1)
    return error("a channel of a pixel and its result", target.home, needed, working)
  }
}
