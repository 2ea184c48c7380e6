import Hardware

extension PublishedDesign {
  /// More combinations than this are a mistake.
  private static let pointLimit = 81

  /// Reads the section `published` of a run configuration.
  ///
  /// - Throws: `DiagnosticError` with every mistake.
  public init(_ node: ConfigNode) throws(DiagnosticError) {
    let log = DiagnosticLog()
    var keys = Section(node, "published", log: log)
    name = keys.text("design", expected: "the design's name") ?? ""
    source = keys.text("source", expected: "where the figures are from") ?? ""
    quantities = (keys.list("quantities", of: "quantities", limit: 100) ?? []).compactMap {
      PublishedQuantity.decode($0, log: log)
    }
    sweeps = keys.has("swept") ? PublishedSweep.decode(&keys, log: log) : keys.absent("swept", [])
    keys.finish()
    let combinations = sweeps.reduce(1) { min($0 * $1.points.count, Int(Int32.max)) }
    if combinations > Self.pointLimit {
      keys.report("swept", "swept has \(combinations) combinations", expected: "at most \(Self.pointLimit)")
    }
    checkNames(keys)
    checkStages(node, log)
    if let error = DiagnosticError(log.found) { throw error }
  }

  /// Names tell quantities apart.
  private func checkNames(_ keys: Section) {
    for (index, quantity) in quantities.enumerated()
    where quantities[..<index].contains(where: { $0.name == quantity.name }) {
      keys.log.report(quantity.mark, "the quantity \(quoted(quantity.name)) stands twice", expected: "another name")
    }
  }

  /// The stages of an interval are quantities of their own.
  private func checkStages(_ node: ConfigNode, _ log: DiagnosticLog) {
    let names = quantities.filter { $0.measure.isStage }.map(\.name)
    for quantity in quantities {
      guard case .interval(let stages, _) = quantity.measure else { continue }
      for stage in stages where !names.contains(stage) {
        log.report(
          node["quantities"]?.mark ?? node.mark, "there is no stage \(quoted(stage)) for \(quoted(quantity.name))",
          expected: "the name of a quantity with products or rows", suggestion: didYouMean(stage, among: names))
      }
    }
  }
}

extension PublishedMeasure {
  /// Whether it can be a stage of a pipeline.
  var isStage: Bool {
    switch self {
    case .products, .rows: true
    default: false
    }
  }

  /// Units in which it can be given.
  fileprivate var units: [PublishedUnit] {
    switch self {
    case .model: PublishedUnit.allCases.filter { $0 != .ratio }
    case .products: [.cycles, .milliseconds, .microseconds, .gops, .gopsPerDSP]
    case .rows: [.cycles, .milliseconds, .microseconds]
    case .interval: [.cycles, .milliseconds, .microseconds, .fps, .fpsPerDSP]
    case .ratio: [.ratio]
    case .none: PublishedUnit.allCases
    }
  }
}

extension PublishedQuantity {
  fileprivate static func decode(_ node: ConfigNode, log: DiagnosticLog) -> PublishedQuantity? {
    var keys = Section(node, "quantity", log: log)
    let name = keys.text("name", expected: "what was published")
    let value = keys.figure("value")
    let measure = keys.measure("measure")
    let settings = keys.texts("set", of: "settings")
    let deviations = keys.texts("deviations", of: "numbers of deviations")
    keys.finish()
    guard let name, let value, let measure, let settings, let deviations else { return nil }
    guard measure.units.contains(value.unit) else {
      keys.report(
        "value", "\(quoted(name)) is in \(value.unit.rawValue)", expected: alternatives(measure.units.map(\.rawValue)))
      return nil
    }
    return PublishedQuantity(
      name: name, value: value.number, decimals: value.decimals, unit: value.unit, measure: measure, settings: settings,
      deviations: deviations, mark: node.mark)
  }
}

extension PublishedSweep {
  fileprivate static func decode(_ keys: inout Section, log: DiagnosticLog) -> [PublishedSweep] {
    (keys.list("swept", of: "parameters", limit: 8) ?? []).compactMap { node in
      var keys = Section(node, "swept parameter", log: log)
      let name = keys.text("name", expected: "what nobody published")
      let points = keys.list("points", of: "points", limit: 9)?.compactMap { node -> [String]? in
        if let text = node.text { return [text] }
        if case .sequence(let elements) = node.content, !elements.isEmpty {
          let texts = elements.compactMap(\.text)
          if texts.count == elements.count { return texts }
        }
        log.report(node.mark, "a point is \(node.kind)", expected: "path=value, or a list of them")
        return nil
      }
      keys.finish()
      guard let name, let points, !points.isEmpty else { return nil }
      return PublishedSweep(name: name, points: points, mark: node.mark)
    }
  }
}

extension Section {
  /// Makes a key known that isn't there.
  mutating func absent<Value>(_ key: String, _ instead: Value) -> Value {
    _ = value(key, expected: nil)
    return instead
  }

  /// A text that isn't empty.
  mutating func text(_ key: String, expected: String) -> String? {
    guard let node = value(key, expected: expected) else { return nil }
    if let text = node.text, !text.isEmpty, !text.unicodeScalars.contains("\0") { return text }
    log.report(node.mark, "\(key) is \(node.kind)", expected: expected)
    return nil
  }

  /// A list of words that may be left out.
  fileprivate mutating func texts(_ key: String, of what: String) -> [String]? {
    guard has(key) else { return absent(key, []) }
    guard let nodes = list(key, of: what, limit: 16) else { return nil }
    let texts = nodes.compactMap(\.text)
    if texts.count == nodes.count { return texts }
    report(key, "\(key) holds something else", expected: "a list of \(what)")
    return nil
  }

  /// `4.077 ms`.
  fileprivate mutating func figure(_ key: String) -> (number: Double, decimals: Int, unit: PublishedUnit)? {
    let units = PublishedUnit.allCases.map(\.rawValue)
    let expected = "a number, a space and \(alternatives(units))"
    guard let node = value(key, expected: expected) else { return nil }
    let words = (node.text ?? "").split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 2, let number = Double(words[0]), number.isFinite, number > 0,
      words[0].allSatisfy({ "0123456789.".contains($0) }), let unit = PublishedUnit(rawValue: String(words[1]))
    else {
      log.report(
        node.mark, "\(key) is \(node.kind)", expected: expected,
        suggestion: words.count == 2 ? didYouMean(String(words[1]), among: units) : nil)
      return nil
    }
    let decimals = words[0].split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.count ?? 0
    return (number, decimals, unit)
  }
}
