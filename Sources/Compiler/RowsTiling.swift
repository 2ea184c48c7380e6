import Hardware
import Schedule

/// One row-wise or elementwise layer: rows in each instruction.
struct RowsTiling: Hashable {
  var rows: Int
  var slots: Int
  var traffic: Int
  var cycles: Double
}

/// Averages: columns in each instruction, over all rows of an image.
struct ColumnsTiling: Hashable {
  var columns: Int
  var slots: Int
  var traffic: Int
  var cycles: Double
}

extension Tiler {
  /// Rows in one instruction: enough to make its latency small, few enough that what follows needn't wait for all.
  func tile(_ work: RowsWork, _ placement: Placement, layer: String) throws(CompileError) -> RowsTiling {
    let rows = work.rows
    var perRow = placement.outputResident ? 0 : work.width
    if work.addend != nil {
      if !placement.addendResident { perRow += work.width }
    } else if !placement.inputResident {
      perRow += work.secondBytes
    }
    guard perRow <= working else {
      throw .doesNotFit(
        layer: layer, what: "one row", buffer: target.name(target.home), needed: perRow, available: working)
    }
    if work.parameters != nil, target.parameters == nil, let site = target.sites.first,
      site.weights.bytes < 5 * work.width
    {
      throw .doesNotFit(
        layer: layer, what: "LayerNorm's parameters", buffer: target.name(site.weights), needed: 5 * work.width,
        available: site.weights.bytes)
    }
    let slots = perRow * target.home.slots <= working ? target.home.slots : 1
    let most = perRow == 0 ? rows : working / (slots * perRow)
    let block = min(most, max(1, min(64, ceilDiv(rows, 4))), work.addendPeriod)
    try refuse([(rows, block), (work.parts.count, 1)], layer: layer)
    let tile = Double(rows) * Double(work.width)
    var traffic = Transfers(inputRow: work.width, outputRow: work.width)
    if work.parameters != nil { traffic.weights = 5 * Double(work.width) }
    if !placement.inputResident { traffic.inputs += tile }
    if work.addend != nil, !placement.addendResident { traffic.inputs += tile }
    if !placement.outputResident { traffic.outputs += tile }
    let vector = work.parts.reduce(0) {
      $0 + target.vectorCycles($1.stages.map(\.operation), rows: rows, columns: $1.input.width)
    }
    return RowsTiling(
      rows: block, slots: slots, traffic: traffic.total, cycles: max(vector, target.dramCycles(traffic)))
  }

  /// As many columns as fit with all rows of an image.
  func tile(_ work: AverageWork, _ placement: Placement, layer: String) throws(CompileError) -> ColumnsTiling {
    let perColumn = (placement.inputResident ? 0 : work.rows) + (placement.outputResident ? 0 : 1)
    guard perColumn <= working else {
      throw .doesNotFit(
        layer: layer, what: "a column of an image", buffer: target.name(target.home), needed: perColumn,
        available: working)
    }
    let slots = perColumn * target.home.slots <= working ? target.home.slots : 1
    let columns = perColumn == 0 ? work.width : min(work.width, working / (slots * perColumn))
    try refuse([(work.images, 1), (work.width, columns)], layer: layer)
    var traffic = Transfers(inputRow: columns, outputRow: work.width)
    if !placement.inputResident { traffic.inputs = Double(work.images * work.rows) * Double(work.width) }
    if !placement.outputResident { traffic.outputs = Double(work.images) * Double(work.width) }
    let vector = Double(work.images) * target.vectorCycles([.average], rows: work.rows, columns: work.width)
    return ColumnsTiling(
      columns: columns, slots: slots, traffic: traffic.total, cycles: max(vector, target.dramCycles(traffic)))
  }

  /// Rows of a copy from DRAM to DRAM; what is on chip is stored from where it is.
  func tile(_ work: CopyWork, _ placement: Placement, layer: String) throws(CompileError) -> RowsTiling {
    let bytes = placement.inputResident ? 0 : work.input.width
    guard bytes <= working else {
      throw .doesNotFit(
        layer: layer, what: "one row", buffer: target.name(target.home), needed: bytes, available: working)
    }
    let slots = bytes * target.home.slots <= working ? target.home.slots : 1
    let rows = bytes == 0 ? work.input.rows : min(work.input.rows, working / (slots * bytes))
    try refuse([(work.input.rows, rows)], layer: layer)
    var traffic = Transfers(inputRow: work.input.width, outputRow: work.input.width)
    traffic.outputs = Double(work.input.rows) * Double(work.input.width)
    if !placement.inputResident { traffic.inputs = traffic.outputs }
    return RowsTiling(rows: rows, slots: slots, traffic: traffic.total, cycles: target.dramCycles(traffic))
  }
}
