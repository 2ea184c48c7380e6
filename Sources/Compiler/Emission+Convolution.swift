import Hardware
import Schedule

// A convolution: blocks of output pixels and columns; each is a product for every group of channels and slice of the
// kernel, into columns of one block of accumulators, and one vector instruction.
extension Emission {
  /// What the blocks of one convolution share.
  private struct Windowed {
    var work: ConvolutionWork
    var output: Int
    var layout: WeightLayout
    var slices: [KernelSlice]
    var inputs: Ring
    var staging: Ring
  }

  /// Pixels on chip: those of a patch, or the resident image.
  private struct Pixels {
    var tile: Tile
    /// Bytes from pixel to pixel.
    var pitch: Int
    /// Channel of the input that stands first; nil: all of them, wherever the view has them.
    var channel: Int?
  }

  mutating func emit(_ work: ConvolutionWork, _ tiling: ConvolutionTiling, output: Int) throws(CompileError) {
    let (shape, target) = (work.shape, target)
    let rings = carve([
      (isResident(work.input.value) ? 0 : tiling.inputBytes, tiling.slots),
      (isResident(output) ? 0 : tiling.rows * tiling.span * tiling.nt, tiling.slots),
    ])
    guard rings.count == 2 else { throw missing(output) }
    let (columns, slices) = (shape.columnBlocks(of: tiling.nt), shape.slices(tiling.slice))
    var layout = WeightLayout(k: shape.depth, columns: columns, depths: slices.map(shape.weightRows))
    let contents = try plan.numbers?.bytes(work.parameters, layout)
    let name = plan.graph[work.parameters.weight].name
    layout.address = try allocate(name, .weight, bytes: layout.bytes, contents: contents)
    var windowed = Windowed(
      work: work, output: output, layout: layout, slices: slices, inputs: rings[0], staging: rings[1])
    let blocks = shape.blocks(rows: tiling.rows, span: tiling.span)
    if tiling.rowsOuter {
      for block in blocks {
        let site = pick { site in columns.reduce(0) { $0 + target.cycles(work, block, $1, on: site) } }
        let pixels = try pixels(&windowed, block, slices[0], 0..<shape.groups)
        for columns in columns {
          try emit(
            &windowed, block, columns, [Share(site: site, columns: 0..<columns.count)], weights: nil, pixels: pixels)
        }
      }
    } else {
      if target.sharesWeights, slices.count == 1 { return try emitPieces(&windowed, blocks, columns) }
      for columns in columns {
        let site = pick { site in blocks.reduce(0) { $0 + target.cycles(work, $1, columns, on: site) } }
        let shared = slices.count == 1 ? try loadWeights(windowed.layout, columns, 0, site, op: work.op) : nil
        for block in blocks {
          try emit(
            &windowed, block, columns, [Share(site: site, columns: 0..<columns.count)], weights: shared, pixels: nil)
        }
      }
    }
  }

  /// Pieces that any engine may take, as those of a matrix product.
  private mutating func emitPieces(
    _ windowed: inout Windowed, _ blocks: [ConvolutionBlock], _ columns: [Range<Int>]
  ) throws(CompileError) {
    let (work, shape, target) = (windowed.work, windowed.work.shape, target)
    for columns in weightGroups(windowed.layout, columns) {
      var weights: [Weights] = []
      for columns in columns {
        weights.append(try loadWeights(windowed.layout, columns, 0, target.mains[0], op: work.op))
      }
      for block in blocks {
        let pixels = shape.patch(block, windowed.slices[0]).rows
        let first = block.image * shape.height
        let rows = (first + pixels.lowerBound) * shape.width..<(first + pixels.upperBound) * shape.width
        for (index, columns) in columns.enumerated() {
          let time = ready(work.input, Rect(rows, shape.channels(of: columns)))
          // Each group's columns are shared out.
          let width = min(columns.count, shape.groupColumns)
          let shares =
            target.isDepthwise(work)
            ? [
              Share(site: pick(from: time) { target.cycles(work, block, columns, on: $0) }, columns: 0..<columns.count)
            ]
            : share(columns: width, from: time) {
              target.cycles(work, block, 0..<$1, on: $0) * Double(columns.count / width)
            }
          try emit(&windowed, block, columns, shares, weights: weights[index], pixels: nil)
        }
      }
    }
  }

  /// One block of results.
  ///
  /// - Parameter shares: Of the columns of each group, or of a part of one.
  private mutating func emit(
    _ windowed: inout Windowed, _ block: ConvolutionBlock, _ columns: Range<Int>, _ shares: [Share], weights: Weights?,
    pixels: Pixels?
  ) throws(CompileError) {
    let (work, shape) = (windowed.work, windowed.work.shape)
    let site = shares[0].site
    let m = block.pixels
    let out = emitter.open(&accumulators[site], rows: m, width: columns.count * 4)
    let groups = shape.groups(of: columns)
    for (index, slice) in windowed.slices.enumerated() {
      let b =
        if let weights { weights } else {
          try loadWeights(windowed.layout, columns, index, site, op: work.op)
        }
      let pixels = if let pixels { pixels } else { try self.pixels(&windowed, block, slice, groups) }
      if target.isDepthwise(work) {
        let a = operand(work, block, slice, columns.lowerBound, pixels, channels: columns.count)
        try emitter.matmul(
          m: m, k: slice.depth, n: columns.count, isDepthwise: true, a: a,
          b: Operand(tile: b.tile, zero: work.parameters.zero), bias: b.bias,
          out: out.tile(Rect(0..<m, 0..<columns.count * 4)), accumulate: index > 0, engine: target.sites[site].engine,
          op: work.op)
        continue
      }
      for group in groups {
        let own = (group * shape.groupColumns..<(group + 1) * shape.groupColumns).clamped(to: columns)
        let start = own.lowerBound - columns.lowerBound
        for share in shares {
          let part =
            shares.count == 1
            ? start..<start + own.count : start + share.columns.lowerBound..<start + share.columns.upperBound
          try emitter.matmul(
            m: m, k: slice.depth, n: part.count,
            a: operand(
              work, block, slice, group * shape.groupChannels + slice.channels.lowerBound, pixels,
              channels: slice.channels.count),
            b: Operand(tile: b.tile(part, of: columns.count, rows: slice.depth), zero: work.parameters.zero),
            bias: b.bias(part), out: out.tile(Rect(0..<m, part.lowerBound * 4..<part.upperBound * 4)),
            accumulate: index > 0, engine: target.sites[share.site].engine, op: work.op)
        }
      }
    }
    let first = shape.firstRow(block)
    let rect = Rect(first..<first + m, columns)
    note(windowed.output, rect, by: shares)
    let epilogue = Epilogue(
      stages: work.stages, addend: work.addend, addendRow: first % work.addendPeriod, output: windowed.output,
      rect: rect)
    try finish(epilogue, out.tile(Rect(0..<m, 0..<columns.count * 4)), staging: &windowed.staging)
  }

  // MARK: Operand A

  /// The pixels of a block: where they are, or loaded.
  private mutating func pixels(
    _ windowed: inout Windowed, _ block: ConvolutionBlock, _ slice: KernelSlice, _ groups: Range<Int>
  ) throws(CompileError) -> Pixels {
    let (work, shape) = (windowed.work, windowed.work.shape)
    let patch = shape.patch(block, slice)
    let (view, height, width) = (work.input, shape.height, shape.width)
    let corner = (block.image * height + patch.rows.lowerBound) * width + patch.columns.lowerBound
    if let matrix = residentMatrix(view.value) {
      let step = view.step * matrix.pitch
      let last = corner + (patch.rows.count - 1) * width + patch.columns.count
      // All columns, since the region covers what stands between its pixels.
      let whole = matrix.tile(Rect(corner..<last, 0..<matrix.pitch), first: view.first, step: view.step)
      var tile = whole
      tile.region.rows = patch.rows.count
      tile.region.pitch = width * step
      return Pixels(tile: tile, pitch: step, channel: nil)
    }
    // A slice of the channels can only be loaded for one group.
    let part = groups.count == 1 ? slice.channels : 0..<shape.groupChannels
    let first = groups.lowerBound * shape.groupChannels
    let channels = first + part.lowerBound..<first + (groups.count - 1) * shape.groupChannels + part.upperBound
    let slot = emitter.open(&windowed.inputs, rows: patch.pixels, width: channels.count)
    let isWhole = patch.columns.count == width
    let lines = isWhole ? patch.rows.count * width : patch.columns.count
    for index in 0..<(isWhole ? 1 : patch.rows.count) {
      let row = corner + index * width
      let place = Rect(index * lines..<(index + 1) * lines, 0..<channels.count)
      try load(view, Rect(row..<row + lines, channels), to: slot.tile(place), op: work.op)
    }
    var tile = slot.tile(Rect(0..<patch.pixels, 0..<channels.count))
    tile.region.rows = patch.rows.count
    tile.region.pitch = patch.columns.count * channels.count
    return Pixels(tile: tile, pitch: channels.count, channel: channels.lowerBound)
  }

  /// The windows of `channels` channels from `channel` on over a block's pixels.
  private func operand(
    _ work: ConvolutionWork, _ block: ConvolutionBlock, _ slice: KernelSlice, _ channel: Int, _ pixels: Pixels,
    channels: Int
  ) -> Operand {
    let shape = work.shape
    let patch = shape.patch(block, slice)
    var tile = pixels.tile
    var column = channel
    if let first = pixels.channel {
      column -= first
    } else {
      column = work.input.ranges(channel..<channel + 1)[0].lowerBound
    }
    tile.region.offset += column
    if shape.isPointwise {
      // No other channels stand between those of a pixel.
      let start = tile.rect.columns.lowerBound + column
      tile.rect.columns = start..<start + channels
      tile.region = Region(
        buffer: tile.region.buffer, offset: tile.region.offset, rows: block.pixels, rowBytes: channels,
        pitch: pixels.pitch)
      return Operand(tile: tile, zero: work.inputZero)
    }
    tile.region.rowBytes = (patch.columns.count - 1) * pixels.pitch + channels
    let windows = Windows(
      width: patch.columns.count, channels: channels, pixelPitch: pixels.pitch,
      kernelRows: slice.rows.count, kernelColumns: slice.columns.count, strideY: shape.strideY,
      strideX: shape.strideX, dilationY: shape.dilationY, dilationX: shape.dilationX, originY: patch.originY,
      originX: patch.originX, outputColumns: block.columns.count)
    return Operand(tile: tile, order: .windows(windows), zero: work.inputZero)
  }
}

extension Target {
  /// Cycles of one block of a convolution.
  fileprivate func cycles(
    _ work: ConvolutionWork, _ block: ConvolutionBlock, _ columns: Range<Int>, on site: Site
  ) -> Double {
    let shape = work.shape
    if isDepthwise(work) {
      return site.depthwiseCycles(
        rows: block.rows.count, pixels: block.columns.count, taps: shape.depth, channels: columns.count)
    }
    let groups = shape.groups(of: columns).count
    return Double(groups)
      * site.cycles(
        m: block.pixels, k: shape.depth, n: columns.count / groups, taps: shape.kernelRows * shape.kernelColumns)
  }
}
