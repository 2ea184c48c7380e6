import Analysis
import Hardware
import Machine

extension SummaryReport {
  /// One JSON object; docs/output.md lists its keys. Counters are exact integers.
  public var json: String { value.text }

  var value: JSON {
    let accelerator = summary.accelerator
    return JSON.object([
      ("format", .string("vitsim-summary")),
      ("version", .integer(1)),
      (
        "model",
        .object([
          ("name", .string(summary.model.name)), ("image", .integer(summary.model.image)),
          ("batch", .integer(summary.model.batch)),
        ])
      ),
      (
        "accelerator",
        .object([
          ("name", .string(accelerator.name)), ("clock_hz", .integer(accelerator.clock)),
          ("peak_macs_per_cycle", .integer(accelerator.peakMACsPerCycle)),
        ])
      ),
      ("engine", .string(engine.rawValue)),
      ("configuration", .string(configuration)),
      (
        "total",
        .object(
          members(of: summary.total) + [
            ("fps", .number(summary.framesPerSecond)), ("fps_per_dsp", JSON(summary.framesPerSecondPerDSP)),
          ])
      ),
      ("layers", .array(summary.layers.map { .object(members(of: $0)) })),
      ("lead", summary.lead.map { .string(accelerator.engines[$0].name) } ?? .null),
      (
        "units",
        .array(
          summary.units.map {
            .object([
              ("name", .string($0.name)), ("busy", .number($0.busy)), ("macs", .integer($0.macs)),
              ("stack", Self.stack($0.stack)),
            ])
          })
      ),
      (
        "resources",
        .object(
          summary.resourceUses.map { use in
            (
              use.key,
              .object([
                ("used", .integer(use.used)), ("budget", use.budget.map(JSON.integer) ?? .null),
                ("utilization", JSON(use.share)),
              ])
            )
          })
      ),
    ])
  }

  private func members(of row: SummaryRow) -> [(key: String, value: JSON)] {
    let names = summary.accelerator.buffers.map(\.name)
    func byBuffer(_ bytes: [Int]) -> JSON { .object(zip(names, bytes).map { ($0, .integer($1)) }) }
    return [
      ("name", .string(row.name)), ("cycles", .integer(row.cycles)), ("stack", Self.stack(row.stack)),
      ("macs", .integer(row.macs)), ("utilization", .number(row.metrics.utilization)),
      ("engine_utilization", .number(row.metrics.engineUtilization)),
      ("milliseconds", .number(row.metrics.milliseconds)), ("gops", .number(row.metrics.gops)),
      ("gops_per_dsp", JSON(row.metrics.gopsPerDSP)), ("dsp_efficiency", JSON(row.metrics.dspEfficiency)),
      ("intensity", JSON(row.metrics.intensity)), ("dram_read_bytes", .integer(row.traffic.dramRead)),
      ("dram_written_bytes", .integer(row.traffic.dramWritten)),
      ("buffer_read_bytes", byBuffer(row.traffic.bufferRead)),
      ("buffer_written_bytes", byBuffer(row.traffic.bufferWritten)),
    ]
  }

  /// Every part, also those that are 0: the keys are the same in all results.
  static func stack(_ stack: CycleStack) -> JSON {
    .object(Part.allCases.map { ($0.name, .integer(stack[$0])) })
  }

  /// The parts that aren't 0, where there are many stacks.
  static func nonzero(_ stack: CycleStack) -> JSON {
    .object(Part.allCases.filter { stack[$0] != 0 }.map { ($0.name, .integer(stack[$0])) })
  }
}
