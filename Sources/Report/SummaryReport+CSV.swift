import Analysis
import Machine

extension SummaryReport {
  /// One record a layer and a last one called `total`, under a header; docs/output.md lists the columns.
  ///
  /// Every counter of the total is the sum of its column. A rate that has no value is an empty cell.
  public var csv: String {
    let buffers = summary.accelerator.buffers.map(\.name)
    var header = ["layer", "cycles"] + Part.allCases.map(\.name)
    header += [
      "macs", "utilization", "engine_utilization", "milliseconds", "gops", "gops_per_dsp", "dsp_efficiency",
      "intensity",
    ]
    header += ["dram_read_bytes", "dram_written_bytes"]
    header += buffers.map { $0 + "_read_bytes" } + buffers.map { $0 + "_written_bytes" } + ["fps", "fps_per_dsp"]
    var text = CSV.record(header)
    for row in summary.layers { text += CSV.record(cells(of: row) + ["", ""]) }
    text += CSV.record(
      cells(of: summary.total) + [number(summary.framesPerSecond), number(summary.framesPerSecondPerDSP)])
    return text
  }

  private func cells(of row: SummaryRow) -> [String] {
    let metrics = row.metrics
    var cells = [row.name, String(row.cycles)]
    cells += Part.allCases.map { String(row.stack[$0]) }
    cells += [String(row.macs), number(metrics.utilization), number(metrics.engineUtilization)]
    cells += [number(metrics.milliseconds), number(metrics.gops)]
    cells += [number(metrics.gopsPerDSP), number(metrics.dspEfficiency), number(metrics.intensity)]
    cells += [String(row.traffic.dramRead), String(row.traffic.dramWritten)]
    cells += row.traffic.bufferRead.map(String.init) + row.traffic.bufferWritten.map(String.init)
    return cells
  }

  private func number(_ value: Double?) -> String { value.map(\.description) ?? "" }
}
