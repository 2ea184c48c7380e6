import Analysis
import Machine

extension ReportPage {
  /// What every unit does over the run, by part, in columns of equal length.
  static func timelineSection(_ page: ReportPage) -> PageSection? {
    guard page.designs.contains(where: { $0.run.cycles > 0 }) else { return nil }
    return PageSection(
      id: "timeline", title: "Timeline of units", brief: "Timeline",
      note: """
        Left to right the cycles of the run, one row a unit; the height of a colour is its share of the cycles of a column. Below, \
        the windows of the layers. Drag to move, ctrl and wheel or a double click to zoom.
        """,
      body: page.keyed(page.timelines))
  }

  /// Columns of one run: fewer where many are on a page.
  var columns: Int { max(512, 8192 / max(1, designs.count)) }

  private func keyed(_ body: Markup) -> Markup {
    StackMarkup.keys(of: designs.flatMap { $0.summary.units.map(\.stack) }) + "\n" + body
  }

  private var timelines: Markup {
    Markup(
      designs.indices.map { index in
        let design = designs[index]
        guard design.run.cycles > 0 else { return "" }
        let bins = TimelineBins(schedule: design.schedule, run: design.run, limit: columns)
        let rows = design.summary.units.enumerated().map { unit, summary -> Markup in
          """
          <div class="l">\(summary.name) <b>\(NumberText.percent(summary.busy))</b></div>
          \(track(of: unit, in: bins, number: index, name: summary.name, stack: summary.stack))
          """
        }
        return """
          \(isComparison ? heading(index) : "")
          \(zoom(design, number: index, length: bins.length))
          <div class="tracks">
          \(rows)
          <div class="l">layers</div>
          \(windows(of: design, number: index, length: bins.length))
          <div class="l">cycle</div>
          \(axis(design, number: index))
          </div>
          """
      })
  }

  /// A row of `stack`'s parts, which are those of a unit in `bins`.
  func track(of unit: Int, in bins: TimelineBins, number: Int, name: String, stack: CycleStack) -> Markup {
    var sums = Array(repeating: 0, count: bins.count)
    var areas: [Markup] = []
    for part in StackMarkup.order where part != .idle && stack[part] > 0 {
      for bin in sums.indices { sums[bin] += bins.cycles(of: part, unit: unit, bin: bin) }
      let tops = sums.indices.map { bin in
        Int((Double(sums[bin]) / Double(bins.cycles(of: bin)) * 100).rounded())
      }
      areas.append(
        "<path class=\"\(ChartPalette.paint(part))\" d=\"\(StepPath.area(tops, height: 100))\"/>")
    }
    // Those below cover the ones that reach higher.
    let paths = Markup(areas.reversed(), separator: "")
    let width = Double(bins.cycles) / Double(bins.length)
    return """
      <svg class="track" data-run="\(number)" data-height="100" viewBox="0 0 \(width) 100" preserveAspectRatio="none" \
      role="img" aria-label="\(name): \(StackMarkup.words(stack, limit: 4))">\(paths)</svg>
      """
  }

  private func windows(of design: Design, number: Int, length: Int) -> Markup {
    var start = 0
    var rectangles: [Markup] = []
    for (index, layer) in design.summary.layers.enumerated() {
      if layer.cycles > 0 {
        let (x, width) = (Double(start) / Double(length), Double(layer.cycles) / Double(length))
        rectangles.append(
          """
          <rect class="window\(index % 2 == 1 ? " odd" : "")" x="\(x)" width="\(width)" height="10"><title>\(layer.name)
          \(NumberText.grouped(start)) to \(NumberText.grouped(start + layer.cycles))
          \(StackMarkup.words(layer.stack, limit: 3))</title></rect>
          """)
      }
      start += layer.cycles
    }
    let width = Double(design.run.cycles) / Double(length)
    return """
      <svg class="track strip" data-run="\(number)" data-height="10" viewBox="0 0 \(width) 10" preserveAspectRatio="none" \
      role="img" aria-label="windows of the layers">\(Markup(rectangles, separator: ""))</svg>
      """
  }

  private func zoom(_ design: Design, number: Int, length: Int) -> Markup {
    var start = 0
    let layers = design.summary.layers.map { layer -> Markup in
      defer { start += layer.cycles }
      return
        "<option data-from=\"\(start)\" data-to=\"\(start + layer.cycles)\" value=\"\(layer.name)\">\(layer.name)</option>"
    }
    return """
      <div class="zoom" data-run="\(number)" data-cycles="\(design.run.cycles)" data-length="\(length)" hidden>
      <select aria-label="zoom to a layer"><option value="" data-from="0" data-to="\(design.run.cycles)">all layers</option>\
      \(Markup(layers, separator: ""))</select>
      <button type="button" data-move="in" aria-label="zoom in">+</button>
      <button type="button" data-move="out" aria-label="zoom out">−</button>
      <button type="button" data-move="left" aria-label="earlier">←</button>
      <button type="button" data-move="right" aria-label="later">→</button>
      <button type="button" data-move="all">all</button>
      <output></output>
      </div>
      """
  }

  /// Cycles along the tracks of a run.
  func axis(_ design: Design, number: Int) -> Markup {
    let cycles = Double(design.run.cycles)
    let ticks = Scale.linear([cycles]).ticks.filter { $0.value <= cycles }
    let texts = ticks.map { tick -> Markup in
      let place = tick.value / cycles
      let anchor = place < 0.02 ? "start" : place > 0.96 ? "end" : "middle"
      return
        "<text x=\"\(place * 100)%\" y=\"14\" text-anchor=\"\(anchor)\">\(NumberText.grouped(Int(tick.value)))</text>"
    }
    return "<svg class=\"axis\" data-run=\"\(number)\" aria-hidden=\"true\">\(Markup(texts, separator: ""))</svg>"
  }
}
