import Analysis
import Hardware

extension ReportPage {
  /// Bytes to and from DRAM and every buffer, in all and by layer.
  static func trafficSection(_ page: ReportPage) -> PageSection? {
    PageSection(
      id: "traffic", title: "Traffic", brief: "Traffic",
      note: """
        Bytes of DRAM count in whole beats of the bus; those of a buffer are what all units read from it and write to it.
        """,
      body: page.each(page.traffic))
  }

  private func traffic(of design: Design) -> Markup {
    let summary = design.summary
    return isComparison
      ? memories(of: summary)
      : """
      \(memories(of: summary))
      <h3>By layer</h3>
      \(layerTraffic(of: summary))
      """
  }

  private func memories(of summary: Summary) -> Markup {
    let traffic = summary.total.traffic
    var rows = [(name: "DRAM", size: "", read: traffic.dramRead, written: traffic.dramWritten)]
    for (index, buffer) in summary.accelerator.buffers.enumerated() {
      rows.append(
        (buffer.name, NumberText.bytes(buffer.bytes), traffic.bufferRead[index], traffic.bufferWritten[index]))
    }
    let largest = rows.map { $0.read + $0.written }.max() ?? 0
    let cells = rows.map { row -> Markup in
      """
      <tr><td>\(row.name)</td><td class="n">\(row.size)</td><td class="n">\(NumberText.bytes(row.read))</td>\
      <td class="n">\(NumberText.bytes(row.written))</td>\
      <td class="b">\(bar(read: row.read, written: row.written, of: largest, named: row.name))</td></tr>
      """
    }
    return """
      \(Self.trafficKeys)
      <div class="wide"><table>
      <thead><tr><th>memory</th><th class="n">size</th><th class="n">read</th><th class="n">written</th><th></th></tr></thead>
      <tbody>\(cells)</tbody>
      </table></div>
      """
  }

  private func layerTraffic(of summary: Summary) -> Markup {
    let groups = LayerGroup.all(of: summary)
    let buffers = summary.accelerator.buffers
    let largest = groups.map { $0.dramRead + $0.dramWritten }.max() ?? 0
    let rows = groups.map { group -> Markup in
      """
      <tr><td class="name">\(Markup(breaking: group.name))</td><td class="n">\(group.layers.count > 1 ? "×\(group.layers.count)" : "")</td>\
      <td class="n">\(NumberText.bytes(group.dramRead))</td><td class="n">\(NumberText.bytes(group.dramWritten))</td>\
      <td class="b t">\(bar(read: group.dramRead, written: group.dramWritten, of: largest, named: group.name))</td>\
      \(group.buffers.map { "<td class=\"n\">\(NumberText.bytes($0))</td>" })</tr>
      """
    }
    return """
      <div class="wide"><table>
      <thead><tr><th>layers</th><th></th><th class="n">DRAM read</th><th class="n">DRAM written</th><th></th>\
      \(buffers.map { "<th class=\"n\">\($0.name)</th>" })</tr></thead>
      <tbody>\(rows)</tbody>
      </table></div>
      """
  }

  private func bar(read: Int, written: Int, of whole: Int, named name: String) -> Markup {
    StackBar(
      segments: [
        .init(
          paint: ChartPalette.paint(series: 0), amount: read, label: "\(name)\nread \(NumberText.grouped(read)) bytes"),
        .init(
          paint: ChartPalette.paint(series: 1), amount: written,
          label: "\(name)\nwritten \(NumberText.grouped(written)) bytes"),
      ],
      whole: whole, description: "\(name): read \(NumberText.bytes(read)), written \(NumberText.bytes(written))"
    ).svg
  }

  private static let trafficKeys: Markup = """
    <ul class="keys"><li><i class="key \(ChartPalette.paint(series: 0))"></i>read</li>\
    <li><i class="key \(ChartPalette.paint(series: 1))"></i>written</li></ul>
    """
}
