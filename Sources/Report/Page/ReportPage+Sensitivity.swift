import Exploration

extension ReportPage {
  /// What a step of each knob gains and loses.
  static func sensitivitySection(_ page: ReportPage) -> PageSection? {
    let bodies = page.designs.enumerated().compactMap { index, design -> Markup? in
      guard let sensitivity = design.explanation?.sensitivity, !sensitivity.results.isEmpty else { return nil }
      let heading: Markup = page.isComparison ? page.heading(index) : ""
      return "\(heading)\n\(table(of: sensitivity))"
    }
    guard !bodies.isEmpty else { return nil }
    return PageSection(
      id: "sensitivity", title: "What a step buys", brief: "Sensitivity",
      note: """
        The model compiled and executed again with one knob moved and all else kept: sizes doubled and halved, rates moved by a quarter. \
        Speed is FPS over those of the design as it is; the last figure what a unit of the knob's resource gains or, where the step \
        saves some, costs.
        """,
      body: Markup(bodies))
  }

  private static func table(of sensitivity: Sensitivity) -> Markup {
    let effects = sensitivity.results.map(effect)
    let largest = effects.compactMap { $0.map { abs(change($0)) } }.max() ?? 0
    let rows = zip(sensitivity.results, effects).map { result, effect in
      effect.map { row(result, $0, largest: largest) } ?? failure(result)
    }
    return """
      <div class="wide"><table class="sorts">
      <thead><tr><th>knob</th><th class="n">from</th><th class="n">to</th><th class="n">FPS</th><th class="n">speed</th>\
      <th></th><th class="n">FPS by unit</th><th>of</th><th>with it</th></tr></thead>
      <tbody>
      \(rows)
      </tbody>
      </table></div>
      """
  }

  private static func row(_ result: Sensitivity.Result, _ effect: Sensitivity.Effect, largest: Int) -> Markup {
    let knob = result.knob
    return """
      <tr><td>\(knob.key)</td><td class="n">\(knob.from)</td><td class="n">\(knob.to)</td>\
      <td class="n" data-v="\(effect.framesPerSecond.description)">\(NumberText.fixed(effect.framesPerSecond, 2))</td>\
      <td class="n" data-v="\(effect.speedup.description)">\(NumberText.fixed(effect.speedup, 3))×</td>\
      <td class="b" data-v="\(effect.speedup.description)">\(bar(change(effect), of: largest, named: knob.key))</td>\
      <td class="n" data-v="\(effect.framesPerUnit?.description ?? "")">\
      \(effect.framesPerUnit.map { NumberText.fixed($0, 4) } ?? "-")</td><td>\(knob.resource.unit)</td>\
      <td>\((knob.along + result.violations).joined(separator: ", "))</td></tr>
      """
  }

  private static func failure(_ result: Sensitivity.Result) -> Markup {
    var reason = ""
    if case .failed(let why) = result.outcome { reason = "can't be: " + why }
    return """
      <tr><td>\(result.knob.key)</td><td class="n">\(result.knob.from)</td><td class="n">\(result.knob.to)</td>\
      <td class="n" data-v="">-</td><td class="n" data-v="">-</td><td class="b" data-v=""></td><td class="n" data-v="">-</td><td></td>\
      <td>\(reason)</td></tr>
      """
  }

  private static func effect(_ result: Sensitivity.Result) -> Sensitivity.Effect? {
    if case .ran(let effect) = result.outcome { effect } else { nil }
  }

  /// In millionths of the design's speed.
  private static func change(_ effect: Sensitivity.Effect) -> Int {
    Int((min(1000, effect.speedup - 1) * 1e6).rounded())
  }

  /// To the right of the middle what is gained, to the left what is lost.
  private static func bar(_ change: Int, of largest: Int, named name: String) -> Markup {
    let text = "\(name) \(change < 0 ? "" : "+")\(NumberText.percent(Double(change) / 1e6))"
    return StackBar(
      segments: [
        .init(paint: "over", amount: largest + min(0, change), label: text),
        .init(paint: ChartPalette.paint(series: 1), amount: max(0, -change), label: text),
        .init(paint: ChartPalette.paint(series: 0), amount: max(0, change), label: text),
      ],
      whole: 2 * largest, description: text
    ).svg
  }
}
