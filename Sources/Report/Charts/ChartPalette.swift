import Machine

/// The colours of all charts. A part of a stack has the same one everywhere.
///
/// Blue is work, yellow to brown overhead, red to purple waiting, grey idle: across the kinds they can be told apart with every
/// common deficiency of colour vision, and where that isn't enough a label or the title under the pointer says it.
enum ChartPalette {
  struct Colour: Sendable, Hashable {
    /// `#rrggbb` on a light and on a dark page.
    var light: String
    var dark: String
  }

  static func colour(of part: Part) -> Colour {
    let (light, dark) =
      switch part {
      case .busy: ("#2f6db3", "#4f8fdb")
      case .narrow: ("#8da9fa", "#9ab2fa")
      case .fill: ("#fad27b", "#faee90")
      case .load: ("#ebb431", "#ecb91b")
      case .drain: ("#bb810a", "#bf9937")
      case .turnaround: ("#8d6a1f", "#a07c1f")
      case .latency: ("#f7e0a6", "#cce5ad")
      case .divide: ("#adad4b", "#a79845")
      case .squareRoot: ("#6d7433", "#927f36")
      case .setup: ("#d2c454", "#c0c86e")
      case .waitWeights: ("#b04366", "#ec5982")
      case .waitInput: ("#fa89a0", "#fa92ae")
      case .waitVector: ("#8e2f7c", "#b13ea9")
      case .waitMatrix: ("#b87daf", "#d9adda")
      case .waitStore: ("#5b1f55", "#833e80")
      case .waitOffer: ("#ac4d7c", "#b26088")
      case .waitResults: ("#de9cd6", "#f3c1d3")
      case .waitIssue: ("#7e1443", "#b45d61")
      case .waitPort: ("#dd5e6f", "#ee8079")
      case .waitDRAM: ("#8a0f2c", "#953f3e")
      case .idle: ("#d9dce0", "#3b4149")
      }
    return Colour(light: light, dark: dark)
  }

  /// Of designs beside each other and of lines that aren't parts.
  static let series = [
    Colour(light: "#2f6db3", dark: "#4f8fdb"), Colour(light: "#cc8a1e", dark: "#e0894f"),
    Colour(light: "#34b78c", dark: "#3fbf90"), Colour(light: "#a85988", dark: "#a8678f"),
    Colour(light: "#8a7820", dark: "#d6c430"), Colour(light: "#4a524a", dark: "#b4d9d6"),
  ]

  /// The class that paints `part`: `p-wait-dram`.
  static func paint(_ part: Part) -> String { "p-" + part.name.map { $0 == "." ? "-" : String($0) }.joined() }

  /// The class that paints series `index`; after the last colour they begin anew.
  static func paint(series index: Int) -> String { "s-\(index % series.count)" }

  /// Rules for every class, by way of variables: they and `light` or `dark` (`:root`, `:root[data-scheme]`) make the scheme.
  static var classes: String {
    rules.map { ".\($0.name){fill:var(--\($0.name));background:var(--\($0.name));stroke:var(--\($0.name))}" }.joined(
      separator: "\n")
  }

  /// The variables of one scheme.
  static func variables(dark: Bool) -> String {
    rules.map { "--\($0.name):\(dark ? $0.colour.dark : $0.colour.light);" }.joined()
  }

  private static var rules: [(name: String, colour: Colour)] {
    Part.allCases.map { (paint($0), colour(of: $0)) } + series.indices.map { (paint(series: $0), series[$0]) }
  }
}
