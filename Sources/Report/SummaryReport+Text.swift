import Analysis
import Hardware
import Machine

extension SummaryReport {
  /// Tables for people, 100 columns or so wide; `colour` adds ANSI colours to the stacks.
  public func text(colour: Bool = false) -> String {
    let palette = Palette(on: colour)
    var lines = [Self.heading(of: summary), ""]
    lines += layerTable(palette)
    lines += [""] + headline(palette)
    lines += [""] + unitTable(palette)
    lines += [""] + trafficTable()
    if !summary.resourceUses.isEmpty { lines += [""] + resourceTable() }
    return lines.joined(separator: "\n") + "\n"
  }

  static func heading(of summary: Summary) -> String {
    let model = summary.model
    let accelerator = summary.accelerator
    var what = model.name
    if model.image > 0 { what += ", image \(model.image), batch \(model.batch)" }
    return "\(what) on \(accelerator.name): \(NumberText.short(Double(accelerator.clock) / 1e6)) MHz, "
      + "\(NumberText.grouped(accelerator.peakMACsPerCycle)) MAC/cycle"
  }

  private func layerTable(_ palette: Palette) -> [String] {
    var table = TextTable([
      ("layer", .left), ("cycles", .right), ("time", .right), ("MACs", .right), ("util", .right), ("DRAM", .right),
      ("op/B", .right), ("where the cycles went", .left),
    ])
    for row in summary.layers + [summary.total] {
      let share = summary.total.cycles == 0 ? 0 : Double(row.cycles) / Double(summary.total.cycles)
      table.add([
        row.name, NumberText.grouped(row.cycles), NumberText.percent(share), NumberText.count(row.macs),
        NumberText.percent(row.metrics.engineUtilization),
        NumberText.bytes(row.traffic.dramRead + row.traffic.dramWritten),
        row.metrics.intensity.map(NumberText.short) ?? "-", Self.parts(row.stack, limit: 3, palette),
      ])
    }
    return table.lines
  }

  private func headline(_ palette: Palette) -> [String] {
    let total = summary.total
    let metrics = total.metrics
    var rates = "\(NumberText.grouped(total.cycles)) cycles = \(NumberText.fixed(metrics.milliseconds, 3)) ms"
    if summary.model.image > 0 { rates += ", \(NumberText.fixed(summary.framesPerSecond, 2)) FPS" }
    rates += ", \(NumberText.fixed(metrics.gops, 1)) GOPS"
    var lines = [rates]
    if let gopsPerDSP = metrics.gopsPerDSP, let fpsPerDSP = summary.framesPerSecondPerDSP,
      let efficiency = metrics.dspEfficiency
    {
      var perDSP = "DSP efficiency \(NumberText.percent(efficiency)), \(NumberText.fixed(gopsPerDSP, 3)) GOPS/DSP"
      if summary.model.image > 0 { perDSP += ", \(NumberText.fixed(fpsPerDSP, 4)) FPS/DSP" }
      lines.append(perDSP + ", MAC utilization \(NumberText.percent(metrics.utilization))")
    } else {
      lines.append("MAC utilization \(NumberText.percent(metrics.utilization))")
    }
    if total.cycles > 0 { lines.append("[" + bar(total.stack, width: 60, palette) + "]") }
    lines.append(Self.parts(total.stack, limit: .max, palette))
    return lines
  }

  private func unitTable(_ palette: Palette) -> [String] {
    var table = TextTable([("unit", .left), ("busy", .right), ("where the cycles went", .left)])
    for unit in summary.units {
      table.add([unit.name, NumberText.percent(unit.busy), Self.parts(unit.stack, limit: 6, palette)])
    }
    return table.lines
  }

  private func trafficTable() -> [String] {
    var table = TextTable([("memory", .left), ("size", .right), ("read", .right), ("written", .right)])
    let traffic = summary.total.traffic
    table.add(["DRAM", "", NumberText.bytes(traffic.dramRead), NumberText.bytes(traffic.dramWritten)])
    for (index, buffer) in summary.accelerator.buffers.enumerated() {
      table.add([
        buffer.name, NumberText.bytes(buffer.bytes), NumberText.bytes(traffic.bufferRead[index]),
        NumberText.bytes(traffic.bufferWritten[index]),
      ])
    }
    return table.lines
  }

  private func resourceTable() -> [String] {
    let device = summary.accelerator.device?.name
    var table = TextTable([
      ("resource", .left), ("used", .right), (device ?? "no device", .right), ("share", .right),
    ])
    for use in summary.resourceUses {
      table.add([
        use.name, NumberText.grouped(use.used), use.budget.map(NumberText.grouped) ?? "-",
        use.share.map(NumberText.percent) ?? "-",
      ])
    }
    return table.lines
  }

  /// `busy 62.3%, wait.weights 30.1%, …`, the largest first; `other` for what is not among the first `limit` parts or
  /// would be 0.0%.
  static func parts(_ stack: CycleStack, limit: Int, _ palette: Palette = Palette(on: false)) -> String {
    let total = Double(stack.total)
    guard total > 0 else { return "-" }
    func share(_ cycles: Int) -> Double { Double(cycles) / total }
    let visible = Part.allCases.filter { share(stack[$0]) >= 0.0005 }
      .sorted { (-stack[$0], $0.rawValue) < (-stack[$1], $1.rawValue) }
    let shown = visible.count - 1 == limit ? visible[...] : visible.prefix(limit)
    var words = shown.map { palette.paint("\($0.name) \(NumberText.percent(share(stack[$0])))", $0.kind) }
    let rest = share(stack.total - shown.reduce(0) { $0 + stack[$1] })
    if rest >= 0.0005 { words.append("other \(NumberText.percent(rest))") }
    return words.joined(separator: ", ")
  }

  /// A bar of `width` characters: work, overhead, waiting, idle.
  private func bar(_ stack: CycleStack, width: Int, _ palette: Palette) -> String {
    let kinds: [(kind: Part.Kind, mark: String)] = [(.work, "#"), (.overhead, "+"), (.wait, "."), (.idle, " ")]
    let total = Double(stack.total)
    var text = ""
    var cycles = 0
    var drawn = 0
    for (kind, mark) in kinds {
      for part in Part.allCases where part.kind == kind { cycles += stack[part] }
      let end = Int((Double(cycles) / total * Double(width)).rounded())
      if end > drawn { text += palette.paint(String(repeating: mark, count: end - drawn), kind) }
      drawn = end
    }
    return text
  }
}

/// ANSI colours of the kinds of time, or none.
struct Palette {
  let on: Bool

  func paint(_ text: String, _ kind: Part.Kind) -> String {
    guard on else { return text }
    let code =
      switch kind {
      case .work: "32"
      case .overhead: "33"
      case .wait: "31"
      case .idle: "90"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
