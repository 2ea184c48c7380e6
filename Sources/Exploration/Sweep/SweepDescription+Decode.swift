import Hardware
import HardwareYAML

extension SweepDescription {
  /// Reads a sweep's file.
  ///
  /// - Parameter path: its directory is what paths in it are relative to, its name the default of `name`.
  /// - Throws: `DiagnosticError` with every mistake of the file itself; whether its values fit a design is for the points
  ///   to say.
  public init(path: String) throws(DiagnosticError) {
    let text = try InputFile.read(path: path, limit: InputFile.configurationLimit)
    try self.init(try ConfigNode.parse(yaml: text, file: path), file: path)
  }

  /// Reads a sweep's parsed file.
  ///
  /// - Throws: As `init(path:)`.
  public init(_ node: ConfigNode, file: String) throws(DiagnosticError) {
    let log = DiagnosticLog()
    var keys = Section(node, "the sweep", log: log)
    let name = keys.has("name") ? keys.name() : keys.skip("name", default: Self.name(of: file))
    let base = keys.base()
    let models = keys.models()
    let axes = keys.axes()
    let list = keys.points()
    keys.finish()
    let count = Self.count(axes: axes.map(\.values.count), list: list.count, models: models.count)
    if count > Self.pointLimit {
      log.report(
        keys.place(axes.isEmpty ? "list" : "grid"),
        count == .max ? "there are too many points to count" : "there are \(count) points",
        expected: "at most \(Self.pointLimit): several sweeps can share one store")
    }
    if let error = DiagnosticError(log.found) { throw error }
    guard let name, let base else { throw DiagnosticError(Diagnostic(node.mark, "there is no sweep")) }
    self.init(name: name, base: base, models: models, axes: axes, list: list)
  }

  /// `array-shapes` of `sweeps/array-shapes.yaml`.
  private static func name(of file: String) -> String {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    guard let dot = last.lastIndex(of: "."), dot != last.startIndex else { return last }
    return String(last[..<dot])
  }

  /// `.max` if it doesn't fit.
  private static func count(axes: [Int], list: Int, models: Int) -> Int {
    var count = axes.isEmpty ? (list == 0 ? 1 : 0) : 1
    for factor in axes {
      let (product, overflow) = count.multipliedReportingOverflow(by: factor)
      if overflow || product > 1 << 60 { return .max }
      count = product
    }
    let (product, overflow) = (count + list).multipliedReportingOverflow(by: max(1, models))
    return overflow ? .max : product
  }
}

extension Section {
  /// Makes `key`, which isn't there, known.
  fileprivate mutating func skip(_ key: String, default: String) -> String? {
    _ = value(key, expected: nil)
    return `default`
  }

  fileprivate mutating func base() -> SweepDescription.Base? {
    let expected = "the path of a configuration, or the configuration itself"
    guard let node = value("base", expected: expected) else { return nil }
    switch node.content {
    case .mapping: return .inline(node)
    case .scalar(let path) where path.hasSuffix(".vsched"):
      log.report(node.mark, "base \(quoted(path)) is a schedule, compiled already", expected: expected)
      return nil
    case .scalar(let path) where !path.isEmpty && !path.unicodeScalars.contains("\0"): return .path(path, node.mark)
    default:
      log.report(node.mark, "base is \(node.kind)", expected: expected)
      return nil
    }
  }

  /// The models as mappings, so that `model.batch` can be set in them.
  fileprivate mutating func models() -> [ConfigNode] {
    guard has("models") else {
      _ = value("models", expected: nil)
      return []
    }
    let nodes = list("models", of: "models", limit: SweepDescription.modelLimit) ?? []
    return nodes.compactMap { node in
      guard ModelRequest.decode(node, log: log) != nil else { return nil }
      guard node.text != nil else { return node }
      return ConfigNode(.mapping([ConfigNode.Entry(key: "name", keyMark: node.mark, value: node)]), at: node.mark)
    }
  }

  fileprivate mutating func axes() -> [SweepAxis] {
    guard let node = value("grid", expected: nil) else { return [] }
    var seen = setByModels
    return entries(of: node, "grid", empty: "a mapping of paths to lists of values").compactMap { entry in
      let paths = paths(entry, &seen)
      guard case .sequence(let elements) = entry.value.content, !elements.isEmpty else {
        let found = entry.value.content == .sequence([]) ? "an empty list" : entry.value.kind
        log.report(entry.value.mark, "\(quoted(entry.key)) is \(found)", expected: "a list of values")
        return nil
      }
      if paths.count == 1 { return SweepAxis(paths: paths, values: elements.map { [$0] }) }
      let rows = elements.compactMap { row(of: $0, paths: paths) }
      return rows.count == elements.count ? SweepAxis(paths: paths, values: rows) : nil
    }
  }

  /// A list of models sets `model` in every point.
  private var setByModels: [String: SourceMark] { has("models") ? ["model": place("models")] : [:] }

  private func row(of node: ConfigNode, paths: [String]) -> [ConfigNode]? {
    if case .sequence(let values) = node.content, values.count == paths.count { return values }
    var found = node.kind
    if case .sequence(let values) = node.content { found = "a list of \(values.count)" }
    log.report(node.mark, "a value of \(paths.count) paths is \(found)", expected: "a list of \(paths.count) values")
    return nil
  }

  fileprivate mutating func points() -> [[Override]] {
    guard has("list") else {
      _ = value("list", expected: nil)
      return []
    }
    let nodes = list("list", of: "points", limit: SweepDescription.pointLimit) ?? []
    let setByModels = setByModels
    return nodes.map { node in
      var seen = setByModels
      return entries(of: node, "a point", empty: "a mapping of paths to values").flatMap { entry in
        let paths = paths(entry, &seen)
        let values = paths.count == 1 ? [entry.value] : row(of: entry.value, paths: paths) ?? []
        return zip(paths, values).map { Override(path: $0, value: $1) }
      }
    }
  }

  /// The paths of a key, several with commas between them.
  private func paths(_ entry: ConfigNode.Entry, _ seen: inout [String: SourceMark]) -> [String] {
    // Two ways to write a path are one.
    let paths = entry.key.split(separator: ",", omittingEmptySubsequences: false).map {
      Override(path: trimmed($0), value: entry.value).path
    }
    for path in paths {
      if let earlier = seen.updateValue(entry.keyMark, forKey: path) {
        log.report(entry.keyMark, "\(quoted(path)) is set twice, first in line \(earlier.line)")
      }
      if path.isEmpty { log.report(entry.keyMark, "\(quoted(entry.key)) has an empty path") }
    }
    return paths
  }

  private func entries(of node: ConfigNode, _ what: String, empty expected: String) -> [ConfigNode.Entry] {
    if case .mapping(let entries) = node.content, !entries.isEmpty { return entries }
    let found = node.content == .mapping([]) ? "an empty mapping" : node.kind
    log.report(node.mark, "\(what) is \(found)", expected: expected)
    return []
  }
}

/// Without spaces at its ends.
func trimmed(_ text: Substring) -> String {
  let front = text.drop { $0 == " " }
  return String(front.prefix(upTo: front.lastIndex { $0 != " " }.map { front.index(after: $0) } ?? front.startIndex))
}
