import Analysis
import Hardware

extension ReportPage {
  /// How full each buffer is over the run, on the timeline's axis.
  static func occupancySection(_ page: ReportPage) -> PageSection? {
    let parts = page.designs.indices.compactMap(page.occupancy)
    guard !parts.isEmpty else { return nil }
    return PageSection(
      id: "buffers", title: "Buffer occupancy", brief: "Buffers",
      note: """
        Bytes that hold something which will still be read, from the start of the instruction that writes them to the end of \
        the last that reads them. A row is as high as its buffer is large, beside it stands the peak; pale is the most in a column, dark the least. It moves with \
        the timeline.
        """,
      body: Markup(parts))
  }

  /// `nil` for a run of no cycles, or with too many different regions to be followed.
  private func occupancy(_ index: Int) -> Markup? {
    let design = designs[index]
    let cycles = design.run.cycles
    guard cycles > 0, let occupancy = BufferOccupancy(schedule: design.schedule, run: design.run) else { return nil }
    let length = TimelineBins.length(cycles: cycles, limit: columns)
    let rows = design.summary.accelerator.buffers.enumerated().map { buffer, spec -> Markup in
      let peak = occupancy.peak(of: buffer)
      let bins = OccupancyBins(occupancy.buffers[buffer], length: length, cycles: cycles)
      func height(_ bytes: Int) -> Int { Int((Double(bytes) / Double(max(1, spec.bytes)) * 100).rounded()) }
      let share = NumberText.percent(Double(peak) / Double(max(1, spec.bytes)))
      return """
        <div class="l">\(spec.name) <b>\(NumberText.bytes(peak)), \(share)</b></div>
        <svg class="track" data-run="\(index)" data-height="100" viewBox="0 0 \(Double(cycles) / Double(length)) 100" \
        preserveAspectRatio="none" role="img" aria-label="\(spec.name): peak \(NumberText.bytes(peak)) of \
        \(NumberText.bytes(spec.bytes))"><path class="\(ChartPalette.paint(series: 2)) light" \
        d="\(StepPath.area(bins.most.map(height), height: 100))"/><path class="\(ChartPalette.paint(series: 2))" \
        d="\(StepPath.area(bins.least.map(height), height: 100))"/></svg>
        """
    }
    return """
      \(isComparison ? heading(index) : "")
      <div class="tracks">
      \(rows)
      <div class="l">cycle</div>
      \(axis(design, number: index))
      </div>
      """
  }
}
