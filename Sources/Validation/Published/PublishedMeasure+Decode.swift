import Hardware

extension Section {
  private static let measures = ["products", "rows", "interval", "ratio", "none"]
  private static let sides = 1...1_000_000

  /// `model`, or a mapping with the one key that says what is executed.
  mutating func measure(_ key: String) -> PublishedMeasure? {
    let expected = "'model', or a mapping with one of " + alternatives(Self.measures)
    guard let node = value(key, expected: expected) else { return nil }
    if node.text == "model" { return .model }
    guard case .mapping(let entries) = node.content, entries.count == 1 else {
      log.report(node.mark, "\(key) is \(node.kind)", expected: expected)
      return nil
    }
    var keys = Section(node, "measure", log: log)
    let (what, value) = (entries[0].key, entries[0].value)
    guard Self.measures.contains(what) else {
      log.report(
        entries[0].keyMark, "unknown measure \(quoted(what))", expected: expected,
        suggestion: didYouMean(what, among: Self.measures + ["model"]))
      return nil
    }
    switch what {
    case "products": return keys.list(what, of: "products", limit: 100).flatMap { Self.products($0, log) }
    case "rows": return Self.rows(value, log)
    case "interval": return Self.interval(value, log)
    case "ratio": return Self.ratio(value, log)
    default: return keys.text(what, expected: "why it can't be compared").map { .none(reason: $0) }
    }
  }

  private static func products(_ nodes: [ConfigNode], _ log: DiagnosticLog) -> PublishedMeasure? {
    let products = nodes.compactMap { node -> PublishedMeasure.Product? in
      var keys = Section(node, "product", log: log)
      let m = keys.number("m", sides)
      let k = keys.number("k", sides)
      let n = keys.number("n", sides)
      let engine =
        keys.has("engine") ? keys.text("engine", expected: "the name of an engine") : keys.absent("engine", nil)
      let fromDRAM = keys.flag("from-dram", default: false)
      keys.finish()
      guard let m, let k, let n, let fromDRAM else { return nil }
      return PublishedMeasure.Product(m: m, k: k, n: n, engine: engine, fromDRAM: fromDRAM)
    }
    return products.count == nodes.count ? .products(products) : nil
  }

  private static func rows(_ node: ConfigNode, _ log: DiagnosticLog) -> PublishedMeasure? {
    var keys = Section(node, "rows", log: log)
    let operation = keys.choice("operation", among: [VectorOperation.softmax, .layerNorm])
    let rows = keys.number("rows", sides)
    let columns = keys.number("columns", sides)
    keys.finish()
    guard let operation, let rows, let columns else { return nil }
    return .rows(operation, rows: rows, columns: columns)
  }

  private static func interval(_ node: ConfigNode, _ log: DiagnosticLog) -> PublishedMeasure? {
    var keys = Section(node, "interval", log: log)
    let stages = keys.list("of", of: "stages", limit: 100)?.map { $0.text ?? "" }
    let plus = keys.number("plus", 0...1_000_000, .cycles, default: 0)
    keys.finish()
    guard let stages, let plus else { return nil }
    return .interval(of: stages, plus: plus)
  }

  private static func ratio(_ node: ConfigNode, _ log: DiagnosticLog) -> PublishedMeasure? {
    var keys = Section(node, "ratio", log: log)
    let over = keys.text("over", expected: "the path of another design's configuration")
    let unit = keys.choice("of", among: [PublishedUnit.fps, .gops, .gopsPerDSP, .fpsPerDSP])
    keys.finish()
    guard let over, let unit else { return nil }
    return .ratio(over: over, of: unit)
  }
}
