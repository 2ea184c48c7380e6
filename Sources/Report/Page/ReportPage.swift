import Analysis
import Exploration
import Machine
import Schedule

/// A run, or several beside each other, as one HTML file that needs nothing else: docs/report.md.
///
/// ```swift
/// let page = ReportPage([design], reproduction: Reproduction(version: "0.1.0", command: ["vitsim", "report", "a.yaml"]))
/// try File.write(page.html, to: "report.html")
/// ```
/// The same runs give the same bytes.
public struct ReportPage: Sendable {
  /// One run and where it is from.
  public struct Design: Sendable {
    public let name: String
    public let schedule: Schedule
    public let run: Run
    public let report: SummaryReport
    /// Why it is as fast as it is; `nil` leaves that out.
    public let explanation: Explanation?
    /// Whether it was compiled from the model that its configuration names, so that it can be run from that again; a
    /// schedule that was read wasn't.
    public let namesModel: Bool

    var summary: Summary { report.summary }

    /// - Parameters:
    ///   - name: What it is called beside others, such as the path of its configuration.
    ///   - run: The result of executing `schedule` with at least `Summary.runOptions`.
    ///   - report: Its summary and resolved configuration.
    ///   - namesModel: Whether it was compiled from the model that this configuration names.
    public init(
      name: String, schedule: Schedule, run: Run, report: SummaryReport, explanation: Explanation? = nil,
      namesModel: Bool = true
    ) {
      self.name = name
      self.schedule = schedule
      self.run = run
      self.report = report
      self.explanation = explanation
      self.namesModel = namesModel
    }
  }

  /// What was called to make the page.
  public struct Reproduction: Sendable {
    /// Of vitsim.
    public let version: String
    /// Words of the command line, the program's name first.
    public let command: [String]

    public init(version: String, command: [String]) {
      self.version = version
      self.command = command
    }
  }

  /// In this order. A part that says nothing about these designs is left out.
  static let sections: [@Sendable (ReportPage) -> PageSection?] = [
    summarySection, frontSection, stackSection, layerSection, pathSection, sensitivitySection, rooflineSection,
    timelineSection, occupancySection,
    trafficSection, resourceSection, tableSection, configurationSection, reproductionSection,
  ]

  let designs: [Design]
  /// The designs held against the first.
  let comparison: DesignComparison
  let reproduction: Reproduction

  /// - Parameter designs: One, or several: then each is held against the first.
  public init(_ designs: [Design], reproduction: Reproduction) {
    self.designs = designs
    comparison = DesignComparison(designs.map { ComparedDesign(schedule: $0.schedule, run: $0.run) })
    self.reproduction = reproduction
  }

  /// Whether designs are beside each other.
  var isComparison: Bool { designs.count > 1 }

  /// The whole file.
  public var html: String {
    PageFrame(
      title: title, subtitle: subtitle, sections: Self.sections.compactMap { $0(self) },
      footer: "vitsim \(reproduction.version)"
    ).html.text
  }

  private var title: String {
    guard let first = designs.first else { return "No runs" }
    if isComparison {
      let models = Set(designs.map(\.summary.model.name))
      return models.count == 1 ? "\(first.summary.model.name) on \(designs.count) designs" : "\(designs.count) designs"
    }
    return "\(first.summary.model.name) on \(first.summary.accelerator.name)"
  }

  private var subtitle: String {
    guard let first = designs.first else { return "" }
    if isComparison { return "each held against the first, \(first.name)" }
    let model = first.summary.model
    let size = model.image > 0 ? ["image \(model.image), batch \(model.batch)"] : []
    let peak = "\(NumberText.grouped(first.summary.accelerator.peakMACsPerCycle)) MAC/cycle"
    return (size + [first.summary.accelerator.brief, peak, "\(first.report.engine.rawValue) engine"]).joined(
      separator: " · ")
  }

  /// `body` for every design, under its name where there are several.
  func each(_ body: (Design) -> Markup) -> Markup {
    Markup(
      designs.enumerated().map { index, design in
        isComparison ? "\(heading(index))\n\(body(design))" : body(design)
      })
  }

  /// The name of a design with the colour that it has in charts.
  func heading(_ index: Int) -> Markup {
    "<h3><i class=\"key \(ChartPalette.paint(series: index))\"></i>\(index + 1) \(designs[index].name)</h3>"
  }
}

/// One part of a page, with an anchor of its own.
struct PageSection {
  /// Letters alone.
  let id: StaticString
  let title: StaticString
  /// A word or two for the table of contents.
  let brief: StaticString
  /// What one sees and how it is defined; may be empty.
  var note: Markup = ""
  let body: Markup
}
