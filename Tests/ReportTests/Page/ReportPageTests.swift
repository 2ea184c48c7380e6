import Analysis
import Exploration
import Machine
import Schedule
import Testing

@testable import Report

@Suite struct ReportPageTests {
  static func design(_ name: String = "two.yaml", schedule: Schedule = Fixture.schedule) throws -> ReportPage.Design {
    let run = try Simulator.run(schedule, options: Summary.runOptions)
    let summary = Summary(schedule: schedule, run: run)
    return ReportPage.Design(
      name: name, schedule: schedule, run: run,
      report: SummaryReport(summary, engine: .event, configuration: "model: two-layers\n"),
      explanation: Explanation(schedule: schedule, run: run))
  }

  static func html(_ designs: [ReportPage.Design]) -> String {
    ReportPage(
      designs, reproduction: .init(version: "1.2.3", command: ["vitsim", "report", "two.yaml", "--set", "a=b c"])
    ).html
  }

  private func ids(_ html: String) -> [String] {
    html.matches(of: /<section id="(\w+)">/).map { String($0.output.1) }
  }

  @Test func aRunHasEverySection() throws {
    let html = Self.html([try Self.design()])
    #expect(
      ids(html) == [
        "summary", "units", "layers", "path", "roofline", "timeline", "buffers", "traffic", "resources", "table",
        "configuration",
        "reproduce",
      ])
    for id in ids(html) { #expect(html.contains("<a href=\"#\(id)\">")) }
  }

  @Test func aComparisonHasTheFrontToo() throws {
    let html = Self.html([try Self.design(), try Self.design("other.yaml")])
    #expect(ids(html).starts(with: ["summary", "front", "units"]) && ids(html).count == 13)
    #expect(html.contains("2 other.yaml") && html.contains("1.00×"))
  }

  /// What it shows is what the summary says.
  @Test func figuresAreThoseOfTheSummary() throws {
    let design = try Self.design()
    let (html, summary) = (Self.html([design]), design.report.summary)
    #expect(html.contains("<dd>\(NumberText.grouped(summary.total.cycles)) "))
    #expect(html.contains("<dd>\(NumberText.fixed(summary.framesPerSecond, 2)) <small>FPS</small>"))
    #expect(html.contains("<dd>\(NumberText.fixed(summary.total.metrics.gops, 1)) <small>GOPS</small>"))
    #expect(html.contains("<pre tabindex=\"0\">model: two-layers\n</pre>"))
    #expect(html.contains("vitsim report two.yaml --set &#39;a=b c&#39;</pre>") && html.contains("vitsim 1.2.3"))
  }

  /// Cells of a column of the table that sorts add up to its foot, which is the summary's.
  @Test func columnsAddUpToTheTotal() throws {
    let design = try Self.design()
    let html = Self.html([design])
    let table = try #require(html.firstMatch(of: /(?s)<table class="sorts">(.*?)<\/table>/)).output.1
    let titles = table.matches(of: /<th[^>]*>(.*?)<\/th>/).map { String($0.output.1) }.dropFirst(2)
    func rows(_ text: Substring) -> [[String]] {
      text.matches(of: /<tr>(.*?)<\/tr>/).map { row in
        row.output.1.matches(of: /data-v="(.*?)"/).map { String($0.output.1) }
      }
    }
    let body = try #require(table.firstMatch(of: /(?s)<tbody>(.*?)<\/tbody>/)).output.1
    let foot = try #require(table.firstMatch(of: /(?s)<tfoot>(.*?)<\/tfoot>/)).output.1
    let (layers, total) = (rows(body), try #require(rows(foot).first))
    #expect(layers.count == 2 && total.count == titles.count)
    var parts = 0
    for (column, title) in titles.enumerated() where Int(total[column]) != nil {
      let sum = layers.compactMap { Int($0[column]) }.reduce(0, +)
      #expect(String(sum) == total[column], "\(title)")
      if Part.allCases.contains(where: { $0.name == title }) { parts += sum }
    }
    #expect(parts == design.report.summary.total.cycles)
    #expect(total.first == String(design.report.summary.total.cycles))
  }

  /// Bars of units and of all layers fill their whole.
  @Test func barsOfUnitsAreFull() throws {
    let html = Self.html([try Self.design()])
    let units = try #require(html.firstMatch(of: /(?s)<section id="units">(.*?)<\/section>/)).output.1
    let bars = units.matches(of: /(?s)<svg class="bar".*?<\/svg>/)
    #expect(bars.count == 3)
    for bar in bars {
      let width = bar.output.matches(of: /\ width="([\d.]+)"/).compactMap { Double($0.output.1) }.reduce(0, +)
      #expect(abs(width - StackBar.width) < 0.05)
    }
  }

  /// The bar of the critical path is full, and each layer's bounds add up to its window.
  @Test func boundsAddUp() throws {
    let design = try Self.design()
    let html = Self.html([design])
    let path = try #require(html.firstMatch(of: /(?s)<section id="path">(.*?)<\/section>/)).output.1
    let bars = path.matches(of: /(?s)<svg class="bar".*?<\/svg>/).map { bar in
      bar.output.matches(of: /, ([\d,]+) cycles<\/title>/).compactMap { Int($0.output.1.replacing(",", with: "")) }
        .reduce(0, +)
    }
    let summary = design.report.summary
    #expect(bars == [summary.total.cycles] + summary.layers.map(\.cycles))
  }

  @Test func withoutAnExplanationThatIsLeftOut() throws {
    let design = try Self.design()
    let plain = ReportPage.Design(
      name: design.name, schedule: design.schedule, run: design.run, report: design.report)
    #expect(!ids(Self.html([plain])).contains("path") && !ids(Self.html([design])).contains("sensitivity"))
  }

  @Test func theSameRunsGiveTheSameBytes() throws {
    #expect(Self.html([try Self.design()]) == Self.html([try Self.design()]))
  }

  @Test func namesFromFilesAreText() throws {
    var schedule = Fixture.schedule
    let evil = "</title></option><script>alert(\"1\")</script><img src=x onerror='a()'>"
    schedule.layers[0].name = evil
    schedule.model.name = evil
    schedule.accelerator.name = evil
    schedule.accelerator.engines[0].name = evil
    schedule.accelerator.buffers[0].name = evil
    schedule.accelerator.channels[0].name = evil
    for designs in [
      [try Self.design(evil, schedule: schedule)], [try Self.design(), try Self.design(evil, schedule: schedule)],
    ] {
      let html = Self.html(designs)
      #expect(!html.contains("<script>alert") && !html.contains("<img") && !html.contains("onerror='"))
      #expect(html.contains("&lt;script&gt;alert(&quot;1&quot;)"))
      #expect(html.matches(of: /<script/).count == 1)
    }
  }

  /// Nothing is fetched: no address of another place, and a policy that forbids it.
  @Test func nothingIsFetched() throws {
    let html = Self.html([try Self.design()])
    #expect(html.contains("content=\"default-src &#39;none&#39;;"))
    let addresses = html.matches(of: /\ (?:src|href|action|data)="([^"]*)"/).map { String($0.output.1) }
    for address in addresses { #expect(address.hasPrefix("#") || address == "data:,", "\(address)") }
    #expect(!html.contains("@import") && !html.contains("url(") && !html.contains("//www.w3.org/1999"))
  }

  @Test func withoutCyclesOrLayersThereIsStillAPage() throws {
    var schedule = Fixture.schedule
    schedule.instructions = []
    let html = Self.html([try Self.design(schedule: schedule)])
    #expect(ids(html).contains("summary") && !ids(html).contains("timeline") && !html.contains("nan"))
    schedule.layers = []
    #expect(ids(Self.html([try Self.design(schedule: schedule)])).contains("table"))
    #expect(!Self.html([]).isEmpty)
  }
}

@Suite struct LayerGroupTests {
  @Test(arguments: [
    ("blocks.3.attn.qkv", "blocks.*.attn.qkv"),
    ("stages.2.blocks.11.main.aggreg.0.1", "stages.2.blocks.*.main.aggreg.0.1"),
    ("head.classifier.0", "head.classifier.0"), ("/blocks/0/mlp/fc1/MatMul", "/blocks/*/mlp/fc1/MatMul"),
    ("norm", "norm"),
    ("", ""), ("1.2.3", "1.2.3"), ("7.norm", "*.norm"), ("...", "..."), ("blocks.x1.norm", "blocks.x1.norm"),
  ])
  func patterns(name: String, pattern: String) { #expect(LayerName.pattern(name) == pattern) }

  /// Groups lose nothing, and one by itself keeps its name.
  @Test func groupsAddUp() throws {
    var schedule = Fixture.schedule
    schedule.layers[0].name = "blocks.0.first"
    let alone = LayerGroup.all(of: try ReportPageTests.design(schedule: schedule).report.summary)
    #expect(alone.map(\.name) == ["blocks.0.first", "second"])
    schedule.layers[1].name = "blocks.1.first"
    let summary = try ReportPageTests.design(schedule: schedule).report.summary
    let groups = LayerGroup.all(of: summary)
    #expect(groups.map(\.name) == ["blocks.*.first"] && groups[0].layers == [0, 1])
    #expect(groups[0].stack == summary.total.stack && groups[0].cycles == summary.total.cycles)
    #expect(groups[0].macs == summary.total.macs && groups[0].dramRead == summary.total.traffic.dramRead)
    let buffers = zip(summary.total.traffic.bufferRead, summary.total.traffic.bufferWritten).map { $0 + $1 }
    #expect(groups[0].buffers == buffers)
  }

  @Test(arguments: [
    ("plain-word/1.yaml", "plain-word/1.yaml"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("$x", "'$x'"),
    ("naïve", "'naïve'"),
  ])
  func wordsOfACommandLine(word: String, quoted: String) { #expect(ReportPage.quoted(word) == quoted) }
}
