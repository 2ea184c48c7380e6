import Analysis
import Model

/// Rooflines of models and image sizes, as text, JSON, CSV or a picture (docs/roofline.md).
public struct RooflineReport: Sendable {
  let rooflines: [Roofline]
  let roofs: MachineRoofs?
  let perOperator: Bool

  /// - Parameters:
  ///   - rooflines: sizes of one model follow each other.
  ///   - roofs: without them, intensities alone.
  ///   - perOperator: every operator, not only each kind.
  public init(_ rooflines: [Roofline], roofs: MachineRoofs?, perOperator: Bool = false) {
    self.rooflines = rooflines
    self.roofs = roofs
    self.perOperator = perOperator
  }

  /// The sizes of each model, in the order in which they were asked for.
  var models: [[Roofline]] {
    rooflines.reduce(into: []) { models, roofline in
      if models.last?.last?.model == roofline.model {
        models[models.count - 1].append(roofline)
      } else {
        models.append([roofline])
      }
    }
  }

  /// Log-log: intensity, and what the roofs allow or, without them, FLOPs.
  public var svg: String { RooflinePlot(self).svg }

  // MARK: Text

  /// A table for each model and size; how both grow with the size.
  public var text: String {
    var lines = roofs.map { [Self.heading($0), ""] } ?? []
    for sizes in models {
      for roofline in sizes { lines += table(roofline) + [""] }
      if sizes.count > 1 { lines += growth(sizes) + [""] }
    }
    return lines.dropLast().joined(separator: "\n") + "\n"
  }

  private static func heading(_ roofs: MachineRoofs) -> String {
    "\(roofs.name): \(NumberText.short(roofs.peak / 1e9)) GFLOP/s, \(NumberText.short(roofs.bandwidth / 1e9)) GB/s, "
      + "elements of \(roofs.elementBytes) byte\(roofs.elementBytes == 1 ? "" : "s"): bound by memory below "
      + "\(NumberText.short(roofs.ridge)) FLOP/element"
  }

  private func table(_ roofline: Roofline) -> [String] {
    var columns: [(title: String, alignment: TextTable.Alignment)] = [
      (perOperator ? "operator" : "kind", .left), (perOperator ? "kind" : "operators", perOperator ? .left : .right),
      ("FLOPs", .right), ("read", .right), ("written", .right), ("memory operations", .right), ("share", .right),
      ("FLOP/element", .right),
    ]
    if roofs != nil { columns += [("GFLOP/s", .right), ("bound", .left), ("ms", .right)] }
    var table = TextTable(columns)
    let total = roofline.total
    for row in (perOperator ? roofline.operators : roofline.kinds) + [total] {
      let work = row.work
      let share = Double(work.memoryOperations) / Double(max(1, total.work.memoryOperations))
      table.add(
        [
          row.name, perOperator ? row.kind?.rawValue ?? "" : "\(row.operators)", NumberText.count(work.flops),
          NumberText.count(work.read), NumberText.count(work.written), NumberText.count(work.memoryOperations),
          NumberText.percent(share), work.intensity.map(NumberText.short) ?? "-",
        ] + (roofs.map { Self.cells(roofline.placement(of: row, under: $0)) } ?? []))
    }
    return ["\(roofline.model), image \(roofline.image), batch \(roofline.batch)"] + table.lines
  }

  private static func cells(_ placement: Placement) -> [String] {
    guard placement.seconds > 0 else { return ["-", "-", "-"] }
    return [
      NumberText.short(placement.rate / 1e9), placement.bound.rawValue, NumberText.fixed(placement.seconds * 1e3, 4),
    ]
  }

  private func growth(_ sizes: [Roofline]) -> [String] {
    var table = TextTable([
      ("image", .right), ("pixels", .right), ("FLOPs", .right), ("memory operations", .right), ("FLOP/element", .right),
    ])
    for growth in Roofline.growth(sizes) {
      func times(_ ratio: Double) -> String { NumberText.fixed(ratio, 2) + "×" }
      table.add([
        "\(growth.image)", times(growth.pixels), times(growth.flops), times(growth.memoryOperations),
        times(growth.intensity),
      ])
    }
    return ["\(sizes[0].model): each size over image \(sizes[0].image)"] + table.lines
  }
}
