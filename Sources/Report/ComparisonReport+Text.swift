import Analysis
import Hardware
import Machine

extension ComparisonReport {
  /// The designs by number; for each model a line for each figure, with each design's and what it is of the first one's; layers of one name
  /// in the same way; a sentence for each difference that is large enough; with several models a table of them all.
  public var text: String {
    var lines = (comparisons.first?.designs ?? []).enumerated().map { index, design in
      "\(index + 1)  \(design.summary.accelerator.name) (\(paths[index]))"
    }
    for comparison in comparisons { lines += [""] + section(comparison) }
    if comparisons.count > 1 { lines += [""] + overview }
    let unbound = (comparisons.first?.designs ?? []).filter { $0.summary.accelerator.device == nil }
    if !unbound.isEmpty { lines.append("") }
    for design in unbound {
      lines.append(
        "\(design.summary.accelerator.name) names no device: its DSP blocks are those that its multipliers would take")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ comparison: DesignComparison) -> [String] {
    let models = comparison.designs.map(\.summary.model)
    func text(_ index: Int) -> String {
      let model = models[index]
      return model.image > 0 ? "\(model.name), image \(model.image), batch \(model.batch)" : model.name
    }
    var lines: [String]
    if comparison.isOfOneModel {
      lines = models.isEmpty ? [] : [text(0)]
    } else {
      lines =
        models.indices.map { "\($0 + 1)  \(text($0))" } + ["the models differ: what is compared is not the same work"]
    }
    lines += figureTable(comparison)
    let rows = rows(of: comparison)
    lines += [""] + layerTable(rows, comparison)
    let reasons = rows.flatMap { row in
      comparison.designs.indices.compactMap { design in
        row.reason(design, threshold: threshold).map { sentence($0, row, design) }
      }
    }
    if !reasons.isEmpty { lines += [""] + reasons }
    return lines
  }

  private func heads(_ titles: [String]) -> [(title: String, alignment: TextTable.Alignment)] {
    let designs = comparisons.first?.designs.indices ?? 0..<0
    return designs.flatMap { index in
      titles.enumerated().compactMap { place, title in
        place == 1 && index == 0 ? nil : (title: place == 1 ? title : "\(title)\(index + 1)", alignment: .right)
      }
    }
  }

  private func figureTable(_ comparison: DesignComparison) -> [String] {
    var table = TextTable([("", .left)] + heads(["", "of 1"]))
    for figure in DesignFigure.allCases {
      let values = comparison.designs.indices.map { comparison.value(figure, of: $0) }
      if values.allSatisfy({ $0 == nil }) { continue }
      let cells = values.enumerated().flatMap { index, value -> [String] in
        let text = value.map(figure.text) ?? "-"
        return index == 0 ? [text] : [text, comparison.ratio(figure, of: index).map(Self.times) ?? "-"]
      }
      table.add([figure.title] + cells)
    }
    return table.lines
  }

  private func layerTable(_ rows: [Row], _ comparison: DesignComparison) -> [String] {
    var table = TextTable([("layer", .left), ("", .right)] + heads(["ms ", "of 1", "util ", "DRAM "]))
    for row in rows {
      let cells = comparison.designs.indices.flatMap { index -> [String] in
        let ratio = index == 0 ? [] : [row.ratio(index).map(Self.times) ?? "-"]
        return [row.milliseconds(index).map { NumberText.fixed($0, 4) } ?? "-"] + ratio + [
          row.utilization(index).map(NumberText.percent) ?? "-",
          row.layers[index].map { NumberText.bytes($0.dramBytes) } ?? "-",
        ]
      }
      let count = row.layers.lazy.compactMap { $0?.count }.first ?? 1
      table.add([row.name, count > 1 ? "×\(count)" : ""] + cells)
    }
    return table.lines
  }

  /// Each model's FPS on each design.
  private var overview: [String] {
    var table = TextTable([("FPS", .left)] + heads(["", "of 1"]))
    for comparison in comparisons {
      let cells = comparison.designs.indices.flatMap { index -> [String] in
        let value = comparison.value(.framesPerSecond, of: index).map(DesignFigure.framesPerSecond.text) ?? "-"
        return index == 0
          ? [value] : [value, comparison.ratio(.framesPerSecond, of: index).map(Self.times) ?? "-"]
      }
      table.add([comparison.designs.first?.summary.model.name ?? ""] + cells)
    }
    return table.lines
  }

  // MARK: Reasons

  /// `blocks.*.mlp.fc1 1.80× slower on 2: the DMA moves data 61.0% of the time (12.0% on 1), the array waits for weights 55.1% (3.0%)`
  func sentence(_ reason: DifferenceReason, _ row: Row, _ design: Int) -> String {
    let ratio = row.ratio(design) ?? 1
    let speed = ratio > 1 ? "\(Self.times(ratio)) slower" : "\(Self.times(1 / ratio)) faster"
    return "\(row.name) \(speed) on \(design + 1): \(words(reason, row, design))"
  }

  /// The reason alone.
  func words(_ reason: DifferenceReason, _ row: Row, _ design: Int) -> String {
    var text = "\(reason.activity) \(NumberText.percent(reason.share)) of the time "
    text += "(\(NumberText.percent(reason.firstShare)) on 1)"
    if let wait = reason.wait {
      text +=
        ", the array \(wait.activity) \(NumberText.percent(reason.waitShare)) (\(NumberText.percent(reason.firstWaitShare)))"
    }
    let designs = row.comparison.designs
    let (own, first) = (designs[design].summary.accelerator, designs[0].summary.accelerator)
    if reason.kind == .matrix, own.peakMACsPerCycle != first.peakMACsPerCycle {
      let peaks = [own, first].map { NumberText.grouped($0.peakMACsPerCycle) }
      text += ", peak \(peaks[0]) MAC/cycle (\(peaks[1]))"
    }
    if reason.kind == .vector, own.vector.lanes != first.vector.lanes {
      text += ", \(own.vector.lanes) lanes (\(first.vector.lanes))"
    }
    if own.clock != first.clock {
      text += ", clock \([own, first].map { NumberText.short(Double($0.clock) / 1e6) }.joined(separator: " MHz (")))"
    }
    return text
  }
}

extension DifferenceReason {
  /// `the DMA moves data`
  var activity: String {
    let unit =
      switch kind {
      case .matrix: "the array"
      case .vector: "the vector unit"
      case .dma: "the DMA"
      }
    if kind == .dma, part == .busy { return unit + " moves data" }
    if kind == .vector, part == .latency { return unit + " waits for its pipeline" }
    return "\(unit) \(part.activity)"
  }
}

extension Part {
  /// What the array does, in a sentence.
  var activity: String {
    switch self {
    case .busy: "computes"
    case .narrow: "waits for words or steps that are too narrow"
    case .fill: "fills"
    case .load: "loads its stationary operand"
    case .drain: "drains"
    case .turnaround: "waits for the accumulator"
    case .latency: "waits for a pipeline"
    case .divide: "divides"
    case .squareRoot: "takes square roots"
    case .setup: "sets up"
    case .waitWeights: "waits for weights"
    case .waitInput: "waits for inputs"
    case .waitVector: "waits for the vector unit"
    case .waitMatrix: "waits for another engine"
    case .waitStore: "waits for stores"
    case .waitOffer: "waits for operands to be offered"
    case .waitResults: "waits for results to be taken"
    case .waitIssue: "waits for commands"
    case .waitPort: "waits for a buffer's port"
    case .waitDRAM: "waits for the DRAM"
    case .idle: "has nothing to do"
    }
  }
}
